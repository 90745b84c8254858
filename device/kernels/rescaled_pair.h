// rescaled_pair.h: ADD, SUB, MUL, DIV and SQUARED_DIFFERENCE on int8, uint8 and int16 with scales of their
// own, and PRELU, whose second operand is the slope below zero. (ADD on int8 has a file of its own: add.h.)
//
// Operands: 0 a, 1 b, 2 output, broadcast by walk.h. Formulas: docs/reference/ops.md#add and those after it.
#pragma once

#include "device/kernels/fixed_point.h"
#include "device/kernels/walk.h"

namespace jatai {

// Factors an operator has no use for are 0.
struct RescaledPairParams {
    Walk<2> walk;
    int32_t a_zero_point, b_zero_point, zero_point;
    int32_t a_multiplier, a_shift;
    int32_t b_multiplier, b_shift;
    int32_t multiplier, shift;
    int32_t low, high;   // what the type and the fused activation leave
    int32_t spare_bits;  // how far both inputs are shifted up before anything is rounded
};
static_assert(sizeof(RescaledPairParams) == 96, "the layout in flash");

template <typename A, typename B>
inline bool fits_rescaled_pair(const Claim& claim) {
    const RescaledPairParams* p = claim.parameters<RescaledPairParams>();
    return p != nullptr && walk_fits(claim, p->walk, {sizeof(A), sizeof(B)}, sizeof(A));
}

JATAI_HOT_BEGIN

inline int32_t subtract_wrapping(int32_t a, int32_t b) {
    return static_cast<int32_t>(static_cast<uint32_t>(a) - static_cast<uint32_t>(b));
}
inline int32_t multiply_wrapping(int32_t a, int32_t b) {
    return static_cast<int32_t>(static_cast<uint32_t>(a) * static_cast<uint32_t>(b));
}

// One input with spare bits, brought to the scale the two inputs share.
inline int32_t shared_scale(const RescaledPairParams& p, int32_t x, int32_t multiplier, int32_t shift) {
    return rescale(shift_left(x, static_cast<uint32_t>(p.spare_bits) & 31), multiplier, shift);
}
inline int32_t shared_a(const RescaledPairParams& p, int32_t a) {
    return shared_scale(p, subtract_wrapping(a, p.a_zero_point), p.a_multiplier, p.a_shift);
}
inline int32_t shared_b(const RescaledPairParams& p, int32_t b) {
    return shared_scale(p, subtract_wrapping(b, p.b_zero_point), p.b_multiplier, p.b_shift);
}

struct RescaledPlus {
    static int32_t of(const RescaledPairParams& p, int32_t a, int32_t b) {
        return rescale(add_wrapping(shared_a(p, a), shared_b(p, b)), p.multiplier, p.shift);
    }
};
struct RescaledMinus {
    static int32_t of(const RescaledPairParams& p, int32_t a, int32_t b) {
        return rescale(subtract_wrapping(shared_a(p, a), shared_b(p, b)), p.multiplier, p.shift);
    }
};
struct RescaledTimes {
    static int32_t of(const RescaledPairParams& p, int32_t a, int32_t b) {
        const int32_t product =
            multiply_wrapping(subtract_wrapping(a, p.a_zero_point), subtract_wrapping(b, p.b_zero_point));
        return rescale(product, p.multiplier, p.shift);
    }
};
struct RescaledSquare {
    static int32_t of(const RescaledPairParams& p, int32_t a, int32_t b) {
        const int32_t difference = subtract_wrapping(shared_a(p, a), shared_b(p, b));
        return rescale(multiply_wrapping(difference, difference), p.multiplier, p.shift);
    }
};
struct RescaledSlope {
    static int32_t of(const RescaledPairParams& p, int32_t a, int32_t b) {
        const int32_t x = subtract_wrapping(a, p.a_zero_point);
        if (x >= 0) return rescale(x, p.a_multiplier, p.a_shift);
        const int32_t product = multiply_wrapping(x, subtract_wrapping(b, p.b_zero_point));
        return rescale(product, p.b_multiplier, p.b_shift);
    }
};
// a / b by the reciprocal of b. A divisor of 0 gives the end of the range on the side of a.
struct RescaledQuotient {
    static int32_t of(const RescaledPairParams& p, int32_t a, int32_t b) {
        int32_t x = subtract_wrapping(a, p.a_zero_point);
        int32_t y = subtract_wrapping(b, p.b_zero_point);
        if (y == 0) return x == 0 ? 0 : (x > 0 ? 1 << 16 : -(1 << 16));
        if (y < 0) {
            x = subtract_wrapping(0, x);
            y = subtract_wrapping(0, y);
        }
        const uint32_t headroom = leading_zeros(static_cast<uint32_t>(y)) & 31;
        const int32_t fraction = static_cast<int32_t>((static_cast<uint32_t>(y) << headroom) - 0x80000000u);
        const uint32_t sign_bits = leading_zeros(static_cast<uint32_t>(x < 0 ? ~x : x)) - 1;
        const int32_t quotient = multiply_high(shift_left(x, sign_bits), reciprocal_of_one_plus(fraction));
        const int32_t shift = p.shift - static_cast<int32_t>(31 - headroom + sign_bits);
        return shift < -31 ? 0 : rescale(quotient, p.multiplier, shift);
    }
};

template <typename A, typename B, typename Function>
inline void run_rescaled_pair(const Call& call) {
    const RescaledPairParams& p = call.parameters<RescaledPairParams>();
    walk_pairs(p.walk, call.in<A>(0), call.in<B>(1), call.out<A>(2), [&p](int32_t a, int32_t b) {
        return static_cast<A>(clamp(add_wrapping(Function::of(p, a, b), p.zero_point), p.low, p.high));
    });
}

JATAI_HOT_END

constexpr Kernel kAddUInt8{{Op::Add, Type::UInt8, 1},
                           fits_rescaled_pair<uint8_t, uint8_t>,
                           run_rescaled_pair<uint8_t, uint8_t, RescaledPlus>};
constexpr Kernel kAddInt16{{Op::Add, Type::Int16, 1},
                           fits_rescaled_pair<int16_t, int16_t>,
                           run_rescaled_pair<int16_t, int16_t, RescaledPlus>};
constexpr Kernel kSubInt8{{Op::Sub, Type::Int8, 1},
                          fits_rescaled_pair<int8_t, int8_t>,
                          run_rescaled_pair<int8_t, int8_t, RescaledMinus>};
constexpr Kernel kSubHeldInt8{{Op::Sub, Type::Int8, 2},
                              fits_rescaled_pair<int8_t, int8_t>,
                              run_rescaled_pair<int8_t, int8_t, RescaledMinus>};
constexpr Kernel kSubUInt8{{Op::Sub, Type::UInt8, 1},
                           fits_rescaled_pair<uint8_t, uint8_t>,
                           run_rescaled_pair<uint8_t, uint8_t, RescaledMinus>};
constexpr Kernel kSubInt16{{Op::Sub, Type::Int16, 1},
                           fits_rescaled_pair<int16_t, int16_t>,
                           run_rescaled_pair<int16_t, int16_t, RescaledMinus>};
constexpr Kernel kMulInt8{{Op::Mul, Type::Int8, 1},
                          fits_rescaled_pair<int8_t, int8_t>,
                          run_rescaled_pair<int8_t, int8_t, RescaledTimes>};
constexpr Kernel kMulHeldInt8{{Op::Mul, Type::Int8, 2},
                              fits_rescaled_pair<int8_t, int8_t>,
                              run_rescaled_pair<int8_t, int8_t, RescaledTimes>};
constexpr Kernel kMulUInt8{{Op::Mul, Type::UInt8, 1},
                           fits_rescaled_pair<uint8_t, uint8_t>,
                           run_rescaled_pair<uint8_t, uint8_t, RescaledTimes>};
constexpr Kernel kMulInt16{{Op::Mul, Type::Int16, 1},
                           fits_rescaled_pair<int16_t, int16_t>,
                           run_rescaled_pair<int16_t, int16_t, RescaledTimes>};
constexpr Kernel kDivInt8{{Op::Div, Type::Int8, 1},
                          fits_rescaled_pair<int8_t, int8_t>,
                          run_rescaled_pair<int8_t, int8_t, RescaledQuotient>};
constexpr Kernel kDivUInt8{{Op::Div, Type::UInt8, 1},
                           fits_rescaled_pair<uint8_t, uint8_t>,
                           run_rescaled_pair<uint8_t, uint8_t, RescaledQuotient>};
constexpr Kernel kSquaredDifferenceInt8{{Op::SquaredDifference, Type::Int8, 1},
                                        fits_rescaled_pair<int8_t, int8_t>,
                                        run_rescaled_pair<int8_t, int8_t, RescaledSquare>};
constexpr Kernel kSquaredDifferenceInt16{{Op::SquaredDifference, Type::Int16, 1},
                                         fits_rescaled_pair<int16_t, int16_t>,
                                         run_rescaled_pair<int16_t, int16_t, RescaledSquare>};
constexpr Kernel kPreluInt8{{Op::Prelu, Type::Int8, 1},
                            fits_rescaled_pair<int8_t, int8_t>,
                            run_rescaled_pair<int8_t, int8_t, RescaledSlope>};
constexpr Kernel kPreluUInt8{{Op::Prelu, Type::UInt8, 1},
                             fits_rescaled_pair<uint8_t, uint8_t>,
                             run_rescaled_pair<uint8_t, uint8_t, RescaledSlope>};
constexpr Kernel kPreluInt16{{Op::Prelu, Type::Int16, 1},
                             fits_rescaled_pair<int16_t, int8_t>,
                             run_rescaled_pair<int16_t, int8_t, RescaledSlope>};

}  // namespace jatai
