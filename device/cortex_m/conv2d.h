// conv2d.h: CONV_2D for Cortex-M with DSP: the answers of device/kernels/conv2d.h, sooner.
//
//     const Kernel* const kernels[] = {&kConv2dInt8CortexM, ...};      // written by the compiler
//
// Two output pixels at a time are collected into columns of 16-bit numbers (a 1x1 convolution reads the image
// as it lies) and multiplied with two rows of weights at a time. Operands: those of the reference, and 4
// scratch of conv2d_scratch_bytes(). Groups and windows of fewer than four numbers go to the reference
// kernel; without the DSP extension everything does.
#pragma once

#include "device/cortex_m/columns.h"
#include "device/cortex_m/scratch.h"
#include "device/kernels/conv2d.h"

namespace jatai {

inline bool fits_conv2d_cortex_m(const Claim& claim) {
    return fits_conv2d(claim) && fills(claim, 4, conv2d_scratch_bytes(*claim.parameters<Conv2dParams>()));
}

#if JATAI_HAS_DSP

JATAI_HOT_BEGIN

inline int8_t* fill_bytes(int8_t* to, int32_t value, uint32_t count) {
    for (int8_t* const end = to + count; to != end; ++to) {
        *to = static_cast<int8_t>(value);
        __asm volatile("" ::: "memory");  // a call of memset would cost more than these few bytes
    }
    return to;
}

inline int8_t* copy_bytes(int8_t* to, const int8_t* from, uint32_t count) {
    for (uint32_t words = count >> 2; words != 0; --words, from += 4, to += 4) {
        const uint32_t x = load4(from);
        __builtin_memcpy(to, &x, 4);
    }
    if (count & 2) {
        to[0] = from[0];
        to[1] = from[1];
        to += 2;
        from += 2;
    }
    if (count & 1) *to++ = *from;
    return to;
}

// Walks over output pixels, and collects the numbers each one's window covers.
struct Patches {
    const Conv2dParams& p;
    const int8_t* image;  // of the batch
    uint32_t x, y;

    Patches(const Conv2dParams& params, const int8_t* in) : p(params), image(in), x(0), y(0) {}

    void step() {
        const Window& w = p.window;
        if (++x != w.out_w) return;
        x = 0;
        if (++y != w.out_h) return;
        y = 0;
        image += uint32_t{w.in_h} * w.in_w * w.in_c;
    }

    // The first byte under the window, where that lies in the image.
    const int8_t* pixel() const {
        const Window& w = p.window;
        return image + (y * w.stride_h * w.in_w + x * w.stride_w) * w.in_c;
    }

    int8_t* collect_row(const int8_t* row, int32_t left, int8_t* to) const {
        const Window& w = p.window;
        if (w.dilation_w == 1) {  // the taps inside lie side by side
            const Span columns = inside(left, w.kernel_w, w.in_w);
            const uint32_t within = columns.end - columns.begin;
            const uint32_t before =
                within == 0 ? w.kernel_w : static_cast<uint32_t>(static_cast<int32_t>(columns.begin) - left);
            to = fill_bytes(to, p.input_zero_point, before * w.in_c);
            to = copy_bytes(to, row + columns.begin * w.in_c, within * w.in_c);
            return fill_bytes(to, p.input_zero_point, (w.kernel_w - before - within) * w.in_c);
        }
        for (uint32_t kx = 0; kx < w.kernel_w; ++kx) {
            const int32_t ix = left + static_cast<int32_t>(kx * w.dilation_w);
            to = ix >= 0 && ix < w.in_w ? copy_bytes(to, row + static_cast<uint32_t>(ix) * w.in_c, w.in_c)
                                        : fill_bytes(to, p.input_zero_point, w.in_c);
        }
        return to;
    }

    // All the window's numbers, in the order of the weights.
    void collect(int8_t* to) const {
        const Window& w = p.window;
        const int32_t left = first_tap(x, w.stride_w, w.pad_left);
        int32_t iy = first_tap(y, w.stride_h, w.pad_top);
        for (uint32_t ky = 0; ky < w.kernel_h; ++ky, iy += w.dilation_h) {
            to = iy >= 0 && iy < w.in_h
                     ? collect_row(image + static_cast<uint32_t>(iy) * w.in_w * w.in_c, left, to)
                     : fill_bytes(to, p.input_zero_point, uint32_t{w.kernel_w} * w.in_c);
        }
    }
};

// One output channel at two places. q first: where there is no second place both are the same.
JATAI_NOINLINE void finish_pair(Finish finish, const Channel& c, Range range, const int32_t* sums, int8_t* p,
                                int8_t* q) {
    if (finish == Finish::Any) {
        *q = to_int8(sums[1], c.multiplier, c.shift, range);
        *p = to_int8(sums[0], c.multiplier, c.shift, range);
        return;
    }
    const ShortScale scale(c.multiplier, c.shift, range.zero_point);
    const int32_t at_q = scale(sums[1]);
    const int32_t at_p = scale(sums[0]);
    const bool full = finish == Finish::ShortFull;
    *q = static_cast<int8_t>(full ? ssat8(at_q) : clamp(at_q, range.low, range.high));
    *p = static_cast<int8_t>(full ? ssat8(at_p) : clamp(at_p, range.low, range.high));
}

// All output channels at the two places whose columns `dot` points at.
inline void multiply_columns(const Call& call, Dot2x2 dot, int8_t* p, int8_t* q) {
    const Conv2dParams& params = call.parameters<Conv2dParams>();
    const Finish finish = finish_of(params.facts, params.range);
    const uint32_t pairs = params.window.out_c / 2u;
    const Channel* c = call.in<Channel>(2);
    dot.channel = c;
    dot.channel_end = c + 2 * pairs;
    dot.p = p;
    dot.q = q;
    if (finish == Finish::ShortFull && pairs != 0) {
        convolve_pair(&dot);
    } else {
        for (; dot.channel != dot.channel_end;
             dot.channel += 2, dot.row += 2 * dot.taps, dot.p += 2, dot.q += 2) {
            c = dot.channel;
            dot.sums[0] = dot.sums[1] = c[0].bias;
            dot.sums[2] = dot.sums[3] = c[1].bias;
            dot_2x2(dot.row, dot.row + dot.taps, &dot);
            finish_pair(finish, c[0], params.range, dot.sums, dot.p, dot.q);
            finish_pair(finish, c[1], params.range, dot.sums + 2, dot.p + 1, dot.q + 1);
        }
    }
    if (params.window.out_c % 2 == 0) return;
    dot.sums[0] = dot.sums[1] = dot.channel->bias;
    dot_2x2(dot.row, dot.row, &dot);
    finish_pair(finish, *dot.channel, params.range, dot.sums, dot.p, dot.q);
}

inline void run_conv2d_cortex_m(const Call& call) {
    const Conv2dParams& params = call.parameters<Conv2dParams>();
    const Window& w = params.window;
    const uint32_t taps = uint32_t{w.kernel_h} * w.kernel_w * w.in_c;
    if (w.groups != 1 || taps < 4) return run_conv2d(call);
    const bool one_pixel = w.kernel_h == 1 && w.kernel_w == 1 && w.pad_top == 0 && w.pad_left == 0 &&
                           (w.out_h - 1u) * w.stride_h < w.in_h && (w.out_w - 1u) * w.stride_w < w.in_w;
    uint32_t* columns = call.out<uint32_t>(4);
    int8_t* bytes = reinterpret_cast<int8_t*>(columns + round_up4(taps));
    Dot2x2 dot{};
    dot.row = call.in<int8_t>(1);
    dot.taps = taps;
    dot.columns = columns;
    dot.columns_end = columns + (taps & ~3u);
    dot.nudge = 2 * params.range.zero_point + 1;
    dot.tail_shift = (taps & 3) == 0 ? 0 : 8 * (4 - (taps & 3));
    Patches patches(params, call.in<int8_t>(0));
    int8_t* out = call.out<int8_t>(3);
    for (uint32_t left = uint32_t{w.batches} * w.out_h * w.out_w; left != 0;) {
        const uint32_t pair = left == 1 ? 1 : 2;
        for (uint32_t i = 0; i < pair; ++i) {
            if (!one_pixel) patches.collect(bytes);
            widen(one_pixel ? patches.pixel() : bytes, taps, columns + i);
            patches.step();
        }
        multiply_columns(call, dot, out, pair == 2 ? out + w.out_c : out);
        out += pair * w.out_c;
        left -= pair;
    }
}

JATAI_HOT_END

constexpr Kernel kConv2dInt8CortexM{{Op::Conv2d, Type::Int8, 1}, fits_conv2d_cortex_m, run_conv2d_cortex_m};

#else

constexpr Kernel kConv2dInt8CortexM{{Op::Conv2d, Type::Int8, 1}, fits_conv2d_cortex_m, run_conv2d};

#endif

}  // namespace jatai
