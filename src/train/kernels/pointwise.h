// pointwise.h: the passes between convolutions (batch-norm, bias, activation, fake quantisation) and the
// optimiser's, each reading memory as few times as it can; included once per instruction set.
#pragma once

#include "src/train/kernels/lanes.h"
#include "src/train/kernels/vector_kernels.h"

namespace jatai::train {
namespace {

// Sums of x - x[0] and its square: taking the first row off keeps the digits when the mean is large.
void moments(Extent e, const float* x, float* mean, float* variance) {
    const float count = static_cast<float>(e.rows);
    for_columns<4>(e.channels, [&]<typename T, int NB>(int c) {
        T first[NB], sum[NB]{}, square[NB]{};
        for (int j = 0; j < NB; ++j) first[j] = load<T>(x + c + j * kLanes<T>);
        for (std::size_t r = 0; r < e.rows; ++r)
            for (int j = 0; j < NB; ++j) {
                const T d = load<T>(x + r * e.channels + c + j * kLanes<T>) - first[j];
                sum[j] += d;
                square[j] = multiply_add<T>(d, d, square[j]);
            }
        for (int j = 0; j < NB; ++j) {
            const T m = sum[j] / spread<T>(count);
            store<T>(mean + c + j * kLanes<T>, first[j] + m);
            store<T>(variance + c + j * kLanes<T>,
                     larger<T>(square[j] / spread<T>(count) - m * m, spread<T>(0.0f)));
        }
    });
}

template <typename T>
[[gnu::always_inline]] inline T scale_or_one(const Affine& a, int c) {
    return a.scale ? load<T>(a.scale + c) : spread<T>(1.0f);
}

void affine(Extent e, const float* x, const Affine& a, float* y) {
    for_columns<4>(e.channels, [&]<typename T, int NB>(int c) {
        T scale[NB], shift[NB];
        for (int j = 0; j < NB; ++j) {
            scale[j] = scale_or_one<T>(a, c + j * kLanes<T>);
            shift[j] = load<T>(a.shift + c + j * kLanes<T>);
        }
        const T low = spread<T>(a.low), high = spread<T>(a.high);
        for (std::size_t r = 0; r < e.rows; ++r)
            for (int j = 0; j < NB; ++j) {
                const std::size_t at = r * e.channels + c + j * kLanes<T>;
                const T v = multiply_add<T>(load<T>(x + at), scale[j], shift[j]);
                store<T>(y + at, smaller<T>(larger<T>(v, low), high));
            }
    });
}

template <typename T>
[[gnu::always_inline]] inline float lane(const T& v, int i) {
    if constexpr (sizeof(T) == sizeof(float)) {
        return v;
    } else {
        return v[i];
    }
}

// The grid of fake quantisation goes through 0, so rounding v / step needs no zero point.
void bias_quantise(Extent e, const float* x, const Affine& a, float step, float* y, float seen[2]) {
    for_columns<4>(e.channels, [&]<typename T, int NB>(int c) {
        T shift[NB], least = spread<T>(seen[0]), most = spread<T>(seen[1]);
        for (int j = 0; j < NB; ++j) shift[j] = load<T>(a.shift + c + j * kLanes<T>);
        const T low = spread<T>(a.low), high = spread<T>(a.high);
        const T grid = spread<T>(step), inverse = spread<T>(1.0f / step);
        for (std::size_t r = 0; r < e.rows; ++r)
            for (int j = 0; j < NB; ++j) {
                const std::size_t at = r * e.channels + c + j * kLanes<T>;
                const T v = load<T>(x + at) + shift[j];
                least = smaller<T>(least, v);
                most = larger<T>(most, v);
                store<T>(y + at, round_even<T>(smaller<T>(larger<T>(v, low), high) * inverse) * grid);
            }
        for (int i = 0; i < kLanes<T>; ++i) {
            seen[0] = smaller<float>(seen[0], lane<T>(least, i));
            seen[1] = larger<float>(seen[1], lane<T>(most, i));
        }
    });
}

void affine_backward_sums(Extent e, const float* x, const float* dy, const Affine& a, const float* mean,
                          float* sum_dy, float* sum_dy_x) {
    for_columns<2>(e.channels, [&]<typename T, int NB>(int c) {
        T scale[NB], shift[NB], centre[NB], sum[NB]{}, product[NB]{};
        for (int j = 0; j < NB; ++j) {
            scale[j] = scale_or_one<T>(a, c + j * kLanes<T>);
            shift[j] = load<T>(a.shift + c + j * kLanes<T>);
            centre[j] = load<T>(mean + c + j * kLanes<T>);
        }
        const T low = spread<T>(a.low), high = spread<T>(a.high);
        for (std::size_t r = 0; r < e.rows; ++r)
            for (int j = 0; j < NB; ++j) {
                const std::size_t at = r * e.channels + c + j * kLanes<T>;
                const T v = load<T>(x + at);
                const T d =
                    keep_inside<T>(load<T>(dy + at), multiply_add<T>(v, scale[j], shift[j]), low, high);
                sum[j] += d;
                product[j] = multiply_add<T>(d, v - centre[j], product[j]);
            }
        for (int j = 0; j < NB; ++j) {
            store<T>(sum_dy + c + j * kLanes<T>, sum[j]);
            store<T>(sum_dy_x + c + j * kLanes<T>, product[j]);
        }
    });
}

void affine_backward_data(Extent e, const float* x, const float* dy, const Affine& a, const float* ka,
                          const float* kb, const float* kc, float* dx) {
    for_columns<2>(e.channels, [&]<typename T, int NB>(int c) {
        T scale[NB], shift[NB], fa[NB], fb[NB], fc[NB];
        for (int j = 0; j < NB; ++j) {
            const int at = c + j * kLanes<T>;
            scale[j] = scale_or_one<T>(a, at);
            shift[j] = load<T>(a.shift + at);
            fa[j] = load<T>(ka + at);
            fb[j] = load<T>(kb + at);
            fc[j] = load<T>(kc + at);
        }
        const T low = spread<T>(a.low), high = spread<T>(a.high);
        for (std::size_t r = 0; r < e.rows; ++r)
            for (int j = 0; j < NB; ++j) {
                const std::size_t at = r * e.channels + c + j * kLanes<T>;
                const T v = load<T>(x + at);
                const T d =
                    keep_inside<T>(load<T>(dy + at), multiply_add<T>(v, scale[j], shift[j]), low, high);
                store<T>(dx + at, multiply_add<T>(fa[j], d, multiply_add<T>(fb[j], v, fc[j])));
            }
    });
}

void bias_backward(Extent e, const float* x, const float* dy, const Affine& a, float* dx, float* sum_dx) {
    for_columns<4>(e.channels, [&]<typename T, int NB>(int c) {
        T shift[NB], sum[NB]{};
        for (int j = 0; j < NB; ++j) shift[j] = load<T>(a.shift + c + j * kLanes<T>);
        const T low = spread<T>(a.low), high = spread<T>(a.high);
        for (std::size_t r = 0; r < e.rows; ++r)
            for (int j = 0; j < NB; ++j) {
                const std::size_t at = r * e.channels + c + j * kLanes<T>;
                const T d = keep_inside<T>(load<T>(dy + at), load<T>(x + at) + shift[j], low, high);
                sum[j] += d;
                store<T>(dx + at, d);
            }
        for (int j = 0; j < NB; ++j) store<T>(sum_dx + c + j * kLanes<T>, sum[j]);
    });
}

void range(std::size_t n, const float* x, float* low, float* high) {
    Widest smallest = spread<Widest>(*low), largest = spread<Widest>(*high);
    std::size_t i = 0;
    for (; i + kLanes<Widest> <= n; i += kLanes<Widest>) {
        smallest = smaller<Widest>(smallest, load<Widest>(x + i));
        largest = larger<Widest>(largest, load<Widest>(x + i));
    }
    for (int j = 0; j < kLanes<Widest>; ++j) {
        *low = smaller<float>(*low, smallest[j]);
        *high = larger<float>(*high, largest[j]);
    }
    for (; i < n; ++i) {
        *low = smaller<float>(*low, x[i]);
        *high = larger<float>(*high, x[i]);
    }
}

// Kingma, Ba 2015, with the decay kept out of the moments (Loshchilov, Hutter 2019).
void adam(std::size_t n, const AdamStep& s, const float* gradient, float* m, float* v, float* parameter) {
    for (std::size_t i = 0; i < n; ++i) {
        m[i] = s.beta1 * m[i] + (1.0f - s.beta1) * gradient[i];
        v[i] = s.beta2 * v[i] + (1.0f - s.beta2) * gradient[i] * gradient[i];
        const float step = (m[i] * s.correction1) / (__builtin_sqrtf(v[i] * s.correction2) + s.epsilon);
        parameter[i] -= s.learning_rate * (step + s.decay * parameter[i]);
    }
}

}  // namespace
}  // namespace jatai::train
