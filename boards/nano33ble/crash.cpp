#include "boards/nano33ble/crash.h"

#include "boards/nano33ble/nrf52840.h"
#include "device/update/crc32.h"

extern "C" void take_fault(const uint32_t* stacked);

namespace jatai {
namespace {

// Survives a reset, not a power cut.
struct Kept {
    CrashRecord crash;
    uint32_t crashes_told;  // crash.count at the start before
    uint32_t starts;
    uint32_t check;  // of the two words before
};
__attribute__((section(".noinit"))) Kept kept;

uint32_t check_of(const Kept& k) { return crc32(&k.crashes_told, 8); }

}  // namespace

const CrashRecord& kept_crash() { return kept.crash; }
uint32_t starts_since_power() { return kept.starts; }

StartReason why_started() {
    const uint32_t why = reg(power::kResetReason);
    reg(power::kResetReason) = why;  // PS 5.3.7.3: a one clears a bit
    const bool survived = kept.check == check_of(kept);
    if (!survived) kept.crashes_told = kept.starts = 0;
    const uint32_t crashes = is_crash(kept.crash) ? kept.crash.count : 0;
    const bool crashed = survived && crashes != kept.crashes_told;
    kept.crashes_told = crashes;
    ++kept.starts;
    kept.check = check_of(kept);
    if (crashed) return StartReason::Fault;
    if ((why & power::kByWatchdog) != 0) return StartReason::Watchdog;
    if ((why & power::kByPin) != 0) return StartReason::Pin;
    if ((why & power::kBySoftware) != 0 || survived) return StartReason::AskedFor;
    return StartReason::Power;
}

}  // namespace jatai

// From the fault handler: r0-r3, r12, lr, pc, xpsr as the core stacked them.
extern "C" void take_fault(const uint32_t* stacked) {
    using namespace jatai;
    record_crash(kept.crash, stacked[6], stacked[5], reg(core::kCfsr), reg(core::kBfar));
    reg(core::kAircr) = core::kResetRequest;
    for (;;) {
    }
}
