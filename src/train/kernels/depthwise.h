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
template <typename F>
[[gnu::always_inline]] inline void for_taps(const DepthwiseShape& s, int top, int left, const F& f) {
    const int first_row = std::max(0, -top), last_row = std::min(s.kernel_h, s.in_h - top);
    const int first_column = std::max(0, -left), last_column = std::min(s.kernel_w, s.in_w - left);
    for (int ky = first_row; ky < last_row; ++ky)
        for (int kx = first_column; kx < last_column; ++kx)
            f(ky * s.kernel_w + kx, (top + ky) * s.in_w + left + kx);
}

// Calls f(output offset / channels, top, left) for every output.
template <typename F>
[[gnu::always_inline]] inline void for_outputs(const DepthwiseShape& s, const F& f) {
    for (int oy = 0; oy < s.out_h; ++oy)
        for (int ox = 0; ox < s.out_w; ++ox)
            f(oy * s.out_w + ox, oy * s.stride_h - s.pad_top, ox * s.stride_w - s.pad_left);
}

// Which rows or columns of a 3-wide window are inside the image.
enum class Inside : unsigned char { All, NotFirst, NotLast, Some };
[[gnu::always_inline]] inline Inside inside(int start, int extent) {
    if (start >= 0 && start + 3 <= extent) return Inside::All;
    if (start == -1 && extent >= 2) return Inside::NotFirst;
    if (start >= 0 && start + 2 == extent) return Inside::NotLast;
    return Inside::Some;
}
constexpr int first_tap(Inside i) { return i == Inside::NotFirst ? 1 : 0; }
constexpr int end_tap(Inside i) { return i == Inside::NotLast ? 2 : 3; }

template <int kTap, Inside kRows, Inside kColumns, typename F>
[[gnu::always_inline]] inline void visit_tap(const DepthwiseShape& s, int top, int left, const F& f) {
    constexpr int ky = kTap / 3, kx = kTap % 3;
    if constexpr (ky < first_tap(kRows) || ky >= end_tap(kRows) || kx < first_tap(kColumns) ||
                  kx >= end_tap(kColumns))
        return;
    if (kRows == Inside::Some && (top + ky < 0 || top + ky >= s.in_h)) return;
    if (kColumns == Inside::Some && (left + kx < 0 || left + kx >= s.in_w)) return;
    f(kTap, (top + ky) * s.in_w + left + kx);
}

// The same as for_taps() for 3x3, where the compiler knows which taps there are.
template <Inside kRows, Inside kColumns, typename F>
[[gnu::always_inline]] inline void for_taps_3x3(const DepthwiseShape& s, int top, int left, const F& f) {
    visit_tap<0, kRows, kColumns>(s, top, left, f);
    visit_tap<1, kRows, kColumns>(s, top, left, f);
    visit_tap<2, kRows, kColumns>(s, top, left, f);
    visit_tap<3, kRows, kColumns>(s, top, left, f);
    visit_tap<4, kRows, kColumns>(s, top, left, f);
    visit_tap<5, kRows, kColumns>(s, top, left, f);
    visit_tap<6, kRows, kColumns>(s, top, left, f);
    visit_tap<7, kRows, kColumns>(s, top, left, f);
    visit_tap<8, kRows, kColumns>(s, top, left, f);
}

template <Inside kRows, typename F>
[[gnu::always_inline]] inline void for_row_3x3(const DepthwiseShape& s, int oy, const F& f) {
    const int top = oy * s.stride_h - s.pad_top;
    for (int ox = 0; ox < s.out_w; ++ox) {
        const int out = oy * s.out_w + ox, left = ox * s.stride_w - s.pad_left;
        switch (inside(left, s.in_w)) {
            case Inside::All:
                f.template operator()<kRows, Inside::All>(out, top, left);
                break;
            case Inside::NotFirst:
                f.template operator()<kRows, Inside::NotFirst>(out, top, left);
                break;
            case Inside::NotLast:
                f.template operator()<kRows, Inside::NotLast>(out, top, left);
                break;
            case Inside::Some:
                f.template operator()<kRows, Inside::Some>(out, top, left);
        }
    }
}

// Calls f.operator()<rows, columns>(output offset / channels, top, left) for every output.
template <typename F>
[[gnu::always_inline]] inline void for_outputs_3x3(const DepthwiseShape& s, const F& f) {
    for (int oy = 0; oy < s.out_h; ++oy) {
        switch (inside(oy * s.stride_h - s.pad_top, s.in_h)) {
            case Inside::All:
                for_row_3x3<Inside::All>(s, oy, f);
                break;
            case Inside::NotFirst:
                for_row_3x3<Inside::NotFirst>(s, oy, f);
                break;
            case Inside::NotLast:
                for_row_3x3<Inside::NotLast>(s, oy, f);
                break;
            case Inside::Some:
                for_row_3x3<Inside::Some>(s, oy, f);
        }
    }
}

enum class Kernel : bool { AsIs, Turned };  // Turned: by 180 degrees

template <Kernel kKernel>
void convolve_3x3(const DepthwiseShape& s, const float* x, const float* w, float* y) {
    for_columns<1>(s.channels, [&]<typename T, int NB>(int c) {
        T taps[9];
#pragma GCC unroll 9
        for (int i = 0; i < 9; ++i)
            taps[i] = load<T>(w + (kKernel == Kernel::Turned ? 8 - i : i) * s.channels + c);
        for_outputs_3x3(s, [&]<Inside kRows, Inside kColumns>(int out, int top, int left) {
            T sum{};
            for_taps_3x3<kRows, kColumns>(s, top, left, [&](int tap, int in) {
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
            for_taps(s, top, left, [&](int tap, int in) {
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
            for_taps(s, top, left, [&](int tap, int in) {
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
            for_outputs_3x3(s, [&]<Inside kRows, Inside kColumns>(int out, int top, int left) {
                const T d = load<T>(dy + out * s.channels + c);
                for_taps_3x3<kRows, kColumns>(s, top, left, [&](int tap, int in) {
                    sums[tap] = multiply_add<T>(load<T>(x + in * s.channels + c), d, sums[tap]);
                });
            });
#pragma GCC unroll 9
            for (int i = 0; i < 9; ++i) store<T>(dw + i * s.channels + c, sums[i]);
        } else {
            for_outputs(s, [&](int out, int top, int left) {
                const T d = load<T>(dy + out * s.channels + c);
                for_taps(s, top, left, [&](int tap, int in) {
                    float* to = dw + tap * s.channels + c;
                    store<T>(to, multiply_add<T>(load<T>(x + in * s.channels + c), d, load<T>(to)));
                });
            });
        }
    });
}

}  // namespace
}  // namespace jatai::train
