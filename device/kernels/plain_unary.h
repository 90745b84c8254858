// plain_unary.h: the operators of one input on numbers that mean what is stored: float32, int32, int64, bool.
//
//     out[i] = function(in[i])
//
// Operands: 0 input, 1 output of the same type. Formulas: docs/reference/ops.md#operators-of-one-input.
#pragma once

#include "device/kernels/check.h"
#include "device/kernels/real_functions.h"

namespace jatai {

struct UnaryParams {
    uint32_t count;
    float low, high;  // what RELU and its kin leave
    float alpha;      // of LEAKY_RELU
};
static_assert(sizeof(UnaryParams) == 16, "the layout in flash");

template <typename T>
inline bool fits_unary(const Claim& claim) {
    const UnaryParams* p = claim.parameters<UnaryParams>();
    if (p == nullptr) return false;
    const uint64_t bytes = uint64_t{p->count} * sizeof(T);
    return holds(claim, 0, bytes) && fills(claim, 1, bytes);
}

JATAI_HOT_BEGIN

template <float (*Function)(float)>
inline void run_real(const Call& call) {
    const uint32_t count = call.parameters<UnaryParams>().count;
    const float* in = call.in<float>(0);
    float* out = call.out<float>(1);
    for (uint32_t i = 0; i < count; ++i) out[i] = Function(in[i]);
}

inline float real_abs(float x) { return float_of(bits_of(x) & 0x7FFFFFFFu); }
inline float real_neg(float x) { return -x; }
inline float real_square(float x) { return x * x; }
inline float real_rsqrt(float x) { return 1.0f / real_sqrt(x); }
inline float real_elu(float x) { return x < 0.0f ? real_expm1(x) : x; }
inline float real_hard_swish(float x) {
    const float lifted = x + 3.0f;
    return x * (lifted < 0.0f ? 0.0f : (lifted > 6.0f ? 6.0f : lifted)) / 6.0f;
}

inline float real_sign(float x) { return x > 0.0f ? 1.0f : (x < 0.0f ? -1.0f : x); }
inline float real_gelu(float x) { return 0.5f * x * (1.0f + real_erf(x * 0.707106781f)); }
inline float real_gelu_tanh(float x) {
    return 0.5f * x * (1.0f + real_tanh(0.797884561f * (x + 0.044715f * x * x * x)));
}

// With alpha above 0 by tanh, else by the error function.
inline void run_gelu(const Call& call) {
    if (call.parameters<UnaryParams>().alpha > 0.0f) {
        run_real<real_gelu_tanh>(call);
    } else {
        run_real<real_gelu>(call);
    }
}

inline void run_sign_int32(const Call& call) {
    const uint32_t count = call.parameters<UnaryParams>().count;
    const int32_t* in = call.in<int32_t>(0);
    int32_t* out = call.out<int32_t>(1);
    for (uint32_t i = 0; i < count; ++i) out[i] = in[i] > 0 ? 1 : (in[i] < 0 ? -1 : 0);
}

inline void run_bounds(const Call& call) {
    const UnaryParams& p = call.parameters<UnaryParams>();
    const float* in = call.in<float>(0);
    float* out = call.out<float>(1);
    for (uint32_t i = 0; i < p.count; ++i) {
        const float x = in[i];
        out[i] = x > p.high ? p.high : (x < p.low ? p.low : x);
    }
}

inline void run_leaky_relu(const Call& call) {
    const UnaryParams& p = call.parameters<UnaryParams>();
    const float* in = call.in<float>(0);
    float* out = call.out<float>(1);
    for (uint32_t i = 0; i < p.count; ++i) out[i] = in[i] > 0.0f ? in[i] : in[i] * p.alpha;
}

// The lowest number has no opposite and stays what it is.
template <typename T, typename U, bool OnlyBelowZero>
inline void run_opposite(const Call& call) {
    const uint32_t count = call.parameters<UnaryParams>().count;
    const T* in = call.in<T>(0);
    T* out = call.out<T>(1);
    for (uint32_t i = 0; i < count; ++i)
        out[i] = !OnlyBelowZero || in[i] < 0 ? static_cast<T>(U{0} - static_cast<U>(in[i])) : in[i];
}

inline void run_logical_not(const Call& call) {
    const uint32_t count = call.parameters<UnaryParams>().count;
    const uint8_t* in = call.in<uint8_t>(0);
    uint8_t* out = call.out<uint8_t>(1);
    for (uint32_t i = 0; i < count; ++i) out[i] = in[i] == 0 ? 1 : 0;
}

JATAI_HOT_END

constexpr Kernel kAbsFloat{{Op::Abs, Type::Float32, 1}, fits_unary<float>, run_real<real_abs>};
constexpr Kernel kNegFloat{{Op::Neg, Type::Float32, 1}, fits_unary<float>, run_real<real_neg>};
constexpr Kernel kCeilFloat{{Op::Ceil, Type::Float32, 1}, fits_unary<float>, run_real<real_ceil>};
constexpr Kernel kFloorFloat{{Op::Floor, Type::Float32, 1}, fits_unary<float>, run_real<real_floor>};
constexpr Kernel kRoundFloat{{Op::Round, Type::Float32, 1}, fits_unary<float>, run_real<real_round>};
constexpr Kernel kSqrtFloat{{Op::Sqrt, Type::Float32, 1}, fits_unary<float>, run_real<real_sqrt>};
constexpr Kernel kRsqrtFloat{{Op::Rsqrt, Type::Float32, 1}, fits_unary<float>, run_real<real_rsqrt>};
constexpr Kernel kSquareFloat{{Op::Square, Type::Float32, 1}, fits_unary<float>, run_real<real_square>};
constexpr Kernel kExpFloat{{Op::Exp, Type::Float32, 1}, fits_unary<float>, run_real<real_exp>};
constexpr Kernel kLogFloat{{Op::Log, Type::Float32, 1}, fits_unary<float>, run_real<real_log>};
constexpr Kernel kSinFloat{{Op::Sin, Type::Float32, 1}, fits_unary<float>, run_real<real_sin>};
constexpr Kernel kCosFloat{{Op::Cos, Type::Float32, 1}, fits_unary<float>, run_real<real_cos>};
constexpr Kernel kLogisticFloat{{Op::Logistic, Type::Float32, 1}, fits_unary<float>, run_real<real_logistic>};
constexpr Kernel kTanhFloat{{Op::Tanh, Type::Float32, 1}, fits_unary<float>, run_real<real_tanh>};
constexpr Kernel kEluFloat{{Op::Elu, Type::Float32, 1}, fits_unary<float>, run_real<real_elu>};
constexpr Kernel kHardSwishFloat{
    {Op::HardSwish, Type::Float32, 1}, fits_unary<float>, run_real<real_hard_swish>};
constexpr Kernel kSignFloat{{Op::Sign, Type::Float32, 1}, fits_unary<float>, run_real<real_sign>};
constexpr Kernel kSignInt32{{Op::Sign, Type::Int32, 1}, fits_unary<int32_t>, run_sign_int32};
constexpr Kernel kGeluFloat{{Op::Gelu, Type::Float32, 1}, fits_unary<float>, run_gelu};
constexpr Kernel kBoundsFloat{{Op::Relu, Type::Float32, 1}, fits_unary<float>, run_bounds};
constexpr Kernel kLeakyReluFloat{{Op::LeakyRelu, Type::Float32, 1}, fits_unary<float>, run_leaky_relu};
constexpr Kernel kAbsInt32{
    {Op::Abs, Type::Int32, 1}, fits_unary<int32_t>, run_opposite<int32_t, uint32_t, true>};
constexpr Kernel kNegInt32{
    {Op::Neg, Type::Int32, 1}, fits_unary<int32_t>, run_opposite<int32_t, uint32_t, false>};
constexpr Kernel kNegInt64{
    {Op::Neg, Type::Int64, 1}, fits_unary<int64_t>, run_opposite<int64_t, uint64_t, false>};
constexpr Kernel kLogicalNot{{Op::LogicalNot, Type::Bool, 1}, fits_unary<uint8_t>, run_logical_not};

}  // namespace jatai
