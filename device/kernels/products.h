// products.h: the order in which convolutions and their kin visit weights and inputs, for any element type.
//
//     walk_conv2d(window, Int16Products{in, weights, channels, out, range});
//
// A `Products` says what one type does with one product and with one finished sum:
//     using Sum;   Sum zero() const;   Sum add(Sum, uint32_t in_at, uint32_t weight_at) const;
//     void finish(Sum, uint32_t channel, uint32_t out_at) const;         positions are counted in elements
// A tap outside the image is left out. Products are added row by row, tap by tap, channel by channel, as
// TFLite's reference kernels add them, so that sums of floats round alike.
// Needs: `fits` proved that in, weights and out hold what *_elements() count.
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

template <typename Products>
typename Products::Sum conv2d_sum(const Window& w, const Products& products, OutputPlace place, uint32_t o) {
    const uint32_t depth = w.in_c / w.groups;
    const uint32_t first = o / (uint32_t{w.out_c} / w.groups) * depth;
    const int32_t top = first_tap(place.y, w.stride_h, w.pad_top);
    const int32_t left = first_tap(place.x, w.stride_w, w.pad_left);
    uint32_t weight = o * w.kernel_h * w.kernel_w * depth;
    typename Products::Sum sum = products.zero();
    for (uint32_t ky = 0; ky < w.kernel_h; ++ky) {
        const int32_t iy = top + static_cast<int32_t>(ky * w.dilation_h);
        for (uint32_t kx = 0; kx < w.kernel_w; ++kx, weight += depth) {
            const int32_t ix = left + static_cast<int32_t>(kx * w.dilation_w);
            if (iy < 0 || iy >= w.in_h || ix < 0 || ix >= w.in_w) continue;
            const uint32_t row = place.n * w.in_h + static_cast<uint32_t>(iy);
            const uint32_t pixel = (row * w.in_w + static_cast<uint32_t>(ix)) * w.in_c + first;
            for (uint32_t i = 0; i < depth; ++i) sum = products.add(sum, pixel + i, weight + i);
        }
    }
    return sum;
}

// Weights [1, kernel_h, kernel_w, out_c]; output channel o sees input channel o / (out_c / in_c).
template <typename Products>
typename Products::Sum depthwise_sum(const Window& w, const Products& products, OutputPlace place,
                                     uint32_t o) {
    const uint32_t channel = o / (uint32_t{w.out_c} / w.in_c);
    const int32_t top = first_tap(place.y, w.stride_h, w.pad_top);
    const int32_t left = first_tap(place.x, w.stride_w, w.pad_left);
    uint32_t weight = o;
    typename Products::Sum sum = products.zero();
    for (uint32_t ky = 0; ky < w.kernel_h; ++ky) {
        const int32_t iy = top + static_cast<int32_t>(ky * w.dilation_h);
        for (uint32_t kx = 0; kx < w.kernel_w; ++kx, weight += w.out_c) {
            const int32_t ix = left + static_cast<int32_t>(kx * w.dilation_w);
            if (iy < 0 || iy >= w.in_h || ix < 0 || ix >= w.in_w) continue;
            const uint32_t row = place.n * w.in_h + static_cast<uint32_t>(iy);
            sum = products.add(sum, (row * w.in_w + static_cast<uint32_t>(ix)) * w.in_c + channel, weight);
        }
    }
    return sum;
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

// Calls visit(place, channel, position) for every element of the output.
template <typename Visit>
void walk_output(const Window& w, Visit visit) {
    uint32_t at = 0;
    for (uint32_t n = 0; n < w.batches; ++n) {
        for (uint32_t y = 0; y < w.out_h; ++y) {
            for (uint32_t x = 0; x < w.out_w; ++x) {
                for (uint32_t o = 0; o < w.out_c; ++o, ++at) visit(OutputPlace{n, y, x}, o, at);
            }
        }
    }
}

template <typename Products>
void walk_conv2d(const Window& w, const Products& products) {
    walk_output(w, [&](OutputPlace place, uint32_t o, uint32_t at) {
        products.finish(conv2d_sum(w, products, place, o), o, at);
    });
}

template <typename Products>
void walk_depthwise(const Window& w, const Products& products) {
    walk_output(w, [&](OutputPlace place, uint32_t o, uint32_t at) {
        products.finish(depthwise_sum(w, products, place, o), o, at);
    });
}

template <typename Products>
void walk_transpose_conv(const Window& w, const Products& products) {
    walk_output(w, [&](OutputPlace place, uint32_t o, uint32_t at) {
        products.finish(transpose_conv_sum(w, products, place, o), o, at);
    });
}

template <typename Products>
void walk_dense(const Dense& d, const Products& products) {
    uint32_t at = 0;
    for (uint32_t n = 0; n < d.batches; ++n) {
        for (uint32_t o = 0; o < d.outputs; ++o, ++at) {
            typename Products::Sum sum = products.zero();
            for (uint32_t i = 0; i < d.depth; ++i) sum = products.add(sum, n * d.depth + i, o * d.depth + i);
            products.finish(sum, o, at);
        }
    }
}

JATAI_HOT_END

}  // namespace jatai
