// The comparisons, LOGICAL_AND and LOGICAL_OR.
#include "device/kernels/compare.h"

#include "src/graph/ops/broadcast.h"
#include "src/graph/ops/common.h"
#include "src/graph/ops/ops.h"
#include "src/graph/tflite_names.h"

namespace jatai {
namespace {

// Which kernel computes the operator, and how: with its inputs exchanged, its answer negated.
struct Way {
    Op op;
    bool exchanged, negated;
};

Way way_of(Op op) {
    if (op == Op::NotEqual) return {Op::Equal, false, true};
    if (op == Op::Greater) return {Op::Less, true, false};
    if (op == Op::GreaterEqual) return {Op::LessEqual, true, false};
    return {op, false, false};
}

bool has_scale(Type type) { return type == Type::Int8 || type == Type::UInt8 || type == Type::Int16; }

std::string types_of(Op op) {
    std::string words;
    for (const KernelCode& code : op_def(op).kernels) {
        if (!words.empty()) words += ", ";
        words += type_name(code.kernel->key.type);
    }
    return words;
}

bool takes(Op op, Type type) {
    for (const KernelCode& code : op_def(op).kernels) {
        if (code.kernel->key.type == type) return true;
    }
    return false;
}

// The factors are the scales themselves, which fixed point holds below 1.
void need_scales(const Graph& graph, const Node& node) {
    for (const TensorId id : node.inputs) {
        const Tensor& tensor = graph.tensor(id);
        need_activation(graph, node, id, tensor.type);
        const float scale = tensor.quantisation.scale();
        if (scale < 1 && quantize_multiplier(scale).multiplier != 0) continue;
        reject(graph, node, text("found {} with a scale of {}, expected less than 1", tensor.name, scale));
    }
}

void verify(const Graph& graph, const Node& node) {
    need_operands(graph, node, 2, 2);
    const Type a = graph.tensor(node.inputs[0]).type;
    const Type b = graph.tensor(node.inputs[1]).type;
    const Type out = graph.tensor(node.outputs[0]).type;
    if (a != b || out != Type::Bool || !takes(node.op, a)) {
        reject(graph, node,
               text("found {} and {} to {}, expected two of one type to bool: {}", type_name(a), type_name(b),
                    type_name(out), types_of(node.op)));
    }
    need_broadcast(graph, node, {0, 1});
    if (has_scale(a)) need_scales(graph, node);
}

Lowered lower(const Graph& graph, const Node& node, Family) {
    const Way way = way_of(node.op);
    const std::size_t first = way.exchanged ? 1 : 0;
    const Tensor& a = graph.tensor(node.inputs[first]);
    const Tensor& b = graph.tensor(node.inputs[1 - first]);
    CompareParams params{};
    params.walk = make_walk<2>(graph, node, {first, 1 - first});
    params.negate = way.negated ? 1 : 0;
    if (has_scale(a.type)) {
        const Multiplier m = quantize_multiplier(a.quantisation.scale());
        const Multiplier n = quantize_multiplier(b.quantisation.scale());
        params.a_zero_point = a.quantisation.zero_point();
        params.b_zero_point = b.quantisation.zero_point();
        params.a_multiplier = m.multiplier, params.a_shift = m.shift;
        params.b_multiplier = n.multiplier, params.b_shift = n.shift;
    }
    return {
        {way.op, a.type, 1},
        params_bytes(params),
        {Operand::of(node.inputs[first]), Operand::of(node.inputs[1 - first]), Operand::of(node.outputs[0])}};
}

constexpr const char* kHeader = "device/kernels/compare.h";

std::vector<KernelCode> less_kernels() {
    return {{&kLessInt8, "kLessInt8", kHeader},   {&kLessUInt8, "kLessUInt8", kHeader},
            {&kLessInt16, "kLessInt16", kHeader}, {&kLessInt32, "kLessInt32", kHeader},
            {&kLessInt64, "kLessInt64", kHeader}, {&kLessFloat, "kLessFloat", kHeader}};
}

std::vector<KernelCode> less_equal_kernels() {
    return {{&kLessEqualInt8, "kLessEqualInt8", kHeader},   {&kLessEqualUInt8, "kLessEqualUInt8", kHeader},
            {&kLessEqualInt16, "kLessEqualInt16", kHeader}, {&kLessEqualInt32, "kLessEqualInt32", kHeader},
            {&kLessEqualInt64, "kLessEqualInt64", kHeader}, {&kLessEqualFloat, "kLessEqualFloat", kHeader}};
}

std::vector<KernelCode> equal_kernels() {
    return {{&kEqualBool, "kEqualBool", kHeader},   {&kEqualInt8, "kEqualInt8", kHeader},
            {&kEqualUInt8, "kEqualUInt8", kHeader}, {&kEqualInt16, "kEqualInt16", kHeader},
            {&kEqualInt32, "kEqualInt32", kHeader}, {&kEqualInt64, "kEqualInt64", kHeader},
            {&kEqualFloat, "kEqualFloat", kHeader}};
}

// What the .tflite schema knows an operator by.
struct Names {
    const char* name;
    std::int32_t code;
    std::int32_t options_type;
    int max_version;
};

OpDef compare_def(Op op, const Names& names, std::vector<KernelCode> kernels) {
    return {.op = op,
            .name = names.name,
            .builtin_code = names.code,
            .options_type = names.options_type,
            .max_version = names.max_version,
            .options = {},
            .kernels = std::move(kernels),
            .verify = verify,
            .macs = no_macs,
            .lower = lower,
            .in_place = true};
}

}  // namespace

const OpDef& equal_def() {
    static const OpDef def = compare_def(Op::Equal, {"EQUAL", 71, 53, 4}, equal_kernels());
    return def;
}
const OpDef& not_equal_def() {
    static const OpDef def = compare_def(Op::NotEqual, {"NOT_EQUAL", 72, 54, 3}, equal_kernels());
    return def;
}
const OpDef& less_def() {
    static const OpDef def = compare_def(Op::Less, {"LESS", 58, 41, 3}, less_kernels());
    return def;
}
const OpDef& less_equal_def() {
    static const OpDef def = compare_def(Op::LessEqual, {"LESS_EQUAL", 63, 46, 3}, less_equal_kernels());
    return def;
}
const OpDef& greater_def() {
    static const OpDef def = compare_def(Op::Greater, {"GREATER", 61, 44, 3}, less_kernels());
    return def;
}
const OpDef& greater_equal_def() {
    static const OpDef def =
        compare_def(Op::GreaterEqual, {"GREATER_EQUAL", 62, 45, 3}, less_equal_kernels());
    return def;
}
const OpDef& logical_and_def() {
    static const OpDef def =
        compare_def(Op::LogicalAnd, {"LOGICAL_AND", 86, 62, 1}, {{&kLogicalAnd, "kLogicalAnd", kHeader}});
    return def;
}
const OpDef& logical_or_def() {
    static const OpDef def =
        compare_def(Op::LogicalOr, {"LOGICAL_OR", 84, 60, 1}, {{&kLogicalOr, "kLogicalOr", kHeader}});
    return def;
}

}  // namespace jatai
