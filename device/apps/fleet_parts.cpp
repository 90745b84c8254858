#include "device/apps/fleet_parts.h"

namespace jatai {

uint32_t uptime_s(const FleetParts& parts) {
    return static_cast<uint32_t>(parts.port->now_us(parts.port->context) / 1000000);
}

HealthContext describe_device(const FleetParts& parts, const Agent& agent, uint64_t busy_us) {
    HealthContext about = {};
    about.board = parts.agent.board;
    about.set_hash = parts.set_hash;
    about.agent = &agent;
    about.crash = parts.crash;
    about.uptime_s = uptime_s(parts);
    about.stack_bytes = parts.deepest_stack != nullptr ? parts.deepest_stack() : 0;
    const uint64_t up_us = parts.port->now_us(parts.port->context);
    const uint64_t idle_us = up_us > busy_us ? up_us - busy_us : 0;
    about.energy_uj = busy_us / 1000 * parts.busy_uw / 1000 + idle_us / 1000 * parts.idle_uw / 1000;
    about.starts = parts.starts;
    about.start_reason = parts.start_reason;
    return about;
}

NewsBefore news_before(const Agent& agent) { return {agent.state().last_sequence, agent.root_sequence()}; }

// An offer of what runs already says nothing new.
bool is_news(const Agent& agent, const NewsBefore& before, const Verdict& verdict) {
    const bool runs_already =
        verdict.reason == Reason::Replayed && agent.refusal().sequence == agent.state().active_sequence;
    const bool refused = verdict.reason != Reason::Ok && !runs_already;
    return refused || agent.state().last_sequence != before.sequence ||
           agent.root_sequence() != before.root_sequence;
}

}  // namespace jatai
