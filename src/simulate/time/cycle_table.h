// cycle_table.h: what an instruction costs a Cortex-M4F at zero wait states, as far as its encoding tells.
//
//     op.cycles = base_cycles(op, next, joined);       // next: the one that follows in memory
//     op.extra = taken_cycles(target_is_misaligned);   // of a direct branch, when taken
//
// Source: Cortex-M4 TRM (Arm 100166_0001) table 3-1 and its notes on load and store timing; the choices of
// docs/reference/simulator.md where the manual gives a range. What depends on operands (division, misaligned
// data) is added by the instruction itself.
#pragma once

#include <cstdint>

#include "src/simulate/core/op.h"

namespace jatai::simulate {

// Whether `next` certainly follows when `op` ran (same condition): only then their bus phases overlap.
enum class Joined : std::uint8_t { No, Yes };

std::uint8_t base_cycles(const Op& op, const Op& next, Joined joined);

// Pipeline refills (P of the manual), beyond the cycles of the instruction itself.
constexpr std::uint32_t kRefillDirect = 1;      // B, BL, CBZ: target known early
constexpr std::uint32_t kRefillIndirect = 2;    // BX, BLX, MOV PC, TBB
constexpr std::uint32_t kRefillLoaded = 3;      // LDR PC, POP {PC}
constexpr std::uint32_t kMisalignedTarget = 1;  // a 32-bit instruction that straddles two words

constexpr std::uint32_t kExceptionEntry = 12;
constexpr std::uint32_t kExceptionReturn = 10;
constexpr std::uint32_t kTailChain = 6;
constexpr std::uint32_t kLazyFloatStack =
    17;  // the 17 words of S0-S15 and FPSCR when they are stored after all

}  // namespace jatai::simulate
