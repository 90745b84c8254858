// add.h: ADD for Cortex-M with DSP: the answers of device/kernels/add.h, sooner.
//
//     const Kernel* const kernels[] = {&kAddInt8CortexM, ...};      // written by the compiler
//
// Operands: those of the reference. Scales that are far apart go to the reference; without the DSP extension
// everything does. The loops and their cost: byte_sum.h.
#pragma once

#include "device/cortex_m/byte_sum.h"

namespace jatai {

#if JATAI_HAS_DSP

JATAI_HOT_BEGIN

template <typename Rows>
JATAI_INLINE void run_add_rows(const Call& call) {
    const AddParams& p = call.parameters<AddParams>();
    const ByteSum sum{{p.a_zero_point, p.a_multiplier, p.a_shift},
                      {p.b_zero_point, p.b_multiplier, p.b_shift},
                      p.multiplier,
                      p.shift,
                      p.range.zero_point};
    if (!sum.is_short() || !Rows::knows(p.walk)) return run_add(call);
    int8_t* const out = call.out<int8_t>(2);
    run_byte_sum<Rows, 1>(sum, p.walk, {call.in<int8_t>(0), call.in<int8_t>(1), out});
    hold_bytes(out, static_cast<uint32_t>(walked_elements(p.walk.shape)), p.range.low, p.range.high);
}

inline void run_add_cortex_m(const Call& call) { run_add_rows<PlainRows>(call); }
inline void run_add_held_cortex_m(const Call& call) { run_add_rows<ShortRows>(call); }

JATAI_HOT_END

#else

inline void run_add_cortex_m(const Call& call) { run_add(call); }
inline void run_add_held_cortex_m(const Call& call) { run_add(call); }

#endif

constexpr Kernel kAddInt8CortexM{{Op::Add, Type::Int8, 1}, fits_add, run_add_cortex_m};
constexpr Kernel kAddHeldInt8CortexM{{Op::Add, Type::Int8, 2}, fits_add, run_add_held_cortex_m};

}  // namespace jatai
