// The operators of one input, element by element.
#include <cmath>
#include <limits>

#include "device/kernels/lookup.h"
#include "device/kernels/plain_unary.h"
#include "device/kernels/rsqrt16.h"
#include "device/kernels/sigmoid16.h"
#include "device/kernels/slopes.h"
#include "src/graph/ops/byte_table.h"
#include "src/graph/ops/common.h"
#include "src/graph/ops/ops.h"
#include "src/graph/ops/sigmoid_table.h"
#include "src/graph/tflite_names.h"

namespace jatai {
namespace {

bool is_byte(Type type) { return type == Type::Int8 || type == Type::UInt8; }

std::vector<Type> types_of(Op op) {
    std::vector<Type> types;
    for (const KernelCode& code : op_def(op).kernels) {
        if (code.kernel == &kLookup) {
            types.insert(types.end(), {Type::Int8, Type::UInt8});
        } else {
            types.push_back(code.kernel->key.type);
        }
    }
    return types;
}

void need_type(const Graph& graph, const Node& node) {
    const Type in = graph.tensor(node.inputs[0]).type;
    const Type out = graph.tensor(node.outputs[0]).type;
    std::string expected;
    for (const Type type : types_of(node.op)) {
        if (type == in && in == out) return;
        if (!expected.empty()) expected += ", ";
        expected += type_name(type);
    }
    reject(graph, node,
           text("found {} to {}, expected both of one type: {}", type_name(in), type_name(out), expected),
           text("convert the model with full integer quantisation to int8"));
}

// The scale and zero point in which the output of LOGISTIC and TANH is stored, by its type.
void need_unit_scale(const Graph& graph, const Node& node) {
    const Tensor& out = graph.tensor(node.outputs[0]);
    const bool both_signs = node.op == Op::Tanh;
    float scale = both_signs ? 1.0f / 128 : 1.0f / 256;
    std::int32_t zero = both_signs ? 0 : -128;
    if (out.type == Type::UInt8) zero += 128;
    if (out.type == Type::Int16) scale = 1.0f / 32768, zero = 0;
    if (out.quantisation.zero_point() == zero && std::abs(out.quantisation.scale() - scale) <= 1e-3f * scale)
        return;
    reject(graph, node,
           text("found output scale {} and zero point {}, expected {} and {}", out.quantisation.scale(),
                out.quantisation.zero_point(), scale, zero));
}

void need_scales(const Graph& graph, const Node& node) {
    for (const TensorId id : {node.inputs[0], node.outputs[0]}) {
        const Tensor& tensor = graph.tensor(id);
        need_activation(graph, node, id, tensor.type);
        if (tensor.type == Type::Int16 && tensor.quantisation.zero_point() != 0) {
            reject(graph, node,
                   text("found {} int16 with zero point {}, expected 0", tensor.name,
                        tensor.quantisation.zero_point()));
        }
    }
    if (node.op == Op::Logistic || node.op == Op::Tanh) need_unit_scale(graph, node);
    const float in = graph.tensor(node.inputs[0]).quantisation.scale();
    const float out = graph.tensor(node.outputs[0]).quantisation.scale();
    const float ratio = in / out;
    // Beyond, factors of fixed point say nothing; HARD_SWISH shifts to the right only.
    const bool usual = ratio > 1e-6f && ratio < 1e6f && in > 1e-12f && in < 1e6f;
    if (!usual || (node.op == Op::HardSwish && ratio / 128 >= 1)) {
        reject(graph, node,
               text("found scales {} and {}, which are too far apart, expected closer ones", in, out));
    }
}

void verify(const Graph& graph, const Node& node) {
    need_operands(graph, node, 1, 1);
    need_type(graph, node);
    need_shape(graph, node, node.outputs[0], graph.tensor(node.inputs[0]).shape);
    const Type type = graph.tensor(node.inputs[0]).type;
    if (is_byte(type) || type == Type::Int16) need_scales(graph, node);
    if (node.op == Op::LeakyRelu && !(std::abs(node.attributes.real("alpha")) < 1e6)) {
        reject(graph, node, text("found alpha {}, expected a slope", node.attributes.real("alpha")));
    }
}

std::uint32_t count_of(const Graph& graph, const Node& node) {
    return static_cast<std::uint32_t>(graph.tensor(node.inputs[0]).elements());
}

Lowered lower_bytes(const Graph& graph, const Node& node) {
    return {
        kLookup.key,
        params_bytes(LookupParams{count_of(graph, node)}),
        {Operand::of(node.inputs[0]), Operand::of(byte_table(graph, node), 1), Operand::of(node.outputs[0])}};
}

bool near_power_of_two(float x, int& power) {
    const float exact = std::log(x) * (1.0f / std::log(2.0f));
    power = static_cast<int>(std::round(exact));
    return std::abs(exact - std::round(exact)) < 1e-3f;
}

// As TFLite's PrepareLogistic and PrepareTanh: to units of 1/12288, by a multiplier of at most 15 bits.
Lowered lower_sigmoid16(const Graph& graph, const Node& node) {
    const float scale = graph.tensor(node.inputs[0]).quantisation.scale();
    Sigmoid16Params params{count_of(graph, node), 0, 0};
    int power = 0;
    const bool exact = near_power_of_two(scale, power);
    const int shift = 12 + power;
    if (exact && (shift == 0 || (shift == 1 && node.op == Op::Tanh))) {
        params.multiplier = 3 << shift;
    } else {
        double multiplier = static_cast<double>(scale) * 4096.0 * 3.0;
        for (; multiplier <= 32767.0 / 2.0 && params.shift <= 30; multiplier *= 2) ++params.shift;
        params.multiplier = static_cast<std::int32_t>(std::min(multiplier, 32767.0));
    }
    return {{node.op, Type::Int16, 1},
            params_bytes(params),
            {Operand::of(node.inputs[0]), Operand::of(table_bytes(logistic_table())),
             Operand::of(node.outputs[0])}};
}

Lowered lower_rsqrt16(const Graph& graph, const Node& node) {
    const Multiplier m = inverse_root_multiplier(graph.tensor(node.inputs[0]).quantisation,
                                                 graph.tensor(node.outputs[0]).quantisation);
    return {kRsqrtInt16.key,
            params_bytes(Rsqrt16Params{count_of(graph, node), m.multiplier, m.shift}),
            {Operand::of(node.inputs[0]), Operand::of(node.outputs[0])}};
}

SlopesParams slopes_of(const Graph& graph, const Node& node) {
    const Quantisation& in = graph.tensor(node.inputs[0]).quantisation;
    const Quantisation& out = graph.tensor(node.outputs[0]).quantisation;
    const float single = in.scale() / out.scale();
    const double ratio = static_cast<double>(in.scale()) / static_cast<double>(out.scale());
    Multiplier above = quantize_multiplier(ratio);
    Multiplier below = above;
    RealBounds bounds{-std::numeric_limits<float>::infinity(), std::numeric_limits<float>::infinity()};
    if (node.op == Op::LeakyRelu) {
        above = quantize_multiplier(single);
        below =
            signed_multiplier(in.scale() * static_cast<float>(node.attributes.real("alpha")) / out.scale());
    } else if (node.op == Op::Abs) {
        below = signed_multiplier(-ratio);
    } else {
        bounds = relu_bounds(node.op);
    }
    const auto held = [&](float bound) {
        if (std::isinf(bound)) return bound < 0 ? -32768 : 32767;
        return static_cast<std::int32_t>(std::clamp<std::int64_t>(stored_value(bound, out), -32768, 32767));
    };
    return {count_of(graph, node), above.multiplier, above.shift,      below.multiplier,
            below.shift,           held(bounds.low), held(bounds.high)};
}

bool is_relu(Op op) { return op == Op::Relu || op == Op::Relu6 || op == Op::ReluN1To1 || op == Op::Relu0To1; }

Lowered lower(const Graph& graph, const Node& node, Family) {
    const Type type = graph.tensor(node.inputs[0]).type;
    const std::vector<Operand> operands{Operand::of(node.inputs[0]), Operand::of(node.outputs[0])};
    if (is_byte(type)) return lower_bytes(graph, node);
    if (type == Type::Int16) {
        if (node.op == Op::Logistic || node.op == Op::Tanh) return lower_sigmoid16(graph, node);
        if (node.op == Op::Rsqrt) return lower_rsqrt16(graph, node);
        return {kSlopesInt16.key, params_bytes(slopes_of(graph, node)), operands};
    }
    UnaryParams params{count_of(graph, node), 0, 0, 0};
    if (is_relu(node.op)) params.low = relu_bounds(node.op).low, params.high = relu_bounds(node.op).high;
    params.alpha = static_cast<float>(node.attributes.real("alpha"));
    if (node.op == Op::Gelu) params.alpha = node.attributes.flag("approximate") ? 1.0f : 0.0f;
    return {{is_relu(node.op) ? Op::Relu : node.op, type, 1}, params_bytes(params), operands};
}

constexpr const char* kPlain = "device/kernels/plain_unary.h";
const KernelCode kByTable{&kLookup, "kLookup", "device/kernels/lookup.h"};
const KernelCode kBySlopes{&kSlopesInt16, "kSlopesInt16", "device/kernels/slopes.h"};
const KernelCode kByBounds{&kBoundsFloat, "kBoundsFloat", kPlain};

// What the .tflite schema knows an operator by.
struct Names {
    const char* name;
    std::int32_t code;
    std::int32_t options_type;
    int max_version;
};

OpDef unary_def(Op op, const Names& names, std::vector<KernelCode> kernels,
                std::vector<OptionField> options = {}) {
    return {.op = op,
            .name = names.name,
            .builtin_code = names.code,
            .options_type = names.options_type,
            .max_version = names.max_version,
            .options = std::move(options),
            .kernels = std::move(kernels),
            .verify = verify,
            .macs = no_macs,
            .lower = lower,
            .in_place = true};
}

}  // namespace

const OpDef& logistic_def() {
    static const OpDef def = unary_def(Op::Logistic, {"LOGISTIC", 14, 0, 3},
                                       {kByTable,
                                        {&kLogisticInt16, "kLogisticInt16", "device/kernels/sigmoid16.h"},
                                        {&kLogisticFloat, "kLogisticFloat", kPlain}});
    return def;
}

const OpDef& tanh_def() {
    static const OpDef def = unary_def(Op::Tanh, {"TANH", 28, 0, 3},
                                       {kByTable,
                                        {&kTanhInt16, "kTanhInt16", "device/kernels/sigmoid16.h"},
                                        {&kTanhFloat, "kTanhFloat", kPlain}});
    return def;
}

const OpDef& relu_def() {
    static const OpDef def = unary_def(Op::Relu, {"RELU", 19, 0, 3}, {kByTable, kBySlopes, kByBounds});
    return def;
}
const OpDef& relu6_def() {
    static const OpDef def = unary_def(Op::Relu6, {"RELU6", 21, 0, 3}, {kByTable, kBySlopes, kByBounds});
    return def;
}
const OpDef& relu_n1_to_1_def() {
    static const OpDef def =
        unary_def(Op::ReluN1To1, {"RELU_N1_TO_1", 20, 0, 1}, {kByTable, kBySlopes, kByBounds});
    return def;
}
const OpDef& relu_0_to_1_def() {
    static const OpDef def =
        unary_def(Op::Relu0To1, {"RELU_0_TO_1", 152, 0, 1}, {kByTable, kBySlopes, kByBounds});
    return def;
}
const OpDef& leaky_relu_def() {
    static const OpDef def = unary_def(Op::LeakyRelu, {"LEAKY_RELU", 98, 75, 2},
                                       {kByTable, kBySlopes, {&kLeakyReluFloat, "kLeakyReluFloat", kPlain}},
                                       {{"alpha", 0, FieldType::Float32, 0}});
    return def;
}
const OpDef& hard_swish_def() {
    static const OpDef def = unary_def(Op::HardSwish, {"HARD_SWISH", 117, 91, 1},
                                       {kByTable, {&kHardSwishFloat, "kHardSwishFloat", kPlain}});
    return def;
}
const OpDef& elu_def() {
    static const OpDef def =
        unary_def(Op::Elu, {"ELU", 111, 0, 1}, {kByTable, {&kEluFloat, "kEluFloat", kPlain}});
    return def;
}
const OpDef& abs_def() {
    static const OpDef def = unary_def(
        Op::Abs, {"ABS", 101, 78, 5},
        {kByTable, kBySlopes, {&kAbsFloat, "kAbsFloat", kPlain}, {&kAbsInt32, "kAbsInt32", kPlain}});
    return def;
}
const OpDef& neg_def() {
    static const OpDef def = unary_def(Op::Neg, {"NEG", 59, 42, 1},
                                       {{&kNegFloat, "kNegFloat", kPlain},
                                        {&kNegInt32, "kNegInt32", kPlain},
                                        {&kNegInt64, "kNegInt64", kPlain}});
    return def;
}
const OpDef& ceil_def() {
    static const OpDef def = unary_def(Op::Ceil, {"CEIL", 104, 0, 1}, {{&kCeilFloat, "kCeilFloat", kPlain}});
    return def;
}
const OpDef& floor_def() {
    static const OpDef def =
        unary_def(Op::Floor, {"FLOOR", 8, 0, 1}, {{&kFloorFloat, "kFloorFloat", kPlain}});
    return def;
}
const OpDef& round_def() {
    static const OpDef def =
        unary_def(Op::Round, {"ROUND", 116, 0, 1}, {{&kRoundFloat, "kRoundFloat", kPlain}});
    return def;
}
const OpDef& sqrt_def() {
    static const OpDef def = unary_def(Op::Sqrt, {"SQRT", 75, 0, 1}, {{&kSqrtFloat, "kSqrtFloat", kPlain}});
    return def;
}
const OpDef& rsqrt_def() {
    static const OpDef def = unary_def(Op::Rsqrt, {"RSQRT", 76, 0, 3},
                                       {kByTable,
                                        {&kRsqrtInt16, "kRsqrtInt16", "device/kernels/rsqrt16.h"},
                                        {&kRsqrtFloat, "kRsqrtFloat", kPlain}});
    return def;
}
const OpDef& square_def() {
    static const OpDef def =
        unary_def(Op::Square, {"SQUARE", 92, 66, 1}, {{&kSquareFloat, "kSquareFloat", kPlain}});
    return def;
}
const OpDef& exp_def() {
    static const OpDef def =
        unary_def(Op::Exp, {"EXP", 47, 33, 2}, {kByTable, {&kExpFloat, "kExpFloat", kPlain}});
    return def;
}
const OpDef& log_def() {
    static const OpDef def = unary_def(Op::Log, {"LOG", 73, 0, 1}, {{&kLogFloat, "kLogFloat", kPlain}});
    return def;
}
const OpDef& sin_def() {
    static const OpDef def = unary_def(Op::Sin, {"SIN", 66, 0, 1}, {{&kSinFloat, "kSinFloat", kPlain}});
    return def;
}
const OpDef& cos_def() {
    static const OpDef def = unary_def(Op::Cos, {"COS", 108, 84, 1}, {{&kCosFloat, "kCosFloat", kPlain}});
    return def;
}
const OpDef& sign_def() {
    static const OpDef def =
        unary_def(Op::Sign, {"SIGN", 158, 123, 2},
                  {{&kSignFloat, "kSignFloat", kPlain}, {&kSignInt32, "kSignInt32", kPlain}});
    return def;
}
const OpDef& gelu_def() {
    static const OpDef def =
        unary_def(Op::Gelu, {"GELU", 150, 116, 2}, {kByTable, {&kGeluFloat, "kGeluFloat", kPlain}},
                  {{"approximate", 0, FieldType::Bool, 0}});
    return def;
}
const OpDef& logical_not_def() {
    static const OpDef def =
        unary_def(Op::LogicalNot, {"LOGICAL_NOT", 87, 63, 1}, {{&kLogicalNot, "kLogicalNot", kPlain}});
    return def;
}

}  // namespace jatai
