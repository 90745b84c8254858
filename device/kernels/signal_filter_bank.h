// signal_filter_bank.h: what follows the spectrum in TFLM's audio front end: SignalFilterBank,
// SignalFilterBankSquareRoot, SignalFilterBankSpectralSubtraction, SignalPCAN and SignalFilterBankLog.
//
//     energies of bins -> sums of channels -> their roots -> less the noise -> gain -> logarithm
//
// Whole numbers without a sign throughout; what does not fit wraps. Formulas:
// docs/reference/ops.md#signal-operators.
#pragma once

#include "device/kernels/check.h"
#include "device/kernels/requantize.h"

namespace jatai {

constexpr uint32_t kMaxFilterBankRows = 1024;

// A slope of the triangles: `width` bins from first_bin on, weighted from first_weight on.
struct FilterBankRow {
    uint16_t first_bin;
    uint16_t first_weight;
    uint16_t width;
    uint16_t reserved;
};
// Behind it stand rows of FilterBankRow, one more than there are channels.
struct FilterBankParams {
    uint32_t rows;  // 2..kMaxFilterBankRows
    uint32_t bins;
    uint32_t weights;
};
struct FilterBankRootParams {
    uint32_t channels;
};
struct SpectralSubtractionParams {
    uint32_t channels;
    uint32_t smoothing[2];            // of even and odd channels
    uint32_t one_minus_smoothing[2];  // likewise
    uint32_t min_signal_remaining;
    uint8_t smoothing_bits;    // 0..31
    uint8_t subtraction_bits;  // 0..63
    uint8_t clamping;          // the noise estimate never exceeds the signal
    uint8_t reserved;
};
struct PcanParams {
    uint32_t channels;
    uint32_t snr_shift;  // 0..63
};
struct FilterBankLogParams {
    uint32_t channels;
    uint32_t output_scale;
    uint32_t correction_bits;  // 0..31
};
static_assert(sizeof(FilterBankRow) == 8 && sizeof(FilterBankParams) == 12 &&
                  sizeof(FilterBankRootParams) == 4 && sizeof(SpectralSubtractionParams) == 28 &&
                  sizeof(PcanParams) == 8 && sizeof(FilterBankLogParams) == 12,
              "the layout in flash");

constexpr uint32_t kPcanLutEntries = 125;  // 3, then three and one unused for each power of two from 2^2 up
constexpr uint32_t kLogSegments = 128;

// Operands: 0 energies [bins] uint32, 1 weights int16, 2 their complements int16, 3 output [rows - 1] uint64.
inline bool fits_filter_bank(const Claim& claim) {
    const FilterBankParams* p = claim.parameters<FilterBankParams>();
    if (p == nullptr || p->rows < 2 || p->rows > kMaxFilterBankRows ||
        claim.params_bytes < sizeof(FilterBankParams) + p->rows * sizeof(FilterBankRow)) {
        return false;
    }
    const FilterBankRow* rows = reinterpret_cast<const FilterBankRow*>(p + 1);
    for (uint32_t i = 0; i < p->rows; ++i) {
        if (uint32_t{rows[i].first_bin} + rows[i].width > p->bins ||
            uint32_t{rows[i].first_weight} + rows[i].width > p->weights) {
            return false;
        }
    }
    return holds(claim, 0, 4 * uint64_t{p->bins}) && holds(claim, 1, 2 * uint64_t{p->weights}) &&
           holds(claim, 2, 2 * uint64_t{p->weights}) && fills(claim, 3, 8 * uint64_t{p->rows - 1});
}

// Operands: 0 sums [channels] uint64, 1 bits to take off int32, 2 output [channels] uint32.
inline bool fits_filter_bank_root(const Claim& claim) {
    const FilterBankRootParams* p = claim.parameters<FilterBankRootParams>();
    return p != nullptr && holds(claim, 0, 8 * uint64_t{p->channels}) && holds(claim, 1, 4) &&
           fills(claim, 2, 4 * uint64_t{p->channels});
}

// Operands: 0 signal [channels] uint32, 1 noise kept from run to run, 2 output, 3 the noise again.
inline bool fits_spectral_subtraction(const Claim& claim) {
    const SpectralSubtractionParams* p = claim.parameters<SpectralSubtractionParams>();
    if (p == nullptr || p->smoothing_bits > 31 || p->subtraction_bits > 63) return false;
    const uint64_t bytes = 4 * uint64_t{p->channels};
    return holds(claim, 0, bytes) && fills(claim, 1, bytes) && fills(claim, 2, bytes) &&
           fills(claim, 3, bytes);
}

// Operands: 0 signal [channels] uint32, 1 noise uint32, 2 gains int16[125], 3 output uint32.
inline bool fits_pcan(const Claim& claim) {
    const PcanParams* p = claim.parameters<PcanParams>();
    if (p == nullptr || p->snr_shift > 63) return false;
    const uint64_t bytes = 4 * uint64_t{p->channels};
    return holds(claim, 0, bytes) && holds(claim, 1, bytes) && holds(claim, 2, 2 * kPcanLutEntries) &&
           fills(claim, 3, bytes);
}

// Operands: 0 input [channels] uint32, 1 bends of the logarithm uint16[129], 2 output [channels] int16.
inline bool fits_filter_bank_log(const Claim& claim) {
    const FilterBankLogParams* p = claim.parameters<FilterBankLogParams>();
    return p != nullptr && p->correction_bits <= 31 && holds(claim, 0, 4 * uint64_t{p->channels}) &&
           holds(claim, 1, 2 * (kLogSegments + 1)) && fills(claim, 2, 2 * uint64_t{p->channels});
}

JATAI_HOT_BEGIN

// A slope falls for one channel while it rises for the next: sum[i] = rising of row i + falling of row i - 1.
inline void run_filter_bank(const Call& call) {
    const FilterBankParams& p = call.parameters<FilterBankParams>();
    const FilterBankRow* rows = reinterpret_cast<const FilterBankRow*>(&p + 1);
    uint64_t falling = 0;
    for (uint32_t i = 0; i < p.rows; ++i) {
        const uint32_t* in = call.in<uint32_t>(0) + rows[i].first_bin;
        const int16_t* weights = call.in<int16_t>(1) + rows[i].first_weight;
        const int16_t* complements = call.in<int16_t>(2) + rows[i].first_weight;
        uint64_t sum = falling;
        falling = 0;
        for (uint32_t j = 0; j < rows[i].width; ++j) {
            sum += static_cast<uint64_t>(int64_t{weights[j]}) * in[j];
            falling += static_cast<uint64_t>(int64_t{complements[j]}) * in[j];
        }
        if (i > 0) call.out<uint64_t>(3)[i - 1] = sum;
    }
}

// To the nearest; the largest of as many bits as the root may have stays.
template <typename T>
T rounded_root(T x, T most) {
    T root = 0;
    T bit = T{1} << (8 * sizeof(T) - 2);
    while (bit > x) bit >>= 2;
    for (; bit != 0; bit >>= 2) {
        const T trial = root + bit;
        root >>= 1;
        if (x >= trial) {
            x -= trial;
            root += bit;
        }
    }
    return x > root && root != most ? root + 1 : root;
}

inline uint32_t root_of(uint64_t x) {
    if (x >> 32 == 0) return rounded_root<uint32_t>(static_cast<uint32_t>(x), 0xFFFFu);
    return static_cast<uint32_t>(rounded_root<uint64_t>(x, 0xFFFFFFFFu));
}

inline void run_filter_bank_root(const Call& call) {
    const uint32_t channels = call.parameters<FilterBankRootParams>().channels;
    const uint32_t bits = *call.in<uint32_t>(1);
    const uint64_t* in = call.in<uint64_t>(0);
    uint32_t* out = call.out<uint32_t>(2);
    for (uint32_t i = 0; i < channels; ++i) out[i] = bits < 32 ? root_of(in[i]) >> bits : 0;
}

// noise = smoothing * signal + (1 - smoothing) * noise;  out = max(signal - noise, a part of the signal)
inline void run_spectral_subtraction(const Call& call) {
    const SpectralSubtractionParams& p = call.parameters<SpectralSubtractionParams>();
    const uint32_t* in = call.in<uint32_t>(0);
    uint32_t* noise = call.out<uint32_t>(1);
    uint32_t* out = call.out<uint32_t>(2);
    uint32_t* noise_out = call.out<uint32_t>(3);
    for (uint32_t i = 0; i < p.channels; ++i) {
        const uint32_t signal = in[i];
        const uint32_t fine = signal << p.smoothing_bits;
        const uint64_t mixed =
            uint64_t{fine} * p.smoothing[i & 1] + uint64_t{noise[i]} * p.one_minus_smoothing[i & 1];
        const uint32_t estimate = static_cast<uint32_t>(mixed >> p.subtraction_bits);
        const uint32_t taken = estimate < fine ? estimate : fine;
        const uint32_t kept = p.clamping ? taken : estimate;
        const uint32_t least =
            static_cast<uint32_t>((uint64_t{signal} * p.min_signal_remaining) >> p.subtraction_bits);
        const uint32_t rest = (fine - taken) >> p.smoothing_bits;
        noise[i] = kept;
        noise_out[i] = kept;
        out[i] = rest > least ? rest : least;
    }
}

// A curve over all of 32 bits: a parabola between powers of two, three coefficients each.
inline int16_t gain_of(uint32_t x, const int16_t* lut) {
    if (x <= 2) return lut[x];
    uint32_t bits = 0;
    while (bits < 32 && (x >> bits) != 0) ++bits;
    const int16_t* c = lut + 4 * bits - 6;
    const int32_t part = static_cast<int32_t>((bits < 11 ? x << (11 - bits) : x >> (bits - 11)) & 0x3FF);
    const int32_t slope = ((c[2] * part) >> 5) + c[1] * 32;
    const uint32_t rise = static_cast<uint32_t>(slope) * static_cast<uint32_t>(part) + (1u << 14);
    return static_cast<int16_t>((static_cast<int32_t>(rise) >> 15) + c[0]);
}

constexpr uint32_t kPcanSnrBits = 12;
constexpr uint32_t kPcanOutputBits = 6;

// x^2 / 4 below 2, x - 1 from there on; 12 bits of fraction become 6.
inline uint32_t shrink(uint32_t x) {
    if (x < (2u << kPcanSnrBits)) return (x * x) >> (2 + 2 * kPcanSnrBits - kPcanOutputBits);
    return (x >> (kPcanSnrBits - kPcanOutputBits)) - (1u << kPcanOutputBits);
}

inline void run_pcan(const Call& call) {
    const PcanParams& p = call.parameters<PcanParams>();
    const uint32_t* in = call.in<uint32_t>(0);
    const uint32_t* noise = call.in<uint32_t>(1);
    uint32_t* out = call.out<uint32_t>(3);
    for (uint32_t i = 0; i < p.channels; ++i) {
        const uint32_t gain = static_cast<uint32_t>(int32_t{gain_of(noise[i], call.in<int16_t>(2))});
        out[i] = shrink(static_cast<uint32_t>((uint64_t{in[i]} * gain) >> p.snr_shift));
    }
}

// ln(x) * scale, 16 bits of fraction on the way: log2 by straight lines plus a table of how the curve bends.
// Between two entries of the table the bend hardly moves: a step is taken 1/65536 of the way per unit where
// 1/512 would be linear. So it is where this operator comes from.
inline uint32_t scaled_log(uint32_t x, uint32_t scale, const uint16_t* bends) {
    constexpr uint32_t kLn2 = 45426;  // Q0.16
    uint32_t whole = 0;
    while (whole < 31 && (x >> (whole + 1)) != 0) ++whole;
    const uint32_t rest = x - (1u << whole);
    const uint32_t fraction = (whole < 16 ? rest << (16 - whole) : rest >> (whole - 16)) & 0xFFFFu;
    const uint32_t segment = fraction / (65536 / kLogSegments);
    const int32_t step = int32_t{bends[segment + 1]} - bends[segment];
    const int32_t inside = static_cast<int32_t>(fraction % (65536 / kLogSegments));
    const int32_t bend = bends[segment] + ((step * inside) >> 16);
    const uint32_t log2 = (whole << 16) + fraction + static_cast<uint32_t>(bend);
    const uint32_t natural = static_cast<uint32_t>((uint64_t{kLn2} * log2 + 32768) >> 16);
    return (scale * natural + 32768) >> 16;
}

inline void run_filter_bank_log(const Call& call) {
    const FilterBankLogParams& p = call.parameters<FilterBankLogParams>();
    const uint32_t* in = call.in<uint32_t>(0);
    int16_t* out = call.out<int16_t>(2);
    for (uint32_t i = 0; i < p.channels; ++i) {
        const uint32_t x = in[i] << p.correction_bits;
        const uint32_t y = x > 1 ? scaled_log(x, p.output_scale, call.in<uint16_t>(1)) : 0;
        out[i] = static_cast<int16_t>(y < INT16_MAX ? y : INT16_MAX);
    }
}

JATAI_HOT_END

constexpr Kernel kSignalFilterBank{
    {Op::SignalFilterBank, Type::UInt64, 1}, fits_filter_bank, run_filter_bank};
constexpr Kernel kSignalFilterBankSquareRoot{
    {Op::SignalFilterBankSquareRoot, Type::UInt32, 1}, fits_filter_bank_root, run_filter_bank_root};
constexpr Kernel kSignalFilterBankSpectralSubtraction{
    {Op::SignalFilterBankSpectralSubtraction, Type::UInt32, 1},
    fits_spectral_subtraction,
    run_spectral_subtraction};
constexpr Kernel kSignalPcan{{Op::SignalPcan, Type::UInt32, 1}, fits_pcan, run_pcan};
constexpr Kernel kSignalFilterBankLog{
    {Op::SignalFilterBankLog, Type::Int16, 1}, fits_filter_bank_log, run_filter_bank_log};

}  // namespace jatai
