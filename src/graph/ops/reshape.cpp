#include "src/graph/ops/common.h"
#include "src/graph/ops/ops.h"
#include "src/graph/ops/pool2d.h"

namespace jatai {
namespace {

// The second input repeats the output's shape and is not read: every shape here is fixed.
void verify(const Graph& graph, const Node& node) {
    need_operands(graph, node, 1, 2);
    const Tensor& in = graph.tensor(node.inputs[0]);
    const Tensor& out = graph.tensor(node.outputs[0]);
    if (in.type != out.type || in.elements() != out.elements()) {
        reject(graph, node,
               text("found {} to {}, expected the same elements", shape_text(in), shape_text(out)));
    }
}

Lowered lower(const Graph&, const Node&, Family) { return {}; }

}  // namespace

const OpDef& reshape_def() {
    static const OpDef def{
        Op::Reshape, "RESHAPE", 22,      17,   1, {{"new_shape", 0, FieldType::Int32List, 0}},
        {},          verify,    no_macs, lower};
    return def;
}

}  // namespace jatai
