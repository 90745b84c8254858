// fleet_parts.h: what a board gives an application that belongs to a fleet, and what that application says of
// it.
//
//     FleetParts parts = {};                         // filled by the board: boards/nano33ble/fleet_board.h
//     HealthContext about = describe_device(parts, agent, busy_us);
#pragma once

#include <stdint.h>

#include "device/observe/observer.h"
#include "device/port.h"
#include "device/update/link.h"
#include "device/update/model_trial.h"

namespace jatai {

struct FleetParts {
    const Port* port;
    BytePipe pipe;
    AgentConfig agent;  // its try_model and context are set by open()
    ModelTrial arena;   // the model's arena and kernels
    const uint8_t* set_hash;
    const CrashRecord* crash;     // null: none is kept
    uint32_t (*deepest_stack)();  // null: not known
    StartReason start_reason;
    uint32_t starts;
    uint32_t busy_uw, idle_uw;  // of the whole board, for the estimate
    uint32_t cycles_per_us;
};

// Energy is an estimate: busy and idle time times the powers the board states. Arena and shadow are left to
// the caller.
HealthContext describe_device(const FleetParts& parts, const Agent& agent, uint64_t busy_us);

uint32_t uptime_s(const FleetParts& parts);

// Whether a look for news left something to tell: a model or root document came, or was refused.
struct NewsBefore {
    uint64_t sequence, root_sequence;
};
NewsBefore news_before(const Agent& agent);
bool is_news(const Agent& agent, const NewsBefore& before, const Verdict& verdict);

}  // namespace jatai
