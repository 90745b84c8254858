// average_pool2d.h: AVERAGE_POOL_2D, int8.
//
//     out[n,y,x,c] = clamp(mean of in[n,.,.,c] over the taps inside the image)      halves away from zero
//
// Input and output share scale and zero point. Operands: 0 input NHWC int8, 1 output NHWC int8.
// Formula: docs/reference/ops.md#average_pool_2d.
#pragma once

#include "device/kernels/pool2d.h"

namespace jatai {

JATAI_HOT_BEGIN

// sum / count to the nearest; a count of 0 gives 0.
inline int32_t mean_of(int32_t sum, int32_t count) {
    if (count <= 0) return 0;
    return sum > 0 ? (sum + count / 2) / count : (sum - count / 2) / count;
}

inline void run_average_pool2d(const Call& call) {
    const Pool2dParams& p = call.parameters<Pool2dParams>();
    const Window& w = p.window;
    int8_t* out = call.out<int8_t>(1);
    for (uint32_t n = 0; n < w.batches; ++n) {
        const int8_t* image = call.in<int8_t>(0) + n * w.in_h * w.in_w * w.in_c;
        for (uint32_t y = 0; y < w.out_h; ++y) {
            const Span rows = inside(first_tap(y, w.stride_h, w.pad_top), w.kernel_h, w.in_h);
            for (uint32_t x = 0; x < w.out_w; ++x) {
                const Span columns = inside(first_tap(x, w.stride_w, w.pad_left), w.kernel_w, w.in_w);
                const uint32_t count = (rows.end - rows.begin) * (columns.end - columns.begin);
                for (uint32_t c = 0; c < w.in_c; ++c) {
                    uint32_t sum = 0;
                    for (uint32_t iy = rows.begin; iy < rows.end; ++iy) {
                        const int8_t* row = image + iy * w.in_w * w.in_c + c;
                        for (uint32_t ix = columns.begin; ix < columns.end; ++ix)
                            sum += static_cast<uint32_t>(row[ix * w.in_c]);
                    }
                    const int32_t mean = mean_of(static_cast<int32_t>(sum), static_cast<int32_t>(count));
                    *out++ = static_cast<int8_t>(clamp(mean, p.low, p.high));
                }
            }
        }
    }
}

JATAI_HOT_END

constexpr Kernel kAveragePool2dInt8{{Op::AveragePool2d, Type::Int8, 1}, fits_pool2d, run_average_pool2d};

}  // namespace jatai
