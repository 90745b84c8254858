// op_rules.h: what int8 asks of each operator: which scales hang together, which are fixed.
//
//     if (rule_of(node.op).kind == OpRule::Kind::Fixed) output = rule_of(node.op).output;
//
// Source: the TFLite 8-bit quantisation specification.
#pragma once

#include "src/graph/graph.h"

namespace jatai::quantise {

struct OpRule {
    enum class Kind : std::uint8_t {
        Float,     // stays float
        Weighted,  // weights symmetric per channel, bias int32
        Same,      // all float operands and results share one scale
        Free,      // every operand and result has its own scale
        Fixed,     // the result's scale never changes
    };
    Kind kind = Kind::Float;
    Quantisation output;  // Fixed
    int input = 0, weights = 1, bias = 2,
        axis = 0;  // Weighted: operand numbers, and the axis of the channels
};

const OpRule& rule_of(Op op);

}  // namespace jatai::quantise
