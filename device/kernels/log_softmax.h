// log_softmax.h: LOG_SOFTMAX over the last axis, int8 and float32.
//
//     out[r,i] = in[r,i] - max - log(sum of exp(in[r,j] - max) over j)
//
// On int8 in fixed point: exp as in SOFTMAX, the logarithm by a quotient of polynomials (TFLite's
// log_x_for_x_greater_than_or_equal_to_1). The output's scale is 1/16, its zero point 127.
// Operands: 0 input [rows, depth], 1 output of the same type. Formula: docs/reference/ops.md#log_softmax.
#pragma once

#include "device/kernels/check.h"
#include "device/kernels/fixed_point.h"
#include "device/kernels/real_functions.h"

namespace jatai {

struct LogSoftmaxParams {
    uint32_t rows;
    uint32_t depth;
    int32_t multiplier, shift;                  // a difference of stored values to Q5.26; 0 on float32
    int32_t reverse_multiplier, reverse_shift;  // and back
    int32_t diff_min;                           // differences below this add nothing to the sum
};
static_assert(sizeof(LogSoftmaxParams) == 28, "the layout in flash");

template <typename T>
inline bool fits_log_softmax(const Claim& claim) {
    const LogSoftmaxParams* p = claim.parameters<LogSoftmaxParams>();
    if (p == nullptr || p->depth == 0) return false;
    const uint64_t count = uint64_t{p->rows} * p->depth;
    if (count > 0xFFFFFFFFu) return false;
    return holds(claim, 0, count * sizeof(T)) && fills(claim, 1, count * sizeof(T));
}

JATAI_HOT_BEGIN

// log(x) in Q5.26 for x >= 1 in Q12.19. x is taken apart as z * 2^n, z near 1/sqrt(sqrt(2)), by the better of
// two ways to do so.
inline int32_t log_of(int32_t x) {
    constexpr int32_t kLog2 = 1488522236;      // all constants in Q0.31
    constexpr int32_t kRootHalf = 1518500250;  // sqrt(1/2)
    constexpr int32_t kFourthRootHalf = 1805811301;
    constexpr int32_t kNumerator = 117049297;  // 11/240 * 2^(1/4)
    constexpr int32_t kSquared = 127690142;    // 1/20 * 2^(1/4)
    constexpr int32_t kConstant = 1057819769;  // 2 / 2^(1/4) - 2^(1/4)
    constexpr int32_t kLinear = 638450708;     // 1/4 * 2^(1/4)
    constexpr uint32_t kOne = 25;              // 1 in Q6.25 is 2^25
    constexpr int32_t kQuarter = 1 << (kOne - 2);
    const uint32_t zeros_a = leading_zeros(static_cast<uint32_t>(x)) & 31;
    const uint32_t zeros_b = leading_zeros(static_cast<uint32_t>(multiply_high(x, kRootHalf))) & 31;
    const uint32_t up_a = zeros_a > 0 ? zeros_a - 1 : 0;
    const uint32_t up_b = zeros_b > 0 ? zeros_b - 1 : 0;
    const int32_t z_a = shift_left_saturating(multiply_high(shift_left_saturating(x, up_a), kRootHalf), 1);
    const int32_t z_b = shift_left_saturating(x, up_b);
    const int32_t n_a = shift_left_saturating(12 - static_cast<int32_t>(zeros_a), kOne) + kQuarter;
    const int32_t n_b = shift_left_saturating(12 - static_cast<int32_t>(up_b), kOne) - kQuarter;
    const int32_t z = z_a < z_b ? z_a : z_b;
    const int32_t n = n_a > n_b ? n_a : n_b;
    const int32_t half_sum = static_cast<int32_t>((int64_t{z} + kFourthRootHalf + 1) / 2);
    const int32_t q = shift_left(add_wrapping(z, -kFourthRootHalf), 1);
    const int32_t square = multiply_high(q, q);
    const int32_t numerator =
        add_wrapping(multiply_high(q, z), multiply_high(multiply_high(q, square), kNumerator));
    const int32_t inner = add_wrapping(add_wrapping(kConstant, q), multiply_high(kSquared, square));
    const int32_t denominator = add_wrapping(multiply_high(half_sum, inner), multiply_high(kLinear, q));
    const int32_t rest = multiply_high(divide_by_power(numerator, 6), reciprocal_of_one_plus(denominator));
    return shift_left_saturating(add_wrapping(multiply_high(n, kLog2), rest), 1);
}

inline void log_softmax_row(const LogSoftmaxParams& p, const int8_t* in, int8_t* out) {
    int32_t largest = -128;
    for (uint32_t i = 0; i < p.depth; ++i) largest = in[i] > largest ? in[i] : largest;
    uint32_t sum = 0;  // Q12.19
    for (uint32_t i = 0; i < p.depth; ++i) {
        const int32_t diff = in[i] - largest;
        if (diff < p.diff_min) continue;
        sum += static_cast<uint32_t>(divide_by_power(exp_of<5>(rescale(diff, p.multiplier, p.shift)), 12));
    }
    const int32_t log_sum = log_of(static_cast<int32_t>(sum));
    const int32_t reach = rescale(add_wrapping(log_sum, INT32_MIN), p.reverse_multiplier, p.reverse_shift);
    const int32_t lowest = add_wrapping(p.diff_min, -1) > reach ? add_wrapping(p.diff_min, -1) : reach;
    for (uint32_t i = 0; i < p.depth; ++i) {
        const int32_t diff = in[i] - largest;
        int32_t y = -128;
        if (diff > lowest) {
            const int32_t a = rescale(diff, p.multiplier, p.shift);
            const uint32_t below = static_cast<uint32_t>(a) - static_cast<uint32_t>(log_sum);
            y = clamp(divide_by_power(static_cast<int32_t>(below), 31 - 5 - 4) + 127, -128, 127);
        }
        out[i] = static_cast<int8_t>(y);
    }
}

inline void log_softmax_row(const LogSoftmaxParams& p, const float* in, float* out) {
    float largest = in[0];
    for (uint32_t i = 1; i < p.depth; ++i) largest = in[i] > largest ? in[i] : largest;
    float sum = 0.0f;
    for (uint32_t i = 0; i < p.depth; ++i) sum += real_exp(in[i] - largest);
    const float log_sum = real_log(sum);
    for (uint32_t i = 0; i < p.depth; ++i) out[i] = in[i] - largest - log_sum;
}

template <typename T>
inline void run_log_softmax(const Call& call) {
    const LogSoftmaxParams& p = call.parameters<LogSoftmaxParams>();
    const T* in = call.in<T>(0);
    T* out = call.out<T>(1);
    for (uint32_t r = 0; r < p.rows; ++r, in += p.depth, out += p.depth) log_softmax_row(p, in, out);
}

JATAI_HOT_END

constexpr Kernel kLogSoftmaxInt8{
    {Op::LogSoftmax, Type::Int8, 1}, fits_log_softmax<int8_t>, run_log_softmax<int8_t>};
constexpr Kernel kLogSoftmaxFloat{
    {Op::LogSoftmax, Type::Float32, 1}, fits_log_softmax<float>, run_log_softmax<float>};

}  // namespace jatai
