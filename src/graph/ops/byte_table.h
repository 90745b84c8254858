// byte_table.h: what the operators that are functions of one byte answer, byte by byte, as TFLite's reference
// kernels compute it.
//
//     const Bytes table = byte_table(graph, node);      // 256 bytes for device/kernels/lookup.h
//
// Needs: input and output of one type, int8 or uint8, with scales (verify). Entry b answers the stored byte
// b.
#pragma once

#include "src/base/bytes.h"
#include "src/graph/graph.h"
#include "src/graph/ops/common.h"

namespace jatai {

Bytes byte_table(const Graph& graph, const Node& node);

// 1 / (sqrt(input scale) * output scale): of RSQRT.
Multiplier inverse_root_multiplier(const Quantisation& in, const Quantisation& out);

// The values RELU and its kin leave.
struct RealBounds {
    float low, high;
};
RealBounds relu_bounds(Op op);

}  // namespace jatai
