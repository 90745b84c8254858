#include "src/graph/quantise/op_rules.h"

#include <map>
#include <string>

#include "src/graph/op_def.h"

namespace jatai::quantise {
namespace {

using Kind = OpRule::Kind;

OpRule fixed(float scale, std::int32_t zero_point) {
    OpRule rule{Kind::Fixed};
    rule.output = {{scale}, {zero_point}, 0};
    return rule;
}

OpRule weighted(int input, int weights, int bias, int axis) {
    OpRule rule{Kind::Weighted};
    rule.input = input, rule.weights = weights, rule.bias = bias, rule.axis = axis;
    return rule;
}

std::map<std::string, OpRule> make_rules() {
    std::map<std::string, OpRule> rules{
        {"CONV_2D", weighted(0, 1, 2, 0)},
        {"DEPTHWISE_CONV_2D", weighted(0, 1, 2, 3)},
        {"FULLY_CONNECTED", weighted(0, 1, 2, 0)},
        {"TRANSPOSE_CONV", weighted(2, 1, 3, 0)},
        {"SOFTMAX", fixed(1.0f / 256, -128)},
        {"LOGISTIC", fixed(1.0f / 256, -128)},
        {"TANH", fixed(1.0f / 128, 0)},
        {"LOG_SOFTMAX", fixed(16.0f / 256, 127)},
        {"L2_NORMALIZATION", fixed(1.0f / 128, 0)},
    };
    for (const char* name : {"RESHAPE",
                             "TRANSPOSE",
                             "MAX_POOL_2D",
                             "AVERAGE_POOL_2D",
                             "CONCATENATION",
                             "PAD",
                             "PADV2",
                             "MIRROR_PAD",
                             "SLICE",
                             "STRIDED_SLICE",
                             "SPLIT",
                             "SPLIT_V",
                             "GATHER",
                             "GATHER_ND",
                             "PACK",
                             "UNPACK",
                             "SQUEEZE",
                             "EXPAND_DIMS",
                             "TILE",
                             "RESIZE_NEAREST_NEIGHBOR",
                             "RESIZE_BILINEAR",
                             "SPACE_TO_DEPTH",
                             "DEPTH_TO_SPACE",
                             "SPACE_TO_BATCH_ND",
                             "BATCH_TO_SPACE_ND",
                             "MAXIMUM",
                             "MINIMUM",
                             "REDUCE_MAX",
                             "REDUCE_MIN",
                             "SELECT_V2",
                             "BROADCAST_TO",
                             "EMBEDDING_LOOKUP",
                             "REVERSE_V2"})
        rules[name] = {Kind::Same};
    for (const char* name : {"ADD",          "SUB",        "MUL",     "MEAN",         "SUM",
                             "PRELU",        "LEAKY_RELU", "RELU",    "RELU6",        "RELU_N1_TO_1",
                             "HARD_SWISH",   "ELU",        "ABS",     "RSQRT",        "SQUARED_DIFFERENCE",
                             "BATCH_MATMUL", "ARG_MAX",    "ARG_MIN", "EQUAL",        "NOT_EQUAL",
                             "LESS",         "LESS_EQUAL", "GREATER", "GREATER_EQUAL"})
        rules[name] = {Kind::Free};
    return rules;
}

}  // namespace

const OpRule& rule_of(Op op) {
    static const std::map<std::string, OpRule> rules = make_rules();
    static const OpRule stays_float;
    const auto found = rules.find(op_def(op).name);
    return found == rules.end() ? stays_float : found->second;
}

}  // namespace jatai::quantise
