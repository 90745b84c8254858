// depthwise_taps.h: what one tap of a depthwise window adds to the sums of four channels.
//
//     weights = add_run<Lanes::Side>(in, step, {}, weights, 3, &sums);      // three taps in a row
//
// Weights come in 16 bits, two words a tap: lanes of channels 0 and 2, then of 1 and 3. Registers of a tap:
// four sums, input, weights, two words of weights, two of inputs in lanes; the compiler chooses which. Cost:
// 8 instructions a tap of four channels side by side, 11 of channels spread over the input.
#pragma once

#include "device/cortex_m/dsp.h"
#include "device/cortex_m/windows.h"

#if JATAI_HAS_DSP

namespace jatai {

JATAI_HOT_BEGIN

// What a tap adds: the weights of the four channels come in two words, inputs in lanes likewise: channels 0
// and 2 in `even`, 1 and 3 in `odd`.
#define JATAI_LANES                        \
    "smlabb %[a], %[even], %[u], %[a]\n\t" \
    "smlatt %[c], %[even], %[u], %[c]\n\t" \
    "smlabb %[b], %[odd], %[v], %[b]\n\t"  \
    "smlatt %[d], %[odd], %[v], %[d]\n\t"
#define JATAI_WEIGHTS "ldrd %[u], %[v], [%[weights]], #8\n\t"
#define JATAI_TAP(address)                      \
    "ldr %[odd], " address "\n\t" JATAI_WEIGHTS \
    "sxtb16 %[even], %[odd]\n\t"                \
    "sxtb16 %[odd], %[odd], ror #8\n\t" JATAI_LANES
#define JATAI_SUMS \
    [a] "+r"(sums->a), [b] "+r"(sums->b), [c] "+r"(sums->c), [d] "+r"(sums->d), [weights] "+r"(weights)

// One tap of inputs in lanes.
JATAI_INLINE const uint32_t* add_lanes(uint32_t even, uint32_t odd, const uint32_t* weights, FourSums* sums) {
    uint32_t u, v;
    __asm volatile(JATAI_WEIGHTS JATAI_LANES
                   : JATAI_SUMS, [u] "=&r"(u), [v] "=&r"(v)
                   : [even] "r"(even), [odd] "r"(odd)
                   : "memory");
    return weights;
}

// A tap outside the image: `lanes` holds the input's zero point twice.
JATAI_INLINE const uint32_t* add_outside(uint32_t lanes, const uint32_t* weights, FourSums* sums) {
    return add_lanes(lanes, lanes, weights, sums);
}

// Four output channels read four input channels side by side, or one that all four share, or up to four,
// each so many bytes behind the first one's.
enum class Lanes : uint8_t { Side, Shared, Spread };
struct SpreadBytes {
    uint8_t of[4];
};

JATAI_INLINE uint32_t two_lanes(int8_t low, int8_t high) {
    return pkhbt(static_cast<uint32_t>(low), static_cast<uint32_t>(high));
}

// A tap inside the image.
template <Lanes kLanes>
JATAI_INLINE const uint32_t* add_inside(const int8_t* in, SpreadBytes spread, const uint32_t* weights,
                                        FourSums* sums) {
    uint32_t u, v, even, odd;
    if (kLanes == Lanes::Shared) {
        const int8_t shared = *in;
        return add_outside(two_lanes(shared, shared), weights, sums);
    }
    if (kLanes == Lanes::Spread) {
        return add_lanes(two_lanes(in[spread.of[0]], in[spread.of[2]]),
                         two_lanes(in[spread.of[1]], in[spread.of[3]]), weights, sums);
    }
    __asm volatile(JATAI_TAP("[%[in]]")
                   : JATAI_SUMS, [u] "=&r"(u), [v] "=&r"(v), [even] "=&r"(even), [odd] "=&r"(odd)
                   : [in] "r"(in)
                   : "memory");
    return weights;
}

// Three taps inside, `step` bytes apart, of channels side by side: 24 instructions for 12 products.
JATAI_INLINE const uint32_t* add_three(const int8_t* in, uint32_t step, const uint32_t* weights,
                                       FourSums* sums) {
    uint32_t u, v, even, odd;
    __asm volatile(JATAI_TAP("[%[in]]") JATAI_TAP("[%[in], %[step]]") JATAI_TAP("[%[in], %[step], lsl #1]")
                   : JATAI_SUMS, [u] "=&r"(u), [v] "=&r"(v), [even] "=&r"(even), [odd] "=&r"(odd)
                   : [in] "r"(in), [step] "r"(step)
                   : "memory");
    return weights;
}

#undef JATAI_SUMS
#undef JATAI_TAP
#undef JATAI_WEIGHTS
#undef JATAI_LANES

// `count` taps of a row inside.
template <Lanes kLanes>
JATAI_INLINE const uint32_t* add_run(const int8_t* in, uint32_t step, SpreadBytes spread,
                                     const uint32_t* weights, uint32_t count, FourSums* sums) {
    if (kLanes == Lanes::Side) {
        for (; count >= 3; count -= 3, in += 3 * step) weights = add_three(in, step, weights, sums);
    }
    for (; count != 0; --count, in += step) weights = add_inside<kLanes>(in, spread, weights, sums);
    return weights;
}

JATAI_HOT_END

}  // namespace jatai

#endif
