// alerts.h: what somebody should be told: silent devices, drift, a roll-out that stopped or waits.
//
//     Alerts alerts(state, sender);
//     alerts.watch_rollouts();            // once a second
//     alerts.watch_devices();             // once a minute
//
// Each alert is a record, whether it is sent or not. The same kind about the same thing is raised again after
// alert_gap_s; more than alerts_per_hour are kept back and counted with the next one.
#pragma once

#include "src/fleet/alert_sender.h"
#include "src/fleet/state.h"

namespace jatai::fleet {

class Alerts {
  public:
    Alerts(State& state, AlertSender& sender);
    void watch_rollouts();
    void watch_devices();
    // False: the same was raised a moment ago, or too many in this hour.
    bool raise(TenantState& tenant, const std::string& kind, const std::string& target,
               const std::string& what);

  private:
    struct Seen {
        std::uint64_t reports = 0, drifted = 0;
    };
    void watch_silence(TenantState& tenant);
    void watch_drift(TenantState& tenant);
    bool may_raise(TenantState& tenant, const std::string& kind, const std::string& target);
    void keep(TenantState& tenant, const Alert& alert);

    State& state_;
    AlertSender& sender_;
    std::int64_t started_ms_;
    std::map<std::string, std::string> rollouts_;  // tenant/id → the state it was in
    std::map<std::string, Seen> cohorts_;         // tenant/id → what was counted when it was looked at last
    std::map<std::string, std::int64_t> raised_;  // tenant/kind/target → when
    std::map<std::string, std::deque<std::int64_t>> hour_;  // tenant → when
    std::map<std::string, std::uint32_t> unsent_;           // tenant → how many were kept back
};

}  // namespace jatai::fleet
