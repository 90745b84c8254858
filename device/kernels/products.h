// products.h: the order in which convolutions and their kin visit weights and inputs, for any element type.
//
//     walk_conv2d(window, Int16Products{in, weights, channels, out, range});
//
// A `Products` says what one type does with one product and with one finished sum:
//     using Sum;   Sum zero() const;   Sum add(Sum, uint32_t in_at, uint32_t weight_at) const;
//     void finish(Sum, uint32_t channel, uint32_t out_at) const;         positions are counted in elements
// and, for CONV_2D:
//     using Number;   const Number* in;   Number outside() const;     adds nothing to a sum, if kHasOutside
//
// A tap outside the image is left out. Products are added row by row, tap by tap, channel by channel, as
// TFLite's reference kernels add them, so that sums of floats round alike. A window of up to 64 taps in
// several short rows is copied first, once for all channels of a place, so that it is one row.
//
// Needs    `fits` proved that in, weights and out hold what *_elements() count.
// Memory   64 Numbers of stack in CONV_2D.
// Cost     CONV_2D on a Cortex-M4: 11 (int16) to 16 (int8 with zero points) instructions a tap for four
//          channels, 15 of floats.
#pragma once

#include "device/kernels/window.h"

namespace jatai {

inline bool groups_fit(const Window& w) {
    return w.groups != 0 && w.in_c % w.groups == 0 && w.out_c % w.groups == 0;
}
inline uint64_t conv2d_weight_elements(const Window& w) {
    return uint64_t{w.out_c} * w.kernel_h * w.kernel_w * (w.in_c / w.groups);
}
inline uint64_t depthwise_weight_elements(const Window& w) {
    return uint64_t{w.out_c} * w.kernel_h * w.kernel_w;
}
inline uint64_t transpose_conv_weight_elements(const Window& w) {
    return uint64_t{w.out_c} * w.kernel_h * w.kernel_w * w.in_c;
}

// The window of each operator is one that its walk can follow.
inline bool conv2d_fits(const Window& w) { return window_fits(w) && groups_fit(w); }
inline bool depthwise_fits(const Window& w) { return window_fits(w) && w.out_c % w.in_c == 0; }
inline bool transpose_conv_fits(const Window& w) {
    return window_fits(w) && w.stride_h != 0 && w.stride_w != 0;
}

// A matrix product: rows of `depth` numbers by `outputs` rows of weights. Less than 2^32 elements of each,
// and at least one: the work is bounded by the bytes of the operands.
struct Dense {
    uint32_t batches, depth, outputs;
};
inline bool dense_fits(const Dense& d) {
    constexpr uint64_t kMost = 0xFFFFFFFF;
    if (d.batches == 0 || d.depth == 0 || d.outputs == 0) return false;
    return uint64_t{d.batches} * d.depth <= kMost && uint64_t{d.outputs} * d.depth <= kMost &&
           uint64_t{d.batches} * d.outputs <= kMost;
}

JATAI_HOT_BEGIN

// A position of the output: batch, row, column.
struct OutputPlace {
    uint32_t n, y, x;
};

// The taps of one row or column of a window that lie inside an image of `size`.
inline Span taps_inside(int32_t first, uint32_t kernel, uint32_t dilation, int32_t size) {
    Span taps{0, kernel};
    while (taps.begin < kernel && first + static_cast<int32_t>(taps.begin * dilation) < 0) ++taps.begin;
    while (taps.end > taps.begin && first + static_cast<int32_t>((taps.end - 1) * dilation) >= size)
        --taps.end;
    return taps;
}

// What the windows of one place cover, whatever the channel.
struct InsideTaps {
    int32_t top, left;
    Span rows, columns;

    InsideTaps(const Window& w, OutputPlace place)
        : top(first_tap(place.y, w.stride_h, w.pad_top)),
          left(first_tap(place.x, w.stride_w, w.pad_left)),
          rows(taps_inside(top, w.kernel_h, w.dilation_h, w.in_h)),
          columns(taps_inside(left, w.kernel_w, w.dilation_w, w.in_w)) {}

    // The pixel under a tap that lies inside.
    uint32_t pixel(const Window& w, uint32_t n, uint32_t ky, uint32_t kx) const {
        const int32_t y = top + static_cast<int32_t>(ky * w.dilation_h);
        const int32_t x = left + static_cast<int32_t>(kx * w.dilation_w);
        return (n * w.in_h + static_cast<uint32_t>(y)) * w.in_w + static_cast<uint32_t>(x);
    }
};

// The taps of one window that lie inside, as runs of numbers side by side: `rows` times `runs` times
// `length`.
struct TapRuns {
    uint32_t pixel, weight;                    // of the first, in the image and among those of a channel
    uint32_t rows, row_step, weight_row_step;  // from row to row, in both
    uint32_t runs, run_step, weight_run_step;  // from run to run of a row
    uint32_t length;

    TapRuns(const Window& w, const InsideTaps& inside, uint32_t n) {
        const uint32_t depth = w.in_c / w.groups, columns = inside.columns.end - inside.columns.begin;
        // Taps side by side, all channels of each: one run.
        const bool joined = w.groups == 1 && w.dilation_w == 1;
        rows = columns == 0 ? 0 : inside.rows.end - inside.rows.begin;
        runs = joined ? 1 : columns;
        length = joined ? columns * depth : depth;
        pixel = inside.pixel(w, n, inside.rows.begin, inside.columns.begin) * w.in_c;
        row_step = uint32_t{w.dilation_h} * w.in_w * w.in_c;
        run_step = uint32_t{w.dilation_w} * w.in_c;
        weight = (inside.rows.begin * w.kernel_w + inside.columns.begin) * depth;
        weight_row_step = w.kernel_w * depth;
        weight_run_step = depth;
    }
    uint32_t taps() const { return rows * runs * length; }
};

// `kCount` channels side by side, from `o` on, of `taps` weights each: a number of the input is read once for
// all.
template <uint32_t kCount, typename Products>
JATAI_NOINLINE void conv2d_channels(const Products& products, const TapRuns& all, uint32_t taps, uint32_t o,
                                    uint32_t at) {
    typename Products::Sum sums[kCount];
    JATAI_UNROLL_4
    for (uint32_t j = 0; j < kCount; ++j) sums[j] = products.zero();
    uint32_t pixel_row = all.pixel, weight_row = o * taps + all.weight;
    for (uint32_t row = all.rows; row != 0; --row) {
        uint32_t pixel = pixel_row, weight = weight_row;
        for (uint32_t run = all.runs; run != 0; --run) {
            for (uint32_t i = 0; i < all.length; ++i) {
                JATAI_UNROLL_4
                for (uint32_t j = 0; j < kCount; ++j)
                    sums[j] = products.add(sums[j], pixel + i, weight + j * taps + i);
            }
            pixel += all.run_step, weight += all.weight_run_step;
        }
        pixel_row += all.row_step, weight_row += all.weight_row_step;
    }
    JATAI_UNROLL_4
    for (uint32_t j = 0; j < kCount; ++j) products.finish(sums[j], o + j, at + j);
}

constexpr uint32_t kShortRuns = 64;  // taps of a window, at most, that are copied side by side

// Whether the numbers of a window are sooner copied, once for all channels, than walked to for each few. A
// tap outside the image must add nothing then, whatever its weight.
template <typename Products>
bool gathers(const Window& w, const TapRuns& all, uint32_t taps) {
    if (w.groups != 1 || taps > kShortRuns || all.rows * all.runs < 2) return false;
    return Products::kHasOutside || all.taps() == taps;
}

// One window side by side in `line`, each number where its weight lies; `all` is then one run.
template <typename Products, typename Number>
void gather(const Products& products, TapRuns& all, uint32_t taps, Number* line) {
    if (all.taps() != taps) {
        for (uint32_t i = 0; i < taps; ++i) line[i] = products.outside();
    }
    for (uint32_t row = 0; row < all.rows; ++row) {
        for (uint32_t run = 0; run < all.runs; ++run) {
            const Number* from = products.in + all.pixel + row * all.row_step + run * all.run_step;
            Number* to = line + all.weight + row * all.weight_row_step + run * all.weight_run_step;
            for (uint32_t i = 0; i < all.length; ++i) to[i] = from[i];
        }
    }
    all.pixel = all.weight = 0;
    all.rows = all.runs = 1;
    all.length = taps;
}

// Weights [1, kernel_h, kernel_w, out_c]; output channel o sees input channel o / (out_c / in_c). `kCount`
// channels, of as many inputs or of one.
template <uint32_t kCount, typename Products>
void depthwise_channels(const Window& w, const Products& products, const InsideTaps& inside, uint32_t n,
                        uint32_t o, uint32_t at) {
    const uint32_t multiplier = uint32_t{w.out_c} / w.in_c, step = multiplier == 1 ? 1 : 0;
    const uint32_t channel = o / multiplier;
    typename Products::Sum sums[kCount];
    JATAI_UNROLL_4
    for (uint32_t j = 0; j < kCount; ++j) sums[j] = products.zero();
    for (uint32_t ky = inside.rows.begin; ky < inside.rows.end; ++ky) {
        for (uint32_t kx = inside.columns.begin; kx < inside.columns.end; ++kx) {
            const uint32_t in = inside.pixel(w, n, ky, kx) * w.in_c + channel;
            const uint32_t weight = (ky * w.kernel_w + kx) * w.out_c + o;
            JATAI_UNROLL_4
            for (uint32_t j = 0; j < kCount; ++j) sums[j] = products.add(sums[j], in + j * step, weight + j);
        }
    }
    JATAI_UNROLL_4
    for (uint32_t j = 0; j < kCount; ++j) products.finish(sums[j], o + j, at + j);
}

// The input rows (or columns) whose taps reach output `at`: at = i * stride - pad + tap.
inline Span reached_from(uint32_t at, uint32_t stride, uint32_t pad, uint32_t kernel, uint32_t size) {
    const uint32_t far = at + pad;
    const uint32_t end = far / stride + 1;
    const uint32_t begin = far + 1 > kernel ? (far + 1 - kernel + stride - 1) / stride : 0;
    const uint32_t held = end < size ? end : size;
    return {begin < held ? begin : held, held};
}

// Weights [out_c, kernel_h, kernel_w, in_c].
template <typename Products>
typename Products::Sum transpose_conv_sum(const Window& w, const Products& products, OutputPlace place,
                                          uint32_t o) {
    const Span rows = reached_from(place.y, w.stride_h, w.pad_top, w.kernel_h, w.in_h);
    const Span columns = reached_from(place.x, w.stride_w, w.pad_left, w.kernel_w, w.in_w);
    typename Products::Sum sum = products.zero();
    for (uint32_t iy = rows.begin; iy < rows.end; ++iy) {
        const uint32_t ky = place.y + w.pad_top - iy * w.stride_h;
        for (uint32_t ix = columns.begin; ix < columns.end; ++ix) {
            const uint32_t kx = place.x + w.pad_left - ix * w.stride_w;
            const uint32_t pixel = ((place.n * w.in_h + iy) * w.in_w + ix) * w.in_c;
            const uint32_t weight = ((o * w.kernel_h + ky) * w.kernel_w + kx) * w.in_c;
            for (uint32_t i = 0; i < w.in_c; ++i) sum = products.add(sum, pixel + i, weight + i);
        }
    }
    return sum;
}

// Calls visit(place, position of its first channel) for every place of the output.
template <typename Visit>
void walk_places(const Window& w, Visit visit) {
    uint32_t at = 0;
    for (uint32_t n = 0; n < w.batches; ++n) {
        for (uint32_t y = 0; y < w.out_h; ++y) {
            for (uint32_t x = 0; x < w.out_w; ++x, at += w.out_c) visit(OutputPlace{n, y, x}, at);
        }
    }
}

constexpr uint32_t kSideBySide = 4;  // sums that fit the registers of a small core

// All channels of one place of the output.
template <typename Products>
void conv2d_place(const Window& w, const Products& products, const TapRuns& all, uint32_t taps, uint32_t at) {
    const uint32_t per_group = uint32_t{w.out_c} / w.groups, depth = w.in_c / w.groups;
    TapRuns seen = all;
    uint32_t o = 0;
    for (uint32_t group = 0; group < w.groups; ++group, seen.pixel += depth) {
        const uint32_t end = o + per_group;
        for (; o + kSideBySide <= end; o += kSideBySide)
            conv2d_channels<kSideBySide>(products, seen, taps, o, at + o);
        for (; o < end; ++o) conv2d_channels<1>(products, seen, taps, o, at + o);
    }
}

template <typename Products>
void walk_conv2d(const Window& w, const Products& products) {
    const uint32_t taps = uint32_t{w.kernel_h} * w.kernel_w * (w.in_c / w.groups);
    walk_places(w, [&](OutputPlace place, uint32_t at) {
        TapRuns all(w, InsideTaps(w, place), place.n);
        Products near = products;
        typename Products::Number line[kShortRuns];
        if (gathers<Products>(w, all, taps)) {
            gather(products, all, taps, line);
            near.in = line;
        }
        conv2d_place(w, near, all, taps, at);
    });
}

template <typename Products>
void walk_depthwise(const Window& w, const Products& products) {
    const uint32_t multiplier = uint32_t{w.out_c} / w.in_c;
    walk_places(w, [&](OutputPlace place, uint32_t at) {
        const InsideTaps inside(w, place);
        uint32_t o = 0;
        const bool fours = multiplier == 1 || multiplier % kSideBySide == 0;
        for (; fours && o + kSideBySide <= w.out_c; o += kSideBySide)
            depthwise_channels<kSideBySide>(w, products, inside, place.n, o, at + o);
        for (; o < w.out_c; ++o) depthwise_channels<1>(w, products, inside, place.n, o, at + o);
    });
}

template <typename Products>
void walk_transpose_conv(const Window& w, const Products& products) {
    walk_places(w, [&](OutputPlace place, uint32_t at) {
        for (uint32_t o = 0; o < w.out_c; ++o)
            products.finish(transpose_conv_sum(w, products, place, o), o, at + o);
    });
}

template <uint32_t kCount, typename Products>
void dense_outputs(const Dense& d, const Products& products, uint32_t n, uint32_t o) {
    const uint32_t in = n * d.depth, weight = o * d.depth;
    typename Products::Sum sums[kCount];
    JATAI_UNROLL_4
    for (uint32_t j = 0; j < kCount; ++j) sums[j] = products.zero();
    for (uint32_t i = 0; i < d.depth; ++i) {
        JATAI_UNROLL_4
        for (uint32_t j = 0; j < kCount; ++j)
            sums[j] = products.add(sums[j], in + i, weight + j * d.depth + i);
    }
    JATAI_UNROLL_4
    for (uint32_t j = 0; j < kCount; ++j) products.finish(sums[j], o + j, n * d.outputs + o + j);
}

template <typename Products>
void walk_dense(const Dense& d, const Products& products) {
    for (uint32_t n = 0; n < d.batches; ++n) {
        uint32_t o = 0;
        for (; o + kSideBySide <= d.outputs; o += kSideBySide) dense_outputs<kSideBySide>(d, products, n, o);
        for (; o < d.outputs; ++o) dense_outputs<1>(d, products, n, o);
    }
}

JATAI_HOT_END

}  // namespace jatai
