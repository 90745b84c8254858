// join.h: CONCATENATION and PACK: several tensors become one; SPLIT, SPLIT_V and UNPACK: one becomes several.
//
//     joined = part 0, part 1, ... of row 0; part 0, part 1, ... of row 1; ...
//
// A row is what lies behind one index of the dimensions in front of the axis. Of any type.
// Params: JoinParams, then `parts` times uint32_t: the bytes of each part in a row.
// Operands of kJoin: 0 .. parts-1 the parts, then the whole. Of kSplit: 0 the whole, 1 .. parts the parts.
// Formula: docs/reference/ops.md#concatenation.
#pragma once

#include "device/kernels/check.h"
#include "device/kernels/copy_bytes.h"

namespace jatai {

struct JoinParams {
    uint32_t rows;
    uint32_t parts;
};
static_assert(sizeof(JoinParams) == 8, "the layout in flash");

inline const uint32_t* parts_of(const JoinParams& p) { return reinterpret_cast<const uint32_t*>(&p + 1); }

// Every part is there, from operand `first` on; gives the bytes of all of them. 0: something does not fit.
inline uint64_t fitting_bytes(const Claim& claim, uint32_t first, bool written) {
    const JoinParams* p = claim.parameters<JoinParams>();
    if (p == nullptr || p->parts == 0 || p->parts >= kMaxOperands || claim.operand_count <= p->parts ||
        claim.params_bytes < sizeof(JoinParams) + p->parts * sizeof(uint32_t)) {
        return 0;
    }
    uint64_t total = 0;
    for (uint32_t i = 0; i < p->parts; ++i) {
        const uint64_t bytes = uint64_t{p->rows} * parts_of(*p)[i];
        const bool good =
            bytes != 0 && (written ? fills(claim, first + i, bytes) : holds(claim, first + i, bytes));
        if (!good) return 0;
        total += bytes;  // at most 32 operands of at most 32 bits
    }
    return total;
}

inline bool fits_join(const Claim& claim) {
    const uint64_t total = fitting_bytes(claim, 0, false);
    return total > 0 && fills(claim, claim.parameters<JoinParams>()->parts, total);
}

inline bool fits_split(const Claim& claim) {
    const uint64_t total = fitting_bytes(claim, 1, true);
    return total > 0 && holds(claim, 0, total);
}

inline void run_join(const Call& call) {
    const JoinParams& p = call.parameters<JoinParams>();
    uint8_t* to = call.out<uint8_t>(p.parts);
    for (uint32_t row = 0; row < p.rows; ++row) {
        for (uint32_t i = 0; i < p.parts; ++i) {
            const uint32_t bytes = parts_of(p)[i];
            copy_bytes(to, call.in<uint8_t>(i) + row * bytes, bytes);
            to += bytes;
        }
    }
}

inline void run_split(const Call& call) {
    const JoinParams& p = call.parameters<JoinParams>();
    const uint8_t* from = call.in<uint8_t>(0);
    for (uint32_t row = 0; row < p.rows; ++row) {
        for (uint32_t i = 0; i < p.parts; ++i) {
            const uint32_t bytes = parts_of(p)[i];
            copy_bytes(call.out<uint8_t>(1 + i) + row * bytes, from, bytes);
            from += bytes;
        }
    }
}

constexpr Kernel kJoin{{Op::Concatenation, Type::Int8, 1}, fits_join, run_join};
constexpr Kernel kSplit{{Op::Split, Type::Int8, 1}, fits_split, run_split};

}  // namespace jatai
