// sigmoid16.h: LOGISTIC and TANH on int16, by the table of sigmoid_table.h.
//
//     int32_t x = sigmoid_scale(in, multiplier, shift);      // in units of 1/12288
//     int16_t y = table_logistic(table, x), z = table_tanh(table, x);     // in units of 1/32768
//
// Operands: 0 input int16, 1 table uint16[256], 2 output int16. Formulas:
// docs/reference/ops.md#logistic-tanh.
#pragma once

#include "device/kernels/check.h"
#include "device/kernels/sigmoid_table.h"

namespace jatai {

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
    return holds(claim, 0, bytes) && holds(claim, 1, kSigmoidTableEntries * sizeof(uint16_t)) &&
           fills(claim, 2, bytes);
}

JATAI_HOT_BEGIN

// x * multiplier / 2^shift, halves up.
inline int32_t sigmoid_scale(int32_t x, int32_t multiplier, uint32_t shift) {
    const uint32_t half = shift > 0 ? 1u << (shift - 1) : 0;
    return static_cast<int32_t>(static_cast<uint32_t>(x) * static_cast<uint32_t>(multiplier) + half) >> shift;
}

template <int16_t (*Function)(const uint16_t*, int32_t)>
inline void run_sigmoid16(const Call& call) {
    const Sigmoid16Params p = call.parameters<Sigmoid16Params>();
    const int16_t* in = call.in<int16_t>(0);
    const uint16_t* table = call.in<uint16_t>(1);
    int16_t* out = call.out<int16_t>(2);
    for (uint32_t i = 0; i < p.count; ++i)
        out[i] = Function(table, sigmoid_scale(in[i], p.multiplier, p.shift));
}

JATAI_HOT_END

constexpr Kernel kLogisticInt16{
    {Op::Logistic, Type::Int16, 1}, fits_sigmoid16, run_sigmoid16<table_logistic>};
constexpr Kernel kTanhInt16{{Op::Tanh, Type::Int16, 1}, fits_sigmoid16, run_sigmoid16<table_tanh>};

}  // namespace jatai
