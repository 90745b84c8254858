// gate_trial.h: one roll-out over modelled devices in modelled time, for the tests of the gate.
//
//     Trial trial = run_trial({.devices = 1000, .sick = 0.5, .seed = 7});
//     trial.state;  trial.exposed;
//
// The conductor and the gate are the server's own; devices are coins: they poll, install, look sick or well,
// or stay silent with the chances given. Time is modelled: a report every hour, polls every five minutes.
#pragma once

#include "src/base/rng.h"
#include "src/fleet/conduct.h"

namespace jatai::fleet {

// Remembers nothing: a trial ends with its process.
class NoStore : public Store {
  public:
    void load(Kind, const std::function<void(const Row&)>&) override {}
    std::optional<std::string> find(Kind, const std::string&, const std::string&) override {
        return std::nullopt;
    }
    std::vector<Row> scan(Kind, const std::string&, const std::string&, int) override { return {}; }
    std::vector<Row> newest(Kind, const std::string&, const std::string&, int) override { return {}; }
    std::uint64_t append(std::vector<Change>) override { return 0; }
    std::uint64_t committed() const override { return 0; }
    std::size_t waiting() const override { return 0; }
    void on_commit(std::function<void(std::uint64_t)>) override {}
    void flush() override {}
    void backup(const fs::path&) override {}
};

struct TrialSettings {
    std::uint32_t devices = 1000;
    double sick = 0.01;    // share that looks sick under the new model
    double silent = 0.03;  // share that says nothing any more, good model or bad
    double opt_in = 1.0;   // share that lets its health be seen
    std::uint64_t seed = 1;
    std::uint32_t most_hours = 200;
    Plan plan;  // stages empty: 5 %, 25 %, 100 %
};

struct Trial {
    std::string state, reason;
    std::uint64_t exposed = 0;  // devices that ran the new model
    double verdict_hours = 0;   // modelled, until the first stage was decided
    double hours = 0;
};

inline Trial run_trial(const TrialSettings& settings) {
    NoStore store;
    std::int64_t now = 1800000000000;
    State state(store, [&now] { return now; });
    state.add_tenant("t");
    TenantState& tenant = *state.tenant("t");
    Version version;
    version.tenant = "t";
    version.id = "v";
    tenant.versions["v"] = version;
    Variant variant;
    variant.tenant = "t";
    variant.id = "x";
    variant.version = "v";
    variant.artifacts = {{"m", "s"}};
    tenant.variants["x"] = variant;
    Rng rng(settings.seed);
    for (std::uint32_t i = 0; i < settings.devices; ++i) {
        Device device;
        device.tenant = "t";
        device.id = "d" + std::to_string(i);
        device.consent_health = rng.uniform() < static_cast<float>(settings.opt_in);
        tenant.devices[device.id] = device;
    }
    Rollout rollout;
    rollout.tenant = "t";
    rollout.id = "r" + std::to_string(settings.seed);
    rollout.plan = settings.plan;
    rollout.plan.version = "v";
    if (rollout.plan.stages.empty()) rollout.plan.stages = {{5}, {25}, {100}};
    Rollout& kept = tenant.rollouts[rollout.id] = rollout;
    Conductor conductor(state);
    conductor.start(tenant, kept);
    Trial trial;
    std::map<std::string, std::int64_t> speaks;  // when a device will next report
    for (std::int64_t minute = 0; minute < std::int64_t{settings.most_hours} * 60 && kept.state == "running";
         ++minute) {
        now += 60000;
        conductor.tick();
        for (const std::string& id : std::vector<std::string>(tenant.of_rollout[kept.id])) {
            Action& action = tenant.actions[id];
            if (action.revert) continue;
            Device& device = tenant.devices[action.device];
            if (action.state == "offered" && rng.below(5) == 0) {  // its poll
                conductor.on_taken(tenant, action);
                conductor.on_installed(tenant, device, action);
                const bool silent =
                    rng.uniform() < static_cast<float>(settings.silent) || !device.consent_health;
                speaks[id] = silent ? INT64_MAX : now + 3600000;
                ++trial.exposed;
            } else if (action.state == "installed" && action.verdict.empty() && now >= speaks[id]) {
                const bool sick = rng.uniform() < static_cast<float>(settings.sick);
                conductor.judge(action, sick ? Evidence::Sick : Evidence::Well, sick ? "looks sick" : "");
            }
        }
        if (kept.stage > 0 && trial.verdict_hours == 0)
            trial.verdict_hours = static_cast<double>(minute + 1) / 60;
        trial.hours = static_cast<double>(minute + 1) / 60;
    }
    if (trial.verdict_hours == 0) trial.verdict_hours = trial.hours;
    trial.state = kept.state;
    trial.reason = kept.reason;
    return trial;
}

}  // namespace jatai::fleet
