// decode.h: Thumb-2 machine code to operations (ARMv7-M ARM, chapters A5 to A7, with DSP and FPv4-SP).
//
//     Op op = decode({h1, h2, address, in_it});
//     is_wide(h1);                                   // does h2 belong to it?
//
// Keeps  Total: every pair of halfwords gives an operation; what the architecture calls UNDEFINED or
// UNPREDICTABLE
//        gives OpCode::Undefined with `a` = why (UndefinedReason) and `imm` = the encoding.
//        Branches hold their target relative to their own slot, in halfwords, in `imm`. Cycles are not set
//        here (time/cycle_table.h).
#pragma once

#include <cstdint>

#include "src/simulate/core/op.h"

namespace jatai::simulate {

struct Encoding {
    std::uint32_t h1 = 0;
    std::uint32_t h2 = 0;
    std::uint32_t address = 0;
    bool in_it = false;  // 16-bit arithmetic sets no flags then
};

enum class UndefinedReason : std::uint8_t { Undefined, Unpredictable, NoCoprocessor };

inline bool is_wide(std::uint32_t h1) { return h1 >= 0xE800; }
inline bool is_it(std::uint32_t h1) { return (h1 & 0xFF00) == 0xBF00 && (h1 & 0xF) != 0; }

Op decode(const Encoding& code);

// The parts of decode(), by encoding group.
Op decode_16(const Encoding& code);
Op decode_data_immediate(const Encoding& code);
Op decode_data_shifted(const Encoding& code);
Op decode_data_register(const Encoding& code);
Op decode_multiply(const Encoding& code);
Op decode_branch_and_control(const Encoding& code);
Op decode_load_store_single(const Encoding& code);
Op decode_load_store_multiple(const Encoding& code);
Op decode_dual_exclusive_table(const Encoding& code);
Op decode_float(const Encoding& code);

}  // namespace jatai::simulate
