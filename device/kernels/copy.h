// copy.h: READ_VARIABLE and ASSIGN_VARIABLE: all bytes of one tensor to another, of any type.
//
// Operands: 0 from, 1 to. Formula: docs/reference/ops.md#assign_variable.
#pragma once

#include "device/kernels/check.h"
#include "device/kernels/copy_bytes.h"

namespace jatai {

struct CopyParams {
    uint32_t bytes;
};

inline bool fits_copy(const Claim& claim) {
    const CopyParams* p = claim.parameters<CopyParams>();
    return p != nullptr && p->bytes != 0 && claim.operand_count >= 2 && holds(claim, 0, p->bytes) &&
           fills(claim, 1, p->bytes);
}

inline void run_copy(const Call& call) {
    copy_bytes(call.out<uint8_t>(1), call.in<uint8_t>(0), call.parameters<CopyParams>().bytes);
}

constexpr Kernel kCopy{{Op::AssignVariable, Type::Int8, 1}, fits_copy, run_copy};

}  // namespace jatai
