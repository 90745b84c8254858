#include "src/fleet/metrics.h"

#include <fmt/format.h>

namespace jatai::fleet {
namespace {

constexpr double kEdges_ms[] = {1, 3, 10, 30, 100, 300, 1000, 3000};
constexpr std::int64_t kSilent_ms = 3600 * 1000;

std::string gauge(const char* name, const std::string& labels, double value) {
    return fmt::format("{}{{{}}} {}\n", name, labels, value);
}

std::string of_tenant(const std::string& id, const TenantState& tenant, std::int64_t now) {
    std::map<std::string, int> by_state, rollouts;
    int silent = 0;
    for (const auto& [name, device] : tenant.devices) {
        ++by_state[device.state];
        silent += device.state == "active" && device.seen_ms > 0 && now - device.seen_ms > kSilent_ms ? 1 : 0;
    }
    for (const auto& [name, rollout] : tenant.rollouts) ++rollouts[rollout.state];
    const std::string label = "tenant=\"" + id + "\"";
    std::string out = gauge("jatai_devices_silent", label, silent) +
                      gauge("jatai_everything_stopped", label, tenant.facts.stopped ? 1 : 0);
    for (const auto& [state, count] : by_state)
        out += gauge("jatai_devices", label + ",state=\"" + state + "\"", count);
    for (const auto& [state, count] : rollouts)
        out += gauge("jatai_rollouts", label + ",state=\"" + state + "\"", count);
    return out;
}

}  // namespace

void Metrics::add(const std::string& name, const std::string& labels, double by) {
    std::lock_guard lock(mutex_);
    counters_[name][labels] += by;
}

void Metrics::observe_ms(double ms) {
    std::lock_guard lock(mutex_);
    std::size_t bin = 0;
    while (bin < std::size(kEdges_ms) && ms > kEdges_ms[bin]) ++bin;
    ++times_[bin];
    sum_ms_ += ms;
}

std::string Metrics::page(State& state) const {
    std::string out =
        "# TYPE jatai_devices gauge\n# TYPE jatai_devices_silent gauge\n# TYPE jatai_rollouts gauge\n";
    for (const auto& [id, tenant] : state.tenants()) out += of_tenant(id, tenant, state.now());
    out += gauge("jatai_store_waiting", "", static_cast<double>(state.store().waiting()));
    std::lock_guard lock(mutex_);
    for (const auto& [name, series] : counters_) {
        out += "# TYPE " + name + " counter\n";
        for (const auto& [labels, value] : series) out += gauge(name.c_str(), labels, value);
    }
    out += "# TYPE jatai_reply_seconds histogram\n";
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < times_.size(); ++i) {
        below += times_[i];
        const std::string edge = i < std::size(kEdges_ms) ? fmt::format("{}", kEdges_ms[i] / 1000) : "+Inf";
        out += fmt::format("jatai_reply_seconds_bucket{{le=\"{}\"}} {}\n", edge, below);
    }
    return out +
           fmt::format("jatai_reply_seconds_sum {}\njatai_reply_seconds_count {}\n", sum_ms_ / 1000, below);
}

}  // namespace jatai::fleet
