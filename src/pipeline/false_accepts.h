// false_accepts.h: how often a keyword model answers when nobody called it.
//
//     const FalseAlarms alarms = count_false_accepts(package, dataset, 1.0, seed, progress);
//     alarms.count;  alarms.hours;  alarms.upper_95_per_hour;
//
// Hours of unknown words and noise, by voices training never heard, go through the keyword application of
// device/ on this computer: bit-identical to the chip, and faster than it. Cost: about a minute of two cores
// per hour of sound.
#pragma once

#include "src/base/bytes.h"
#include "src/base/progress.h"
#include "src/data/dataset.h"

namespace jatai {

struct FalseAlarms {
    std::uint64_t count = 0;
    double hours = 0;
    double per_hour = 0;
    double upper_95_per_hour = 0;  // exact Poisson
};

FalseAlarms count_false_accepts(ByteView package, const Dataset& dataset, double hours, std::uint64_t seed,
                                const Progress& progress = {});

}  // namespace jatai
