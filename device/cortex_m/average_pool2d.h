// average_pool2d.h: AVERAGE_POOL_2D for Cortex-M with DSP: the answers of device/kernels/average_pool2d.h,
// sooner.
//
//     const Kernel* const kernels[] = {&kAveragePool2dInt8CortexM, ...};      // written by the compiler
//
// Four channels at a time: one load and two SXTAB16 per tap, in 16-bit lanes that are emptied every 255 taps.
// Registers in the loop: the tap, bytes from one to the next, taps left; four bytes; lanes of channels 0 and
// 2, of 1 and 3. Operands: those of the reference. Channels beyond a multiple of four are summed one by one;
// without the DSP extension the reference does everything. Cost: 6 instructions for a tap of four channels,
// 20 an output besides, most for its division.
#pragma once

#include "device/cortex_m/dsp.h"
#include "device/kernels/average_pool2d.h"

namespace jatai {

#if JATAI_HAS_DSP

JATAI_HOT_BEGIN

// The sums of four channels over many taps. 255 bytes of -128 still fit a 16-bit lane.
struct LaneSums {
    int32_t sums[4];
    uint32_t even, odd;
    uint32_t room;

    void empty() {
        sums[0] += static_cast<int16_t>(even);
        sums[1] += static_cast<int16_t>(odd);
        sums[2] += static_cast<int32_t>(even) >> 16;
        sums[3] += static_cast<int32_t>(odd) >> 16;
        even = odd = 0;
        room = 255;
    }
};

// Each lane is a number of its own: SXTAB16 lets no carry pass from one to the other.
inline void sum_taps(const int8_t* in, uint32_t step, uint32_t count, LaneSums* lanes) {
    while (count != 0) {
        const uint32_t now = count < lanes->room ? count : lanes->room;
        uint32_t even = lanes->even;
        uint32_t odd = lanes->odd;
        for (uint32_t i = now; i != 0; --i, in += step) {
            const uint32_t x = load4(in);
            even = sxtab16(even, x);
            odd = sxtab16_odd(odd, x);
        }
        lanes->even = even;
        lanes->odd = odd;
        lanes->room -= now;
        count -= now;
        if (lanes->room == 0) lanes->empty();
    }
}

// All channels of one output: `in` is the first tap inside, `rows` and `columns` how many are.
inline void average_window(const Pool2dParams& p, const int8_t* in, uint32_t rows, uint32_t columns,
                           int8_t* out) {
    const Window& w = p.window;
    const int32_t count = static_cast<int32_t>(rows * columns);
    uint32_t c = 0;
    for (; c + 4 <= w.in_c; c += 4) {
        LaneSums lanes{{0, 0, 0, 0}, 0, 0, 255};
        for (uint32_t ky = 0; ky < rows; ++ky)
            sum_taps(in + c + ky * w.in_w * w.in_c, w.in_c, columns, &lanes);
        lanes.empty();
        for (uint32_t i = 0; i < 4; ++i)
            out[c + i] = static_cast<int8_t>(clamp(mean_of(lanes.sums[i], count), p.low, p.high));
    }
    for (; c < w.in_c; ++c) {
        uint32_t sum = 0;
        for (uint32_t ky = 0; ky < rows; ++ky) {
            for (uint32_t kx = 0; kx < columns; ++kx)
                sum += static_cast<uint32_t>(in[(ky * w.in_w + kx) * w.in_c + c]);
        }
        out[c] = static_cast<int8_t>(clamp(mean_of(static_cast<int32_t>(sum), count), p.low, p.high));
    }
}

inline void run_average_pool2d_cortex_m(const Call& call) {
    const Pool2dParams& p = call.parameters<Pool2dParams>();
    const Window& w = p.window;
    int8_t* out = call.out<int8_t>(1);
    for (uint32_t n = 0; n < w.batches; ++n) {
        const int8_t* image = call.in<int8_t>(0) + n * w.in_h * w.in_w * w.in_c;
        for (uint32_t y = 0; y < w.out_h; ++y) {
            const Span rows = inside(first_tap(y, w.stride_h, w.pad_top), w.kernel_h, w.in_h);
            for (uint32_t x = 0; x < w.out_w; ++x, out += w.in_c) {
                const Span columns = inside(first_tap(x, w.stride_w, w.pad_left), w.kernel_w, w.in_w);
                average_window(p, image + (rows.begin * w.in_w + columns.begin) * w.in_c,
                               rows.end - rows.begin, columns.end - columns.begin, out);
            }
        }
    }
}

JATAI_HOT_END

#else

inline void run_average_pool2d_cortex_m(const Call& call) { run_average_pool2d(call); }

#endif

constexpr Kernel kAveragePool2dInt8CortexM{
    {Op::AveragePool2d, Type::Int8, 1}, fits_pool2d, run_average_pool2d_cortex_m};

}  // namespace jatai
