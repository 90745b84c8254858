// target.h: for which instructions the kernels of device/simd/ are compiled.
//
//     template <typename V>
//     JATAI_SIMD void run_conv2d_simd(const Call& call) { ... }
//
// On x86 the rest of the program stays within what every 64-bit processor has; whether this one has AVX2 is
// asked when the program runs (device/x86/dispatch.h).
#pragma once

#include "device/hot.h"

#if defined(__x86_64__)
#define JATAI_SIMD __attribute__((target("avx2"))) inline
#define JATAI_SIMD_INLINE __attribute__((target("avx2"))) JATAI_INLINE
#else
#define JATAI_SIMD inline
#define JATAI_SIMD_INLINE JATAI_INLINE
#endif
