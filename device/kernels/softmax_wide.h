// softmax_wide.h: SOFTMAX over the last axis, float32 and int16.
//
//     out[r,i] = exp(beta * (in[r,i] - max)) / sum of the same over i
//
// On int16 both exp on [-10, 0] and 1 / (1 + x) on [0, 1] are tables of 513 entries with straight lines
// between. Operands, float32: 0 input [rows, depth], 1 output. int16: 0 input, 1 table of exp, 2 table of 1 /
// (1 + x), 3 output. Formula: docs/reference/ops.md#softmax.
#pragma once

#include "device/kernels/check.h"
#include "device/kernels/fixed_point.h"
#include "device/kernels/real_math.h"

namespace jatai {

struct SoftmaxFloatParams {
    uint32_t rows;
    uint32_t depth;
    float beta;
};
static_assert(sizeof(SoftmaxFloatParams) == 12, "the layout in flash");

struct SoftmaxInt16Params {
    uint32_t rows;
    uint32_t depth;
    int32_t multiplier;  // takes a difference of stored values to units of 10 / 65535
    int32_t shift;
};
static_assert(sizeof(SoftmaxInt16Params) == 16, "the layout in flash");

constexpr uint32_t kLineEntries = 513;

inline bool fits_softmax_float(const Claim& claim) {
    const SoftmaxFloatParams* p = claim.parameters<SoftmaxFloatParams>();
    if (p == nullptr || p->depth == 0) return false;
    const uint64_t count = uint64_t{p->rows} * p->depth;
    if (count > 0xFFFFFFFFu) return false;
    return holds(claim, 0, count * sizeof(float)) && fills(claim, 1, count * sizeof(float));
}

inline bool fits_softmax_int16(const Claim& claim) {
    const SoftmaxInt16Params* p = claim.parameters<SoftmaxInt16Params>();
    if (p == nullptr || p->depth == 0) return false;
    const uint64_t count = uint64_t{p->rows} * p->depth;
    if (count > 0xFFFFFFFFu) return false;
    const uint64_t table = kLineEntries * sizeof(int16_t);
    return holds(claim, 0, count * sizeof(int16_t)) && holds(claim, 1, table) && holds(claim, 2, table) &&
           fills(claim, 3, count * sizeof(int16_t));
}

JATAI_HOT_BEGIN

inline void softmax_row(const SoftmaxFloatParams& p, const float* in, float* out) {
    float largest = in[0];
    for (uint32_t i = 1; i < p.depth; ++i) largest = in[i] > largest ? in[i] : largest;
    float sum = 0.0f;
    for (uint32_t i = 0; i < p.depth; ++i) {
        out[i] = real_exp((in[i] - largest) * p.beta);
        sum += out[i];
    }
    for (uint32_t i = 0; i < p.depth; ++i) out[i] = out[i] / sum;
}

inline void run_softmax_float(const Call& call) {
    const SoftmaxFloatParams& p = call.parameters<SoftmaxFloatParams>();
    const float* in = call.in<float>(0);
    float* out = call.out<float>(1);
    for (uint32_t r = 0; r < p.rows; ++r, in += p.depth, out += p.depth) softmax_row(p, in, out);
}

// The table at x in -32768..32767; lines between entries 128 apart.
inline int32_t on_line(int32_t x, const int16_t* table) {
    const int16_t* entry = table + 256 + (x >> 7);
    const int32_t slope = static_cast<int16_t>(entry[1] - entry[0]);
    return static_cast<int16_t>(entry[0] + ((slope * (x & 127) + 64) >> 7));
}

// exp of a difference at or below 0, in Q0.15.
inline int32_t exp_on_line(const SoftmaxInt16Params& p, int32_t difference, const int16_t* table) {
    const int32_t scaled = add_wrapping(rescale(difference, p.multiplier, p.shift), 32767);
    return on_line(clamp(scaled, -32768, 32767), table);
}

struct SoftmaxTables {
    const int16_t* exp;
    const int16_t* reciprocal;
};

inline void softmax_row(const SoftmaxInt16Params& p, const SoftmaxTables& tables, const int16_t* in,
                        int16_t* out) {
    int32_t largest = in[0];
    for (uint32_t i = 1; i < p.depth; ++i) largest = in[i] > largest ? in[i] : largest;
    uint32_t sum = 0;  // Q16.15
    for (uint32_t i = 0; i < p.depth; ++i) {
        out[i] = static_cast<int16_t>(exp_on_line(p, in[i] - largest, tables.exp));
        sum += static_cast<uint32_t>(static_cast<int32_t>(out[i]));
    }
    // sum = (1 + x) * 2^(31 - zeros - 15), x brought to -32768..32767
    const uint32_t zeros = sum == 0 ? 16 : leading_zeros(sum);
    const uint32_t up = zeros > 0 ? zeros - 1 : 0;
    const int64_t one_and_x = ((static_cast<int64_t>(sum) << up) + (1 << 13)) >> 14;
    const int32_t x = clamp(static_cast<int32_t>(one_and_x - ((1 << 15) + (1 << 16))), -32768, 32767);
    const int32_t reciprocal = on_line(x, tables.reciprocal);
    const uint32_t right = zeros < 31 ? 31 - zeros : 0;
    const int32_t half = right > 0 ? 1 << (right - 1) : 0;
    for (uint32_t i = 0; i < p.depth; ++i) {
        const int64_t y = (static_cast<int64_t>(out[i]) * reciprocal + half) >> right;
        out[i] = static_cast<int16_t>(y < 0 ? 0 : (y > 32767 ? 32767 : y));
    }
}

inline void run_softmax_int16(const Call& call) {
    const SoftmaxInt16Params& p = call.parameters<SoftmaxInt16Params>();
    const SoftmaxTables tables{call.in<int16_t>(1), call.in<int16_t>(2)};
    const int16_t* in = call.in<int16_t>(0);
    int16_t* out = call.out<int16_t>(3);
    for (uint32_t r = 0; r < p.rows; ++r, in += p.depth, out += p.depth) softmax_row(p, tables, in, out);
}

JATAI_HOT_END

constexpr Kernel kSoftmaxFloat{{Op::Softmax, Type::Float32, 1}, fits_softmax_float, run_softmax_float};
constexpr Kernel kSoftmaxInt16{{Op::Softmax, Type::Int16, 1}, fits_softmax_int16, run_softmax_int16};

}  // namespace jatai
