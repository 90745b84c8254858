// histogram.h: exact counts of what goes into and comes out of a model, in 16 bins, and whether they drift.
//
//     jatai::Histogram seen;
//     seen.add_int8(view.data, view.bytes);                       // or add(bin)
//     const jatai::Drift drift = jatai::test_drift(seen, reference);
//     if (drift.verdict == jatai::DriftVerdict::Drift) { … }
//
// An int8 value's bin is its top four bits, so nothing is estimated. When a bin is full, all are halved:
// proportions stay, and `total` says for how many counts they stand.
//
// The test is Kolmogorov and Smirnov's on the binned distributions: D is the largest distance of the
// cumulated shares; drift when D > 1.63 / sqrt(n), n the harmonic mean of the counts halved (n1 n2 / (n1 +
// n2)): at most 1 false alarm in 100 for continuous values, fewer for binned ones. Integers only. Memory   36
// bytes each.
#pragma once

#include <stdint.h>

namespace jatai {

constexpr uint32_t kBins = 16;

struct Histogram {
    uint16_t bins[kBins];
    uint32_t total;  // of the bins, as they stand

    void clear();
    void add(uint32_t bin);
    void add_int8(const void* values, uint32_t count);
    // A share of 1, as 0 to 65535: confidence.
    void add_share(uint16_t share) { add(share >> 12); }
};

enum class DriftVerdict : uint8_t { TooFew = 0, No = 1, Drift = 2 };

struct Drift {
    uint32_t distance;  // D times 65536
    uint32_t n;
    DriftVerdict verdict;
};

constexpr uint32_t kFewestCounts = 50;  // samples, on either side

// `per_sample`: counts that one sample gives, such as the elements of an input. They hang together, so n and
// the fewest are of samples: that errs on the side of no alarm.
Drift test_drift(const Histogram& seen, const Histogram& reference, uint32_t per_sample = 1);

}  // namespace jatai
