#include "device/apps/shadow.h"

namespace jatai {
namespace {

bool same_inputs(const Engine& a, const Engine& b) {
    bool same = a.input_count() == b.input_count();
    for (uint32_t i = 0; same && i < a.input_count(); ++i)
        same = a.input(i).type == b.input(i).type && a.input(i).bytes == b.input(i).bytes;
    return same;
}

}  // namespace

bool Shadow::open(Agent& agent, const Engine& active, const ModelTrial& room) {
    close();
    runs_ = longest_us_ = 0;
    const ActiveModel model = agent.beside();
    if (model.bytes == nullptr) return false;
    const Status status = engine_.open(model.bytes, model.size, room.arena, room.arena_bytes, *room.kernels);
    if (status != Status::Ok || !same_inputs(active, engine_)) return give_up(agent, Reason::Unsupported);
    observer_.watch(agent.state().other_digest, engine_.blob("reference"));
    return false;
}

bool Shadow::give_up(Agent& agent, Reason why) {
    close();
    return agent.drop_beside(why);
}

uint32_t Shadow::timed_run(const FleetParts& parts) {
    const uint32_t from = parts.port->cycles(parts.port->context);
    engine_.run();
    const uint32_t us = (parts.port->cycles(parts.port->context) - from) / parts.cycles_per_us;
    if (us > longest_us_) longest_us_ = us;
    return us;
}

void Shadow::try_out(const FleetParts& parts) {
    timed_run(parts);
    engine_.reset();
}

// Its time costs energy like any; its outputs are counted and end here.
uint32_t Shadow::run(const FleetParts& parts, Agent& agent) {
    observer_.see_input(engine_);
    const uint32_t us = timed_run(parts);
    observer_.see_output(engine_);
    if (++runs_ == kRunsToKeep) agent.keep_beside();
    return us;
}

uint32_t Shadow::statistics_report(uint8_t* bytes, uint32_t room, const Agent& agent) {
    return is_open() ? observer_.statistics_report(bytes, room, agent.state().other_digest) : 0;
}

}  // namespace jatai
