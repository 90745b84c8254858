// drift.h: have two histograms the same source? Binned Kolmogorov-Smirnov, and what confidences promise.
//
//     Drift drift = compare(device, cohort);
//     if (drift.drifted) ...                              // D above 1.63 / sqrt(effective n): at most 1 %
//     false alarms double accuracy = expected_accuracy(confidence);    // the mean confidence; right when it
//     is calibrated
#pragma once

#include "src/telemetry/report.h"

namespace jatai {

struct Drift {
    double distance = 0;
    double limit = 1;
    bool drifted = false;
};

// Too few in either (under 20): never drifted.
Drift compare(const Histogram& a, const Histogram& b);

// From a histogram of the highest output, 16 equal bins of [0, 1]. 0 when it is empty.
double expected_accuracy(const Histogram& confidence);

std::uint64_t count_of(const Histogram& bins);

}  // namespace jatai
