// depthwise.h: depthwise convolution of one sample; included once per instruction set.
//
// Every output is the sum of its taps in the order of the kernel's rows, then columns; taps outside the image
// are left out, which is what zero padding means. Kernels of 3x3 keep all nine taps of a vector of channels
// in registers while the window moves, so each multiply-add needs one load.
#pragma once

#include <algorithm>

#include "src/train/kernels/lanes.h"
#include "src/train/kernels/vector_kernels.h"

namespace jatai::train {
namespace {

// Calls f(tap, input offset / channels) for every tap of the window at (top, left) that is inside the image.
// KH, KW: the kernel's size when known to the compiler, else 0.
template <int KH, int KW, typename F>
[[gnu::always_inline]] inline void for_taps(const DepthwiseShape& s, int top, int left, const F& f) {
    const int kernel_h = KH ? KH : s.kernel_h, kernel_w = KW ? KW : s.kernel_w;
    const bool whole = top >= 0 && left >= 0 && top + kernel_h <= s.in_h && left + kernel_w <= s.in_w;
    if (whole) {
#pragma GCC unroll 9
        for (int ky = 0; ky < kernel_h; ++ky)
#pragma GCC unroll 9
            for (int kx = 0; kx < kernel_w; ++kx) f(ky * kernel_w + kx, (top + ky) * s.in_w + left + kx);
        return;
    }
#pragma GCC unroll 9
    for (int ky = 0; ky < kernel_h; ++ky) {
        if (top + ky < 0 || top + ky >= s.in_h) continue;
#pragma GCC unroll 9
        for (int kx = 0; kx < kernel_w; ++kx)
            if (left + kx >= 0 && left + kx < s.in_w) f(ky * kernel_w + kx, (top + ky) * s.in_w + left + kx);
    }
}

// Calls f(output offset / channels, top, left) for every output.
template <typename F>
[[gnu::always_inline]] inline void for_outputs(const DepthwiseShape& s, const F& f) {
    for (int oy = 0; oy < s.out_h; ++oy)
        for (int ox = 0; ox < s.out_w; ++ox)
            f(oy * s.out_w + ox, oy * s.stride_h - s.pad_top, ox * s.stride_w - s.pad_left);
}

enum class Kernel : bool { AsIs, Turned };  // Turned: by 180 degrees

template <Kernel kKernel>
void convolve_3x3(const DepthwiseShape& s, const float* x, const float* w, float* y) {
    for_columns<1>(s.channels, [&]<typename T, int NB>(int c) {
        T taps[9];
#pragma GCC unroll 9
        for (int i = 0; i < 9; ++i)
            taps[i] = load<T>(w + (kKernel == Kernel::Turned ? 8 - i : i) * s.channels + c);
        for_outputs(s, [&](int out, int top, int left) {
            T sum{};
            for_taps<3, 3>(s, top, left, [&](int tap, int in) {
                sum = multiply_add<T>(load<T>(x + in * s.channels + c), taps[tap], sum);
            });
            store<T>(y + out * s.channels + c, sum);
        });
    });
}

template <Kernel kKernel>
void convolve(const DepthwiseShape& s, const float* x, const float* w, float* y) {
    if (s.kernel_h == 3 && s.kernel_w == 3) return convolve_3x3<kKernel>(s, x, w, y);
    const int last = s.kernel_h * s.kernel_w - 1;
    for_outputs(s, [&](int out, int top, int left) {
        for_columns<4>(s.channels, [&]<typename T, int NB>(int c) {
            T sum[NB]{};
            for_taps<0, 0>(s, top, left, [&](int tap, int in) {
                const float* weights = w + (kKernel == Kernel::Turned ? last - tap : tap) * s.channels + c;
                for (int j = 0; j < NB; ++j)
                    sum[j] = multiply_add<T>(load<T>(x + in * s.channels + c + j * kLanes<T>),
                                             load<T>(weights + j * kLanes<T>), sum[j]);
            });
            for (int j = 0; j < NB; ++j) store<T>(y + out * s.channels + c + j * kLanes<T>, sum[j]);
        });
    });
}

void depthwise_forward(const DepthwiseShape& s, const float* x, const float* w, float* y) {
    convolve<Kernel::AsIs>(s, x, w, y);
}

// Sends every output's share back to the inputs it came from.
void scatter(const DepthwiseShape& s, const float* dy, const float* w, float* dx) {
    std::fill_n(dx, s.in_h * s.in_w * s.channels, 0.0f);
    for_outputs(s, [&](int out, int top, int left) {
        for_columns<1>(s.channels, [&]<typename T, int NB>(int c) {
            const T d = load<T>(dy + out * s.channels + c);
            for_taps<0, 0>(s, top, left, [&](int tap, int in) {
                float* to = dx + in * s.channels + c;
                store<T>(to, multiply_add<T>(d, load<T>(w + tap * s.channels + c), load<T>(to)));
            });
        });
    });
}

// With a stride of 1, dx is dy convolved with the turned kernel.
void depthwise_backward_data(const DepthwiseShape& s, const float* dy, const float* w, float* dx) {
    if (s.stride_h != 1 || s.stride_w != 1) return scatter(s, dy, w, dx);
    convolve<Kernel::Turned>({s.out_h, s.out_w, s.in_h, s.in_w, s.channels, s.kernel_h, s.kernel_w, 1, 1,
                              s.kernel_h - 1 - s.pad_top, s.kernel_w - 1 - s.pad_left},
                             dy, w, dx);
}

// The sums of all taps run down the outputs: in registers for 3x3, else in dw itself.
void depthwise_backward_weights(const DepthwiseShape& s, const float* x, const float* dy, float* dw) {
    const bool small = s.kernel_h == 3 && s.kernel_w == 3;
    for_columns<1>(s.channels, [&]<typename T, int NB>(int c) {
        if (small) {
            T sums[9];
#pragma GCC unroll 9
            for (int i = 0; i < 9; ++i) sums[i] = load<T>(dw + i * s.channels + c);
            for_outputs(s, [&](int out, int top, int left) {
                const T d = load<T>(dy + out * s.channels + c);
                for_taps<3, 3>(s, top, left, [&](int tap, int in) {
                    sums[tap] = multiply_add<T>(load<T>(x + in * s.channels + c), d, sums[tap]);
                });
            });
#pragma GCC unroll 9
            for (int i = 0; i < 9; ++i) store<T>(dw + i * s.channels + c, sums[i]);
        } else {
            for_outputs(s, [&](int out, int top, int left) {
                const T d = load<T>(dy + out * s.channels + c);
                for_taps<0, 0>(s, top, left, [&](int tap, int in) {
                    float* to = dw + tap * s.channels + c;
                    store<T>(to, multiply_add<T>(load<T>(x + in * s.channels + c), d, load<T>(to)));
                });
            });
        }
    });
}

}  // namespace
}  // namespace jatai::train
