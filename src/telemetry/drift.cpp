#include "src/telemetry/drift.h"

#include <cmath>
#include <numeric>

namespace jatai {

std::uint64_t count_of(const Histogram& bins) {
    return std::accumulate(bins.begin(), bins.end(), std::uint64_t{0});
}

Drift compare(const Histogram& a, const Histogram& b) {
    constexpr double kCritical = 1.63;
    constexpr std::uint64_t kLeast = 20;
    const double n = static_cast<double>(count_of(a)), m = static_cast<double>(count_of(b));
    Drift drift;
    if (n < kLeast || m < kLeast) return drift;
    double below_a = 0, below_b = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        below_a += static_cast<double>(a[i]) / n;
        below_b += static_cast<double>(b[i]) / m;
        drift.distance = std::max(drift.distance, std::abs(below_a - below_b));
    }
    drift.limit = kCritical * std::sqrt((n + m) / (n * m));
    drift.drifted = drift.distance > drift.limit;
    return drift;
}

double expected_accuracy(const Histogram& confidence) {
    const double n = static_cast<double>(count_of(confidence));
    double sum = 0;
    for (std::size_t i = 0; i < confidence.size(); ++i) {
        sum += (static_cast<double>(i) + 0.5) / static_cast<double>(confidence.size()) *
               static_cast<double>(confidence[i]);
    }
    return n > 0 ? sum / n : 0;
}

}  // namespace jatai
