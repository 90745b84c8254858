#include "src/report/statistics.h"

#include <algorithm>
#include <cmath>

#include "src/base/error.h"

namespace jatai::page {
namespace {

// P(X <= k) for a Poisson mean, summed from the largest term down so that small terms are not lost.
double poisson_cdf(std::uint64_t k, double mean) {
    const double log_last = static_cast<double>(k) * std::log(mean) - mean - std::lgamma(k + 1.0);
    double term = 1, sum = 1;  // in units of the last term
    for (std::uint64_t i = k; i > 0 && term > sum * 1e-17; --i) {
        term *= static_cast<double>(i) / mean;
        sum += term;
    }
    return std::exp(log_last) * sum;
}

}  // namespace

Interval95 wilson_interval(std::uint64_t right, std::uint64_t n) {
    CHECK(right <= n);
    if (n == 0) return {};
    constexpr double z = 1.959963984540054;
    const double count = static_cast<double>(n), p = static_cast<double>(right) / count;
    const double middle = (p + z * z / (2 * count)) / (1 + z * z / count);
    const double half =
        z * std::sqrt(p * (1 - p) / count + z * z / (4 * count * count)) / (1 + z * z / count);
    return {right == 0 ? 0.0 : std::max(0.0, middle - half), right == n ? 1.0 : std::min(1.0, middle + half)};
}

double poisson_upper_95(std::uint64_t events) {
    double low = static_cast<double>(events), high = low + 5 * std::sqrt(low + 1) + 5;
    for (int i = 0; i < 80; ++i) {
        const double middle = (low + high) / 2;
        (poisson_cdf(events, middle) > 0.05 ? low : high) = middle;
    }
    return high;
}

}  // namespace jatai::page
