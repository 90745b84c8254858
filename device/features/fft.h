// fft.h: the spectrum of real samples in 32-bit fixed point.
//
//     uint32_t fraction_bits = load_window(samples, window, window_samples, fft_size, work);  // int32_t
//     work[fft_size] uint32_t peak = transform_real(work, twiddles, fft_size);        // work[2k], work[2k+1]
//     = bin k
//
// One complex transform of half the size (radix 4, Cooley-Tukey 1965), then the split into the spectrum of
// real samples. No stage scales: load_window() shifts the window up as far as |x| <= 2^30 / fft_size allows,
// so no sum can pass 2^30 and the loudest window keeps 15 - log2(fft_size) fraction bits (6 for 512), a quiet
// one up to 15. Bin k is sum x[n] exp(-2 pi i k n / fft_size) * 2^fraction_bits. Bins 0 and fft_size/2 are
// not made: no mel band uses them.
//
// Needs: fft_size 256, 512 or 1024; twiddles with cos^2 + sin^2 <= 1. Memory: in place.
#pragma once

#include <stdint.h>

namespace jatai {

// Windows the samples (Q15), shifts them up and stores them in the order transform_real() reads. Returns the
// fraction bits of the result.
uint32_t load_window(const int16_t* samples, const uint16_t* window_q15, uint32_t window_samples,
                     uint32_t fft_size, int32_t* work);

// Bins 1 .. fft_size/2 - 1 in place. Returns a word whose highest set bit bounds every |re| and |im|.
uint32_t transform_real(int32_t* work, const int32_t* twiddles_q31, uint32_t fft_size);

}  // namespace jatai
