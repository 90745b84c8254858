// limits.h: no caller takes more than its share.
//
//     Limits limits({.per_second = 50, .burst = 200});
//     if (int wait_s = limits.refuse("key:17", now_ms)) → 429 with Retry-After: wait_s
//
// A token bucket per caller. Memory: one per caller seen in the last minutes, `kMostCallers` at most.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

namespace jatai::fleet {

struct Rate {
    double per_second = 50;
    double burst = 200;
};

class Limits {
  public:
    explicit Limits(Rate rate) : rate_(rate) {}
    // Seconds to wait, or 0: go on.
    int refuse(const std::string& caller, std::int64_t now_ms);

  private:
    static constexpr std::size_t kMostCallers = 200000;
    struct Bucket {
        double tokens;
        std::int64_t at_ms;
    };
    void forget_idle(std::int64_t now_ms);
    Rate rate_;
    std::unordered_map<std::string, Bucket> buckets_;
};

}  // namespace jatai::fleet
