#include "device/kernels/softmax.h"

#include <algorithm>
#include <cmath>

#include "src/graph/ops/common.h"
#include "src/graph/ops/ops.h"
#include "src/graph/ops/pool2d.h"

namespace jatai {
namespace {

constexpr int kDiffIntegerBits = 5;

// As TFLite's PreprocessSoftmaxScaling: what takes a difference of stored values to Q5.26.
double scaling(const Graph& graph, const Node& node) {
    const double scale = graph.tensor(node.inputs[0]).quantisation.scale();
    return std::min(node.attributes.real("beta") * scale * (1 << (31 - kDiffIntegerBits)), 2147483647.0);
}

void verify(const Graph& graph, const Node& node) {
    need_operands(graph, node, 1, 1);
    need_activation(graph, node, node.inputs[0]);
    need_activation(graph, node, node.outputs[0]);
    const Tensor& in = graph.tensor(node.inputs[0]);
    const Tensor& out = graph.tensor(node.outputs[0]);
    need_shape(graph, node, node.outputs[0], in.shape);
    if (in.shape.empty()) reject(graph, node, text("found a single number, expected at least one dimension"));
    if (out.quantisation.zero_point() != -128 ||
        std::abs(out.quantisation.scale() - 1.0f / 256) > 1e-4f / 256) {
        reject(graph, node,
               text("found output scale {} and zero point {}, expected 1/256 and -128",
                    out.quantisation.scale(), out.quantisation.zero_point()));
    }
    if (!(scaling(graph, node) > 1)) {
        reject(graph, node,
               text("found beta {} and input scale {}, whose product is too small",
                    node.attributes.real("beta"), in.quantisation.scale()));
    }
}

Lowered lower(const Graph& graph, const Node& node, Family) {
    const Tensor& in = graph.tensor(node.inputs[0]);
    const Multiplier m = quantize_multiplier(scaling(graph, node));
    SoftmaxParams params{};
    params.depth = static_cast<std::uint32_t>(in.shape.back());
    params.rows = static_cast<std::uint32_t>(in.elements() / in.shape.back());
    params.multiplier = m.multiplier;
    params.shift = m.shift;
    // As TFLite's CalculateInputRadius: the largest difference that still fits Q5.26 after scaling.
    const double radius =
        ((1 << kDiffIntegerBits) - 1) * std::ldexp(1.0, 31 - kDiffIntegerBits) / std::ldexp(1.0, m.shift);
    params.diff_min = static_cast<std::int32_t>(-std::floor(radius));
    return {
        kSoftmaxInt8.key, params_bytes(params), {Operand::of(node.inputs[0]), Operand::of(node.outputs[0])}};
}

}  // namespace

const OpDef& softmax_def() {
    static const OpDef def{Op::Softmax,
                           "SOFTMAX",
                           25,
                           9,
                           3,
                           {{"beta", 0, FieldType::Float32, 0}},
                           {{&kSoftmaxInt8, "kSoftmaxInt8", "device/kernels/softmax.h"}},
                           verify,
                           no_macs,
                           lower};
    return def;
}

}  // namespace jatai
