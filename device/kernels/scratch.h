// scratch.h: how much working memory the fast kernels want, known before they run.
//
//     operands.push_back(Operand::scratch(conv2d_scratch_bytes(params)));       // the compiler
//     return fits_conv2d(claim) && fills(claim, 4, conv2d_scratch_bytes(*p));   // the chip
//
// Counted in 64 bits: parameters that were not checked yet cannot make it wrap.
#pragma once

#include "device/kernels/window.h"

namespace jatai {

// Up to a whole number of four.
constexpr uint64_t round_up4(uint64_t x) { return (x + 3) / 4 * 4; }

// Two columns of 16-bit numbers, and the bytes of one column where they have to be collected first.
inline uint64_t conv2d_scratch_bytes(const ConvParams& p) {
    const Window& w = p.window;
    const uint64_t taps = round_up4(uint64_t{w.kernel_h} * w.kernel_w * w.in_c);
    return 5 * taps;
}

// The same behind two words.
inline uint64_t conv2d_zeroed_scratch_bytes(const ConvParams& p) { return 8 + conv2d_scratch_bytes(p); }

// The 16-bit weights of four channels.
inline uint64_t depthwise_conv2d_scratch_bytes(const ConvParams& p) {
    return uint64_t{p.window.kernel_h} * p.window.kernel_w * 8;
}

// The input as 16-bit numbers.
constexpr uint64_t fully_connected_scratch_bytes(uint64_t depth) { return 2 * round_up4(depth); }

}  // namespace jatai
