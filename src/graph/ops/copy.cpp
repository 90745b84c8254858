#include "src/graph/ops/copy.h"

#include "device/kernels/copy.h"
#include "src/graph/ops/common.h"

namespace jatai {

void need_copy(const Graph& graph, const Node& node) {
    need_operands(graph, node, 1, 1);
    const Tensor& in = graph.tensor(node.inputs[0]);
    const Tensor& out = graph.tensor(node.outputs[0]);
    if (in.type != out.type || in.bytes() != out.bytes()) {
        reject(graph, node,
               text("found {} to {}, expected the same elements", shape_text(in), shape_text(out)));
    }
}

Lowered lower_copy(const Graph& graph, const Node& node, Family) {
    const CopyParams params{static_cast<std::uint32_t>(graph.tensor(node.inputs[0]).bytes())};
    return {kCopy.key, params_bytes(params), {Operand::of(node.inputs[0]), Operand::of(node.outputs[0])}};
}

const std::vector<KernelCode>& copy_kernels() {
    static const std::vector<KernelCode> kernels{{&kCopy, "kCopy", "device/kernels/copy.h"}};
    return kernels;
}

}  // namespace jatai
