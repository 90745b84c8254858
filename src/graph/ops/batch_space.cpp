// SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND: every block-th row and column as an image of its own.
#include "src/graph/ops/common.h"
#include "src/graph/ops/move.h"
#include "src/graph/ops/ops.h"
#include "src/graph/ops/table_move.h"

namespace jatai {
namespace {

bool to_batch(const Node& node) { return node.op == Op::SpaceToBatchNd; }

// The image as a whole, and as it lies in blocks. One spatial dimension counts as rows of one column.
struct Blocks {
    std::int64_t block_h, block_w;
    std::int64_t top, left;               // margin (or crop) in front
    std::int64_t batches, height, width;  // of the image
    std::int64_t part_h, part_w;          // of an image in the batch
    std::int64_t channels;
};

const Tensor& image_of(const Graph& graph, const Node& node) {
    return graph.tensor(to_batch(node) ? node.inputs[0] : node.outputs[0]);
}
const Tensor& parts_of(const Graph& graph, const Node& node) {
    return graph.tensor(to_batch(node) ? node.outputs[0] : node.inputs[0]);
}

Blocks blocks_of(const Graph& graph, const Node& node) {
    const auto block = constant_list(graph, node, 1);
    const auto margin = constant_list(graph, node, 2);
    const std::vector<std::int32_t>& image = image_of(graph, node).shape;
    const std::vector<std::int32_t>& parts = parts_of(graph, node).shape;
    const bool flat = image.size() == 3;
    return {.block_h = block[0],
            .block_w = flat ? 1 : block[1],
            .top = margin[0],
            .left = flat ? 0 : margin[2],
            .batches = image[0],
            .height = image[1],
            .width = flat ? 1 : image[2],
            .part_h = parts[1],
            .part_w = flat ? 1 : parts[2],
            .channels = image.back()};
}

void need_lists(const Graph& graph, const Node& node) {
    const std::size_t rank = image_of(graph, node).shape.size();
    if (rank != 3 && rank != 4) reject(graph, node, text("found {} dimensions, expected 3 or 4", rank));
    need_rank(graph, node, to_batch(node) ? node.outputs[0] : node.inputs[0], rank);
    const std::size_t blocks = constant_list(graph, node, 1).size();
    const std::size_t margins = constant_list(graph, node, 2).size();
    if (blocks != rank - 2 || margins != 2 * blocks) {
        reject(graph, node,
               text("found {} block sizes and {} margins for {} dimensions", blocks, margins, rank));
    }
    for (const std::int64_t size : constant_list(graph, node, 1)) {
        if (size < 1 || size > 65535)
            reject(graph, node, text("found a block of {}, expected 1 to 65535", size));
    }
    for (const std::int64_t margin : constant_list(graph, node, 2)) {
        if (margin < 0) reject(graph, node, text("found a margin of {}, expected 0 or more", margin));
    }
}

void verify_batch_space(const Graph& graph, const Node& node) {
    need_operands(graph, node, 3, 3);
    need_same_type(graph, node, node.inputs[0], node.outputs[0]);
    need_lists(graph, node);
    const Blocks b = blocks_of(graph, node);
    const auto margin = constant_list(graph, node, 2);
    const std::int64_t below = b.top + margin[1];
    const std::int64_t beside = margin.size() > 2 ? b.left + margin[3] : 0;
    const std::vector<std::int32_t>& parts = parts_of(graph, node).shape;
    const bool good = parts[0] == b.batches * b.block_h * b.block_w && parts.back() == b.channels &&
                      b.part_h * b.block_h == b.height + below && b.part_w * b.block_w == b.width + beside;
    if (!good) {
        reject(graph, node,
               text("found {} to {} in blocks of {}x{}, expected sizes that match",
                    shape_text(graph.tensor(node.inputs[0])), shape_text(graph.tensor(node.outputs[0])),
                    b.block_h, b.block_w));
    }
    need_tables(graph, node, 3, b.batches + b.height + b.width);
}

Lowered lower_batch_space(const Graph& graph, const Node& node, Family) {
    const Blocks b = blocks_of(graph, node);
    const std::int64_t part = b.part_h * b.part_w;
    Tables tables{{{}, {}, {}}, b.channels, to_batch(node)};
    for (std::int64_t n = 0; n < b.batches; ++n) tables.axes[0].push_back(n * part);
    for (std::int64_t y = b.top; y < b.top + b.height; ++y) {
        const std::int64_t image = y % b.block_h * b.block_w * b.batches;
        tables.axes[1].push_back(image * part + y / b.block_h * b.part_w);
    }
    for (std::int64_t x = b.left; x < b.left + b.width; ++x)
        tables.axes[2].push_back(x % b.block_w * b.batches * part + x / b.block_w);
    return lower_tables(graph, node, tables);
}

OpDef batch_space(Op op, const char* name, std::int32_t builtin, std::int32_t options) {
    return {.op = op,
            .name = name,
            .builtin_code = builtin,
            .options_type = options,
            .max_version = 4,
            .options = {},
            .kernels = table_kernels(),
            .verify = verify_batch_space,
            .macs = no_macs,
            .lower = lower_batch_space};
}

}  // namespace

const OpDef& space_to_batch_nd_def() {
    static const OpDef def = batch_space(Op::SpaceToBatchNd, "SPACE_TO_BATCH_ND", 38, 25);
    return def;
}

const OpDef& batch_to_space_nd_def() {
    static const OpDef def = batch_space(Op::BatchToSpaceNd, "BATCH_TO_SPACE_ND", 37, 24);
    return def;
}

}  // namespace jatai
