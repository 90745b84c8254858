#include "src/graph/ops/arithmetic.h"

#include <cmath>
#include <limits>
#include <set>

#include "device/kernels/plain_pair.h"
#include "device/kernels/rescaled_pair.h"
#include "src/graph/ops/broadcast.h"
#include "src/graph/ops/common.h"
#include "src/graph/ops/ops.h"
#include "src/graph/tflite_names.h"

namespace jatai {
namespace {

const Tensor& input(const Graph& graph, const Node& node, std::size_t i) {
    return graph.tensor(node.inputs[i]);
}

bool has_kernel(Op op, Type type) {
    for (const KernelCode& code : op_def(op).kernels) {
        if (code.kernel->key.op == op && code.kernel->key.type == type) return true;
    }
    return false;
}

// A type may have several kernels.
std::string types_of(Op op) {
    std::string words;
    std::set<Type> told;
    for (const KernelCode& code : op_def(op).kernels) {
        const Type type = code.kernel->key.type;
        if (!told.insert(type).second) continue;
        words += words.empty() ? type_name(type) : ", " + std::string(type_name(type));
    }
    return words;
}

// Largest and smallest compare what is stored: nothing is rescaled.
bool compares(Op op) { return op == Op::Maximum || op == Op::Minimum; }

bool rescales(Op op, Type type) {
    return !compares(op) && (type == Type::Int8 || type == Type::UInt8 || type == Type::Int16);
}

// As TFLite's CalculateOpDataAdd and PrepareQuantized of SQUARED_DIFFERENCE: both inputs are brought to twice
// the larger scale, with bits to spare.
Factors shared_factors(const Graph& graph, const Node& node) {
    const float a = input(graph, node, 0).quantisation.scale();
    const float b = input(graph, node, 1).quantisation.scale();
    const float out = graph.tensor(node.outputs[0]).quantisation.scale();
    const bool wide = input(graph, node, 0).type == Type::Int16;
    if (node.op == Op::Sub && !wide) {  // TFLite Micro divides bytes in single precision here
        const float twice = 2 * std::max(a, b);
        const int bits = wide ? 15 : 20;
        return {a / twice, b / twice, twice / (static_cast<float>(1 << bits) * out), bits};
    }
    const double twice = 2 * static_cast<double>(std::max(a, b));
    if (node.op == Op::SquaredDifference) {
        const int bits = wide ? 0 : 7;
        return {a / twice, b / twice, twice * twice / (static_cast<double>(1 << 2 * bits) * out), bits};
    }
    const int bits = wide ? 15 : 20;
    return {a / twice, b / twice, twice / (static_cast<double>(1 << bits) * out), bits};
}

}  // namespace

Factors factors_of(const Graph& graph, const Node& node) {
    const double a = input(graph, node, 0).quantisation.scale();
    const double b = input(graph, node, 1).quantisation.scale();
    const float out = graph.tensor(node.outputs[0]).quantisation.scale();
    if (node.op == Op::Mul) return {0, 0, a * b / out, 0};
    if (node.op == Op::Prelu) return {a / out, a * b / out, 0, 0};
    if (node.op == Op::Div)
        return {0, 0, static_cast<float>(a) / (static_cast<float>(b) * out), 0};  // as TFLite Micro
    return shared_factors(graph, node);
}

namespace {

// Sums: an operand far below the other adds nothing, here as in TFLite, so only the last factor can be wrong.
std::vector<double> critical_factors(Op op, const Factors& f) {
    if (op == Op::Prelu) return {f.a, f.b};
    if (op == Op::SquaredDifference) return {f.a, f.b, f.out};
    return {f.out};
}

void need_factors(const Graph& graph, const Node& node) {
    // Sums end below 1: their spare bits have to go. A factor past 2^30 has no multiplier.
    const bool sum = node.op == Op::Add || node.op == Op::Sub;
    for (const double factor : critical_factors(node.op, factors_of(graph, node))) {
        if (factor < (sum ? 1.0 : 1 << 30) && quantize_multiplier(factor).multiplier != 0) continue;
        reject(graph, node,
               text("found scales {}, {} and {}, which are too far apart, expected closer ones",
                    input(graph, node, 0).quantisation.scale(), input(graph, node, 1).quantisation.scale(),
                    graph.tensor(node.outputs[0]).quantisation.scale()));
    }
}

void need_scales(const Graph& graph, const Node& node) {
    for (const TensorId id : {node.inputs[0], node.inputs[1], node.outputs[0]}) {
        const Tensor& tensor = graph.tensor(id);
        need_activation(graph, node, id, tensor.type);
        if (tensor.type == Type::Int16 && tensor.quantisation.zero_point() != 0) {
            reject(graph, node,
                   text("found {} int16 with zero point {}, expected 0", tensor.name,
                        tensor.quantisation.zero_point()));
        }
    }
    need_factors(graph, node);
}

// Numbers that mean what is stored: a scale would be passed over in silence.
void need_no_scales(const Graph& graph, const Node& node) {
    for (const TensorId id : {node.inputs[0], node.inputs[1], node.outputs[0]}) {
        const Tensor& tensor = graph.tensor(id);
        if (tensor.type == Type::Float32 || tensor.quantisation.empty()) continue;
        reject(graph, node,
               text("found {} {} with a scale of {}, expected plain numbers", tensor.name,
                    type_name(tensor.type), tensor.quantisation.scale()));
    }
}

template <typename T>
T lowest_of(const Node& node, T none) {
    switch (static_cast<Activation>(node.attributes.integer("fused_activation_function"))) {
        case Activation::Relu:
        case Activation::Relu6:
            return 0;
        case Activation::ReluN1To1:
            return -1;
        default:
            return none;
    }
}

template <typename T>
T highest_of(const Node& node, T none) {
    switch (static_cast<Activation>(node.attributes.integer("fused_activation_function"))) {
        case Activation::Relu6:
            return 6;
        case Activation::ReluN1To1:
            return 1;
        default:
            return none;
    }
}

// What the fused activation leaves. Operators that have one hold infinities back too, as TFLite's do.
template <typename T>
Bytes plain_params(const Graph& graph, const Node& node) {
    using Numbers = std::numeric_limits<T>;
    PlainPairParams<T> params{};
    params.walk = make_walk<2>(graph, node, {0, 1});
    const bool unbounded = Numbers::has_infinity && op_def(node.op).options.empty();
    if constexpr (std::is_same_v<T, std::uint8_t>) {
        params.low = 0, params.high = 255;
    } else {
        params.low = unbounded ? -Numbers::infinity() : lowest_of<T>(node, Numbers::lowest());
        params.high = unbounded ? Numbers::infinity() : highest_of<T>(node, Numbers::max());
    }
    return params_bytes(params);
}

Bytes plain_params_of(Type type, const Graph& graph, const Node& node) {
    switch (type) {
        case Type::Int8:
            return plain_params<std::int8_t>(graph, node);
        case Type::UInt8:
            return plain_params<std::uint8_t>(graph, node);
        case Type::Int16:
            return plain_params<std::int16_t>(graph, node);
        case Type::Int32:
            return plain_params<std::int32_t>(graph, node);
        case Type::Int64:
            return plain_params<std::int64_t>(graph, node);
        case Type::Float32:
            return plain_params<float>(graph, node);
        default:
            CHECK(false);
    }
}

Bytes rescaled_params(const Graph& graph, const Node& node) {
    const Factors f = factors_of(graph, node);
    const Multiplier a = quantize_multiplier(f.a);
    const Multiplier b = quantize_multiplier(f.b);
    const Multiplier out = quantize_multiplier(f.out);
    const Limits limits = output_limits(graph, node);
    RescaledPairParams params{};
    params.walk = make_walk<2>(graph, node, {0, 1});
    params.a_zero_point = input(graph, node, 0).quantisation.zero_point();
    params.b_zero_point = input(graph, node, 1).quantisation.zero_point();
    params.zero_point = graph.tensor(node.outputs[0]).quantisation.zero_point();
    params.a_multiplier = a.multiplier, params.a_shift = a.shift;
    params.b_multiplier = b.multiplier, params.b_shift = b.shift;
    params.multiplier = out.multiplier, params.shift = out.shift;
    params.low = limits.low, params.high = limits.high;
    params.spare_bits = f.spare_bits;
    return params_bytes(params);
}

void need_types(const Graph& graph, const Node& node) {
    const Type a = input(graph, node, 0).type;
    const Type b = input(graph, node, 1).type;
    const Type out = graph.tensor(node.outputs[0]).type;
    const Type expected_b = node.op == Op::Prelu && a == Type::Int16 ? Type::Int8 : a;
    if (a == out && b == expected_b && has_kernel(node.op, a)) return;
    reject(graph, node,
           text("found {} and {} to {}, expected all of one type: {}", type_name(a), type_name(b),
                type_name(out), types_of(node.op)),
           text("convert the model with full integer quantisation to int8"));
}

// Short rows of bytes, one operand repeated, have kernels of their own on Cortex-M.
Lowered lower(const Graph& graph, const Node& node, Family family) {
    Lowered step = lower_arithmetic(graph, node);
    const bool has_held = step.kernel == kMulInt8.key || step.kernel == kSubInt8.key;
    if (family == Family::CortexM && has_held && is_held_rows(make_walk<2>(graph, node, {0, 1})))
        step.kernel = step.kernel == kMulInt8.key ? kMulHeldInt8.key : kSubHeldInt8.key;
    return step;
}

}  // namespace

void need_arithmetic(const Graph& graph, const Node& node) {
    need_operands(graph, node, 2, 2);
    need_types(graph, node);
    need_activation_function(graph, node);
    need_broadcast(graph, node, {0, 1});
    const Type type = input(graph, node, 0).type;
    if (rescales(node.op, type)) return need_scales(graph, node);
    if (!compares(node.op)) need_no_scales(graph, node);
}

Lowered lower_arithmetic(const Graph& graph, const Node& node) {
    const Type type = input(graph, node, 0).type;
    return {{node.op, type, 1},
            rescales(node.op, type) ? rescaled_params(graph, node) : plain_params_of(type, graph, node),
            {Operand::of(node.inputs[0]), Operand::of(node.inputs[1]), Operand::of(node.outputs[0])}};
}

namespace {

constexpr const char* kPlain = "device/kernels/plain_pair.h";
constexpr const char* kRescaled = "device/kernels/rescaled_pair.h";
const OptionField kActivation{"fused_activation_function", 0, FieldType::Int8, 0};

OpDef arithmetic_def(Op op, const char* name, std::int32_t code, std::int32_t options_type, int max_version,
                     std::vector<OptionField> options, std::vector<KernelCode> kernels) {
    return {.op = op,
            .name = name,
            .builtin_code = code,
            .options_type = options_type,
            .max_version = max_version,
            .options = std::move(options),
            .kernels = std::move(kernels),
            .verify = need_arithmetic,
            .macs = no_macs,
            .lower = lower,
            .in_place = true};
}

}  // namespace

const OpDef& sub_def() {
    static const OpDef def =
        arithmetic_def(Op::Sub, "SUB", 41, 28, 5, {kActivation, {"pot_scale_int16", 1, FieldType::Bool, 1}},
                       {{&kSubInt8, "kSubInt8", kRescaled, true},
                        {&kSubHeldInt8, "kSubHeldInt8", kRescaled, true},
                        {&kSubUInt8, "kSubUInt8", kRescaled},
                        {&kSubInt16, "kSubInt16", kRescaled},
                        {&kSubFloat, "kSubFloat", kPlain},
                        {&kSubInt32, "kSubInt32", kPlain},
                        {&kSubInt64, "kSubInt64", kPlain}});
    return def;
}

const OpDef& mul_def() {
    static const OpDef def = arithmetic_def(Op::Mul, "MUL", 18, 21, 7, {kActivation},
                                            {{&kMulInt8, "kMulInt8", kRescaled, true},
                                             {&kMulHeldInt8, "kMulHeldInt8", kRescaled, true},
                                             {&kMulUInt8, "kMulUInt8", kRescaled},
                                             {&kMulInt16, "kMulInt16", kRescaled},
                                             {&kMulFloat, "kMulFloat", kPlain},
                                             {&kMulInt32, "kMulInt32", kPlain},
                                             {&kMulInt64, "kMulInt64", kPlain}});
    return def;
}

const OpDef& div_def() {
    static const OpDef def = arithmetic_def(Op::Div, "DIV", 42, 29, 2, {kActivation},
                                            {{&kDivInt8, "kDivInt8", kRescaled},
                                             {&kDivUInt8, "kDivUInt8", kRescaled},
                                             {&kDivFloat, "kDivFloat", kPlain},
                                             {&kDivInt32, "kDivInt32", kPlain},
                                             {&kDivInt64, "kDivInt64", kPlain}});
    return def;
}

const OpDef& maximum_def() {
    static const OpDef def = arithmetic_def(Op::Maximum, "MAXIMUM", 55, 39, 4, {},
                                            {{&kMaximumInt8, "kMaximumInt8", kPlain},
                                             {&kMaximumUInt8, "kMaximumUInt8", kPlain},
                                             {&kMaximumInt16, "kMaximumInt16", kPlain},
                                             {&kMaximumFloat, "kMaximumFloat", kPlain},
                                             {&kMaximumInt32, "kMaximumInt32", kPlain},
                                             {&kMaximumInt64, "kMaximumInt64", kPlain}});
    return def;
}

const OpDef& minimum_def() {
    static const OpDef def = arithmetic_def(Op::Minimum, "MINIMUM", 57, 39, 4, {},
                                            {{&kMinimumInt8, "kMinimumInt8", kPlain},
                                             {&kMinimumUInt8, "kMinimumUInt8", kPlain},
                                             {&kMinimumInt16, "kMinimumInt16", kPlain},
                                             {&kMinimumFloat, "kMinimumFloat", kPlain},
                                             {&kMinimumInt32, "kMinimumInt32", kPlain},
                                             {&kMinimumInt64, "kMinimumInt64", kPlain}});
    return def;
}

const OpDef& squared_difference_def() {
    static const OpDef def = arithmetic_def(Op::SquaredDifference, "SQUARED_DIFFERENCE", 99, 76, 2, {},
                                            {{&kSquaredDifferenceInt8, "kSquaredDifferenceInt8", kRescaled},
                                             {&kSquaredDifferenceInt16, "kSquaredDifferenceInt16", kRescaled},
                                             {&kSquaredDifferenceFloat, "kSquaredDifferenceFloat", kPlain},
                                             {&kSquaredDifferenceInt32, "kSquaredDifferenceInt32", kPlain}});
    return def;
}

const OpDef& floor_div_def() {
    static const OpDef def = arithmetic_def(Op::FloorDiv, "FLOOR_DIV", 90, 65, 2, {},
                                            {{&kFloorDivFloat, "kFloorDivFloat", kPlain},
                                             {&kFloorDivInt32, "kFloorDivInt32", kPlain},
                                             {&kFloorDivInt64, "kFloorDivInt64", kPlain}});
    return def;
}

const OpDef& floor_mod_def() {
    static const OpDef def = arithmetic_def(
        Op::FloorMod, "FLOOR_MOD", 95, 72, 1, {},
        {{&kFloorModInt32, "kFloorModInt32", kPlain}, {&kFloorModInt64, "kFloorModInt64", kPlain}});
    return def;
}

const OpDef& pow_def() {
    static const OpDef def = arithmetic_def(Op::Pow, "POW", 78, 56, 1, {},
                                            {{&kPowFloat, "kPowFloat", kPlain},
                                             {&kPowInt32, "kPowInt32", kPlain},
                                             {&kPowInt64, "kPowInt64", kPlain}});
    return def;
}

const OpDef& prelu_def() {
    static const OpDef def = arithmetic_def(Op::Prelu, "PRELU", 54, 0, 1, {},
                                            {{&kPreluInt8, "kPreluInt8", kRescaled},
                                             {&kPreluUInt8, "kPreluUInt8", kRescaled},
                                             {&kPreluInt16, "kPreluInt16", kRescaled},
                                             {&kPreluFloat, "kPreluFloat", kPlain}});
    return def;
}

}  // namespace jatai
