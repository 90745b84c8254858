// lookup.h: any operator of one input that is a function of one stored byte: LOGISTIC, TANH, RELU and its
// kin, LEAKY_RELU, HARD_SWISH, ELU, ABS, RSQRT on int8 and uint8.
//
//     out[i] = table[in[i]]
//
// The compiler fills the table, by the arithmetic of TFLite's reference kernels.
// Operands: 0 input, 1 table of 256 bytes (entry b answers the byte b), 2 output. See
// docs/reference/ops.md#lookup.
#pragma once

#include "device/hot.h"
#include "device/kernels/check.h"

namespace jatai {

struct LookupParams {
    uint32_t count;
};

inline bool fits_lookup(const Claim& claim) {
    const LookupParams* p = claim.parameters<LookupParams>();
    return p != nullptr && holds(claim, 0, p->count) && holds(claim, 1, 256) && fills(claim, 2, p->count);
}

JATAI_HOT_BEGIN

inline void run_lookup(const Call& call) {
    const uint32_t count = call.parameters<LookupParams>().count;
    const uint8_t* in = call.in<uint8_t>(0);
    const uint8_t* table = call.in<uint8_t>(1);
    uint8_t* out = call.out<uint8_t>(2);
    for (uint32_t i = 0; i < count; ++i) out[i] = table[in[i]];
}

JATAI_HOT_END

constexpr Kernel kLookup{{Op::Logistic, Type::Int8, 1}, fits_lookup, run_lookup};

}  // namespace jatai
