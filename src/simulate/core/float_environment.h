// float_environment.h: the host's float unit doing the guest's arithmetic: rounding mode in, sticky flags
// out.
//
//     FloatEnvironment environment;
//     environment.enter(cpu.fpscr);        // guest rounding; host flags clear
//     ... float operations of the guest ...
//     cpu.fpscr |= environment.leave();    // host state as before
#pragma once

#include <cstdint>

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#else
#include <cfenv>
#endif

namespace jatai::simulate {

// FPSCR bits, ARMv7-M ARM A2.5.3.
constexpr std::uint32_t kFpInvalid = 1, kFpDivideByZero = 2, kFpOverflow = 4, kFpUnderflow = 8,
                        kFpInexact = 16;
constexpr std::uint32_t kFpInputDenormal = 128, kFpFlushToZero = 1u << 24, kFpDefaultNan = 1u << 25;
constexpr std::uint32_t kFpAlternativeHalf = 1u << 26;
constexpr std::uint32_t kFpscrWritable = 0xF7C0009F;

class FloatEnvironment {
  public:
#if defined(__x86_64__) || defined(__i386__)
    void enter(std::uint32_t fpscr) {
        saved_ = _mm_getcsr();
        // ARM: nearest, +inf, -inf, zero. x86: nearest, -inf, +inf, zero. All exceptions masked.
        static constexpr unsigned kRound[4] = {0x0000, 0x4000, 0x2000, 0x6000};
        _mm_setcsr(0x1F80u | kRound[fpscr >> 22 & 3]);
    }
    std::uint32_t leave() {
        const std::uint32_t found = flags();
        _mm_setcsr(saved_);
        return found;
    }
    static std::uint32_t flags() {
        const unsigned csr = _mm_getcsr();
        return (csr & 1) | (csr >> 1 & 0x1E);  // IE; DE is not ours; ZE OE UE PE
    }
    static void clear_flags() { _mm_setcsr(_mm_getcsr() & ~0x3Fu); }

  private:
    unsigned saved_ = 0;
#else
    void enter(std::uint32_t fpscr) {
        std::fegetenv(&saved_);
        static constexpr int kRound[4] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
        std::fesetround(kRound[fpscr >> 22 & 3]);
        std::feclearexcept(FE_ALL_EXCEPT);
    }
    std::uint32_t leave() {
        const std::uint32_t found = flags();
        std::fesetenv(&saved_);
        return found;
    }
    static std::uint32_t flags() {
        const int host = std::fetestexcept(FE_ALL_EXCEPT);
        return (host & FE_INVALID ? kFpInvalid : 0) | (host & FE_DIVBYZERO ? kFpDivideByZero : 0) |
               (host & FE_OVERFLOW ? kFpOverflow : 0) | (host & FE_UNDERFLOW ? kFpUnderflow : 0) |
               (host & FE_INEXACT ? kFpInexact : 0);
    }
    static void clear_flags() { std::feclearexcept(FE_ALL_EXCEPT); }

  private:
    std::fenv_t saved_{};
#endif
};

}  // namespace jatai::simulate
