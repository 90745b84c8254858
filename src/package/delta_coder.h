// delta_coder.h: a list of commands becomes the bytes of a payload: the encoding half of
// device/update/unpack.h.
//
//     Bytes blocks = encode_commands(steps, target, source, 15);
//
// Needs: steps that cover the target in order; matches and sources as device/update/payload.h describes them.
#pragma once

#include <cstdint>
#include <vector>

#include "device/update/payload.h"
#include "src/base/bytes.h"

namespace jatai {

struct DeltaStep {
    Command command = Command::Literal;
    std::uint32_t length = 0;  // of literals: how many in a row
    std::uint32_t from = 0;    // of a match the distance, of copy and residual the offset in the source
};

Bytes encode_commands(const std::vector<DeltaStep>& steps, ByteView target, ByteView source,
                      unsigned block_log2);

}  // namespace jatai
