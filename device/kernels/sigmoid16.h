// sigmoid16.h: LOGISTIC and TANH on int16, by a table of the logistic function at multiples of 1/24.
//
//     int32_t x = sigmoid_scale(in, multiplier, shift);      // in units of 1/12288
//     int16_t y = logistic_of(x, table), z = tanh_of(x, table);     // in units of 1/32768
//
// Straight lines between the entries; tanh(x) = 2 * logistic(2x) - 1 reads the same table. Entry i is
// 65536 * logistic(i/24), raised by half of what the line from it misses at its middle.
// Operands: 0 input int16, 1 table uint16[256], 2 output int16. Formulas: docs/reference/ops.md#logistic.
#pragma once

#include "device/kernels/check.h"
#include "device/kernels/requantize.h"

namespace jatai {

constexpr uint32_t kSigmoidEntries = 256;

struct Sigmoid16Params {
    uint32_t count;
    int32_t multiplier;
    uint32_t shift;  // to the right, below 32
};
static_assert(sizeof(Sigmoid16Params) == 12, "the layout in flash");

inline bool fits_sigmoid16(const Claim& claim) {
    const Sigmoid16Params* p = claim.parameters<Sigmoid16Params>();
    if (p == nullptr || p->shift > 31) return false;
    const uint64_t bytes = uint64_t{p->count} * sizeof(int16_t);
    return holds(claim, 0, bytes) && holds(claim, 1, kSigmoidEntries * sizeof(uint16_t)) &&
           fills(claim, 2, bytes);
}

JATAI_HOT_BEGIN

// x * multiplier / 2^shift, halves up.
inline int32_t sigmoid_scale(int32_t x, int32_t multiplier, uint32_t shift) {
    const uint32_t half = shift > 0 ? 1u << (shift - 1) : 0;
    return static_cast<int32_t>(static_cast<uint32_t>(x) * static_cast<uint32_t>(multiplier) + half) >> shift;
}

// The table at `size` in units of 2^-bits entries, times 2^bits; `end` from the last entry on.
inline uint32_t sigmoid_between(uint32_t size, uint32_t bits, const uint16_t* table, uint32_t end) {
    const uint32_t i = size >> bits;
    if (i >= kSigmoidEntries - 1) return end;
    const uint32_t rest = size & ((1u << bits) - 1);
    const uint32_t rise = static_cast<uint32_t>(table[i + 1]) - table[i];
    return (static_cast<uint32_t>(table[i]) << bits) + rest * rise;
}

inline uint32_t magnitude(int32_t x) {
    return x < 0 ? 0u - static_cast<uint32_t>(x) : static_cast<uint32_t>(x);
}

inline int16_t logistic_of(int32_t x, const uint16_t* table) {
    const uint32_t y = sigmoid_between(magnitude(x), 9, table, 0x7FFFu << 10);
    const uint32_t half = 1u << 9;
    return static_cast<int16_t>((x >= 0 ? y + half : (1u << 25) - y + half - 1) >> 10);
}

inline int16_t tanh_of(int32_t x, const uint16_t* table) {
    const int32_t y = static_cast<int32_t>(sigmoid_between(magnitude(x), 8, table, 0xFFFFu << 8)) - (1 << 23);
    const int32_t half = 1 << 7;
    return static_cast<int16_t>((x >= 0 ? y + half : -y + half - 1) >> 8);
}

template <int16_t (*Function)(int32_t, const uint16_t*)>
inline void run_sigmoid16(const Call& call) {
    const Sigmoid16Params p = call.parameters<Sigmoid16Params>();
    const int16_t* in = call.in<int16_t>(0);
    const uint16_t* table = call.in<uint16_t>(1);
    int16_t* out = call.out<int16_t>(2);
    for (uint32_t i = 0; i < p.count; ++i)
        out[i] = Function(sigmoid_scale(in[i], p.multiplier, p.shift), table);
}

JATAI_HOT_END

constexpr Kernel kLogisticInt16{{Op::Logistic, Type::Int16, 1}, fits_sigmoid16, run_sigmoid16<logistic_of>};
constexpr Kernel kTanhInt16{{Op::Tanh, Type::Int16, 1}, fits_sigmoid16, run_sigmoid16<tanh_of>};

}  // namespace jatai
