// simd128.h: the vectors of device/simd/ in the instructions of WebAssembly's 128-bit SIMD.
//
//     run_conv2d_rows<Simd128>(call);
//
// What each function does: device/x86/avx2.h. None of the relaxed instructions: their answers depend on the
// processor.
#pragma once

#include <stdint.h>
#include <string.h>
#include <wasm_simd128.h>

#include "device/simd/target.h"

namespace jatai {

struct Simd128 {
    static constexpr uint32_t kLanes = 4;
    typedef int32_t Sums __attribute__((vector_size(16)));
    typedef uint32_t Bits __attribute__((vector_size(16)));
    typedef int16_t Halves __attribute__((vector_size(16)));
    typedef uint16_t HalfBits __attribute__((vector_size(16)));
    typedef float Floats __attribute__((vector_size(16)));
    typedef uint32_t FourSums __attribute__((vector_size(16)));

    JATAI_SIMD_INLINE static v128_t raw(Sums x) { return reinterpret_cast<v128_t>(x); }
    JATAI_SIMD_INLINE static v128_t raw(Halves x) { return reinterpret_cast<v128_t>(x); }
    JATAI_SIMD_INLINE static Sums sums(v128_t x) { return reinterpret_cast<Sums>(x); }
    JATAI_SIMD_INLINE static Halves halves(v128_t x) { return reinterpret_cast<Halves>(x); }

    JATAI_SIMD_INLINE static Halves load(const int16_t* from) { return halves(wasm_v128_load(from)); }
    JATAI_SIMD_INLINE static void store(int16_t* to, Halves x) { wasm_v128_store(to, raw(x)); }
    JATAI_SIMD_INLINE static Halves widen(const int8_t* from) { return halves(wasm_i16x8_load8x8(from)); }
    JATAI_SIMD_INLINE static Halves repeat_two(const int16_t* from) {
        return halves(wasm_v128_load32_splat(from));
    }
    JATAI_SIMD_INLINE static Sums add_dot(Sums x, Halves a, Halves b) {
        return sums(wasm_i32x4_add(raw(x), wasm_i32x4_dot_i16x8(raw(a), raw(b))));
    }
    JATAI_SIMD_INLINE static Halves zip_low(Halves a, Halves b) {
        return halves(wasm_i16x8_shuffle(raw(a), raw(b), 0, 8, 1, 9, 2, 10, 3, 11));
    }
    JATAI_SIMD_INLINE static Halves zip_high(Halves a, Halves b) {
        return halves(wasm_i16x8_shuffle(raw(a), raw(b), 4, 12, 5, 13, 6, 14, 7, 15));
    }
    template <int kShift>
    JATAI_SIMD_INLINE static Sums multiply_high(Sums a, Sums b, int64_t nudge) {
        const v128_t add = wasm_i64x2_splat(nudge);
        const v128_t low = wasm_i64x2_add(wasm_i64x2_extmul_low_i32x4(raw(a), raw(b)), add);
        const v128_t high = wasm_i64x2_add(wasm_i64x2_extmul_high_i32x4(raw(a), raw(b)), add);
        return sums(
            wasm_i32x4_shuffle(wasm_u64x2_shr(low, kShift), wasm_u64x2_shr(high, kShift), 0, 2, 4, 6));
    }
    JATAI_SIMD_INLINE static Sums smaller(Sums a, Sums b) { return sums(wasm_i32x4_min(raw(a), raw(b))); }
    // There is no shift by another number in each lane; most often it is the same in all.
    JATAI_SIMD_INLINE static Sums shift_left(Sums x, Sums bits) {
        return reinterpret_cast<Sums>(reinterpret_cast<Bits>(x) << reinterpret_cast<Bits>(bits));
    }
    JATAI_SIMD_INLINE static Sums shift_right(Sums x, Sums bits) { return x >> bits; }
    JATAI_SIMD_INLINE static FourSums fold(Sums x) { return reinterpret_cast<FourSums>(x); }
    JATAI_SIMD_INLINE static void store_bytes(int8_t* to, Sums a, Sums b) {
        const v128_t both = wasm_i16x8_narrow_i32x4(raw(a), raw(b));
        wasm_v128_store64_lane(to, wasm_i8x16_narrow_i16x8(both, both), 0);
    }
};

}  // namespace jatai
