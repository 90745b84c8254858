// plain_pair.h: ADD, SUB, MUL, DIV, MAXIMUM, MINIMUM, SQUARED_DIFFERENCE, FLOOR_DIV, FLOOR_MOD, POW and PRELU
// on numbers that mean what is stored: float32, int32, int64. MAXIMUM and MINIMUM on any type: they compare
// what is stored.
//
//     out = min(max(a op b, low), high)
//
// Integers wrap; x / 0 is 0. Operands: 0 a, 1 b, 2 output, all of one type, broadcast by walk.h.
// Formulas: docs/reference/ops.md#add and those after it.
#pragma once

#include "device/kernels/real_functions.h"
#include "device/kernels/walk.h"

namespace jatai {

// What the fused activation leaves: [low, high].
template <typename T>
struct PlainPairParams {
    Walk<2> walk;
    T low, high;
};
static_assert(sizeof(PlainPairParams<int8_t>) == 52, "the layout in flash");
static_assert(sizeof(PlainPairParams<int16_t>) == 52, "the layout in flash");
static_assert(sizeof(PlainPairParams<float>) == 56, "the layout in flash");
static_assert(sizeof(PlainPairParams<int64_t>) == 64, "the layout in flash");

template <typename T>
inline bool fits_plain_pair(const Claim& claim) {
    const PlainPairParams<T>* p = claim.parameters<PlainPairParams<T>>();
    return p != nullptr && walk_fits(claim, p->walk, {sizeof(T), sizeof(T)}, sizeof(T));
}

JATAI_HOT_BEGIN

// The unsigned type in which sums and products of T wrap; floats stay what they are.
template <typename T>
struct Wrapping {
    using Type = T;
};
template <>
struct Wrapping<int32_t> {
    using Type = uint32_t;
};
template <>
struct Wrapping<int64_t> {
    using Type = uint64_t;
};

struct Plus {
    template <typename T>
    static T of(T a, T b) {
        using U = typename Wrapping<T>::Type;
        return static_cast<T>(static_cast<U>(a) + static_cast<U>(b));
    }
};
struct Minus {
    template <typename T>
    static T of(T a, T b) {
        using U = typename Wrapping<T>::Type;
        return static_cast<T>(static_cast<U>(a) - static_cast<U>(b));
    }
};
struct Times {
    template <typename T>
    static T of(T a, T b) {
        using U = typename Wrapping<T>::Type;
        return static_cast<T>(static_cast<U>(a) * static_cast<U>(b));
    }
};
struct SquareOfDifference {
    template <typename T>
    static T of(T a, T b) {
        return Times::of(Minus::of(a, b), Minus::of(a, b));
    }
};
struct Larger {
    template <typename T>
    static T of(T a, T b) {
        return a > b ? a : b;
    }
};
struct Smaller {
    template <typename T>
    static T of(T a, T b) {
        return a < b ? a : b;
    }
};
// The slope below zero: PRELU.
struct SlopeBelowZero {
    static float of(float a, float b) { return a >= 0.0f ? a : a * b; }
};
// Towards zero. The one quotient that does not fit, lowest / -1, wraps.
struct Quotient {
    static float of(float a, float b) { return a / b; }
    template <typename T>
    static T of(T a, T b) {
        if (b == 0) return 0;
        return b == -1 ? Minus::of<T>(0, a) : a / b;
    }
};
// What is left has the sign of b.
struct FlooredRest {
    template <typename T>
    static T of(T a, T b) {
        if (b == 0 || b == -1) return 0;
        const T rest = a % b;
        return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
    }
};
// a to the power of b. Whole powers of floats are products; whole numbers below 1 / a are 0.
struct Power {
    static float whole(float a, uint32_t b) {
        float product = 1.0f;
        for (; b != 0; b >>= 1, a *= a) product = (b & 1) != 0 ? product * a : product;
        return product;
    }
    static float of(float a, float b) {
        if (b == 0.0f || a == 1.0f) return 1.0f;
        const bool is_whole = real_floor(b) == b;
        if (is_whole && b > -1024.0f && b < 1024.0f) {
            const float size = whole(a, static_cast<uint32_t>(b < 0.0f ? -b : b));
            return b < 0.0f ? 1.0f / size : size;
        }
        if (a < 0.0f && !is_whole)
            return a < -3.40282347e38f ? real_exp(b * real_log(-a)) : 0.0f * (-1e38f * 1e38f);
        const float size = real_exp(b * real_log(a < 0.0f ? -a : a));
        const bool odd = is_whole && b > -16777216.0f && b < 16777216.0f && real_floor(b * 0.5f) * 2.0f != b;
        return a < 0.0f && odd ? -size : size;
    }
    template <typename T>
    static T of(T a, T b) {
        if (b < 0) return a == 1 ? 1 : (a == -1 ? (b % 2 == 0 ? 1 : -1) : 0);
        T product = 1;
        for (uint64_t left = static_cast<uint64_t>(b); left != 0; left >>= 1, a = Times::of(a, a))
            if ((left & 1) != 0) product = Times::of(product, a);
        return product;
    }
};
// Towards minus infinity.
struct FlooredQuotient {
    static float of(float a, float b) {
        const float q = a / b;
        if (!(q > -8388608.0f && q < 8388608.0f)) return q;  // whole already, or not a number
        const float whole = static_cast<float>(static_cast<int32_t>(q));
        return whole > q ? whole - 1.0f : whole;
    }
    template <typename T>
    static T of(T a, T b) {
        const T q = Quotient::of(a, b);
        return FlooredRest::of(a, b) != 0 && (a < 0) != (b < 0) ? q - 1 : q;
    }
};

template <typename T, typename Function>
inline void run_plain_pair(const Call& call) {
    const PlainPairParams<T>& p = call.parameters<PlainPairParams<T>>();
    const T low = p.low;
    const T high = p.high;
    walk_pairs(p.walk, call.in<T>(0), call.in<T>(1), call.out<T>(2), [low, high](T a, T b) {
        const T y = Function::of(a, b);
        return y < low ? low : (y > high ? high : y);
    });
}

JATAI_HOT_END

constexpr Kernel kAddFloat{{Op::Add, Type::Float32, 1}, fits_plain_pair<float>, run_plain_pair<float, Plus>};
constexpr Kernel kAddInt32{
    {Op::Add, Type::Int32, 1}, fits_plain_pair<int32_t>, run_plain_pair<int32_t, Plus>};
constexpr Kernel kAddInt64{
    {Op::Add, Type::Int64, 1}, fits_plain_pair<int64_t>, run_plain_pair<int64_t, Plus>};
constexpr Kernel kSubFloat{{Op::Sub, Type::Float32, 1}, fits_plain_pair<float>, run_plain_pair<float, Minus>};
constexpr Kernel kSubInt32{
    {Op::Sub, Type::Int32, 1}, fits_plain_pair<int32_t>, run_plain_pair<int32_t, Minus>};
constexpr Kernel kSubInt64{
    {Op::Sub, Type::Int64, 1}, fits_plain_pair<int64_t>, run_plain_pair<int64_t, Minus>};
constexpr Kernel kMulFloat{{Op::Mul, Type::Float32, 1}, fits_plain_pair<float>, run_plain_pair<float, Times>};
constexpr Kernel kMulInt32{
    {Op::Mul, Type::Int32, 1}, fits_plain_pair<int32_t>, run_plain_pair<int32_t, Times>};
constexpr Kernel kMulInt64{
    {Op::Mul, Type::Int64, 1}, fits_plain_pair<int64_t>, run_plain_pair<int64_t, Times>};
constexpr Kernel kDivFloat{
    {Op::Div, Type::Float32, 1}, fits_plain_pair<float>, run_plain_pair<float, Quotient>};
constexpr Kernel kDivInt32{
    {Op::Div, Type::Int32, 1}, fits_plain_pair<int32_t>, run_plain_pair<int32_t, Quotient>};
constexpr Kernel kDivInt64{
    {Op::Div, Type::Int64, 1}, fits_plain_pair<int64_t>, run_plain_pair<int64_t, Quotient>};
constexpr Kernel kSquaredDifferenceFloat{{Op::SquaredDifference, Type::Float32, 1},
                                         fits_plain_pair<float>,
                                         run_plain_pair<float, SquareOfDifference>};
constexpr Kernel kSquaredDifferenceInt32{{Op::SquaredDifference, Type::Int32, 1},
                                         fits_plain_pair<int32_t>,
                                         run_plain_pair<int32_t, SquareOfDifference>};
constexpr Kernel kFloorDivFloat{
    {Op::FloorDiv, Type::Float32, 1}, fits_plain_pair<float>, run_plain_pair<float, FlooredQuotient>};
constexpr Kernel kFloorDivInt32{
    {Op::FloorDiv, Type::Int32, 1}, fits_plain_pair<int32_t>, run_plain_pair<int32_t, FlooredQuotient>};
constexpr Kernel kFloorDivInt64{
    {Op::FloorDiv, Type::Int64, 1}, fits_plain_pair<int64_t>, run_plain_pair<int64_t, FlooredQuotient>};
constexpr Kernel kFloorModInt32{
    {Op::FloorMod, Type::Int32, 1}, fits_plain_pair<int32_t>, run_plain_pair<int32_t, FlooredRest>};
constexpr Kernel kFloorModInt64{
    {Op::FloorMod, Type::Int64, 1}, fits_plain_pair<int64_t>, run_plain_pair<int64_t, FlooredRest>};
constexpr Kernel kPowFloat{{Op::Pow, Type::Float32, 1}, fits_plain_pair<float>, run_plain_pair<float, Power>};
constexpr Kernel kPowInt32{
    {Op::Pow, Type::Int32, 1}, fits_plain_pair<int32_t>, run_plain_pair<int32_t, Power>};
constexpr Kernel kPowInt64{
    {Op::Pow, Type::Int64, 1}, fits_plain_pair<int64_t>, run_plain_pair<int64_t, Power>};
constexpr Kernel kPreluFloat{
    {Op::Prelu, Type::Float32, 1}, fits_plain_pair<float>, run_plain_pair<float, SlopeBelowZero>};

constexpr Kernel kMaximumInt8{
    {Op::Maximum, Type::Int8, 1}, fits_plain_pair<int8_t>, run_plain_pair<int8_t, Larger>};
constexpr Kernel kMaximumUInt8{
    {Op::Maximum, Type::UInt8, 1}, fits_plain_pair<uint8_t>, run_plain_pair<uint8_t, Larger>};
constexpr Kernel kMaximumInt16{
    {Op::Maximum, Type::Int16, 1}, fits_plain_pair<int16_t>, run_plain_pair<int16_t, Larger>};
constexpr Kernel kMaximumInt32{
    {Op::Maximum, Type::Int32, 1}, fits_plain_pair<int32_t>, run_plain_pair<int32_t, Larger>};
constexpr Kernel kMaximumInt64{
    {Op::Maximum, Type::Int64, 1}, fits_plain_pair<int64_t>, run_plain_pair<int64_t, Larger>};
constexpr Kernel kMaximumFloat{
    {Op::Maximum, Type::Float32, 1}, fits_plain_pair<float>, run_plain_pair<float, Larger>};
constexpr Kernel kMinimumInt8{
    {Op::Minimum, Type::Int8, 1}, fits_plain_pair<int8_t>, run_plain_pair<int8_t, Smaller>};
constexpr Kernel kMinimumUInt8{
    {Op::Minimum, Type::UInt8, 1}, fits_plain_pair<uint8_t>, run_plain_pair<uint8_t, Smaller>};
constexpr Kernel kMinimumInt16{
    {Op::Minimum, Type::Int16, 1}, fits_plain_pair<int16_t>, run_plain_pair<int16_t, Smaller>};
constexpr Kernel kMinimumInt32{
    {Op::Minimum, Type::Int32, 1}, fits_plain_pair<int32_t>, run_plain_pair<int32_t, Smaller>};
constexpr Kernel kMinimumInt64{
    {Op::Minimum, Type::Int64, 1}, fits_plain_pair<int64_t>, run_plain_pair<int64_t, Smaller>};
constexpr Kernel kMinimumFloat{
    {Op::Minimum, Type::Float32, 1}, fits_plain_pair<float>, run_plain_pair<float, Smaller>};

}  // namespace jatai
