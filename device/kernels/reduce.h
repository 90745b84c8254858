// reduce.h: MEAN, SUM, REDUCE_MAX, REDUCE_MIN, REDUCE_PROD, REDUCE_ANY, REDUCE_ALL over some dimensions.
//
//     kReduceSum    out = clamp(zero_out + rescale(sum of in - shift))          int8, uint8, int16
//                   out = (sum of in) * factor, or / divisor                    float32;  the sum for int32,
//                   int64
//     kReduceMost   out = the largest, or the smallest                          any number; of bools: any,
//     all kReduceProduct out = the product                                          float32, int32, int64
//
// Dimensions that stay and dimensions that go are joined with their neighbours of the same kind.
// Operands: 0 in, 1 out. Formula: docs/reference/ops.md#mean.
#pragma once

#include "device/hot.h"
#include "device/kernels/check.h"
#include "device/kernels/requantize.h"

namespace jatai {

constexpr uint32_t kReduceAxes = 4;

// How the elements of one output, and how the outputs, lie in the input; strides in elements.
struct Reduction {
    uint32_t kept[kReduceAxes], kept_stride[kReduceAxes];
    uint32_t gone[kReduceAxes], gone_stride[kReduceAxes];
};

struct ReduceParams {
    Reduction walk;
    int32_t multiplier, shift;  // of integers
    int32_t offset;             // what the zero points of all elements add up to, modulo 2^32
    int32_t zero_point;         // of the output
    float divisor;              // of floats
    uint8_t smallest;           // 1: the smallest, not the largest
    uint8_t reserved[3];
};
static_assert(sizeof(ReduceParams) == 88, "the layout in flash");

// The product of the extents; 0 when it is 0, or more than 32 bits can count.
inline uint64_t count_of(const uint32_t* extents) {
    uint64_t n = 1;
    for (uint32_t k = 0; k < kReduceAxes; ++k) {
        n *= extents[k];
        if (n > 0xFFFFFFFFu) return 0;
    }
    return n;
}

// The largest index that the strides lead to, or too much.
inline uint64_t reach_of(const uint32_t* extents, const uint32_t* strides) {
    uint64_t sum = 0;
    for (uint32_t k = 0; k < kReduceAxes; ++k) {
        const uint64_t reach = uint64_t{extents[k] - 1} * strides[k];
        if (reach > 0xFFFFFFFFu) return 0xFFFFFFFFu;
        sum += reach;
    }
    return sum;
}

template <typename T>
bool fits_reduce(const Claim& claim) {
    const ReduceParams* p = claim.parameters<ReduceParams>();
    if (p == nullptr) return false;
    const Reduction& w = p->walk;
    const uint64_t kept = count_of(w.kept);
    const uint64_t gone = count_of(w.gone);
    if (kept == 0 || gone == 0) return false;
    const uint64_t last = reach_of(w.kept, w.kept_stride) + reach_of(w.gone, w.gone_stride);
    return claim.operand_count >= 2 && last < claim.operand_bytes[0] / sizeof(T) &&
           kept * gone <= claim.operand_bytes[0] / sizeof(T) && fills(claim, 1, kept * sizeof(T));
}

JATAI_HOT_BEGIN

// Every element of one output, in the order they lie: `fold` takes the state so far and an element.
template <typename T, typename State, typename Fold>
JATAI_INLINE State fold_gone(const Reduction& w, const T* in, State state, Fold fold) {
    for (uint32_t i = 0; i < w.gone[0]; ++i) {
        for (uint32_t j = 0; j < w.gone[1]; ++j) {
            for (uint32_t k = 0; k < w.gone[2]; ++k) {
                const T* at = in + i * w.gone_stride[0] + j * w.gone_stride[1] + k * w.gone_stride[2];
                for (uint32_t l = 0; l < w.gone[3]; ++l) state = fold(state, at[l * w.gone_stride[3]]);
            }
        }
    }
    return state;
}

// Every output: `answer` takes the address of its first element.
template <typename T, typename Answer>
JATAI_INLINE void for_kept(const Reduction& w, const T* in, T* out, Answer answer) {
    for (uint32_t i = 0; i < w.kept[0]; ++i) {
        for (uint32_t j = 0; j < w.kept[1]; ++j) {
            for (uint32_t k = 0; k < w.kept[2]; ++k) {
                const T* at = in + i * w.kept_stride[0] + j * w.kept_stride[1] + k * w.kept_stride[2];
                for (uint32_t l = 0; l < w.kept[3]; ++l) *out++ = answer(at + l * w.kept_stride[3]);
            }
        }
    }
}

// Integers of a scale: T int8_t, uint8_t or int16_t.
template <typename T, int32_t kLow, int32_t kHigh>
void run_reduce_scaled(const Call& call) {
    const ReduceParams& p = call.parameters<ReduceParams>();
    for_kept(p.walk, call.in<T>(0), call.out<T>(1), [&p](const T* first) {
        const uint32_t sum = fold_gone(p.walk, first, 0u - static_cast<uint32_t>(p.offset),
                                       [](uint32_t s, T x) { return s + static_cast<uint32_t>(int32_t{x}); });
        const int32_t y = rescale(static_cast<int32_t>(sum), p.multiplier, p.shift);
        return static_cast<T>(clamp(add_wrapping(y, p.zero_point), kLow, kHigh));
    });
}

// T an unsigned type as wide as the integer: sums wrap.
template <typename T>
void run_reduce_sum(const Call& call) {
    const ReduceParams& p = call.parameters<ReduceParams>();
    for_kept(p.walk, call.in<T>(0), call.out<T>(1), [&p](const T* first) {
        return fold_gone(p.walk, first, T{0}, [](T s, T x) { return static_cast<T>(s + x); });
    });
}

inline void run_reduce_mean_float(const Call& call) {
    const ReduceParams& p = call.parameters<ReduceParams>();
    for_kept(p.walk, call.in<float>(0), call.out<float>(1), [&p](const float* first) {
        return fold_gone(p.walk, first, 0.0f, [](float s, float x) { return s + x; }) / p.divisor;
    });
}

// What a search begins with: of floats, as TFLite, the last finite number.
template <typename T>
JATAI_INLINE T begin_search(T first, bool) {
    return first;
}
JATAI_INLINE float begin_search(float, bool smallest) {
    constexpr float kLast = 3.402823466e38f;
    return smallest ? kLast : -kLast;
}

template <typename T>
void run_reduce_most(const Call& call) {
    const ReduceParams& p = call.parameters<ReduceParams>();
    for_kept(p.walk, call.in<T>(0), call.out<T>(1), [&p](const T* first) {
        const T start = begin_search(*first, p.smallest != 0);
        if (p.smallest) return fold_gone(p.walk, first, start, [](T s, T x) { return x < s ? x : s; });
        return fold_gone(p.walk, first, start, [](T s, T x) { return x > s ? x : s; });
    });
}

template <typename T>
void run_reduce_product(const Call& call) {
    const ReduceParams& p = call.parameters<ReduceParams>();
    for_kept(p.walk, call.in<T>(0), call.out<T>(1), [&p](const T* first) {
        return fold_gone(p.walk, first, T{1}, [](T s, T x) { return static_cast<T>(s * x); });
    });
}

JATAI_HOT_END

constexpr Kernel kReduceSumInt8{
    {Op::Mean, Type::Int8, 1}, fits_reduce<int8_t>, run_reduce_scaled<int8_t, -128, 127>};
constexpr Kernel kReduceSumUInt8{
    {Op::Mean, Type::UInt8, 1}, fits_reduce<uint8_t>, run_reduce_scaled<uint8_t, 0, 255>};
constexpr Kernel kReduceSumInt16{
    {Op::Mean, Type::Int16, 1}, fits_reduce<int16_t>, run_reduce_scaled<int16_t, -32768, 32767>};
constexpr Kernel kReduceSumInt32{{Op::Mean, Type::Int32, 1}, fits_reduce<uint32_t>, run_reduce_sum<uint32_t>};
constexpr Kernel kReduceSumInt64{{Op::Mean, Type::Int64, 1}, fits_reduce<uint64_t>, run_reduce_sum<uint64_t>};
constexpr Kernel kReduceSumFloat32{{Op::Mean, Type::Float32, 1}, fits_reduce<float>, run_reduce_mean_float};

constexpr Kernel kReduceMostInt8{
    {Op::ReduceMax, Type::Int8, 1}, fits_reduce<int8_t>, run_reduce_most<int8_t>};
constexpr Kernel kReduceMostUInt8{
    {Op::ReduceMax, Type::UInt8, 1}, fits_reduce<uint8_t>, run_reduce_most<uint8_t>};
constexpr Kernel kReduceMostInt16{
    {Op::ReduceMax, Type::Int16, 1}, fits_reduce<int16_t>, run_reduce_most<int16_t>};
constexpr Kernel kReduceMostInt32{
    {Op::ReduceMax, Type::Int32, 1}, fits_reduce<int32_t>, run_reduce_most<int32_t>};
constexpr Kernel kReduceMostInt64{
    {Op::ReduceMax, Type::Int64, 1}, fits_reduce<int64_t>, run_reduce_most<int64_t>};
constexpr Kernel kReduceMostFloat32{
    {Op::ReduceMax, Type::Float32, 1}, fits_reduce<float>, run_reduce_most<float>};

constexpr Kernel kReduceProductInt32{
    {Op::ReduceProd, Type::Int32, 1}, fits_reduce<uint32_t>, run_reduce_product<uint32_t>};
constexpr Kernel kReduceProductInt64{
    {Op::ReduceProd, Type::Int64, 1}, fits_reduce<uint64_t>, run_reduce_product<uint64_t>};
constexpr Kernel kReduceProductFloat32{
    {Op::ReduceProd, Type::Float32, 1}, fits_reduce<float>, run_reduce_product<float>};

}  // namespace jatai
