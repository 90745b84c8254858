// sigmoid_table.h: the logistic function and tanh on 16 bits, from one table of 256 numbers.
//
//     int16_t y = table_logistic(table, 3 * x);         // x in Q3.12, y in Q0.15
//     int16_t y = table_tanh(table, 3 * x);
//
// table[i] stands for 65536 / (1 + exp(-i / 24)); between two entries the answer is interpolated. Both
// functions are symmetric, and tanh(x) = 2 * logistic(2x) - 1, so one table serves. The argument is 3 * 2^12
// times the real one. Source: TFLite reference_integer_ops Logistic and Tanh for int16; the compiler makes
// the table (src/graph/ops/sigmoid_table.h).
#pragma once

#include <stdint.h>

#include "device/hot.h"

namespace jatai {

constexpr uint32_t kSigmoidTableEntries = 256;

JATAI_HOT_BEGIN

inline uint32_t table_magnitude(int32_t x) {
    return x < 0 ? 0u - static_cast<uint32_t>(x) : static_cast<uint32_t>(x);
}

// Entry `bits` to the right, interpolated by the bits below, times 2^bits. `last` is the answer past the
// table.
inline uint32_t between_entries(const uint16_t* table, uint32_t at, uint32_t bits, uint32_t last) {
    const uint32_t i = at >> bits;
    if (i >= kSigmoidTableEntries - 1) return last;
    const uint32_t rest = at & ((1u << bits) - 1);
    return (uint32_t{table[i]} << bits) + rest * (uint32_t{table[i + 1]} - table[i]);
}

inline int16_t table_logistic(const uint16_t* table, int32_t x) {
    const uint32_t y = between_entries(table, table_magnitude(x), 9, 0x7FFFu << 10);
    return static_cast<int16_t>((x >= 0 ? y + (1u << 9) : (1u << 25) - y + (1u << 9) - 1) >> 10);
}

inline int16_t table_tanh(const uint16_t* table, int32_t x) {
    const int32_t y = static_cast<int32_t>(between_entries(table, table_magnitude(x), 8, 0xFFFFu << 8));
    constexpr int32_t kMiddle = 1 << 23;
    return static_cast<int16_t>((x >= 0 ? y - kMiddle + 128 : kMiddle - y + 127) >> 8);
}

JATAI_HOT_END

}  // namespace jatai
