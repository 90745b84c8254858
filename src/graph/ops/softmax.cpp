#include "device/kernels/softmax.h"

#include <algorithm>
#include <cmath>

#include "device/kernels/softmax_table.h"
#include "device/kernels/softmax_wide.h"
#include "src/graph/ops/common.h"
#include "src/graph/ops/fixed_scaling.h"
#include "src/graph/ops/ops.h"
#include "src/graph/tflite_names.h"

namespace jatai {
namespace {

// An input type, the type of its answer, and how that is stored: over the whole range of the type, but on
// int16 from int16 over its upper half.
struct Form {
    Type in, out;
    float scale;
    std::int32_t zero_point;
};
constexpr Form kForms[] = {{Type::Int8, Type::Int8, 1.0f / 256, -128},
                           {Type::Int8, Type::Int16, 1.0f / 65536, -32768},
                           {Type::UInt8, Type::UInt8, 1.0f / 256, 0},
                           {Type::Int16, Type::Int16, 1.0f / 32768, 0},
                           {Type::Float32, Type::Float32, 0, 0}};

const Form* form_of(const Graph& graph, const Node& node) {
    for (const Form& form : kForms) {
        if (form.in == graph.tensor(node.inputs[0]).type && form.out == graph.tensor(node.outputs[0]).type)
            return &form;
    }
    return nullptr;
}

double beta_of(const Node& node) { return node.attributes.real("beta"); }

// What takes a difference of stored values to units of 10 / 65535.
double tenths(const Graph& graph, const Node& node) {
    return graph.tensor(node.inputs[0]).quantisation.scale() * beta_of(node) / (10.0 / 65535.0);
}

void need_scales(const Graph& graph, const Node& node, const Form& form) {
    need_activation(graph, node, node.inputs[0], form.in);
    need_activation(graph, node, node.outputs[0], form.out);
    const Quantisation& in = graph.tensor(node.inputs[0]).quantisation;
    const Quantisation& out = graph.tensor(node.outputs[0]).quantisation;
    if (out.zero_point() != form.zero_point || std::abs(out.scale() - form.scale) > 1e-3f * form.scale) {
        reject(graph, node,
               text("found output scale {} and zero point {}, expected 1/{} and {}", out.scale(),
                    out.zero_point(), std::lround(1 / form.scale), form.zero_point));
    }
    const double factor = form.in == Type::Int16 ? tenths(graph, node) : to_q5_26(beta_of(node) * in.scale());
    const bool usable = form.in == Type::Int16 ? factor > 1e-9 && factor < 1 << 15 : factor > 1;
    if (!usable) {
        reject(
            graph, node,
            text("found beta {} and input scale {}, whose product is too small", beta_of(node), in.scale()));
    }
}

void verify(const Graph& graph, const Node& node) {
    need_operands(graph, node, 1, 1);
    const Tensor& in = graph.tensor(node.inputs[0]);
    const Form* form = form_of(graph, node);
    if (form == nullptr) {
        reject(graph, node,
               text("found {} to {}, expected int8 to int8 or int16, or uint8, int16 or float32 to itself",
                    type_name(in.type), type_name(graph.tensor(node.outputs[0]).type)),
               text("convert the model with full integer quantisation to int8"));
    }
    need_shape(graph, node, node.outputs[0], in.shape);
    if (in.shape.empty()) reject(graph, node, text("found a single number, expected at least one dimension"));
    if (form->in != Type::Float32) return need_scales(graph, node, *form);
    if (!std::isfinite(beta_of(node)))
        reject(graph, node, text("found beta {}, expected a number", beta_of(node)));
}

struct Rows {
    std::uint32_t rows, depth;
};
Rows rows_of(const Tensor& in) {
    return {static_cast<std::uint32_t>(in.elements() / in.shape.back()),
            static_cast<std::uint32_t>(in.shape.back())};
}

// 513 values of a function on [low, high], in Q0.15: as TFLite's LUTPopulate, each is moved by half of what
// the line to the next misses at its middle. In single precision.
Bytes line_table(float low, float high, float (*function)(float)) {
    const float in_scale = (high - low) / 65535;
    const std::int32_t in_zero = high == 0.0f ? 32767 : -32768;
    const float out_scale = 2.0f / 65535;
    const float first = in_scale * static_cast<float>(-32768 - in_zero);
    const float last = in_scale * static_cast<float>(32767 - in_zero);
    const float step = (last - first) / 512;
    const float steps = 65536.0f / (out_scale * 32767 - out_scale * -32768);
    std::vector<std::int16_t> table;
    const auto store = [&](float y) {
        table.push_back(static_cast<std::int16_t>(std::clamp(y, -32768.0f, 32767.0f)));
    };
    for (int i = 0; i < 512; ++i) {
        const float x = first + static_cast<float>(i) * step;
        const float here = std::round(function(x) * steps);
        const float next = function(first + static_cast<float>(i + 1) * step);
        const float middle = std::round(function(x + step / 2) * steps);
        const float on_line = std::round((next * steps + here) / 2);
        store(here - std::round((on_line - middle) / 2));
    }
    store(std::round(function(last) * steps));
    return table_bytes(table);
}

Lowered lower_int16(const Graph& graph, const Node& node) {
    const Rows r = rows_of(graph.tensor(node.inputs[0]));
    const Multiplier m = quantize_multiplier(tenths(graph, node));
    const Bytes exp = line_table(-10.0f, 0.0f, std::exp);
    const Bytes reciprocal = line_table(0.0f, 1.0f, [](float x) { return 1.0f / (1.0f + x); });
    return {kSoftmaxInt16.key,
            params_bytes(SoftmaxInt16Params{r.rows, r.depth, m.multiplier, m.shift}),
            {Operand::of(node.inputs[0]), Operand::of(exp), Operand::of(reciprocal),
             Operand::of(node.outputs[0])}};
}

// The exponential of every difference that counts, the largest first.
Bytes exp_table(const SoftmaxParams& p) {
    std::vector<std::int32_t> table;
    for (std::int32_t difference = 0; difference >= std::max(p.diff_min, -255); --difference)
        table.push_back(softmax_exp(p, difference));
    return table_bytes(table);
}

// A table pays where every entry of it is asked for once: four bytes of flash for some 330 instructions.
bool table_pays(const Graph& graph, const Node& node, const SoftmaxParams& p, Family family) {
    const bool bytes =
        graph.tensor(node.inputs[0]).type == Type::Int8 && graph.tensor(node.outputs[0]).type == Type::Int8;
    const std::int64_t entries = std::min(1 - std::int64_t{p.diff_min}, std::int64_t{256});
    return bytes && family != Family::Reference && std::int64_t{p.rows} * p.depth >= entries;
}

Lowered lower_by_table(const Node& node, const SoftmaxParams& p) {
    const Bytes table = exp_table(p);
    const auto entries = static_cast<std::uint32_t>(table.size() / sizeof(std::int32_t));
    return {kSoftmaxTableInt8.key,
            params_bytes(SoftmaxTableParams{p.rows, p.depth, entries}),
            {Operand::of(node.inputs[0]), Operand::of(table), Operand::of(node.outputs[0])}};
}

Lowered lower(const Graph& graph, const Node& node, Family family) {
    const Tensor& in = graph.tensor(node.inputs[0]);
    const std::vector<Operand> operands{Operand::of(node.inputs[0]), Operand::of(node.outputs[0])};
    const Rows r = rows_of(in);
    if (in.type == Type::Int16) return lower_int16(graph, node);
    if (in.type == Type::Float32) {
        return {kSoftmaxFloat.key,
                params_bytes(SoftmaxFloatParams{r.rows, r.depth, static_cast<float>(beta_of(node))}),
                operands};
    }
    const ExpScaling s = exp_scaling(beta_of(node) * static_cast<double>(in.quantisation.scale()));
    const SoftmaxParams p{r.rows, r.depth, s.multiplier.multiplier, s.multiplier.shift, s.diff_min};
    if (table_pays(graph, node, p, family)) return lower_by_table(node, p);
    const bool wider = graph.tensor(node.outputs[0]).type == Type::Int16;
    const std::uint8_t version = wider ? 2 : 1;
    return {{Op::Softmax, in.type, version}, params_bytes(p), operands};
}

}  // namespace

const OpDef& softmax_def() {
    static const OpDef def{
        .op = Op::Softmax,
        .name = "SOFTMAX",
        .builtin_code = 25,
        .options_type = 9,
        .max_version = 3,
        .options = {{"beta", 0, FieldType::Float32, 0}},
        .kernels = {{&kSoftmaxInt8, "kSoftmaxInt8", "device/kernels/softmax.h"},
                    {&kSoftmaxInt8ToInt16, "kSoftmaxInt8ToInt16", "device/kernels/softmax.h"},
                    {&kSoftmaxTableInt8, "kSoftmaxTableInt8", "device/kernels/softmax_table.h"},
                    {&kSoftmaxUInt8, "kSoftmaxUInt8", "device/kernels/softmax.h"},
                    {&kSoftmaxInt16, "kSoftmaxInt16", "device/kernels/softmax_wide.h"},
                    {&kSoftmaxFloat, "kSoftmaxFloat", "device/kernels/softmax_wide.h"}},
        .verify = verify,
        .macs = no_macs,
        .lower = lower};
    return def;
}

}  // namespace jatai
