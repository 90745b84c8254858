// compare.h: EQUAL, NOT_EQUAL, LESS, LESS_EQUAL, GREATER and GREATER_EQUAL of every type, LOGICAL_AND,
// LOGICAL_OR.
//
//     out = (a op b) != negate
//
// GREATER is LESS with its operands exchanged, NOT_EQUAL is EQUAL negated: three comparisons do for six.
// Operands: 0 a, 1 b of one type, 2 output bool, broadcast by walk.h. Formulas: docs/reference/ops.md#equal.
#pragma once

#include "device/kernels/requantize.h"
#include "device/kernels/walk.h"

namespace jatai {

struct CompareParams {
    Walk<2> walk;
    uint32_t negate;  // 0 or 1
    // Of numbers with scales of their own: (x - zero_point) * 2^8, rescaled. Else 0.
    int32_t a_zero_point, a_multiplier, a_shift;
    int32_t b_zero_point, b_multiplier, b_shift;
};
static_assert(sizeof(CompareParams) == 76, "the layout in flash");

template <typename T>
inline bool fits_compare(const Claim& claim) {
    const CompareParams* p = claim.parameters<CompareParams>();
    return p != nullptr && walk_fits(claim, p->walk, {sizeof(T), sizeof(T)}, 1);
}

JATAI_HOT_BEGIN

struct IsEqual {
    template <typename T>
    static bool of(T a, T b) {
        return a == b;
    }
};
struct IsLess {
    template <typename T>
    static bool of(T a, T b) {
        return a < b;
    }
};
struct IsLessOrEqual {
    template <typename T>
    static bool of(T a, T b) {
        return a <= b;
    }
};
struct AreBoth {
    static bool of(uint8_t a, uint8_t b) { return a != 0 && b != 0; }
};
struct IsEither {
    static bool of(uint8_t a, uint8_t b) { return a != 0 || b != 0; }
};

template <typename T, typename Function>
inline void run_compare(const Call& call) {
    const CompareParams& p = call.parameters<CompareParams>();
    const bool negate = p.negate != 0;
    walk_pairs(p.walk, call.in<T>(0), call.in<T>(1), call.out<uint8_t>(2),
               [negate](T a, T b) { return static_cast<uint8_t>(Function::of(a, b) != negate ? 1 : 0); });
}

inline int32_t compared(int32_t x, int32_t zero_point, int32_t multiplier, int32_t shift) {
    const uint32_t difference = static_cast<uint32_t>(x) - static_cast<uint32_t>(zero_point);
    return rescale(static_cast<int32_t>(difference << 8), multiplier, shift);
}

template <typename T, typename Function>
inline void run_compare_rescaled(const Call& call) {
    const CompareParams& p = call.parameters<CompareParams>();
    walk_pairs(p.walk, call.in<T>(0), call.in<T>(1), call.out<uint8_t>(2), [&p](int32_t a, int32_t b) {
        const bool holds = Function::of(compared(a, p.a_zero_point, p.a_multiplier, p.a_shift),
                                        compared(b, p.b_zero_point, p.b_multiplier, p.b_shift));
        return static_cast<uint8_t>(holds != (p.negate != 0) ? 1 : 0);
    });
}

JATAI_HOT_END

constexpr Kernel kEqualBool{{Op::Equal, Type::Bool, 1}, fits_compare<uint8_t>, run_compare<uint8_t, IsEqual>};
constexpr Kernel kEqualInt8{
    {Op::Equal, Type::Int8, 1}, fits_compare<int8_t>, run_compare_rescaled<int8_t, IsEqual>};
constexpr Kernel kEqualInt16{
    {Op::Equal, Type::Int16, 1}, fits_compare<int16_t>, run_compare_rescaled<int16_t, IsEqual>};
constexpr Kernel kEqualUInt8{
    {Op::Equal, Type::UInt8, 1}, fits_compare<uint8_t>, run_compare_rescaled<uint8_t, IsEqual>};
constexpr Kernel kEqualInt32{
    {Op::Equal, Type::Int32, 1}, fits_compare<int32_t>, run_compare<int32_t, IsEqual>};
constexpr Kernel kEqualInt64{
    {Op::Equal, Type::Int64, 1}, fits_compare<int64_t>, run_compare<int64_t, IsEqual>};
constexpr Kernel kEqualFloat{{Op::Equal, Type::Float32, 1}, fits_compare<float>, run_compare<float, IsEqual>};
constexpr Kernel kLessInt8{
    {Op::Less, Type::Int8, 1}, fits_compare<int8_t>, run_compare_rescaled<int8_t, IsLess>};
constexpr Kernel kLessInt16{
    {Op::Less, Type::Int16, 1}, fits_compare<int16_t>, run_compare_rescaled<int16_t, IsLess>};
constexpr Kernel kLessUInt8{
    {Op::Less, Type::UInt8, 1}, fits_compare<uint8_t>, run_compare_rescaled<uint8_t, IsLess>};
constexpr Kernel kLessInt32{{Op::Less, Type::Int32, 1}, fits_compare<int32_t>, run_compare<int32_t, IsLess>};
constexpr Kernel kLessInt64{{Op::Less, Type::Int64, 1}, fits_compare<int64_t>, run_compare<int64_t, IsLess>};
constexpr Kernel kLessFloat{{Op::Less, Type::Float32, 1}, fits_compare<float>, run_compare<float, IsLess>};
constexpr Kernel kLessEqualInt8{
    {Op::LessEqual, Type::Int8, 1}, fits_compare<int8_t>, run_compare_rescaled<int8_t, IsLessOrEqual>};
constexpr Kernel kLessEqualInt16{
    {Op::LessEqual, Type::Int16, 1}, fits_compare<int16_t>, run_compare_rescaled<int16_t, IsLessOrEqual>};
constexpr Kernel kLessEqualUInt8{
    {Op::LessEqual, Type::UInt8, 1}, fits_compare<uint8_t>, run_compare_rescaled<uint8_t, IsLessOrEqual>};
constexpr Kernel kLessEqualInt32{
    {Op::LessEqual, Type::Int32, 1}, fits_compare<int32_t>, run_compare<int32_t, IsLessOrEqual>};
constexpr Kernel kLessEqualInt64{
    {Op::LessEqual, Type::Int64, 1}, fits_compare<int64_t>, run_compare<int64_t, IsLessOrEqual>};
constexpr Kernel kLessEqualFloat{
    {Op::LessEqual, Type::Float32, 1}, fits_compare<float>, run_compare<float, IsLessOrEqual>};
constexpr Kernel kLogicalAnd{
    {Op::LogicalAnd, Type::Bool, 1}, fits_compare<uint8_t>, run_compare<uint8_t, AreBoth>};
constexpr Kernel kLogicalOr{
    {Op::LogicalOr, Type::Bool, 1}, fits_compare<uint8_t>, run_compare<uint8_t, IsEither>};

}  // namespace jatai
