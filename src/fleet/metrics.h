// metrics.h: what Prometheus asks for, and how long replies took.
//
//     metrics.add("jatai_requests_total", "door=\"ddi\",status=\"200\"");
//     metrics.observe_ms(1.3);
//
// Threads: any.
#pragma once

#include <array>
#include <map>
#include <mutex>
#include <string>

#include "src/fleet/state.h"

namespace jatai::fleet {

class Metrics {
  public:
    void add(const std::string& name, const std::string& labels, double by = 1);
    void observe_ms(double ms);
    // With the numbers of the state: of one tenant ("default": of all), or totals without names ("").
    std::string page(State& state, const std::string& tenant) const;

  private:
    mutable std::mutex mutex_;
    std::map<std::string, std::map<std::string, double>> counters_;
    std::array<std::uint64_t, 9> times_{};
    double sum_ms_ = 0;
};

}  // namespace jatai::fleet
