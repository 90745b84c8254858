#include "src/graph/ops/table_move.h"

#include "device/kernels/table_move.h"
#include "src/graph/ops/common.h"

namespace jatai {

constexpr std::int64_t kMaxTableEntries = 65536;

void need_tables(const Graph& graph, const Node& node, std::int64_t axes, std::int64_t entries) {
    if (axes > kTableAxes) {
        reject(graph, node, text("found {} dimensions that change, expected at most {}", axes, kTableAxes));
    }
    if (entries > kMaxTableEntries) {
        reject(graph, node,
               text("found extents of {} in all, expected at most {}", entries, kMaxTableEntries));
    }
}

Bytes element_of_nothing(const Tensor& out) {
    Bytes element(size_of(out.type));
    const bool byte = out.type == Type::Int8 || out.type == Type::UInt8;
    if (byte) element[0] = static_cast<std::uint8_t>(out.quantisation.zero_point());
    return element;
}

Lowered lower_tables(const Graph& graph, const Node& node, const Tables& tables) {
    const Tensor& out = graph.tensor(node.outputs[0]);
    TableMoveParams params{};
    params.block = static_cast<std::uint32_t>(tables.block * size_of(out.type));
    std::vector<std::uint32_t> entries;
    const std::size_t missing = kTableAxes - tables.axes.size();
    for (std::size_t k = 0; k < missing; ++k) {
        params.extent[k] = 1;
        entries.push_back(0);
    }
    for (std::size_t k = 0; k < tables.axes.size(); ++k) {
        params.extent[missing + k] = static_cast<std::uint32_t>(tables.axes[k].size());
        for (const std::int64_t place : tables.axes[k]) entries.push_back(static_cast<std::uint32_t>(place));
    }
    Lowered step{kTableMove.key, {}, {Operand::of(node.inputs[0]), Operand::of(node.outputs[0])}};
    if (tables.scatter) {
        params.scatter = 1;
        params.fill_width = static_cast<std::uint8_t>(size_of(out.type));
        params.fill_bytes = static_cast<std::uint32_t>(out.bytes());
        step.operands.push_back(Operand::of(element_of_nothing(out), 8));
    }
    step.params = params_bytes(params, entries);
    return step;
}

const std::vector<KernelCode>& table_kernels() {
    static const std::vector<KernelCode> kernels{{&kTableMove, "kTableMove", "device/kernels/table_move.h"}};
    return kernels;
}

}  // namespace jatai
