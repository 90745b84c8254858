#include "src/fleet/limits.h"

#include <algorithm>
#include <cmath>

namespace jatai::fleet {

int Limits::refuse(const std::string& caller, std::int64_t now_ms) {
    if (buckets_.size() >= kMostCallers) forget_idle(now_ms);
    auto [at, fresh] = buckets_.try_emplace(caller, Bucket{rate_.burst, now_ms});
    Bucket& bucket = at->second;
    const double grown =
        static_cast<double>(std::max<std::int64_t>(0, now_ms - bucket.at_ms)) * rate_.per_second / 1000;
    bucket.tokens = std::min(rate_.burst, bucket.tokens + grown);
    bucket.at_ms = now_ms;
    if (bucket.tokens >= 1) {
        bucket.tokens -= 1;
        return 0;
    }
    return std::max(1, static_cast<int>(std::ceil((1 - bucket.tokens) / rate_.per_second)));
}

// A full bucket remembers nothing that a new one would not.
void Limits::forget_idle(std::int64_t now_ms) {
    const double fill_ms = rate_.burst / rate_.per_second * 1000;
    std::erase_if(buckets_, [&](const auto& item) {
        return static_cast<double>(now_ms - item.second.at_ms) >= fill_ms;
    });
    if (buckets_.size() >= kMostCallers) buckets_.clear();
}

}  // namespace jatai::fleet
