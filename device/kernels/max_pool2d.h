// max_pool2d.h: MAX_POOL_2D, int8.
//
//     out[n,y,x,c] = clamp(largest in[n,.,.,c] over the taps inside the image)
//
// Input and output share scale and zero point. Operands: 0 input NHWC int8, 1 output NHWC int8.
// Formula: docs/reference/ops.md#max_pool_2d.
#pragma once

#include "device/kernels/pool2d.h"

namespace jatai {

JATAI_HOT_BEGIN

inline void run_max_pool2d(const Call& call) {
    const Pool2dParams& p = call.parameters<Pool2dParams>();
    const Window& w = p.window;
    int8_t* out = call.out<int8_t>(1);
    for (uint32_t n = 0; n < w.batches; ++n) {
        const int8_t* image = call.in<int8_t>(0) + n * w.in_h * w.in_w * w.in_c;
        for (uint32_t y = 0; y < w.out_h; ++y) {
            const Span rows = inside(first_tap(y, w.stride_h, w.pad_top), w.kernel_h, w.in_h);
            for (uint32_t x = 0; x < w.out_w; ++x) {
                const Span columns = inside(first_tap(x, w.stride_w, w.pad_left), w.kernel_w, w.in_w);
                for (uint32_t c = 0; c < w.in_c; ++c) {
                    int32_t largest = -128;
                    for (uint32_t iy = rows.begin; iy < rows.end; ++iy) {
                        const int8_t* row = image + iy * w.in_w * w.in_c + c;
                        for (uint32_t ix = columns.begin; ix < columns.end; ++ix) {
                            largest = row[ix * w.in_c] > largest ? row[ix * w.in_c] : largest;
                        }
                    }
                    *out++ = static_cast<int8_t>(clamp(largest, p.low, p.high));
                }
            }
        }
    }
}

JATAI_HOT_END

constexpr Kernel kMaxPool2dInt8{{Op::MaxPool2d, Type::Int8, 1}, fits_pool2d, run_max_pool2d};

}  // namespace jatai
