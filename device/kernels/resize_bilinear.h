// resize_bilinear.h: RESIZE_BILINEAR: an image of another size, each pixel from four.
//
//     out[y,x,c] = (1-v)(1-u) in[y0,x0,c] + v(1-u) in[y1,x0,c] + (1-v)u in[y0,x1,c] + vu in[y1,x1,c]
//
// y0 and y1 are the rows around y * scale, v how far it lies between them; x likewise. int8: scale, v and u
// in 1/1024, the sum rounded to the nearest, halves away from zero. float32 and uint8: in single precision.
// Operands: 0 in NHWC, 1 out NHWC. Formula: docs/reference/ops.md#resize_bilinear.
#pragma once

#include "device/hot.h"
#include "device/kernels/check.h"

namespace jatai {

struct ResizeParams {
    uint16_t batches, channels;
    uint16_t in_h, in_w, out_h, out_w;
    uint32_t half_pixels;      // 1: pixels are squares, counted from their middle
    int32_t scale_h, scale_w;  // of int8: in / out in 1/1024
    float real_h, real_w;      // of float32 and uint8
};
static_assert(sizeof(ResizeParams) == 32, "the layout in flash");

template <typename T>
bool fits_resize(const Claim& claim) {
    const ResizeParams* p = claim.parameters<ResizeParams>();
    if (p == nullptr || !none_zero(p->batches, p->in_h, p->in_w, p->out_h, p->out_w, p->channels))
        return false;
    const uint64_t in = uint64_t{p->in_h} * p->in_w;  // products of 16 bits: at most 2^64 in all
    const uint64_t out = uint64_t{p->out_h} * p->out_w;
    const uint64_t depth = uint64_t{p->batches} * p->channels;
    if (in * depth > 0xFFFFFFFFu || out * depth > 0xFFFFFFFFu) return false;
    return holds(claim, 0, in * depth * sizeof(T)) && fills(claim, 1, out * depth * sizeof(T));
}

// Two neighbours and how far between them; the second's share is `share`, in 1/1024 or as it is.
template <typename Share>
struct Between {
    uint32_t low, high;
    Share share;
};

JATAI_HOT_BEGIN

inline int32_t held_index(int32_t i, uint32_t extent) {
    if (i < 0) return 0;
    return static_cast<uint32_t>(i) < extent ? i : static_cast<int32_t>(extent) - 1;
}

inline Between<int32_t> between(uint32_t i, int32_t scale, bool half, uint32_t extent) {
    uint32_t product = i * static_cast<uint32_t>(scale);
    if (half) product += static_cast<uint32_t>(scale / 2) - 512u;
    const int32_t at = static_cast<int32_t>(product);
    const int32_t low = held_index(at / 1024, extent);
    const int32_t high = held_index((at + 1023) / 1024, extent);
    return {static_cast<uint32_t>(low), static_cast<uint32_t>(high), at - 1024 * low};
}

// Rounded down. Any argument is safe.
inline int32_t whole_below(float x) {
    if (!(x > -1e9f && x < 1e9f)) return 0;
    const int32_t whole = static_cast<int32_t>(x);
    return static_cast<float>(whole) > x ? whole - 1 : whole;
}

inline Between<float> between(uint32_t i, float scale, bool half, uint32_t extent) {
    const float at = half ? (static_cast<float>(i) + 0.5f) * scale - 0.5f : static_cast<float>(i) * scale;
    const int32_t below = whole_below(at);
    const int32_t above = static_cast<float>(below) < at ? below + 1 : below;
    const int32_t low = held_index(below, extent);
    return {static_cast<uint32_t>(low), static_cast<uint32_t>(held_index(above, extent)),
            at - static_cast<float>(low)};
}

// Four neighbours of one channel. Sums of int8 stay below 2^31 for every share that verify() allows.
inline int8_t blend(int8_t a, int8_t b, int8_t c, int8_t d, int32_t v, int32_t u) {
    const auto times = [](int32_t x, int32_t y, int32_t z) {
        return static_cast<uint32_t>(x) * static_cast<uint32_t>(y) * static_cast<uint32_t>(z);
    };
    const int32_t sum = static_cast<int32_t>(times(a, 1024 - v, 1024 - u) + times(b, v, 1024 - u) +
                                             times(c, 1024 - v, u) + times(d, v, u));
    return static_cast<int8_t>((int64_t{sum} + (sum > 0 ? 1 << 19 : -(1 << 19))) / (1 << 20));
}
inline float blend(float a, float b, float c, float d, float v, float u) {
    return a * (1 - v) * (1 - u) + b * v * (1 - u) + c * (1 - v) * u + d * v * u;
}
inline uint8_t blend(uint8_t a, uint8_t b, uint8_t c, uint8_t d, float v, float u) {
    const float sum = blend(static_cast<float>(a), static_cast<float>(b), static_cast<float>(c),
                            static_cast<float>(d), v, u) +
                      0.5f;
    return static_cast<uint8_t>(held_index(whole_below(sum), 256));
}

inline int32_t scale_h(const ResizeParams& p, int8_t) { return p.scale_h; }
inline int32_t scale_w(const ResizeParams& p, int8_t) { return p.scale_w; }
inline float scale_h(const ResizeParams& p, float) { return p.real_h; }
inline float scale_w(const ResizeParams& p, float) { return p.real_w; }

// Number: int8_t asks for the scales in 1/1024, float for the real ones.
template <typename T, typename Number>
void run_resize(const Call& call) {
    const ResizeParams& p = call.parameters<ResizeParams>();
    const uint32_t row = uint32_t{p.in_w} * p.channels;
    T* out = call.out<T>(1);
    for (uint32_t n = 0; n < p.batches; ++n) {
        const T* image = call.in<T>(0) + n * p.in_h * row;
        for (uint32_t y = 0; y < p.out_h; ++y) {
            const auto rows = between(y, scale_h(p, Number()), p.half_pixels != 0, p.in_h);
            for (uint32_t x = 0; x < p.out_w; ++x) {
                const auto columns = between(x, scale_w(p, Number()), p.half_pixels != 0, p.in_w);
                const T* left = image + columns.low * p.channels;
                const T* right = image + columns.high * p.channels;
                for (uint32_t c = 0; c < p.channels; ++c) {
                    *out++ =
                        blend(left[rows.low * row + c], left[rows.high * row + c], right[rows.low * row + c],
                              right[rows.high * row + c], rows.share, columns.share);
                }
            }
        }
    }
}

JATAI_HOT_END

constexpr Kernel kResizeBilinearInt8{
    {Op::ResizeBilinear, Type::Int8, 1}, fits_resize<int8_t>, run_resize<int8_t, int8_t>};
constexpr Kernel kResizeBilinearUInt8{
    {Op::ResizeBilinear, Type::UInt8, 1}, fits_resize<uint8_t>, run_resize<uint8_t, float>};
constexpr Kernel kResizeBilinearFloat32{
    {Op::ResizeBilinear, Type::Float32, 1}, fits_resize<float>, run_resize<float, float>};

}  // namespace jatai
