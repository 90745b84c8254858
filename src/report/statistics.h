// statistics.h: how sure a count makes us.
//
//     Interval95 sure = wilson_interval(231, 240);             // {0.930, 0.980}
//     double most = poisson_upper_95(3) / hours;               // events per hour, at most
//
// Needs: right <= n.
#pragma once

#include <cstdint>

namespace jatai::page {

struct Interval95 {
    double low = 0;
    double high = 1;
};

// The 95 % interval of a proportion (Wilson 1927). n = 0 says nothing: {0, 1}.
Interval95 wilson_interval(std::uint64_t right, std::uint64_t n);

// The mean that a Poisson count of `events` or fewer would still show with probability 5 %: the exact
// one-sided 95 % upper bound (Garwood 1936). 0 events give 2.996.
double poisson_upper_95(std::uint64_t events);

}  // namespace jatai::page
