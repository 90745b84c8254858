// hybrid.h: float layers whose weights are int8: what a converter without sample data makes
// ("dynamic range").
//
//     if (is_hybrid(graph, m)) need_hybrid(graph, node, m, {channels, 0});
//     return lower_hybrid_conv(graph, node, kConv2dHybrid.key, window, m);
//
// Fails with Error naming the layer.
#pragma once

#include "device/kernels/multiply_hybrid.h"
#include "src/graph/ops/multiply.h"

namespace jatai {

// The weights are int8 beside a float input.
bool is_hybrid(const Graph& graph, const Multiplied& m);

struct HybridChannels {
    std::int64_t count;
    int axis;  // of the weights
};
// Constant weights with one scale or one per channel and zero points 0; all else floats.
void need_hybrid(const Graph& graph, const Node& node, const Multiplied& m, HybridChannels channels);

Lowered lower_hybrid_conv(const Graph& graph, const Node& node, KernelKey kernel, const Window& window,
                          const Multiplied& m);
Lowered lower_hybrid_dense(const Graph& graph, const Node& node, const Dense& dense, const Multiplied& m);

}  // namespace jatai
