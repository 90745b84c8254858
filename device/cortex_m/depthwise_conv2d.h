// depthwise_conv2d.h: DEPTHWISE_CONV_2D for Cortex-M with DSP: the answers of
// device/kernels/depthwise_conv2d.h, sooner.
//
//     const Kernel* const kernels[] = {&kDepthwiseConv2dInt8CortexM, ...};      // written by the compiler
//
// Four channels at a time: their weights are widened to 16 bits once, then every output pixel takes one load
// of four pixels' bytes and four SMLAxy per tap. With a depth multiplier that is a multiple of four, the four
// channels share one input channel; other multipliers, and fewer than four channels, load byte by byte. The
// loops and their registers: windows.h for 3x3, depthwise_taps.h for all others. Operands: those of the
// reference, and 4 scratch of depthwise_conv2d_scratch_bytes(). Without the DSP extension the reference does
// it. Cost: 2.25 to 3 instructions per multiply-accumulate, 12 per output besides.
#pragma once

#include "device/cortex_m/byte_pairs.h"
#include "device/cortex_m/depthwise_taps.h"
#include "device/cortex_m/split_taps.h"
#include "device/kernels/depthwise_conv2d.h"
#include "device/kernels/scratch.h"

namespace jatai {

inline bool fits_depthwise_conv2d_cortex_m(const Claim& claim) {
    return fits_depthwise_conv2d(claim) &&
           fills(claim, 4, depthwise_conv2d_scratch_bytes(*claim.parameters<DepthwiseConv2dParams>()));
}

#if JATAI_HAS_DSP

JATAI_HOT_BEGIN

// What stays the same while four channels are taken through the image.
struct FourChannels {
    const Channel* channels;
    const uint32_t* weights;  // two words a tap
    uint32_t outside;         // the input's zero point in both lanes
    Finish finish;            // ShortFull: of four channels
    Range range;
    uint8_t count;  // of the channels: 4, or all there are
    SpreadBytes spread;
    ShortScale scales[4];
    uint32_t lows, highs;  // of the range, four times
};

JATAI_INLINE void finish_short(const FourChannels& four, const FourSums& sums, int8_t* out) {
    out[0] = static_cast<int8_t>(ssat8(four.scales[0](sums.a)));
    out[1] = static_cast<int8_t>(ssat8(four.scales[1](sums.b)));
    out[2] = static_cast<int8_t>(ssat8(four.scales[2](sums.c)));
    out[3] = static_cast<int8_t>(ssat8(four.scales[3](sums.d)));
}

// Any range and factors, and fewer than four channels.
JATAI_NOINLINE void finish_slowly(const FourChannels& four, int8_t* out, int32_t a, int32_t b, int32_t c,
                                  int32_t d) {
    if (four.finish == Finish::Short && four.count == 4) {
        finish_short(four, {a, b, c, d}, out);
        store4(out, hold4(load4(out), four.lows, four.highs));
        return;
    }
    const int32_t sums[4] = {a, b, c, d};
    for (uint32_t i = 0; i < four.count; ++i) {
        out[i] = four.finish == Finish::Any
                     ? to_int8(sums[i], four.channels[i].multiplier, four.channels[i].shift, four.range)
                     : static_cast<int8_t>(clamp(four.scales[i](sums[i]), four.range.low, four.range.high));
    }
}

JATAI_INLINE void finish_four(const FourChannels& four, const FourSums& sums, int8_t* out) {
    if (four.finish != Finish::ShortFull) return finish_slowly(four, out, sums.a, sums.b, sums.c, sums.d);
    finish_short(four, sums, out);
}

// One row of outputs: where its windows begin, and the rows of taps that lie inside the image.
struct RowOfFour {
    const int8_t* in;         // first row within, column 0 of the image
    const uint32_t* weights;  // of that row
    FourSums start;           // biases and the rows outside
    uint32_t rows;
    uint32_t row_step;  // bytes from one row of taps to the next
};

// `count` taps outside the image.
inline const uint32_t* add_rows_outside(uint32_t lanes, const uint32_t* weights, uint32_t count,
                                        FourSums* sums) {
    FourSums local = *sums;
    for (; count != 0; --count) weights = add_outside(lanes, weights, &local);
    *sums = local;
    return weights;
}

// The outputs whose windows lie inside the image along one axis: begin .. end - 1.
inline Span inner_outputs(uint32_t outputs, uint32_t stride, uint32_t pad, uint32_t reach, uint32_t size) {
    Span inner{0, 0};
    while (inner.begin < outputs && inner.begin * stride < pad) ++inner.begin;
    inner.end = inner.begin;
    while (inner.end < outputs && inner.end * stride + reach <= size + pad) ++inner.end;
    return inner;
}

// Outputs run.begin .. run.end - 1, whose windows leave the image neither left nor right.
template <Lanes kLanes>
JATAI_NOINLINE void finish_inner(const Window& w, const FourChannels& four, const RowOfFour& row, Span run,
                                 int8_t* out) {
    // Read once: bytes stored to `out` could be any of them, for all the compiler knows.
    // Windows of one column are taken as rows: their taps lie evenly too.
    const bool is_column = w.kernel_w == 1;
    const uint32_t step = is_column ? row.row_step : uint32_t{w.dilation_w} * w.in_c;
    const uint32_t columns = is_column ? row.rows : w.kernel_w, rows = is_column ? 1 : row.rows;
    const uint32_t in_step = uint32_t{w.stride_w} * w.in_c, out_step = w.out_c;
    const int8_t* in = row.in + (run.begin * w.stride_w - w.pad_left) * w.in_c;
    for (uint32_t left = run.end - run.begin; left != 0; --left, in += in_step, out += out_step) {
        FourSums sums = row.start;
        const uint32_t* weights = row.weights;
        const int8_t* taps = in;
        for (uint32_t ky = rows; ky != 0; --ky, taps += row.row_step) {
            weights = add_run<kLanes>(taps, step, four.spread, weights, columns, &sums);
        }
        finish_four(four, sums, out);
    }
}

// One output whose window leaves the image at the left or the right.
template <Lanes kLanes>
JATAI_NOINLINE void finish_border(const Window& w, const FourChannels& four, const RowOfFour& row, uint32_t x,
                                  int8_t* out) {
    const Split columns = split_taps(first_tap(x, w.stride_w, w.pad_left), w.kernel_w, w.dilation_w, w.in_w);
    const uint32_t step = uint32_t{w.dilation_w} * w.in_c;
    FourSums sums = row.start;
    const uint32_t* weights = row.weights;
    const int8_t* taps = row.in + static_cast<uint32_t>(columns.first) * w.in_c;
    for (uint32_t ky = row.rows; ky != 0; --ky, taps += row.row_step) {
        for (uint32_t i = columns.before; i != 0; --i) weights = add_outside(four.outside, weights, &sums);
        const int8_t* in = taps;
        for (uint32_t i = columns.within; i != 0; --i, in += step)
            weights = add_inside<kLanes>(in, four.spread, weights, &sums);
        for (uint32_t i = columns.behind; i != 0; --i) weights = add_outside(four.outside, weights, &sums);
    }
    finish_four(four, sums, out);
}

// One row of outputs, any window.
template <Lanes kLanes>
JATAI_NOINLINE void finish_row(const Window& w, const FourChannels& four, const RowOfFour& row, Span inner,
                               int8_t* out) {
    for (uint32_t x = 0; x < inner.begin; ++x, out += w.out_c) finish_border<kLanes>(w, four, row, x, out);
    finish_inner<kLanes>(w, four, row, inner, out);
    out += (inner.end - inner.begin) * w.out_c;
    for (uint32_t x = inner.end; x < w.out_w; ++x, out += w.out_c)
        finish_border<kLanes>(w, four, row, x, out);
}

// Windows of three columns of channels side by side, with nothing but ssat to clamp, that leave the image at
// the left and at the right by one column of one output at most: the hand-written loops.
struct ThreeColumns {
    Windows windows;
    Span inner;
    Split left, right;  // of the first and the last output
    FourSums edges[2];  // biases, and what the column outside adds over all rows of taps: left, right

    // False: these windows are of another kind.
    bool prepare(const Window& w, const FourChannels& four, Span inner_run) {
        inner = inner_run;
        left = split_taps(first_tap(0, w.stride_w, w.pad_left), 3, w.dilation_w, w.in_w);
        right = split_taps(first_tap(w.out_w - 1u, w.stride_w, w.pad_left), 3, w.dilation_w, w.in_w);
        if (w.kernel_w != 3 || four.finish != Finish::ShortFull) return false;
        if (inner.begin > 1 || (inner.begin == 1 && (left.before != 1 || left.within != 2))) return false;
        const uint32_t behind = w.out_w - inner.end;
        if (behind > 1 || (behind == 1 && (right.behind != 1 || right.within != 2))) return false;
        windows.step = uint32_t{w.dilation_w} * w.in_c;
        windows.row_step = uint32_t{w.dilation_h} * w.in_w * w.in_c;
        windows.x_step = uint32_t{w.stride_w} * w.in_c;
        windows.out_step = w.out_c;
        windows.weight_skip = 8;
        for (uint32_t i = 0; i < 4; ++i) windows.scales[i] = four.scales[i];
        const Channel* c = four.channels;
        for (uint32_t side = 0; side < 2; ++side) {
            edges[side] = {c[0].bias, c[1].bias, c[2].bias, c[3].bias};
            add_column_outside(four, four.weights + 4 * side, w.kernel_h, &edges[side]);
        }
        return true;
    }

    // `rows` taps outside, in the first column (weights of a row's start) or the last one (4 words further).
    static void add_column_outside(const FourChannels& four, const uint32_t* weights, uint32_t rows,
                                   FourSums* sums) {
        FourSums local = *sums;
        for (; rows != 0; --rows) weights = add_outside(four.outside, weights, &local) + 4;
        *sums = local;
    }

    // One output at the left (side 0) or the right edge.
    void finish_edge(const Window& w, const FourChannels& four, const RowOfFour& row, uint32_t side) {
        if (row.rows == w.kernel_h) {
            windows.start = edges[side];
        } else {
            windows.start = row.start;
            add_column_outside(four, row.weights + 4 * side, row.rows, &windows.start);
        }
        windows.in = row.in + static_cast<uint32_t>(side == 0 ? left.first : right.first) * w.in_c;
        windows.weights = row.weights + (side == 0 ? 2 : 0);
        windows.count = 1;
        slide_two(&windows);
    }

    // One row of outputs, some of its rows of taps inside.
    void finish_row(const Window& w, const FourChannels& four, const RowOfFour& row, int8_t* out) {
        windows.rows = row.rows;
        windows.out = out;
        if (inner.begin != 0) finish_edge(w, four, row, 0);
        if (inner.begin != inner.end) {
            windows.start = row.start;
            windows.in = row.in + (inner.begin * w.stride_w - w.pad_left) * w.in_c;
            windows.weights = row.weights;
            windows.count = inner.end - inner.begin;
            slide_three(&windows);
        }
        if (inner.end != w.out_w) finish_edge(w, four, row, 1);
    }
};

// Four channels of every output pixel of one image.
JATAI_NOINLINE void pass_four(Lanes lanes, const Window& w, const FourChannels& four, const int8_t* image,
                              int8_t* out) {
    const uint32_t row_bytes = uint32_t{w.in_w} * w.in_c;
    const Span inner =
        inner_outputs(w.out_w, w.stride_w, w.pad_left, (w.kernel_w - 1u) * w.dilation_w + 1, w.in_w);
    const Channel* const c = four.channels;
    ThreeColumns three;
    const auto any_row = lanes == Lanes::Side     ? finish_row<Lanes::Side>
                         : lanes == Lanes::Shared ? finish_row<Lanes::Shared>
                                                  : finish_row<Lanes::Spread>;
    const bool is_three = lanes == Lanes::Side && three.prepare(w, four, inner);
    for (uint32_t y = 0; y < w.out_h; ++y, out += w.out_w * w.out_c) {
        const Split rows = split_taps(first_tap(y, w.stride_h, w.pad_top), w.kernel_h, w.dilation_h, w.in_h);
        RowOfFour row{image + static_cast<uint32_t>(rows.first) * row_bytes,
                      nullptr,
                      {c[0].bias, c[1].bias, c[2].bias, c[3].bias},
                      rows.within,
                      w.dilation_h * row_bytes};
        row.weights = four.weights;
        if (rows.within != w.kernel_h) {
            row.weights = add_rows_outside(four.outside, four.weights, rows.before * w.kernel_w, &row.start);
            add_rows_outside(four.outside, row.weights + 2 * rows.within * w.kernel_w,
                             rows.behind * w.kernel_w, &row.start);
        }
        if (is_three && row.rows != 0) {
            three.finish_row(w, four, row, out);
        } else {
            any_row(w, four, row, inner, out);
        }
    }
}

// Weights, scales and inputs of the channels from `o` on; `zero`: of the weights.
inline void prepare_four(const Call& call, uint32_t o, int32_t zero, FourChannels* four) {
    const DepthwiseConv2dParams& p = call.parameters<DepthwiseConv2dParams>();
    const Window& w = p.window;
    uint32_t* wide = call.out<uint32_t>(4);
    const int8_t* weights = call.in<int8_t>(1) + o;
    const uint32_t zeros = two_lanes(static_cast<int8_t>(zero), static_cast<int8_t>(zero));
    for (uint32_t t = uint32_t{w.kernel_h} * w.kernel_w; t != 0; --t, weights += w.out_c, wide += 2) {
        const uint32_t x = four->count == 4 ? load4(weights) : load_tail(weights, four->count);
        wide[0] = ssub16(sxtb16(x), zeros);
        wide[1] = ssub16(sxtb16_odd(x), zeros);
    }
    const uint32_t multiplier = w.out_c / w.in_c;
    four->channels = call.in<Channel>(2) + o;
    for (uint32_t i = 0; i < 4; ++i) {
        const uint32_t at = i < four->count ? i : 0;
        four->spread.of[i] = static_cast<uint8_t>((o + at) / multiplier - o / multiplier);
        four->scales[i] =
            ShortScale(four->channels[at].multiplier, four->channels[at].shift, p.range.zero_point);
    }
}

inline void run_depthwise_fours(const Call& call, int32_t weight_zero_point) {
    const DepthwiseConv2dParams& p = call.parameters<DepthwiseConv2dParams>();
    const Window& w = p.window;
    const uint32_t multiplier = w.out_c / w.in_c;
    const uint32_t outside = static_cast<uint16_t>(p.input_zero_point);
    FourChannels four{nullptr,
                      call.in<uint32_t>(4),
                      outside | outside << 16,
                      finish_of(p.facts, p.range),
                      p.range,
                      static_cast<uint8_t>(w.out_c < 4 ? w.out_c : 4),
                      {},
                      {},
                      static_cast<uint8_t>(p.range.low) * 0x01010101u,
                      static_cast<uint8_t>(p.range.high) * 0x01010101u};
    const Lanes lanes = multiplier % 4 == 0                  ? Lanes::Shared
                        : multiplier == 1 && four.count == 4 ? Lanes::Side
                                                             : Lanes::Spread;
    if (four.count != 4 && four.finish == Finish::ShortFull) four.finish = Finish::Short;
    for (uint32_t o = 0; o < w.out_c; o += 4) {
        if (w.out_c - o < four.count) o = w.out_c - 4;  // some channels twice is sooner than the rest by one
        prepare_four(call, o, weight_zero_point, &four);
        for (uint32_t n = 0; n < w.batches; ++n) {
            const int8_t* plane = call.in<int8_t>(0) + n * w.in_h * w.in_w * w.in_c + o / multiplier;
            pass_four(lanes, w, four, plane, call.out<int8_t>(3) + n * w.out_h * w.out_w * w.out_c + o);
        }
    }
}

inline void run_depthwise_conv2d_cortex_m(const Call& call) { run_depthwise_fours(call, 0); }
inline void run_depthwise_zeroed_cortex_m(const Call& call) {
    run_depthwise_fours(call, call.parameters<DepthwiseConv2dParams>().weight_zero_point);
}

JATAI_HOT_END

constexpr Kernel kDepthwiseConv2dInt8CortexM{
    {Op::DepthwiseConv2d, Type::Int8, 1}, fits_depthwise_conv2d_cortex_m, run_depthwise_conv2d_cortex_m};
constexpr Kernel kDepthwiseConv2dZeroedInt8CortexM{
    {Op::DepthwiseConv2d, Type::Int8, 7}, fits_depthwise_conv2d_cortex_m, run_depthwise_zeroed_cortex_m};

#else

constexpr Kernel kDepthwiseConv2dInt8CortexM{
    {Op::DepthwiseConv2d, Type::Int8, 1}, fits_depthwise_conv2d_cortex_m, run_depthwise_conv2d};
constexpr Kernel kDepthwiseConv2dZeroedInt8CortexM{
    {Op::DepthwiseConv2d, Type::Int8, 7}, fits_depthwise_conv2d_cortex_m, run_depthwise_zeroed};

#endif

}  // namespace jatai
