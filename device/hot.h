// hot.h: inner loops stay fast whatever the caller's optimisation setting is.
//
//     JATAI_HOT_BEGIN
//     inline void run_softmax(const Call& call) { ... }
//     JATAI_HOT_END
//
// Arduino and its kin compile with -Os, which makes such loops several times slower. Under -Os the code
// between the two marks is compiled as under -O2; under any other setting they mean nothing.
#pragma once

#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE_SIZE__)
#define JATAI_HOT_BEGIN _Pragma("GCC push_options") _Pragma("GCC optimize(\"O2\")")
#define JATAI_HOT_END _Pragma("GCC pop_options")
#else
#define JATAI_HOT_BEGIN
#define JATAI_HOT_END
#endif

// Of a function in a header: always part of its caller, or never (a second copy would only cost flash).
#if defined(__GNUC__)
#define JATAI_INLINE __attribute__((always_inline)) inline
#define JATAI_NOINLINE __attribute__((noinline)) inline
#else
#define JATAI_INLINE inline
#define JATAI_NOINLINE inline
#endif

// Before a loop of four turns at most whose sums shall stay in registers.
#if defined(__GNUC__) && !defined(__clang__)
#define JATAI_UNROLL_4 _Pragma("GCC unroll 4")
#else
#define JATAI_UNROLL_4
#endif
