// add_n.h: ADD_N: several tensors of one shape and scale, added; CUMSUM: running sums along one dimension.
//
//     out = clamp(zero_out + rescale(half(-zero_in) + sum of half(in - zero_in)))      int8
//     out = sum of in                                                                  float32, int32
//
// half(x) = x * 2^19: TFLite Micro scales by 2^20, then by 1/2. It begins both sums not at 0 but at half of
// -zero_in; so do these.
// Operands of kAddN: 0 .. inputs-1 in, then out. Of kCumSum: 0 in, 1 out. Formula:
// docs/reference/ops.md#add_n.
#pragma once

#include "device/hot.h"
#include "device/kernels/check.h"
#include "device/kernels/requantize.h"

namespace jatai {

constexpr uint32_t kSumShift = 19;

struct SumScale {
    int32_t multiplier, shift;
    int8_t zero_point_in;
    Range range;
};
static_assert(sizeof(SumScale) == 12, "the layout in flash");

struct AddNParams {
    SumScale scale;  // of int8
    uint32_t inputs;
    uint32_t elements;
};
static_assert(sizeof(AddNParams) == 20, "the layout in flash");

struct CumSumParams {
    SumScale scale;  // of int8
    uint32_t outer, extent, inner;
    uint8_t exclusive;  // 1: without the element itself
    uint8_t reverse;    // 1: from the end
    uint8_t reserved[2];
};
static_assert(sizeof(CumSumParams) == 28, "the layout in flash");

template <typename T>
bool fits_add_n(const Claim& claim) {
    const AddNParams* p = claim.parameters<AddNParams>();
    if (p == nullptr || p->inputs == 0 || p->inputs >= kMaxOperands || claim.operand_count <= p->inputs) {
        return false;
    }
    const uint64_t bytes = uint64_t{p->elements} * sizeof(T);
    for (uint32_t i = 0; i < p->inputs; ++i) {
        if (!holds(claim, i, bytes)) return false;
    }
    return fills(claim, p->inputs, bytes);
}

template <typename T>
bool fits_cum_sum(const Claim& claim) {
    const CumSumParams* p = claim.parameters<CumSumParams>();
    if (p == nullptr || !none_zero(p->outer, p->inner, p->extent)) return false;
    const uint64_t rows = uint64_t{p->outer} * p->inner;
    if (rows > 0xFFFFFFFFu || rows * p->extent > 0xFFFFFFFFu) return false;
    const uint64_t bytes = rows * p->extent * sizeof(T);
    return holds(claim, 0, bytes) && fills(claim, 1, bytes);
}

JATAI_HOT_BEGIN

// How a sum begins, what an element adds to it, and how it ends: by type.
struct Int8Sum {
    const SumScale& scale;
    using Sum = int32_t;
    static int32_t term(int32_t x) { return shift_left(x, kSumShift); }
    int32_t begin() const { return term(-scale.zero_point_in); }
    int32_t add(int32_t sum, int8_t x) const { return add_wrapping(sum, term(x - scale.zero_point_in)); }
    int8_t end(int32_t sum) const { return to_int8(sum, scale.multiplier, scale.shift, scale.range); }
};
template <typename T>
struct PlainSum {
    const SumScale& scale;
    using Sum = T;
    T begin() const { return 0; }
    T add(T sum, T x) const { return sum + x; }
    T end(T sum) const { return sum; }
};

template <typename T, typename How>
void run_add_n(const Call& call) {
    const AddNParams& p = call.parameters<AddNParams>();
    const How how{p.scale};
    T* out = call.out<T>(p.inputs);
    for (uint32_t i = 0; i < p.elements; ++i) {
        typename How::Sum sum = how.begin();
        for (uint32_t k = 0; k < p.inputs; ++k) sum = how.add(sum, call.in<T>(k)[i]);
        out[i] = how.end(sum);
    }
}

template <typename T, typename How>
void run_cum_sum(const Call& call) {
    const CumSumParams& p = call.parameters<CumSumParams>();
    const How how{p.scale};
    for (uint32_t o = 0; o < p.outer; ++o) {
        for (uint32_t i = 0; i < p.inner; ++i) {
            const uint32_t first = o * p.extent * p.inner + i;
            typename How::Sum sum = how.begin();
            for (uint32_t k = 0; k < p.extent; ++k) {
                const uint32_t at = first + (p.reverse ? p.extent - 1 - k : k) * p.inner;
                const typename How::Sum with = how.add(sum, call.in<T>(0)[at]);
                call.out<T>(1)[at] = how.end(p.exclusive ? sum : with);
                sum = with;
            }
        }
    }
}

JATAI_HOT_END

constexpr Kernel kAddNInt8{{Op::AddN, Type::Int8, 1}, fits_add_n<int8_t>, run_add_n<int8_t, Int8Sum>};
constexpr Kernel kAddNInt32{
    {Op::AddN, Type::Int32, 1}, fits_add_n<uint32_t>, run_add_n<uint32_t, PlainSum<uint32_t>>};
constexpr Kernel kAddNFloat32{
    {Op::AddN, Type::Float32, 1}, fits_add_n<float>, run_add_n<float, PlainSum<float>>};
constexpr Kernel kCumSumInt8{{Op::CumSum, Type::Int8, 1}, fits_cum_sum<int8_t>, run_cum_sum<int8_t, Int8Sum>};
constexpr Kernel kCumSumInt32{
    {Op::CumSum, Type::Int32, 1}, fits_cum_sum<uint32_t>, run_cum_sum<uint32_t, PlainSum<uint32_t>>};
constexpr Kernel kCumSumFloat32{
    {Op::CumSum, Type::Float32, 1}, fits_cum_sum<float>, run_cum_sum<float, PlainSum<float>>};

}  // namespace jatai
