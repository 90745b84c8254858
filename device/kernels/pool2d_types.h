// pool2d_types.h: AVERAGE_POOL_2D and MAX_POOL_2D of float32, int16 and uint8, L2_POOL_2D of float32.
//
//     out[n,y,x,c] = clamp(mean, or largest, of in[n,.,.,c] over the taps inside the image)
//
// A mean of int16 is rounded halves away from zero, of uint8 halves up; a float32 mean is the sum over the
// taps, row by row, divided once. Operands: 0 input NHWC, 1 output NHWC.
// Formula: docs/reference/ops.md#average_pool_2d.
#pragma once

#include "device/kernels/average_pool2d.h"
#include "device/kernels/real_functions.h"

namespace jatai {

struct PoolTypesParams {
    Window window;                  // dilation, groups: not used
    float low, high;                // float32
    int32_t whole_low, whole_high;  // int16, uint8
};
static_assert(sizeof(PoolTypesParams) == 48, "the layout in flash");

template <typename T>
bool fits_pool_types(const Claim& claim) {
    const PoolTypesParams* p = claim.parameters<PoolTypesParams>();
    return p != nullptr && window_fits(p->window) && p->window.in_c == p->window.out_c &&
           holds(claim, 0, input_bytes(p->window) * sizeof(T)) &&
           fills(claim, 1, output_bytes(p->window) * sizeof(T));
}

JATAI_HOT_BEGIN

inline float hold_pooled(float x, const PoolTypesParams& p) {
    return x < p.low ? p.low : (x > p.high ? p.high : x);
}
inline int16_t hold_pooled(int16_t x, const PoolTypesParams& p) {
    return static_cast<int16_t>(clamp(x, p.whole_low, p.whole_high));
}
inline uint8_t hold_pooled(uint8_t x, const PoolTypesParams& p) {
    return static_cast<uint8_t>(clamp(x, p.whole_low, p.whole_high));
}

struct MeanFloat {
    using Value = float;
    float sum = 0.0f;
    void take(float x) { sum += x; }
    float answer(uint32_t count) const { return count == 0 ? 0.0f : sum / static_cast<float>(count); }
};

// The root of the mean of the squares: L2_POOL_2D.
struct RootMeanSquare {
    using Value = float;
    float sum = 0.0f;
    void take(float x) { sum += x * x; }
    float answer(uint32_t count) const {
        return count == 0 ? 0.0f : real_sqrt(sum / static_cast<float>(count));
    }
};

template <typename T>
struct MeanWhole {
    using Value = T;
    uint32_t sum = 0;
    void take(T x) { sum += static_cast<uint32_t>(static_cast<int32_t>(x)); }
    T answer(uint32_t count) const {
        return static_cast<T>(mean_of(static_cast<int32_t>(sum), static_cast<int32_t>(count)));
    }
};

// Begins at the lowest of its type.
template <typename T, bool Signed, bool Real>
struct Largest {
    using Value = T;
    T value = Real ? static_cast<T>(-3.402823466e38f) : (Signed ? static_cast<T>(-32768) : static_cast<T>(0));
    void take(T x) { value = x > value ? x : value; }
    T answer(uint32_t) const { return value; }
};

// One output: Gather takes every tap inside the image.
template <typename Gather>
typename Gather::Value pool_one(const typename Gather::Value* channel, const Window& w, Span rows,
                                Span columns) {
    Gather gather;
    for (uint32_t iy = rows.begin; iy < rows.end; ++iy) {
        const typename Gather::Value* row = channel + iy * w.in_w * w.in_c;
        for (uint32_t ix = columns.begin; ix < columns.end; ++ix) gather.take(row[ix * w.in_c]);
    }
    return gather.answer((rows.end - rows.begin) * (columns.end - columns.begin));
}

template <typename Gather>
void run_pool_types(const Call& call) {
    using T = typename Gather::Value;
    const PoolTypesParams& p = call.parameters<PoolTypesParams>();
    const Window& w = p.window;
    T* out = call.out<T>(1);
    for (uint32_t n = 0; n < w.batches; ++n) {
        const T* image = call.in<T>(0) + n * w.in_h * w.in_w * w.in_c;
        for (uint32_t y = 0; y < w.out_h; ++y) {
            const Span rows = inside(first_tap(y, w.stride_h, w.pad_top), w.kernel_h, w.in_h);
            for (uint32_t x = 0; x < w.out_w; ++x) {
                const Span columns = inside(first_tap(x, w.stride_w, w.pad_left), w.kernel_w, w.in_w);
                for (uint32_t c = 0; c < w.in_c; ++c)
                    *out++ = hold_pooled(pool_one<Gather>(image + c, w, rows, columns), p);
            }
        }
    }
}

JATAI_HOT_END

constexpr Kernel kAveragePool2dFloat{
    {Op::AveragePool2d, Type::Float32, 1}, fits_pool_types<float>, run_pool_types<MeanFloat>};
constexpr Kernel kL2Pool2dFloat{
    {Op::L2Pool2d, Type::Float32, 1}, fits_pool_types<float>, run_pool_types<RootMeanSquare>};
constexpr Kernel kAveragePool2dInt16{
    {Op::AveragePool2d, Type::Int16, 1}, fits_pool_types<int16_t>, run_pool_types<MeanWhole<int16_t>>};
constexpr Kernel kAveragePool2dUInt8{
    {Op::AveragePool2d, Type::UInt8, 1}, fits_pool_types<uint8_t>, run_pool_types<MeanWhole<uint8_t>>};
constexpr Kernel kMaxPool2dFloat{
    {Op::MaxPool2d, Type::Float32, 1}, fits_pool_types<float>, run_pool_types<Largest<float, true, true>>};
constexpr Kernel kMaxPool2dInt16{
    {Op::MaxPool2d, Type::Int16, 1}, fits_pool_types<int16_t>, run_pool_types<Largest<int16_t, true, false>>};
constexpr Kernel kMaxPool2dUInt8{{Op::MaxPool2d, Type::UInt8, 1},
                                 fits_pool_types<uint8_t>,
                                 run_pool_types<Largest<uint8_t, false, false>>};

}  // namespace jatai
