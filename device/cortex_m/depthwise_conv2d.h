// depthwise_conv2d.h: DEPTHWISE_CONV_2D for Cortex-M with DSP: the answers of
// device/kernels/depthwise_conv2d.h, sooner.
//
//     const Kernel* const kernels[] = {&kDepthwiseConv2dInt8CortexM, ...};      // written by the compiler
//
// Four channels at a time: their weights are widened to 16 bits once, then every output pixel takes one load
// of four pixels' bytes and four SMLAxy per tap. With a depth multiplier that is a multiple of four, the four
// channels share one input channel. Operands: those of the reference, and 4 scratch of
// depthwise_conv2d_scratch_bytes(). Channels beyond a multiple of four, and other multipliers, go to the
// reference; without the DSP extension everything does.
#pragma once

#include "device/cortex_m/dsp.h"
#include "device/cortex_m/scratch.h"
#include "device/kernels/depthwise_conv2d.h"

namespace jatai {

inline bool fits_depthwise_conv2d_cortex_m(const Claim& claim) {
    return fits_depthwise_conv2d(claim) &&
           fills(claim, 4, depthwise_conv2d_scratch_bytes(*claim.parameters<DepthwiseConv2dParams>()));
}

#if JATAI_HAS_DSP

JATAI_HOT_BEGIN

// The sums of four channels while a window is read.
struct FourSums {
    int32_t a, b, c, d;

    // Lanes of x: channels 0 and 2 in `even`, 1 and 3 in `odd`; weights likewise.
    __attribute__((always_inline)) void add(uint32_t even, uint32_t odd, const uint32_t* weights) {
        a = smlabb(even, weights[0], a);
        c = smlatt(even, weights[0], c);
        b = smlabb(odd, weights[1], b);
        d = smlatt(odd, weights[1], d);
    }
};

// Reads the input of four channels: side by side (kShared false), or one that all four share.
template <bool kShared>
struct FourInputs {
    __attribute__((always_inline)) static void add(const int8_t* in, const uint32_t* weights,
                                                   FourSums* sums) {
        if (kShared) {
            const uint32_t x = static_cast<uint32_t>(*in);  // bottom lane
            sums->a = smlabb(x, weights[0], sums->a);
            sums->c = smlabt(x, weights[0], sums->c);
            sums->b = smlabb(x, weights[1], sums->b);
            sums->d = smlabt(x, weights[1], sums->d);
        } else {
            const uint32_t x = load4(in);
            sums->add(sxtb16(x), sxtb16_odd(x), weights);
        }
    }
};

// What stays the same for the four channels of one pass over the image.
struct FourChannels {
    const Channel* channels;
    const uint32_t* weights;  // two words a tap
    uint32_t outside;         // the input's zero point in both lanes
    Finish finish;
    ShortScale scales[4];
};

inline int8_t finish_one(const FourChannels& four, uint32_t i, Range range, int32_t sum) {
    if (four.finish == Finish::Any)
        return to_int8(sum, four.channels[i].multiplier, four.channels[i].shift, range);
    const int32_t y = four.scales[i](sum);
    return static_cast<int8_t>(four.finish == Finish::ShortFull ? ssat8(y) : clamp(y, range.low, range.high));
}

inline void finish_four(const FourChannels& four, Range range, const FourSums& sums, int8_t* out) {
    if (four.finish == Finish::ShortFull) {
        out[0] = static_cast<int8_t>(ssat8(four.scales[0](sums.a)));
        out[1] = static_cast<int8_t>(ssat8(four.scales[1](sums.b)));
        out[2] = static_cast<int8_t>(ssat8(four.scales[2](sums.c)));
        out[3] = static_cast<int8_t>(ssat8(four.scales[3](sums.d)));
        return;
    }
    out[0] = finish_one(four, 0, range, sums.a);
    out[1] = finish_one(four, 1, range, sums.b);
    out[2] = finish_one(four, 2, range, sums.c);
    out[3] = finish_one(four, 3, range, sums.d);
}

// `count` taps of a row, all outside the image.
inline const uint32_t* add_outside(uint32_t outside, const uint32_t* weights, uint32_t count,
                                   FourSums* sums) {
    for (; count != 0; --count, weights += 2) sums->add(outside, outside, weights);
    return weights;
}

// `count` taps of a row, all inside the image, `step` bytes apart.
template <bool kShared>
inline const uint32_t* add_inside(const int8_t* in, uint32_t step, const uint32_t* weights, uint32_t count,
                                  FourSums* sums) {
    for (; count >= 3; count -= 3, weights += 6, in += 3 * step) {
        FourInputs<kShared>::add(in, weights, sums);
        FourInputs<kShared>::add(in + step, weights + 2, sums);
        FourInputs<kShared>::add(in + 2 * step, weights + 4, sums);
    }
    for (; count != 0; --count, weights += 2, in += step) FourInputs<kShared>::add(in, weights, sums);
    return weights;
}

// The taps of one axis before, within and behind the image.
struct Taps3 {
    uint32_t before, within, behind;
    int32_t first;  // position of the first one within
};

inline Taps3 split_taps(int32_t first, uint32_t kernel, uint32_t dilation, int32_t size) {
    Taps3 taps{0, 0, 0, first};
    while (taps.before < kernel && taps.first < 0) {
        ++taps.before;
        taps.first += static_cast<int32_t>(dilation);
    }
    for (int32_t at = taps.first; taps.before + taps.within < kernel && at < size;
         at += static_cast<int32_t>(dilation)) {
        ++taps.within;
    }
    taps.behind = kernel - taps.before - taps.within;
    return taps;
}

// One pass over the image of one batch: four channels of every output pixel.
template <bool kShared>
inline void pass_four(const DepthwiseConv2dParams& p, const FourChannels& four, const int8_t* image,
                      int8_t* out) {
    const Window& w = p.window;
    const uint32_t row_bytes = uint32_t{w.in_w} * w.in_c;
    const uint32_t step = uint32_t{w.dilation_w} * w.in_c;
    for (uint32_t y = 0; y < w.out_h; ++y) {
        const Taps3 rows = split_taps(first_tap(y, w.stride_h, w.pad_top), w.kernel_h, w.dilation_h, w.in_h);
        const int8_t* top = image + static_cast<uint32_t>(rows.first) * row_bytes;
        for (uint32_t x = 0; x < w.out_w; ++x, out += w.out_c) {
            const Taps3 columns =
                split_taps(first_tap(x, w.stride_w, w.pad_left), w.kernel_w, w.dilation_w, w.in_w);
            FourSums sums{four.channels[0].bias, four.channels[1].bias, four.channels[2].bias,
                          four.channels[3].bias};
            const uint32_t* weights =
                add_outside(four.outside, four.weights, rows.before * w.kernel_w, &sums);
            const int8_t* in = top + static_cast<uint32_t>(columns.first) * w.in_c;
            for (uint32_t ky = rows.within; ky != 0; --ky, in += w.dilation_h * row_bytes) {
                weights = add_outside(four.outside, weights, columns.before, &sums);
                weights = add_inside<kShared>(in, step, weights, columns.within, &sums);
                weights = add_outside(four.outside, weights, columns.behind, &sums);
            }
            add_outside(four.outside, weights, rows.behind * w.kernel_w, &sums);
            finish_four(four, p.range, sums, out);
        }
    }
}

// One output channel, by the reference.
inline void pass_one(const DepthwiseConv2dParams& p, const Channel& c, const int8_t* plane,
                     const int8_t* weights, int8_t* out) {
    const Window& w = p.window;
    for (uint32_t y = 0; y < w.out_h; ++y) {
        for (uint32_t x = 0; x < w.out_w; ++x, out += w.out_c) {
            const int32_t sum = convolve_plane(p, plane, weights, first_tap(y, w.stride_h, w.pad_top),
                                               first_tap(x, w.stride_w, w.pad_left));
            *out = to_int8(add_wrapping(c.bias, sum), c.multiplier, c.shift, p.range);
        }
    }
}

inline void prepare_four(const Call& call, uint32_t o, FourChannels* four) {
    const DepthwiseConv2dParams& p = call.parameters<DepthwiseConv2dParams>();
    uint32_t* wide = call.out<uint32_t>(4);
    const int8_t* weights = call.in<int8_t>(1) + o;
    for (uint32_t t = uint32_t{p.window.kernel_h} * p.window.kernel_w; t != 0;
         --t, weights += p.window.out_c, wide += 2) {
        const uint32_t x = load4(weights);
        wide[0] = sxtb16(x);
        wide[1] = sxtb16_odd(x);
    }
    four->channels = call.in<Channel>(2) + o;
    for (uint32_t i = 0; i < 4; ++i) {
        four->scales[i] =
            ShortScale(four->channels[i].multiplier, four->channels[i].shift, p.range.zero_point);
    }
}

inline void run_depthwise_conv2d_cortex_m(const Call& call) {
    const DepthwiseConv2dParams& p = call.parameters<DepthwiseConv2dParams>();
    const Window& w = p.window;
    const uint32_t multiplier = w.out_c / w.in_c;
    const uint32_t lanes = static_cast<uint16_t>(p.input_zero_point);
    FourChannels four{nullptr, call.in<uint32_t>(4), lanes | lanes << 16, finish_of(p.facts, p.range), {}};
    for (uint32_t o = 0; o < w.out_c;) {
        const bool by_four = w.out_c - o >= 4 && (multiplier == 1 || multiplier % 4 == 0);
        if (by_four) prepare_four(call, o, &four);
        for (uint32_t n = 0; n < w.batches; ++n) {
            const int8_t* plane = call.in<int8_t>(0) + n * w.in_h * w.in_w * w.in_c + o / multiplier;
            int8_t* out = call.out<int8_t>(3) + n * w.out_h * w.out_w * w.out_c + o;
            if (!by_four) {
                pass_one(p, call.in<Channel>(2)[o], plane, call.in<int8_t>(1) + o, out);
            } else if (multiplier == 1) {
                pass_four<false>(p, four, plane, out);
            } else {
                pass_four<true>(p, four, plane, out);
            }
        }
        o += by_four ? 4 : 1;
    }
}

JATAI_HOT_END

constexpr Kernel kDepthwiseConv2dInt8CortexM{
    {Op::DepthwiseConv2d, Type::Int8, 1}, fits_depthwise_conv2d_cortex_m, run_depthwise_conv2d_cortex_m};

#else

constexpr Kernel kDepthwiseConv2dInt8CortexM{
    {Op::DepthwiseConv2d, Type::Int8, 1}, fits_depthwise_conv2d_cortex_m, run_depthwise_conv2d};

#endif

}  // namespace jatai
