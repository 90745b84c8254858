#include "src/fleet/metrics.h"

#include <fmt/format.h>

namespace jatai::fleet {
namespace {

constexpr double kEdges_ms[] = {1, 3, 10, 30, 100, 300, 1000, 3000};
constexpr std::int64_t kSilent_ms = 3600 * 1000;

std::string gauge(const char* name, const std::string& labels, double value) {
    return labels.empty() ? fmt::format("{} {}\n", name, value)
                          : fmt::format("{}{{{}}} {}\n", name, labels, value);
}

struct Numbers {
    std::map<std::string, int> devices, rollouts;
    int silent = 0, stopped = 0;
};

void count(Numbers& numbers, const TenantState& tenant, std::int64_t now) {
    for (const auto& [name, device] : tenant.devices) {
        ++numbers.devices[device.state];
        const bool silent =
            device.state == "active" && device.seen_ms > 0 && now - device.seen_ms > kSilent_ms;
        numbers.silent += silent ? 1 : 0;
    }
    for (const auto& [name, rollout] : tenant.rollouts) ++numbers.rollouts[rollout.state];
    numbers.stopped += tenant.facts.stopped ? 1 : 0;
}

std::string text_of(const Numbers& numbers, const std::string& label) {
    const std::string more = label.empty() ? "" : label + ",";
    std::string out = gauge("jatai_devices_silent", label, numbers.silent) +
                      gauge("jatai_everything_stopped", label, numbers.stopped);
    for (const auto& [state, count] : numbers.devices)
        out += gauge("jatai_devices", more + "state=\"" + state + "\"", count);
    for (const auto& [state, count] : numbers.rollouts)
        out += gauge("jatai_rollouts", more + "state=\"" + state + "\"", count);
    return out;
}

// Who may see whose: an admin's tenant sees all, others themselves, nobody in particular the sums.
bool is_shown(const std::string& labels, const std::string& tenant) {
    return tenant == "default" || labels.find("tenant=") == std::string::npos ||
           (!tenant.empty() && labels.find("tenant=\"" + tenant + "\"") != std::string::npos);
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

std::string Metrics::page(State& state, const std::string& tenant) const {
    std::string out =
        "# TYPE jatai_devices gauge\n# TYPE jatai_devices_silent gauge\n# TYPE jatai_rollouts gauge\n";
    Numbers all;
    for (const auto& [id, facts] : state.tenants()) {
        Numbers own;
        count(own, facts, state.now());
        count(all, facts, state.now());
        if (tenant == "default" || tenant == id) out += text_of(own, "tenant=\"" + id + "\"");
    }
    if (tenant.empty()) out += text_of(all, "");
    out += gauge("jatai_store_waiting", "", static_cast<double>(state.store().waiting()));
    std::lock_guard lock(mutex_);
    for (const auto& [name, series] : counters_) {
        out += "# TYPE " + name + " counter\n";
        double hidden = 0;
        for (const auto& [labels, value] : series) {
            if (is_shown(labels, tenant))
                out += gauge(name.c_str(), labels, value);
            else
                hidden += value;
        }
        if (tenant.empty() && hidden > 0) out += gauge(name.c_str(), "", hidden);
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
