// max_pool2d.h: MAX_POOL_2D for Cortex-M with DSP: the answers of device/kernels/max_pool2d.h, sooner.
//
//     const Kernel* const kernels[] = {&kMaxPool2dInt8CortexM, ...};      // written by the compiler
//
// Four channels at a time: SSUB8 compares four bytes, SEL takes the larger ones. Registers in the loop: the
// largest so far, four bytes of a tap, their difference. Operands: those of the reference. Where the channels
// are no multiple of four the last four are done again; fewer than four go to the reference, and so does
// everything without the DSP extension. Cost: 6 instructions for a tap of four channels, 25 for four outputs
// besides.
#pragma once

#include "device/cortex_m/dsp.h"
#include "device/kernels/max_pool2d.h"

namespace jatai {

#if JATAI_HAS_DSP

JATAI_HOT_BEGIN

// The larger one of each byte. SSUB8 leaves in GE what SEL reads: one statement.
inline uint32_t larger_bytes(uint32_t a, uint32_t b) {
    uint32_t y;
    __asm("ssub8 %0, %1, %2\n\tsel %0, %1, %2" : "=&r"(y) : "r"(a), "r"(b) : "cc");
    return y;
}

inline uint32_t smaller_bytes(uint32_t a, uint32_t b) {
    uint32_t y;
    __asm("ssub8 %0, %1, %2\n\tsel %0, %2, %1" : "=&r"(y) : "r"(a), "r"(b) : "cc");
    return y;
}

// What a fused activation leaves, for four channels.
struct FourLimits {
    uint32_t low, high;
};

// Four channels of one output: `in` is the first tap inside, `rows` and `columns` how many are.
JATAI_INLINE uint32_t largest_of(const Window& w, const int8_t* in, uint32_t rows, uint32_t columns) {
    const uint32_t row_bytes = uint32_t{w.in_w} * w.in_c;
    uint32_t largest = 0x80808080u;
    for (; rows != 0; --rows, in += row_bytes) {
        const int8_t* tap = in;
        for (uint32_t i = columns; i != 0; --i, tap += w.in_c) largest = larger_bytes(load4(tap), largest);
    }
    return largest;
}

inline void run_max_pool2d_cortex_m(const Call& call) {
    const Pool2dParams& p = call.parameters<Pool2dParams>();
    const Window& w = p.window;
    if (w.in_c < 4) return run_max_pool2d(call);
    const FourLimits limits{static_cast<uint8_t>(p.low) * 0x01010101u,
                            static_cast<uint8_t>(p.high) * 0x01010101u};
    int8_t* out = call.out<int8_t>(1);
    for (uint32_t n = 0; n < w.batches; ++n) {
        const int8_t* image = call.in<int8_t>(0) + n * w.in_h * w.in_w * w.in_c;
        for (uint32_t y = 0; y < w.out_h; ++y) {
            const Span rows = inside(first_tap(y, w.stride_h, w.pad_top), w.kernel_h, w.in_h);
            for (uint32_t x = 0; x < w.out_w; ++x, out += w.in_c) {
                const Span columns = inside(first_tap(x, w.stride_w, w.pad_left), w.kernel_w, w.in_w);
                const int8_t* in = image + (rows.begin * w.in_w + columns.begin) * w.in_c;
                for (uint32_t c = 0; c < w.in_c; c += 4) {
                    if (w.in_c - c < 4) c = w.in_c - 4u;
                    const uint32_t largest =
                        largest_of(w, in + c, rows.end - rows.begin, columns.end - columns.begin);
                    store4(out + c, smaller_bytes(larger_bytes(largest, limits.low), limits.high));
                }
            }
        }
    }
}

JATAI_HOT_END

#else

inline void run_max_pool2d_cortex_m(const Call& call) { run_max_pool2d(call); }

#endif

constexpr Kernel kMaxPool2dInt8CortexM{{Op::MaxPool2d, Type::Int8, 1}, fits_pool2d, run_max_pool2d_cortex_m};

}  // namespace jatai
