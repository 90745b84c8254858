// conduct.h: runs the roll-outs: gives devices their actions, counts what comes back, stops what is bad.
//
//     conductor.start(tenant, rollout);
//     conductor.tick();                                  // four times a second
//     conductor.on_installed(tenant, device, action);    // from the doors
//
// What is decided next is rollout.h's; this file does it.
#pragma once

#include "src/fleet/gate.h"
#include "src/fleet/rollout.h"
#include "src/fleet/select.h"
#include "src/fleet/state.h"

namespace jatai::fleet {

bool is_open(const Action& action);                       // neither done nor given up
bool has_it(const Action& action);                        // it runs there, if only beside another
bool is_watched(const Plan& plan, const Device& device);  // it may be evidence

class Conductor {
  public:
    explicit Conductor(State& state) : state_(state) {}

    void tick();
    // Which devices it would reach, and why others have no variant: {"why": count}.
    std::map<std::string, std::uint64_t> unfit(const TenantState& tenant, const Plan& plan,
                                               std::uint64_t& targets) const;
    void start(TenantState& tenant, Rollout& rollout);
    void pause(Rollout& rollout, const std::string& why);
    void resume(Rollout& rollout);
    // Ends it: what is under way is called back, what is installed is returned when the plan says so.
    void stop(TenantState& tenant, Rollout& rollout, const std::string& how, const std::string& why);

    // After it ended: everybody who runs it goes back.
    void take_back(TenantState& tenant, Rollout& rollout, const std::string& why);

    void on_taken(TenantState& tenant, Action& action);
    void on_installed(TenantState& tenant, Device& device, Action& action);
    void on_shadow(TenantState& tenant, Device& device, Action& action);  // it runs beside
    void on_left(TenantState& tenant, Device& device, Action& action);    // called back, or given up
    void on_failed(TenantState& tenant, Device& device, Action& action, const std::string& why);
    void judge(Action& action, Evidence evidence, const std::string& why);
    // A/B: what one device shows of what its roll-out compares; others and later ones are left out.
    void add_value(Action& action, const std::string& metric, double value);

    // The open action of a device; null: none.
    Action* open_action(TenantState& tenant, const Device& device) const;
    // Gives one device one version outside any roll-out.
    Action& assign(TenantState& tenant, Device& device, const std::string& version,
                   const std::string& variant, const std::string& mode);

  private:
    struct Order {
        std::uint64_t change = 0;
        std::vector<std::string> devices;  // in the order in which stages take them
    };
    const Order& order_of(TenantState& tenant, const Rollout& rollout);
    Picture picture_of(TenantState& tenant, const Rollout& rollout, const Order& order) const;
    void advance(TenantState& tenant, Rollout& rollout);
    void offer(TenantState& tenant, Rollout& rollout, const Order& order, std::uint64_t count);
    void weigh_evidence(TenantState& tenant, Rollout& rollout);
    void note_silence(TenantState& tenant, Rollout& rollout);
    void offer_to(TenantState& tenant, Rollout& rollout, Device& device);
    void hold(TenantState& tenant, Device& device, Action action);
    void switch_over(TenantState& tenant, Rollout& rollout);
    void call_back(TenantState& tenant, Rollout& rollout);
    void finish(TenantState& tenant, Rollout& rollout, const std::string& why);
    bool waits_for_value(const Rollout& rollout, const Action& action) const;
    std::string why_unfit(const TenantState& tenant, const Device& device, const Plan& plan) const;
    void send_back(TenantState& tenant, Rollout& rollout);
    bool may_take(const TenantState& tenant, const Device& device, const Rollout& rollout) const;
    Action& give(TenantState& tenant, Device& device, Action action);

    State& state_;
    std::map<std::string, Order> orders_;
    std::set<std::string> news_;  // roll-outs whose tests are to be done again
};

}  // namespace jatai::fleet
