// window.h: how a window slides over an NHWC tensor; shared by convolutions and pools.
//
//     for (uint32_t y = 0; y < w.out_h; ++y) {
//         const int32_t top = first_tap(y, w.stride_h, w.pad_top);        // may lie above the image
//
// Legend: h height, w width, c channels, k kernel; y x an output position, ky kx a tap of the kernel.
#pragma once

#include "device/kernels/check.h"
#include "device/kernels/requantize.h"

namespace jatai {

struct Window {
    uint16_t batches;
    uint16_t in_h, in_w, in_c;
    uint16_t out_h, out_w, out_c;
    uint16_t kernel_h, kernel_w;
    uint16_t stride_h, stride_w;
    uint16_t dilation_h, dilation_w;
    uint16_t pad_top, pad_left;
    uint16_t groups;  // a convolution's input channels are split into so many groups; else 1
};
static_assert(sizeof(Window) == 32, "the layout in flash");

// Facts the compiler proved about a layer, which let a fast kernel take a short cut. A reference kernel never
// reads them; where one is wrong, the answer is wrong and nothing else.
enum : uint8_t {
    kShortRequantise = 1,  // every |sum| < 2^30 and every shift in -22..-1
};

// Parameters of CONV_2D and DEPTHWISE_CONV_2D.
struct ConvParams {
    Window window;
    int8_t input_zero_point;  // what a tap outside the image reads
    Range range;
    uint8_t facts;
    int8_t weight_zero_point;  // only of kernels that say so
    uint8_t reserved[2];
};
static_assert(sizeof(ConvParams) == 40, "the layout in flash");

// Row or column of the first tap of output `i`.
inline int32_t first_tap(uint32_t i, uint32_t stride, uint32_t pad) {
    return static_cast<int32_t>(i * stride) - static_cast<int32_t>(pad);
}

struct Span {
    uint32_t begin, end;
};

// The taps first .. first + kernel - 1 that lie in 0 .. size - 1. Empty when there are none.
inline Span inside(int32_t first, uint32_t kernel, uint32_t size) {
    const int32_t last = first + static_cast<int32_t>(kernel);
    const uint32_t begin = first < 0 ? 0u : static_cast<uint32_t>(first);
    const uint32_t end =
        last < 0 ? 0u : (static_cast<uint32_t>(last) > size ? size : static_cast<uint32_t>(last));
    return {begin < end ? begin : end, end};
}

inline uint64_t input_bytes(const Window& w) { return uint64_t{w.batches} * w.in_h * w.in_w * w.in_c; }
inline uint64_t output_bytes(const Window& w) { return uint64_t{w.batches} * w.out_h * w.out_w * w.out_c; }

// No extent is 0, and no position of a tap can leave 31 bits.
JATAI_NOINLINE bool window_fits(const Window& w) {
    constexpr uint64_t kFar = 0x3FFFFFFF;
    return w.batches != 0 && w.in_h != 0 && w.in_w != 0 && w.in_c != 0 && w.out_h != 0 && w.out_w != 0 &&
           w.out_c != 0 && w.kernel_h != 0 && w.kernel_w != 0 &&
           uint64_t{w.out_h} * w.stride_h + uint64_t{w.kernel_h} * w.dilation_h <= kFar &&
           uint64_t{w.out_w} * w.stride_w + uint64_t{w.kernel_w} * w.dilation_w <= kFar;
}

}  // namespace jatai
