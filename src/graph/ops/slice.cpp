// STRIDED_SLICE, SLICE and DYNAMIC_UPDATE_SLICE: a regular part of a tensor.
#include "device/kernels/slice.h"

#include <algorithm>

#include "src/graph/ops/common.h"
#include "src/graph/ops/move.h"
#include "src/graph/ops/ops.h"

namespace jatai {
namespace {

constexpr const char* kHeader = "device/kernels/slice.h";

// A slice: the walk, and the shape it gives.
struct Sliced {
    Move move;
    std::vector<std::int32_t> shape;
};

// What STRIDED_SLICE asks of one dimension.
struct Part {
    std::int64_t begin, end, stride;
    bool from_start, to_end, one, relative;
};

bool bit(const Node& node, const char* mask, std::size_t i) {
    return i < 32 && (node.attributes.integer(mask) >> i & 1) != 0;
}

std::int64_t held(std::int64_t x, std::int64_t size, std::int64_t stride) {
    const std::int64_t counted = x < 0 ? x + size : x;
    return stride > 0 ? std::clamp<std::int64_t>(counted, 0, size)
                      : std::clamp<std::int64_t>(counted, -1, size - 1);
}

// The first index, and how many: as TFLite's StridedSliceStartForAxis and StridedSliceEndForAxis.
std::pair<std::int64_t, std::int64_t> range_of(const Part& part, std::int64_t size) {
    std::int64_t first = held(part.begin, size, part.stride);
    if (part.from_start) first = part.stride > 0 ? 0 : size - 1;
    if (part.one) return {first, first >= 0 && first < size ? 1 : 0};
    std::int64_t last = held(part.end + (part.relative ? first : 0), size, part.stride);
    if (part.to_end) last = part.stride > 0 ? size : -1;
    const std::int64_t span = part.stride > 0 ? last - first : first - last;
    const std::int64_t step = std::abs(part.stride);
    return {first, span <= 0 ? 0 : (span + step - 1) / step};
}

// Takes the dimensions of the input one after the other.
class Slicer {
  public:
    Slicer(const Graph& graph, const Node& node)
        : graph_(graph), node_(node), in_(graph.tensor(node.inputs[0]).shape), strides_(strides_of(in_)) {}

    void take(const Part& part) {
        if (next_ == in_.size()) reject(graph_, node_, text("found more bounds than dimensions"));
        if (part.stride == 0) reject(graph_, node_, text("found stride 0, expected another"));
        const auto [first, count] = range_of(part, in_[next_]);
        if (count == 0) reject(graph_, node_, text("found a slice without elements, expected at least one"));
        sliced_.move.from += first * strides_[next_];
        sliced_.move.axes.push_back({count, count > 1 ? part.stride * strides_[next_] : 0, 0});
        if (!part.one) sliced_.shape.push_back(static_cast<std::int32_t>(count));
        ++next_;
    }
    void take_whole() { take({0, 0, 1, true, true, false, false}); }
    void add_axis() { sliced_.shape.push_back(1); }
    std::size_t left() const { return in_.size() - next_; }
    Sliced finish() {
        while (left() > 0) take_whole();
        std::int64_t to = 1;
        for (std::size_t i = sliced_.move.axes.size(); i-- > 0;) {
            sliced_.move.axes[i].to = to;
            to *= sliced_.move.axes[i].extent;
        }
        return std::move(sliced_);
    }

  private:
    const Graph& graph_;
    const Node& node_;
    const std::vector<std::int32_t>& in_;
    std::vector<std::int64_t> strides_;
    std::size_t next_ = 0;
    Sliced sliced_;
};

Sliced strided_slice(const Graph& graph, const Node& node) {
    const auto begin = constant_list(graph, node, 1);
    const auto end = constant_list(graph, node, 2);
    const auto stride = constant_list(graph, node, 3);
    if (begin.size() != end.size() || begin.size() != stride.size()) {
        reject(graph, node,
               text("found {} begins, {} ends and {} strides, expected as many of each", begin.size(),
                    end.size(), stride.size()));
    }
    Slicer slicer(graph, node);
    bool open = true;  // no ellipsis yet
    for (std::size_t i = 0; i < begin.size(); ++i) {
        if (open && bit(node, "ellipsis_mask", i)) {
            std::size_t behind = 0;
            for (std::size_t j = i + 1; j < begin.size(); ++j) behind += !bit(node, "new_axis_mask", j);
            while (slicer.left() > behind) slicer.take_whole();
            open = false;
        } else if (bit(node, "new_axis_mask", i)) {
            slicer.add_axis();
        } else {
            slicer.take({begin[i], end[i], stride[i], bit(node, "begin_mask", i), bit(node, "end_mask", i),
                         bit(node, "shrink_axis_mask", i), node.attributes.flag("offset")});
        }
    }
    return slicer.finish();
}

Sliced slice(const Graph& graph, const Node& node) {
    const auto begin = constant_list(graph, node, 1);
    const auto size = constant_list(graph, node, 2);
    const std::vector<std::int32_t>& in = graph.tensor(node.inputs[0]).shape;
    if (begin.size() != in.size() || size.size() != in.size()) {
        reject(graph, node,
               text("found {} begins and {} sizes, expected one for each of {} dimensions", begin.size(),
                    size.size(), in.size()));
    }
    Slicer slicer(graph, node);
    for (std::size_t i = 0; i < in.size(); ++i) {
        const std::int64_t count = size[i] == -1 ? in[i] - begin[i] : size[i];
        if (begin[i] < 0 || begin[i] >= in[i] || count < 1 || count > in[i] - begin[i]) {
            reject(graph, node,
                   text("found {} elements from {} in a dimension of {}, expected them inside", count,
                        begin[i], in[i]));
        }
        slicer.take({begin[i], begin[i] + count, 1, false, false, false, false});
    }
    return slicer.finish();
}

void need_sliced(const Graph& graph, const Node& node, const Sliced& sliced) {
    need_same_type(graph, node, node.inputs[0], node.outputs[0]);
    need_shape(graph, node, node.outputs[0], sliced.shape);
    need_axes(graph, node, sliced.move);
}

void verify_strided_slice(const Graph& graph, const Node& node) {
    need_operands(graph, node, 4, 4);
    need_sliced(graph, node, strided_slice(graph, node));
}

PartParams part_params(const Tensor& large, const Tensor& small, const Tensor& begin) {
    static_assert(kPartAxes >= kMaxRank);
    PartParams params{.rank = static_cast<std::uint32_t>(large.shape.size()),
                      .width = size_of(large.type),
                      .index_bytes = size_of(begin.type)};
    for (std::size_t k = 0; k < large.shape.size(); ++k) {
        params.large[k] = static_cast<std::uint32_t>(large.shape[k]);
        params.small[k] = static_cast<std::uint32_t>(small.shape[k]);
    }
    return params;
}

// A part that is as large as it is wherever `begin` lets it begin.
void need_part(const Graph& graph, const Node& node, TensorId large, TensorId small, TensorId begin) {
    const Tensor& from = graph.tensor(large);
    const Tensor& part = graph.tensor(small);
    const Tensor& first = graph.tensor(begin);
    need_same_type(graph, node, large, small);
    if (first.type != Type::Int32 && first.type != Type::Int64)
        reject(graph, node, text("found {} {}, expected int32 or int64", first.name, shape_text(first)));
    bool inside = !from.shape.empty() && from.shape.size() == part.shape.size() &&
                  first.elements() == static_cast<std::int64_t>(from.shape.size());
    for (std::size_t k = 0; inside && k < from.shape.size(); ++k) inside = part.shape[k] <= from.shape[k];
    if (inside) return;
    reject(graph, node,
           text("found {} as a part of {} that begins at {} numbers, expected it inside and a beginning for "
                "each dimension",
                shape_text(part), shape_text(from), first.elements()));
}

bool begins_while_running(const Graph& graph, const Node& node) {
    return !graph.tensor(node.inputs[1]).constant();
}

// The size is known, the beginning is not.
void verify_moving_slice(const Graph& graph, const Node& node) {
    const TensorId in = node.inputs[0], out = node.outputs[0];
    need_part(graph, node, in, out, node.inputs[1]);
    const auto size = constant_list(graph, node, 2);
    const std::vector<std::int32_t>& shape = graph.tensor(out).shape;
    if (std::equal(size.begin(), size.end(), shape.begin(), shape.end())) return;
    reject(graph, node, text("found {} of another size than asked for", shape_text(graph.tensor(out))),
           text("export the model with fixed shapes: memory is planned before it runs"));
}

void verify_slice(const Graph& graph, const Node& node) {
    need_operands(graph, node, 3, 3);
    if (begins_while_running(graph, node)) return verify_moving_slice(graph, node);
    need_sliced(graph, node, slice(graph, node));
}

Lowered lower_strided_slice(const Graph& graph, const Node& node, Family) {
    return lower_move(graph, node, strided_slice(graph, node).move);
}

Lowered lower_slice(const Graph& graph, const Node& node, Family) {
    if (begins_while_running(graph, node)) {
        const TensorId in = node.inputs[0], begin = node.inputs[1], out = node.outputs[0];
        return {kSlice.key,
                params_bytes(part_params(graph.tensor(in), graph.tensor(out), graph.tensor(begin))),
                {Operand::of(in), Operand::of(begin), Operand::of(out)}};
    }
    return lower_move(graph, node, slice(graph, node).move);
}

void verify_update(const Graph& graph, const Node& node) {
    need_operands(graph, node, 3, 3);
    need_same_type(graph, node, node.inputs[0], node.outputs[0]);
    need_shape(graph, node, node.outputs[0], graph.tensor(node.inputs[0]).shape);
    need_part(graph, node, node.inputs[0], node.inputs[1], node.inputs[2]);
}

Lowered lower_update(const Graph& graph, const Node& node, Family) {
    const Tensor& large = graph.tensor(node.inputs[0]);
    const Tensor& small = graph.tensor(node.inputs[1]);
    return {kDynamicUpdateSlice.key,
            params_bytes(part_params(large, small, graph.tensor(node.inputs[2]))),
            {Operand::of(node.inputs[0]), Operand::of(node.inputs[1]), Operand::of(node.inputs[2]),
             Operand::of(node.outputs[0])}};
}

}  // namespace

const OpDef& strided_slice_def() {
    static const OpDef def{.op = Op::StridedSlice,
                           .name = "STRIDED_SLICE",
                           .builtin_code = 45,
                           .options_type = 32,
                           .max_version = 8,
                           .options = {{"begin_mask", 0, FieldType::Int32, 0},
                                       {"end_mask", 1, FieldType::Int32, 0},
                                       {"ellipsis_mask", 2, FieldType::Int32, 0},
                                       {"new_axis_mask", 3, FieldType::Int32, 0},
                                       {"shrink_axis_mask", 4, FieldType::Int32, 0},
                                       {"offset", 5, FieldType::Bool, 0}},
                           .kernels = move_kernels(),
                           .verify = verify_strided_slice,
                           .macs = no_macs,
                           .lower = lower_strided_slice};
    return def;
}

const OpDef& slice_def() {
    static const OpDef def{.op = Op::Slice,
                           .name = "SLICE",
                           .builtin_code = 65,
                           .options_type = 48,
                           .max_version = 6,
                           .options = {},
                           .kernels = {move_kernels()[0], {&kSlice, "kSlice", kHeader}},
                           .verify = verify_slice,
                           .macs = no_macs,
                           .lower = lower_slice};
    return def;
}

const OpDef& dynamic_update_slice_def() {
    static const OpDef def{.op = Op::DynamicUpdateSlice,
                           .name = "DYNAMIC_UPDATE_SLICE",
                           .builtin_code = 151,
                           .options_type = 117,
                           .max_version = 4,
                           .options = {},
                           .kernels = {{&kDynamicUpdateSlice, "kDynamicUpdateSlice", kHeader}},
                           .verify = verify_update,
                           .macs = no_macs,
                           .lower = lower_update};
    return def;
}

}  // namespace jatai
