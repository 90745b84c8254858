// lanes.h: vectors of floats and the few things done with them; included once per instruction set.
//
//     Lanes8 a = load<Lanes8>(p);  a = multiply_add(a, b, c);  store(q, a);
//
// Needs: the file that includes it has chosen the instruction set (see vector_kernels_avx2.cpp) and defined
// JATAI_LANES, the widest vector. Everything is in an unnamed namespace, so no two sets meet in the linker.
#pragma once

#include <cstddef>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace jatai::train {
namespace {

typedef float Lanes4 __attribute__((vector_size(16)));
typedef float Lanes8 __attribute__((vector_size(32)));
typedef float Lanes16 __attribute__((vector_size(64)));

#if JATAI_LANES == 16
using Widest = Lanes16;
#elif JATAI_LANES == 8
using Widest = Lanes8;
#else
using Widest = Lanes4;
#endif

template <typename T>
constexpr int kLanes = static_cast<int>(sizeof(T) / sizeof(float));

template <typename T>
[[gnu::always_inline]] inline T load(const float* p) {
    T v;
    __builtin_memcpy(&v, p, sizeof(T));
    return v;
}
template <typename T>
[[gnu::always_inline]] inline void store(float* p, const T& v) {
    __builtin_memcpy(p, &v, sizeof(T));
}

// Every lane `a`, bit for bit.
template <typename T>
[[gnu::always_inline]] inline T spread(float a) {
#if JATAI_LANES == 16
    if constexpr (sizeof(T) == 64) return (T)_mm512_set1_ps(a);
#endif
#if JATAI_LANES >= 8
    if constexpr (sizeof(T) == 32) return (T)_mm256_set1_ps(a);
#endif
    if constexpr (sizeof(T) == 16) return T{a, a, a, a};
    if constexpr (sizeof(T) == sizeof(float)) return a;
}

// One rounding, on every machine: the instruction where there is one, the C library where there is none.
template <typename T>
[[gnu::always_inline]] inline T multiply_add(const T& a, const T& b, const T& c) {
#if JATAI_LANES == 16
    if constexpr (sizeof(T) == 64) return (T)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#endif
#if JATAI_LANES >= 8
    if constexpr (sizeof(T) == 32) return (T)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
    if constexpr (sizeof(T) == 16) return (T)_mm_fmadd_ps((__m128)a, (__m128)b, (__m128)c);
#endif
    if constexpr (sizeof(T) == sizeof(float)) {
        return __builtin_fmaf(a, b, c);
    } else {
        T v;
        for (int i = 0; i < kLanes<T>; ++i) v[i] = __builtin_fmaf(a[i], b[i], c[i]);
        return v;
    }
}

template <typename T>
[[gnu::always_inline]] inline T larger(const T& a, const T& b) {
    return a > b ? a : b;
}
template <typename T>
[[gnu::always_inline]] inline T smaller(const T& a, const T& b) {
    return a < b ? a : b;
}

// Nearest integer, ties to even, for |v| < 2^22: adding 1.5 * 2^23 leaves no room for a fraction. (Never
// build this with -ffast-math, which cancels the two.)
template <typename T>
[[gnu::always_inline]] inline T round_even(const T& v) {
    const T magic = spread<T>(12582912.0f);
    return (v + magic) - magic;
}

// v where low < z < high, else 0.
template <typename T>
[[gnu::always_inline]] inline T keep_inside(const T& v, const T& z, const T& low, const T& high) {
    if constexpr (sizeof(T) == sizeof(float)) {
        return (z > low) & (z < high) ? v : 0.0f;
    } else {
        return ((z > low) & (z < high)) ? v : T{};
    }
}

// Calls f.operator()<T, NB>(c) for blocks of NB vectors of T that together cover columns 0..n.
template <int NB, typename T, typename F>
[[gnu::always_inline]] inline int cover(int c, int n, const F& f) {
    for (; c + NB * kLanes<T> <= n; c += NB * kLanes<T>) f.template operator()<T, NB>(c);
    return c;
}
template <int NB, typename F>
[[gnu::always_inline]] inline void for_columns(int n, const F& f) {
    int c = cover<NB, Widest>(0, n, f);
    c = cover<1, Widest>(c, n, f);
    if constexpr (JATAI_LANES > 8) c = cover<1, Lanes8>(c, n, f);
    if constexpr (JATAI_LANES > 4) c = cover<1, Lanes4>(c, n, f);
    cover<1, float>(c, n, f);
}

}  // namespace
}  // namespace jatai::train
