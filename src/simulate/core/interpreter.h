// interpreter.h: runs predecoded code until something outside the core has to be done.
//
//     cpu.now.deadline = next_event;
//     switch (interpret(cpu, {region, profile, fetch})) { case Exit::Deadline: ...
//
// Needs  cpu.r[15] inside `region`, cpu.slow set, the guest's FloatEnvironment entered.
// Keeps  On return cpu.r[15] is the instruction to run next, or the one that exits: see Exit.
// Cost   2 to 5 ns per instruction.
#pragma once

#include <cstdint>

#include "src/simulate/core/code_region.h"
#include "src/simulate/core/cpu.h"
#include "src/simulate/core/profile.h"
#include "src/simulate/time/flash_model.h"

namespace jatai::simulate {

enum class Exit : std::uint8_t {
    Deadline,    // now.cycles reached now.deadline, at a taken branch; r[15]: next
    Leave,       // an access or a mask change wants attention; r[15]: next
    Fault,       // cpu.fault; r[15]: the instruction that did not complete
    Jump,        // to r[15], thumb bit included, which is outside the region, even, or an EXC_RETURN
    Sleep,       // WFI; r[15]: next
    SleepEvent,  // WFE; r[15]: next
    Event,       // SEV; r[15]: next
    Supervisor,  // SVC; r[15]: next; immediate in `svc`
    Breakpoint,  // BKPT; r[15]: the instruction itself
    Spin,        // a branch onto itself; r[15]: itself
};

struct Running {
    CodeRegion& region;
    Profile& profile;
    FlashModel* fetch;  // null: no wait states on this region
};

Exit interpret(Cpu& cpu, const Running& running);

}  // namespace jatai::simulate
