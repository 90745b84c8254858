#include "device/kernels/topk_v2.h"

#include "src/graph/ops/common.h"
#include "src/graph/ops/move.h"
#include "src/graph/ops/ops.h"

namespace jatai {
namespace {

constexpr const char* kHeader = "device/kernels/topk_v2.h";

bool is_known(Type type) {
    return type == Type::Int8 || type == Type::UInt8 || type == Type::Int16 || type == Type::Int32 ||
           type == Type::Int64 || type == Type::Float32;
}

void verify(const Graph& graph, const Node& node) {
    need_operands(graph, node, 2, 2, 2);
    const Tensor& in = graph.tensor(node.inputs[0]);
    const Tensor& values = graph.tensor(node.outputs[0]);
    const Tensor& places = graph.tensor(node.outputs[1]);
    if (!is_known(in.type) || values.type != in.type || places.type != Type::Int32) {
        reject(graph, node,
               text("found {} to {} and {}, expected int8, uint8, int16, int32, int64 or float32, the same, "
                    "and int32",
                    shape_text(in), shape_text(values), shape_text(places)));
    }
    const auto k = constant_list(graph, node, 1);
    if (in.shape.empty() || k.size() != 1 || k[0] < 1 || k[0] > in.shape.back()) {
        reject(graph, node,
               text("found {} of {}, expected one number from 1 to the last dimension", k.empty() ? 0 : k[0],
                    shape_text(in)));
    }
    std::vector<std::int32_t> shape = in.shape;
    shape.back() = static_cast<std::int32_t>(k[0]);
    need_shape(graph, node, node.outputs[0], shape);
    need_shape(graph, node, node.outputs[1], shape);
}

Lowered lower(const Graph& graph, const Node& node, Family) {
    const Tensor& in = graph.tensor(node.inputs[0]);
    TopKParams params{};
    params.extent = static_cast<std::uint32_t>(in.shape.back());
    params.rows = static_cast<std::uint32_t>(in.elements()) / params.extent;
    params.k = static_cast<std::uint32_t>(graph.tensor(node.outputs[0]).shape.back());
    return {{Op::TopKV2, in.type, 1},
            params_bytes(params),
            {Operand::of(node.inputs[0]), Operand::of(node.outputs[0]), Operand::of(node.outputs[1])}};
}

}  // namespace

const OpDef& topk_v2_def() {
    static const OpDef def{.op = Op::TopKV2,
                           .name = "TOPK_V2",
                           .builtin_code = 48,
                           .options_type = 34,
                           .max_version = 3,
                           .options = {},
                           .kernels = {{&kTopKInt8, "kTopKInt8", kHeader},
                                       {&kTopKUInt8, "kTopKUInt8", kHeader},
                                       {&kTopKInt16, "kTopKInt16", kHeader},
                                       {&kTopKInt32, "kTopKInt32", kHeader},
                                       {&kTopKInt64, "kTopKInt64", kHeader},
                                       {&kTopKFloat32, "kTopKFloat32", kHeader}},
                           .verify = verify,
                           .macs = no_macs,
                           .lower = lower};
    return def;
}

}  // namespace jatai
