#include "src/graph/passes/join_in_place.h"

#include <algorithm>

#include "src/graph/op_def.h"

namespace jatai {
namespace {

bool is_join(const Node& node) { return node.op == Op::Concatenation || node.op == Op::Pack; }

bool has_one_row(const Graph& graph, const Node& node) {
    const std::vector<std::int32_t>& shape = graph.tensor(node.outputs[0]).shape;
    const std::int64_t given = node.attributes.integer("axis");
    const std::int64_t axis = given < 0 ? given + static_cast<std::int64_t>(shape.size()) : given;
    return std::all_of(shape.begin(), shape.begin() + axis, [](std::int32_t extent) { return extent == 1; });
}

}  // namespace

int join_in_place(Graph& graph) {
    int changes = 0;
    for (Node& node : graph.nodes) {
        if (!is_join(node) || node.attributes.has(kInPlace) || !has_one_row(graph, node)) continue;
        node.attributes.set(kInPlace, true);
        ++changes;
    }
    return changes;
}

}  // namespace jatai
