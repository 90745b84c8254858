// lstm.h: UNIDIRECTIONAL_SEQUENCE_LSTM, int8, for Cortex-M with DSP: the answers of device/kernels/lstm.h,
// sooner.
//
//     const Kernel* const kernels[] = {&kLstmInt8CortexM, ...};      // written by the compiler
//
// All is the reference's but the products of a gate's row with the input and with h: dot_bytes.h, whose
// registers they use. Operands: those of the reference. Without the DSP extension the reference does it.
// Cost: 2.2 instructions per multiply-accumulate, 40 for each product of a row besides.
#pragma once

#include "device/cortex_m/dot_bytes.h"
#include "device/kernels/lstm.h"

namespace jatai {

#if JATAI_HAS_DSP

JATAI_HOT_BEGIN

struct LstmOf8CortexM : LstmOf8 {
    static JATAI_NOINLINE int32_t dot(const int8_t* weights, const int8_t* vector, uint32_t count,
                                      int32_t bias, GateFactor factor) {
        const int32_t sum = add_wrapping(bias, dot_bytes(weights, vector, count));
        return hold16(rescale(sum, factor.multiplier, factor.shift));
    }
};

inline void run_lstm_cortex_m(const Call& call) { run_lstm<LstmOf8CortexM>(call); }

JATAI_HOT_END

#else

inline void run_lstm_cortex_m(const Call& call) { run_lstm<LstmOf8>(call); }

#endif

constexpr Kernel kLstmInt8CortexM{
    {Op::UnidirectionalSequenceLstm, Type::Int8, 1}, fits_lstm<LstmOf8>, run_lstm_cortex_m};

}  // namespace jatai
