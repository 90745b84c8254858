// cast.h: CAST, from any element type to any other.
//
// Integers keep their low bits; floats are cut towards zero, and what a 32-bit (for 64-bit outputs: 64-bit)
// integer cannot hold becomes its lowest; bool is whether the number differs from 0.
// Operands: 0 input, 1 output. Formula: docs/reference/ops.md#cast.
#pragma once

#include "device/kernels/check.h"
#include "device/kernels/real_functions.h"

namespace jatai {

struct CastParams {
    uint32_t count;
    Type from, to;
    uint8_t reserved[2];
};
static_assert(sizeof(CastParams) == 8, "the layout in flash");

inline bool is_cast_type(Type type) { return type >= Type::Int8 && type <= Type::UInt16; }

inline bool fits_cast(const Claim& claim) {
    const CastParams* p = claim.parameters<CastParams>();
    if (p == nullptr || !is_cast_type(p->from) || !is_cast_type(p->to)) return false;
    return holds(claim, 0, uint64_t{p->count} * size_of(p->from)) &&
           fills(claim, 1, uint64_t{p->count} * size_of(p->to));
}

JATAI_HOT_BEGIN

// An integer of any type as 64 bits; an unsigned one of 64 bits keeps its bits.
inline int64_t load_whole(const void* in, Type type, uint32_t i) {
    switch (type) {
        case Type::Int8:
            return static_cast<const int8_t*>(in)[i];
        case Type::UInt8:
            return static_cast<const uint8_t*>(in)[i];
        case Type::Bool:
            return static_cast<const uint8_t*>(in)[i] != 0 ? 1 : 0;
        case Type::Int16:
            return static_cast<const int16_t*>(in)[i];
        case Type::UInt16:
            return static_cast<const uint16_t*>(in)[i];
        case Type::Int32:
            return static_cast<const int32_t*>(in)[i];
        case Type::UInt32:
            return static_cast<const uint32_t*>(in)[i];
        default:
            return static_cast<const int64_t*>(in)[i];
    }
}

inline void store_whole(int64_t value, void* out, Type type, uint32_t i) {
    const uint64_t bits = static_cast<uint64_t>(value);
    switch (size_of(type)) {
        case 1:
            static_cast<uint8_t*>(out)[i] =
                type == Type::Bool ? (value != 0 ? 1 : 0) : static_cast<uint8_t>(bits);
            break;
        case 2:
            static_cast<uint16_t*>(out)[i] = static_cast<uint16_t>(bits);
            break;
        case 4:
            static_cast<uint32_t*>(out)[i] = static_cast<uint32_t>(bits);
            break;
        default:
            static_cast<uint64_t*>(out)[i] = bits;
    }
}

// The whole part of |x| below 2^64. By its bits: the compiler's own way would link arithmetic on doubles.
inline uint64_t whole_part(float x) {
    if (x == 0.0f) return 0;
    const Parts parts = parts_of(x);
    if (parts.e >= 0) return static_cast<uint64_t>(parts.m) << parts.e;
    return parts.e > -32 ? parts.m >> -parts.e : 0;
}

// As compilers for PCs convert, on which the reference answers were made.
inline int64_t cut_float(float x, Type to) {
    if (to == Type::Bool) return x != 0.0f ? 1 : 0;
    const bool wide = size_of(to) == 8 || to == Type::UInt32;
    if (!wide) return x >= -2147483648.0f && x < 2147483648.0f ? static_cast<int32_t>(x) : INT32_MIN;
    const float above = to == Type::UInt64 ? 18446744073709551616.0f : 9223372036854775808.0f;
    if (!(x > -9223372036854775808.0f && x < above)) return INT64_MIN;
    const uint64_t whole = whole_part(x);
    return static_cast<int64_t>(x < 0.0f ? 0 - whole : whole);
}

inline void run_cast(const Call& call) {
    const CastParams p = call.parameters<CastParams>();
    const void* in = call.in<void>(0);
    void* out = call.out<void>(1);
    for (uint32_t i = 0; i < p.count; ++i) {
        if (p.from == Type::Float32) {
            const float x = static_cast<const float*>(in)[i];
            if (p.to == Type::Float32) {
                static_cast<float*>(out)[i] = x;
            } else {
                store_whole(cut_float(x, p.to), out, p.to, i);
            }
            continue;
        }
        const int64_t value = load_whole(in, p.from, i);
        if (p.to == Type::Float32) {
            static_cast<float*>(out)[i] = p.from == Type::UInt64
                                              ? static_cast<float>(static_cast<uint64_t>(value))
                                              : static_cast<float>(value);
        } else {
            store_whole(value, out, p.to, i);
        }
    }
}

JATAI_HOT_END

constexpr Kernel kCast{{Op::Cast, Type::Int32, 1}, fits_cast, run_cast};

}  // namespace jatai
