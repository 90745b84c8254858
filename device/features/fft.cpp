#include "device/features/fft.h"

#include <string.h>

#include "device/hot.h"

namespace jatai {
namespace {

JATAI_HOT_BEGIN

struct Complex {
    int32_t re;
    int32_t im;
};

// High word of a*b + c*d, rounded: with Q31 factors half the sum of products. Two SMLAL on a preset
// accumulator. Without rounding the small bias of every product would gather in the lowest bins.
inline __attribute__((always_inline)) int32_t half_dot(int32_t a, int32_t b, int32_t c, int32_t d) {
    return int32_t(((int64_t(1) << 31) + int64_t(a) * b + int64_t(c) * d) >> 32);
}

inline __attribute__((always_inline)) Complex turn(Complex z, int32_t cosine, int32_t sine) {
    return {half_dot(z.re, cosine, z.im, sine) * 2, half_dot(z.im, cosine, -z.re, sine) * 2};
}

inline __attribute__((always_inline)) void butterfly(Complex* p, uint32_t quarter, Complex b, Complex c,
                                                     Complex d) {
    const Complex a = *p;
    const Complex sum = {a.re + b.re, a.im + b.im};
    const Complex difference = {a.re - b.re, a.im - b.im};
    const Complex odd_sum = {c.re + d.re, c.im + d.im};
    const Complex odd_difference = {c.re - d.re, c.im - d.im};
    p[0] = {sum.re + odd_sum.re, sum.im + odd_sum.im};
    p[quarter] = {difference.re + odd_difference.im, difference.im - odd_difference.re};
    p[2 * quarter] = {sum.re - odd_sum.re, sum.im - odd_sum.im};
    p[3 * quarter] = {difference.re - odd_difference.im, difference.im + odd_difference.re};
}

// The first stage of an odd number of doublings: pairs.
void join_pairs(Complex* z, uint32_t count) {
    for (uint32_t i = 0; i < count; i += 2) {
        const Complex a = z[i];
        const Complex b = z[i + 1];
        z[i] = {a.re + b.re, a.im + b.im};
        z[i + 1] = {a.re - b.re, a.im - b.im};
    }
}

// Joins four transforms of `quarter` points into one. Input is in bit-reversed order, so the second and third
// of the four stand swapped: b is turned by 2k, c by k. `step`: entries of the sine table per 1/(4 quarter)
// turn.
void join_fours(Complex* z, uint32_t count, uint32_t quarter, const int32_t* cosine, uint32_t step) {
    const uint32_t quarter_turn = step * quarter;
    const int32_t* sine = cosine - quarter_turn;
    for (Complex* p = z; p < z + count; p += 4 * quarter)
        butterfly(p, quarter, p[quarter], p[2 * quarter], p[3 * quarter]);
    for (uint32_t k = 1; k < quarter; ++k) {
        const uint32_t i = k * step;
        const int32_t c1 = cosine[i], s1 = sine[i];
        const int32_t c2 = cosine[2 * i], s2 = sine[2 * i];
        const int32_t c3 = cosine[3 * i], s3 = sine[3 * i];
        for (Complex* p = z + k; p < z + count; p += 4 * quarter) {
            const Complex b = turn(p[quarter], c2, s2);
            const Complex c = turn(p[2 * quarter], c1, s1);
            const Complex d = turn(p[3 * quarter], c3, s3);
            butterfly(p, quarter, b, c, d);
        }
    }
}

// Bins of the real samples out of the half-size transform: E + W^k O and its mirror.
uint32_t split_real(Complex* z, uint32_t count, const int32_t* cosine) {
    const int32_t* sine = cosine - count / 2;
    uint32_t peak = 0;
    for (uint32_t k = 1; k <= count / 2; ++k) {
        const Complex a = z[k];
        const Complex b = z[count - k];
        const int32_t even_re = (a.re + b.re) >> 1, even_im = (a.im - b.im) >> 1;
        const int32_t odd_re = a.im + b.im, odd_im = b.re - a.re;
        const int32_t turned_re = half_dot(odd_re, cosine[k], odd_im, sine[k]);
        const int32_t turned_im = half_dot(odd_im, cosine[k], -odd_re, sine[k]);
        const Complex low = {even_re + turned_re, even_im + turned_im};
        const Complex high = {even_re - turned_re, turned_im - even_im};
        z[k] = low;
        z[count - k] = high;
        peak |= uint32_t(low.re ^ (low.re >> 31)) | uint32_t(low.im ^ (low.im >> 31)) |
                uint32_t(high.re ^ (high.re >> 31)) | uint32_t(high.im ^ (high.im >> 31));
    }
    return peak;
}

JATAI_HOT_END

}  // namespace

JATAI_HOT_BEGIN

uint32_t load_window(const int16_t* samples, const uint16_t* window_q15, uint32_t window_samples,
                     uint32_t fft_size, int32_t* work) {
    const uint32_t count = fft_size / 2;
    uint32_t doublings = 8;
    while ((1u << doublings) < fft_size) ++doublings;
    uint32_t loudest = 1;
    for (uint32_t i = 0; i < window_samples; ++i) loudest |= uint32_t(samples[i] ^ (samples[i] >> 15));
    const uint32_t headroom = uint32_t(__builtin_clz(loudest)) - 17;
    const uint32_t shift = headroom < doublings ? doublings - headroom : 0;
    const int32_t half = shift > 0 ? 1 << (shift - 1) : 0;
    if (window_samples < fft_size) memset(work, 0, fft_size * sizeof(int32_t));
    uint32_t reversed = 0;
    for (uint32_t i = 0; i < window_samples; i += 2) {
        work[2 * reversed] = (int32_t(samples[i]) * window_q15[i] + half) >> shift;
        work[2 * reversed + 1] = (int32_t(samples[i + 1]) * window_q15[i + 1] + half) >> shift;
        uint32_t bit = count / 2;
        while (reversed & bit) {
            reversed ^= bit;
            bit >>= 1;
        }
        reversed |= bit;
    }
    return 15 - shift;
}

uint32_t transform_real(int32_t* work, const int32_t* twiddles_q31, uint32_t fft_size) {
    Complex* z = reinterpret_cast<Complex*>(work);
    const uint32_t count = fft_size / 2;
    const int32_t* cosine = twiddles_q31 + fft_size / 4;
    uint32_t quarter = 1;
    if (fft_size == 256 || fft_size == 1024) {  // 2^7 and 2^9 points: one doubling more than fours can make
        join_pairs(z, count);
        quarter = 2;
    }
    for (; quarter < count; quarter *= 4) join_fours(z, count, quarter, cosine, fft_size / (4 * quarter));
    return split_real(z, count, cosine);
}

JATAI_HOT_END

}  // namespace jatai
