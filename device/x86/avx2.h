// avx2.h: the vectors of device/simd/ in the instructions of AVX2.
//
//     run_conv2d_rows<Avx2>(call);
//
// What a `V` of device/simd/ has: kLanes 32-bit numbers a vector (Sums), twice as many of 16 bits (Halves),
// and the functions below. Arithmetic that GCC and Clang know for any vector (+, <<, comparisons) has no
// function here.
#pragma once

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#include "device/simd/target.h"

namespace jatai {

struct Avx2 {
    static constexpr uint32_t kLanes = 8;
    typedef int32_t Sums __attribute__((vector_size(32)));
    typedef uint32_t Bits __attribute__((vector_size(32)));
    typedef int16_t Halves __attribute__((vector_size(32)));
    typedef uint16_t HalfBits __attribute__((vector_size(32)));
    typedef float Floats __attribute__((vector_size(32)));
    typedef uint32_t FourSums __attribute__((vector_size(16)));

    JATAI_SIMD_INLINE static __m256i raw(Sums x) { return reinterpret_cast<__m256i>(x); }
    JATAI_SIMD_INLINE static __m256i raw(Halves x) { return reinterpret_cast<__m256i>(x); }
    JATAI_SIMD_INLINE static Sums sums(__m256i x) { return reinterpret_cast<Sums>(x); }
    JATAI_SIMD_INLINE static Halves halves(__m256i x) { return reinterpret_cast<Halves>(x); }

    JATAI_SIMD_INLINE static Halves load(const int16_t* from) {
        return halves(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
    }
    JATAI_SIMD_INLINE static void store(int16_t* to, Halves x) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), raw(x));
    }
    // 2 * kLanes bytes as 16-bit numbers.
    JATAI_SIMD_INLINE static Halves widen(const int8_t* from) {
        return halves(_mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))));
    }
    // Two numbers side by side, in every lane.
    JATAI_SIMD_INLINE static Halves repeat_two(const int16_t* from) {
        int32_t two;
        memcpy(&two, from, sizeof two);
        return halves(_mm256_set1_epi32(two));
    }
    // In every lane, the sum of two products more, wrapping.
    JATAI_SIMD_INLINE static Sums add_dot(Sums x, Halves a, Halves b) {
        return sums(_mm256_add_epi32(raw(x), _mm256_madd_epi16(raw(a), raw(b))));
    }
    // a0 b0 a1 b1 .. of the quads 0 and 2, and of the quads 1 and 3 (panels.h: place_of).
    JATAI_SIMD_INLINE static Halves zip_low(Halves a, Halves b) {
        return halves(_mm256_unpacklo_epi16(raw(a), raw(b)));
    }
    JATAI_SIMD_INLINE static Halves zip_high(Halves a, Halves b) {
        return halves(_mm256_unpackhi_epi16(raw(a), raw(b)));
    }
    // The low 32 bits of (a * b + nudge) / 2^kShift, rounded down; kShift 31 or 32.
    template <int kShift>
    JATAI_SIMD_INLINE static Sums multiply_high(Sums a, Sums b, int64_t nudge) {
        const __m256i add = _mm256_set1_epi64x(nudge);
        const __m256i even = _mm256_add_epi64(_mm256_mul_epi32(raw(a), raw(b)), add);
        const __m256i odd = _mm256_add_epi64(
            _mm256_mul_epi32(_mm256_srli_epi64(raw(a), 32), _mm256_srli_epi64(raw(b), 32)), add);
        return sums(
            _mm256_blend_epi32(_mm256_srli_epi64(even, kShift), _mm256_slli_epi64(odd, 32 - kShift), 0xAA));
    }
    JATAI_SIMD_INLINE static Sums smaller(Sums a, Sums b) { return sums(_mm256_min_epi32(raw(a), raw(b))); }
    JATAI_SIMD_INLINE static Sums shift_left(Sums x, Sums bits) {
        return sums(_mm256_sllv_epi32(raw(x), raw(bits)));
    }
    JATAI_SIMD_INLINE static Sums shift_right(Sums x, Sums bits) {
        return sums(_mm256_srav_epi32(raw(x), raw(bits)));
    }
    // The sums of lanes 0 and 4, 1 and 5, 2 and 6, 3 and 7.
    JATAI_SIMD_INLINE static FourSums fold(Sums x) {
        return reinterpret_cast<FourSums>(
            _mm_add_epi32(_mm256_castsi256_si128(raw(x)), _mm256_extracti128_si256(raw(x), 1)));
    }
    // Numbers of -128..127 as bytes: the quads of both in turn, 0 of a, 0 of b, 1 of a, 1 of b.
    JATAI_SIMD_INLINE static void store_bytes(int8_t* to, Sums a, Sums b) {
        const __m256i both = _mm256_packs_epi32(raw(a), raw(b));
        const __m256i bytes = _mm256_permute4x64_epi64(_mm256_packs_epi16(both, both), 0x08);
        _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm256_castsi256_si128(bytes));
    }
};

}  // namespace jatai
