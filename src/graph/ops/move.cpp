#include "src/graph/ops/move.h"

#include "device/kernels/move.h"
#include "src/graph/ops/common.h"
#include "src/graph/tflite_names.h"

namespace jatai {
namespace {

MoveAxisPlan inner_axis(const Move& move) {
    return move.axes.empty() ? MoveAxisPlan{1, 1, 1} : move.axes.back();
}

// The widest of 4, 2 and 1 bytes that divides everything that is added to an address.
std::uint8_t unit_of(const MoveParams& params, const std::vector<MoveAxis>& axes) {
    std::uint32_t all = params.block | params.from | params.to | 4;
    for (const MoveAxis& axis : axes)
        all |= static_cast<std::uint32_t>(axis.from) | static_cast<std::uint32_t>(axis.to);
    return static_cast<std::uint8_t>(all & (~all + 1));
}

}  // namespace

std::int64_t Move::elements() const {
    std::int64_t n = 1;
    for (const MoveAxisPlan& axis : axes) n *= axis.extent;
    return n;
}

std::vector<std::int64_t> strides_of(const std::vector<std::int32_t>& shape) {
    std::vector<std::int64_t> strides(shape.size(), 1);
    for (std::size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
    return strides;
}

Move whole(const std::vector<std::int32_t>& shape) {
    const std::vector<std::int64_t> strides = strides_of(shape);
    Move move;
    for (std::size_t i = 0; i < shape.size(); ++i) move.axes.push_back({shape[i], strides[i], strides[i]});
    return move;
}

Move joined(const Move& move) {
    Move less{{}, move.from, move.to};
    for (const MoveAxisPlan& axis : move.axes) {
        if (axis.extent == 1) continue;
        if (!less.axes.empty()) {
            MoveAxisPlan& before = less.axes.back();
            if (before.from == axis.from * axis.extent && before.to == axis.to * axis.extent) {
                before = {before.extent * axis.extent, axis.from, axis.to};
                continue;
            }
        }
        less.axes.push_back(axis);
    }
    return less;
}

void need_axes(const Graph& graph, const Node& node, const Move& move) {
    const std::size_t axes = joined(move).axes.size();
    if (axes > kMoveAxes) {
        reject(graph, node,
               text("found {} groups of dimensions that move apart, expected at most {}", axes, kMoveAxes));
    }
}

Lowered lower_move(const Graph& graph, const Move& move, Operand from, TensorId to, Operand fill) {
    const Tensor& out = graph.tensor(to);
    const std::int64_t width = size_of(out.type);
    Move less = joined(move);
    MoveParams params{};
    params.block = static_cast<std::uint32_t>(width);
    if (const MoveAxisPlan inner = inner_axis(less); !less.axes.empty() && inner.from == 1 && inner.to == 1) {
        params.block = static_cast<std::uint32_t>(width * inner.extent);
        less.axes.pop_back();
    }
    params.from = static_cast<std::uint32_t>(less.from * width);
    params.to = static_cast<std::uint32_t>(less.to * width);
    std::vector<MoveAxis> axes;
    for (const MoveAxisPlan& axis : less.axes) {
        axes.push_back({static_cast<std::uint32_t>(axis.extent), static_cast<std::int32_t>(axis.from * width),
                        static_cast<std::int32_t>(axis.to * width)});
    }
    params.axes = static_cast<std::uint8_t>(axes.size());
    params.unit = unit_of(params, axes);
    Lowered step{kMove.key, {}, {std::move(from), Operand::of(to)}};
    if (fill.kind != Operand::Kind::Absent) {
        params.fill_width = static_cast<std::uint8_t>(width);
        params.fill_bytes = static_cast<std::uint32_t>(out.bytes());
        step.operands.push_back(std::move(fill));
    }
    step.params = params_bytes(params, axes);
    return step;
}

Lowered lower_move(const Graph& graph, const Node& node, const Move& move) {
    return lower_move(graph, move, Operand::of(node.inputs[0]), node.outputs[0]);
}

const std::vector<KernelCode>& move_kernels() {
    static const std::vector<KernelCode> kernels{{&kMove, "kMove", "device/kernels/move.h"}};
    return kernels;
}

std::vector<std::int64_t> constant_list(const Graph& graph, const Node& node, std::size_t i) {
    const Tensor& tensor = graph.tensor(node.inputs[i]);
    if (tensor.type != Type::Int32 && tensor.type != Type::Int64) {
        reject(graph, node, text("found {} {}, expected int32 or int64", tensor.name, shape_text(tensor)));
    }
    if (!tensor.constant()) {
        reject(graph, node, text("found {} computed while the model runs, expected a constant", tensor.name),
               text("export the model with fixed shapes: memory is planned before it runs"));
    }
    constexpr std::int64_t kMost = 2 * kMaxRank;
    if (tensor.elements() > kMost) {
        reject(graph, node,
               text("found {} numbers in {}, expected at most {}", tensor.elements(), tensor.name, kMost));
    }
    std::vector<std::int64_t> numbers;
    for (std::int64_t k = 0; k < tensor.elements(); ++k) {
        const std::uint8_t* at = tensor.data.data() + k * size_of(tensor.type);
        std::int32_t narrow = 0;
        std::int64_t wide = 0;
        std::memcpy(&narrow, at, sizeof narrow);
        if (tensor.type == Type::Int64) std::memcpy(&wide, at, sizeof wide);
        // Beyond every extent there is: held, so that sums of two of them stay numbers.
        constexpr std::int64_t kFar = std::int64_t{1} << 40;
        numbers.push_back(tensor.type == Type::Int64 ? std::clamp(wide, -kFar, kFar) : narrow);
    }
    return numbers;
}

std::size_t need_axis(const Graph& graph, const Node& node, std::int64_t axis, std::size_t rank) {
    const auto dimensions = static_cast<std::int64_t>(rank);
    if (axis < -dimensions || axis >= dimensions) {
        reject(graph, node, text("found dimension {}, expected {} to {}", axis, -dimensions, dimensions - 1));
    }
    return static_cast<std::size_t>(axis < 0 ? axis + dimensions : axis);
}

void need_same_type(const Graph& graph, const Node& node, TensorId a, TensorId b) {
    const Tensor& in = graph.tensor(a);
    const Tensor& out = graph.tensor(b);
    if (in.type != out.type) {
        reject(graph, node, text("found {} to {}, expected one type", shape_text(in), shape_text(out)));
    }
}

}  // namespace jatai
