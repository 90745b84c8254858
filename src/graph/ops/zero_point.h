// zero_point.h: what the zero point of a layer's input adds to its sums, and the bias that has it in already.
//
//     sum of w * (in - zero)  =  sum of w * in  -  zero * sum of w
//
//     if (can_fold_zero_point(graph, node)) start_from(folded_channels(graph, node));
//
// The second term is a number per output channel, known when the model is compiled. The pass
// src/graph/passes/fold_zero_points.h puts it into the bias and marks the layer: the fast kernels run marked
// layers, as none of them subtracts. A layer without the mark runs on a kernel that subtracts at every
// product.
//
// Of     CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED, int8.
#pragma once

#include <vector>

#include "src/graph/graph.h"
#include "src/graph/ops/common.h"

namespace jatai {

inline bool zero_point_folded(const Node& node) { return node.attributes.flag(kZeroPointFolded); }

// Whether the sums of the weights are known, and a kernel that subtracts nothing can run the layer.
bool can_fold_zero_point(const Graph& graph, const Node& node);

// The weights of each output channel. Needs: constant weights.
Slices weight_slices(const Graph& graph, const Node& node);

// Bias and factor of each output channel, the zero point folded in, marked or not.
// Needs: can_fold_zero_point.
std::vector<Channel> folded_channels(const Graph& graph, const Node& node);

// The same channels before the fold, for a kernel that subtracts. Needs: `channels` of a marked layer.
std::vector<Channel> unfolded(const Graph& graph, const Node& node, const std::vector<Channel>& channels);

}  // namespace jatai
