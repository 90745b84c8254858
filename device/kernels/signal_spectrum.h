// signal_spectrum.h: SignalFftAutoScale, SignalRfft and SignalEnergy: int16 samples to the energy of each
// bin.
//
//     scale:   out = in * 2^bits, bits as large as the loudest sample allows
//     rfft:    X[k] = 1/n * sum of x[i] * exp(-2 pi j i k / n), k = 0..n/2, in 16-bit fixed point
//     energy:  out[k] = re[k]^2 + im[k]^2
//
// The transform halves at every doubling and rounds every product, as kissfft does with FIXED_POINT=16: n/2
// complex points in stages of four (the first of two, where n/2 is no power of four), then one step that
// parts even and odd. Q0.15 turns come from a table made before the model runs.
// Formula: docs/reference/ops.md#signal-operators.
#pragma once

#include "device/kernels/check.h"
#include "device/kernels/requantize.h"

namespace jatai {

struct SignalAutoScaleParams {
    uint32_t count;
};
struct SignalEnergyParams {
    uint32_t bins;
    uint32_t start;  // bins outside start..end-1 give 0
    uint32_t end;
};
struct SignalRfftParams {
    uint32_t rows;
    uint32_t in_length;  // of a row; zeros fill it up to 2^bits
    uint32_t bits;       // 2..15
};
static_assert(sizeof(SignalAutoScaleParams) == 4 && sizeof(SignalEnergyParams) == 12 &&
                  sizeof(SignalRfftParams) == 12,
              "the layout in flash");

struct Complex16 {
    int16_t re;
    int16_t im;
};

constexpr uint32_t kMinRfftBits = 2;
constexpr uint32_t kMaxRfftBits = 15;

// The table of turns: n/2 for the stages, then n/4 for the last step.
constexpr uint64_t rfft_turns(uint32_t bits) { return (uint64_t{1} << bits) / 2 + (uint64_t{1} << bits) / 4; }

// Operands: 0 input [count] int16, 1 output [count] int16, 2 bits int32.
inline bool fits_signal_auto_scale(const Claim& claim) {
    const SignalAutoScaleParams* p = claim.parameters<SignalAutoScaleParams>();
    return p != nullptr && holds(claim, 0, 2 * uint64_t{p->count}) &&
           fills(claim, 1, 2 * uint64_t{p->count}) && fills(claim, 2, 4);
}

// Operands: 0 input [rows, in_length] int16, 1 turns, 2 output [rows, n/2 + 1] complex int16, 3 scratch of
// n/2 complex int16.
inline bool fits_signal_rfft(const Claim& claim) {
    const SignalRfftParams* p = claim.parameters<SignalRfftParams>();
    if (p == nullptr || p->bits < kMinRfftBits || p->bits > kMaxRfftBits) return false;
    const uint64_t n = uint64_t{1} << p->bits;
    return p->in_length <= n && p->rows <= 0xFFFFFFu &&
           holds(claim, 0, 2 * uint64_t{p->rows} * p->in_length) &&
           holds(claim, 1, 4 * rfft_turns(p->bits)) && fills(claim, 2, 4 * p->rows * (n / 2 + 1)) &&
           fills(claim, 3, 2 * n);
}

// Operands: 0 input [bins] complex int16, 1 output [bins] uint32.
inline bool fits_signal_energy(const Claim& claim) {
    const SignalEnergyParams* p = claim.parameters<SignalEnergyParams>();
    return p != nullptr && holds(claim, 0, 4 * uint64_t{p->bins}) && fills(claim, 1, 4 * uint64_t{p->bins});
}

JATAI_HOT_BEGIN

// Bits of x up to its highest one; 32 for 0, as where this operator comes from: silence is left as it is.
inline uint32_t bits_or_32(uint32_t x) {
    uint32_t bits = 0;
    for (; x != 0; x >>= 1) ++bits;
    return bits == 0 ? 32 : bits;
}

// -32768 has no positive twin in 16 bits: it becomes the lowest "largest" there is, and any later sample
// beats it. So it is where this operator comes from.
inline int16_t loudest(const int16_t* in, uint32_t count) {
    int16_t most = 0;
    for (uint32_t i = 0; i < count; ++i) {
        if (in[i] > most) {
            most = in[i];
        } else if (-int32_t{in[i]} > most) {
            most = static_cast<int16_t>(-int32_t{in[i]});
        }
    }
    return most;
}

inline void run_signal_auto_scale(const Call& call) {
    const uint32_t count = call.parameters<SignalAutoScaleParams>().count;
    const int16_t* in = call.in<int16_t>(0);
    int16_t* out = call.out<int16_t>(1);
    const uint32_t used = bits_or_32(static_cast<uint32_t>(int32_t{loudest(in, count)}));
    const int32_t bits = used < 15 ? static_cast<int32_t>(15 - used) : 0;
    for (uint32_t i = 0; i < count; ++i) out[i] = static_cast<int16_t>(int32_t{in[i]} * (1 << bits));
    *call.out<int32_t>(2) = bits;
}

inline int16_t round_q15(uint32_t x) {
    return static_cast<int16_t>(static_cast<int32_t>(x + (1u << 14)) >> 15);
}
inline uint32_t product(int16_t a, int16_t b) { return static_cast<uint32_t>(int32_t{a} * b); }

inline Complex16 turned(Complex16 a, Complex16 turn) {
    return {round_q15(product(a.re, turn.re) - product(a.im, turn.im)),
            round_q15(product(a.re, turn.im) + product(a.im, turn.re))};
}
// Times `part` / 32768: 16383 for a half, 8191 for a quarter.
inline Complex16 scaled(Complex16 a, int16_t part) {
    return {round_q15(product(a.re, part)), round_q15(product(a.im, part))};
}
inline Complex16 sum(Complex16 a, Complex16 b) {
    return {static_cast<int16_t>(a.re + b.re), static_cast<int16_t>(a.im + b.im)};
}
inline Complex16 difference(Complex16 a, Complex16 b) {
    return {static_cast<int16_t>(a.re - b.re), static_cast<int16_t>(a.im - b.im)};
}

constexpr int16_t kHalfQ15 = 32767 / 2;
constexpr int16_t kQuarterQ15 = 32767 / 4;

// Where point `i` of 2^bits stands in the input: its digits to base 4 from the top become digits from the
// bottom; the last is to base 2 where `bits` is odd.
inline uint32_t reversed_digits(uint32_t i, uint32_t bits) {
    uint32_t from = 0;
    uint32_t place = 0;
    while (bits > 0) {
        const uint32_t digit_bits = bits >= 2 ? 2 : 1;
        bits -= digit_bits;
        from |= (i >> bits) << place;
        i &= (1u << bits) - 1;
        place += digit_bits;
    }
    return from;
}

// Points 2i and 2i+1 become one transform each.
inline void join_pairs16(Complex16* z, uint32_t count, const Complex16* turns) {
    for (uint32_t i = 0; i < count; i += 2) {
        const Complex16 a = scaled(z[i], kHalfQ15);
        const Complex16 b = turned(scaled(z[i + 1], kHalfQ15), turns[0]);
        z[i] = sum(a, b);
        z[i + 1] = difference(a, b);
    }
}

// Four transforms of `quarter` points, one after the other, become one.
inline void join_fours16(Complex16* z, uint32_t count, uint32_t quarter, const Complex16* turns) {
    const uint32_t step = count / (4 * quarter);
    for (uint32_t begin = 0; begin < count; begin += 4 * quarter) {
        for (uint32_t k = 0; k < quarter; ++k) {
            Complex16* p = z + begin + k;
            const Complex16 a = scaled(p[0], kQuarterQ15);
            const Complex16 b = turned(scaled(p[quarter], kQuarterQ15), turns[k * step]);
            const Complex16 c = turned(scaled(p[2 * quarter], kQuarterQ15), turns[2 * k * step]);
            const Complex16 d = turned(scaled(p[3 * quarter], kQuarterQ15), turns[3 * k * step]);
            const Complex16 even = sum(a, c), even_difference = difference(a, c);
            const Complex16 odd = sum(b, d), odd_difference = difference(b, d);
            p[0] = sum(even, odd);
            p[2 * quarter] = difference(even, odd);
            p[quarter] = {static_cast<int16_t>(even_difference.re + odd_difference.im),
                          static_cast<int16_t>(even_difference.im - odd_difference.re)};
            p[3 * quarter] = {static_cast<int16_t>(even_difference.re - odd_difference.im),
                              static_cast<int16_t>(even_difference.im + odd_difference.re)};
        }
    }
}

inline int16_t half_of_sum(int32_t a, int32_t b) { return static_cast<int16_t>((a + b) >> 1); }

// The transform of n/2 complex points made of even and odd samples becomes that of n real ones.
inline void part_even_and_odd(const Complex16* z, uint32_t half, const Complex16* turns, Complex16* out) {
    const Complex16 first = scaled(z[0], kHalfQ15);
    for (uint32_t k = 1; k <= half / 2; ++k) {
        const Complex16 a = scaled(z[k], kHalfQ15);
        const Complex16 mirror = z[half - k];
        const Complex16 b = scaled({mirror.re, static_cast<int16_t>(-mirror.im)}, kHalfQ15);
        const Complex16 both = sum(a, b);
        const Complex16 turn = turned(difference(a, b), turns[k - 1]);
        out[k] = {half_of_sum(both.re, turn.re), half_of_sum(both.im, turn.im)};
        out[half - k] = {half_of_sum(both.re, -turn.re), half_of_sum(turn.im, -both.im)};
    }
    out[0] = {static_cast<int16_t>(first.re + first.im), 0};
    out[half] = {static_cast<int16_t>(first.re - first.im), 0};
}

inline void rfft_row(const SignalRfftParams& p, const int16_t* in, const Complex16* turns, Complex16* z,
                     Complex16* out) {
    const uint32_t half = 1u << (p.bits - 1);
    for (uint32_t i = 0; i < half; ++i) {
        const uint32_t from = 2 * reversed_digits(i, p.bits - 1);
        z[i].re = from < p.in_length ? in[from] : int16_t{0};
        z[i].im = from + 1 < p.in_length ? in[from + 1] : int16_t{0};
    }
    uint32_t joined = 1;
    if ((p.bits - 1) % 2 != 0) {
        join_pairs16(z, half, turns);
        joined = 2;
    }
    for (; joined < half; joined *= 4) join_fours16(z, half, joined, turns);
    part_even_and_odd(z, half, turns + half, out);
}

inline void run_signal_rfft(const Call& call) {
    const SignalRfftParams& p = call.parameters<SignalRfftParams>();
    const uint32_t bins = (1u << p.bits) / 2 + 1;
    for (uint32_t r = 0; r < p.rows; ++r) {
        rfft_row(p, call.in<int16_t>(0) + r * p.in_length, call.in<Complex16>(1), call.out<Complex16>(3),
                 call.out<Complex16>(2) + r * bins);
    }
}

inline void run_signal_energy(const Call& call) {
    const SignalEnergyParams& p = call.parameters<SignalEnergyParams>();
    const Complex16* in = call.in<Complex16>(0);
    uint32_t* out = call.out<uint32_t>(1);
    for (uint32_t i = 0; i < p.bins; ++i) {
        const bool wanted = i >= p.start && i < p.end;
        out[i] = wanted ? product(in[i].re, in[i].re) + product(in[i].im, in[i].im) : 0;
    }
}

JATAI_HOT_END

constexpr Kernel kSignalFftAutoScale{
    {Op::SignalFftAutoScale, Type::Int16, 1}, fits_signal_auto_scale, run_signal_auto_scale};
constexpr Kernel kSignalRfft{{Op::SignalRfft, Type::Int16, 1}, fits_signal_rfft, run_signal_rfft};
constexpr Kernel kSignalEnergy{{Op::SignalEnergy, Type::Int16, 1}, fits_signal_energy, run_signal_energy};

}  // namespace jatai
