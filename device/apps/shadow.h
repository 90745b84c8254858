// shadow.h: the model beside the active one, run: it gets the same inputs in an arena of its own, its outputs
// are counted and end there.
//
//     told |= shadow.open(agent, active_engine, {arena, arena_bytes, &kernels});
//     if (shadow.is_open()) {
//         memcpy(shadow.engine().input().data, …);       // what the active model gets
//         busy_us += shadow.run(parts, agent);
//     }
//     const uint32_t bytes = shadow.statistics_report(report, sizeof report, agent);
//
// Whether there is one, and how often it may take the chip down with it, is the agent's affair
// (docs/reference/update.md#beside). How often it runs is the application's.
//
// Keeps    After kRunsToKeep runs it counts as seen to run. One that cannot run here is given up.
// Memory   Nothing is allocated; the arena is the caller's. Threads  Main loop of one board.
// Cost     A run of its model.
#pragma once

#include <stdint.h>

#include "device/apps/fleet_parts.h"
#include "device/engine.h"

namespace jatai {

class Shadow {
  public:
    static constexpr uint32_t kRunsToKeep = 3;

    // The agent's model beside, if there is one. True: there is something to tell, as it was given up: it
    // does not fit into the room, or takes other inputs than the active one.
    bool open(Agent& agent, const Engine& active, const ModelTrial& room);
    bool give_up(Agent& agent, Reason why);  // for good; true: to be told
    void close() { engine_ = Engine(); }
    bool is_open() const { return engine_.is_open(); }

    Engine& engine() { return engine_; }
    Observer& observer() { return observer_; }
    const Observer& observer() const { return observer_; }
    uint32_t arena_bytes() const { return is_open() ? engine_.header().arena_bytes : 0; }
    uint32_t longest_us() const { return longest_us_; }  // of its runs and try_out(), since open()

    // How long it takes, before anything is heard or counted.
    void try_out(const FleetParts& parts);
    // On the inputs that lie in its engine; gives the microseconds it took.
    uint32_t run(const FleetParts& parts, Agent& agent);

    uint32_t statistics_report(uint8_t* bytes, uint32_t room, const Agent& agent);

  private:
    uint32_t timed_run(const FleetParts& parts);

    Engine engine_;
    Observer observer_;
    uint32_t runs_ = 0, longest_us_ = 0;
};

}  // namespace jatai
