// window.h: the sliding window of convolutions and pools, from the settings of the schema.
//
//     const Window w = make_window(graph, node, {3, 3});
//
// Source of output extents and padding: TFLite's ComputeOutSize and ComputePaddingHeightWidth.
#pragma once

#include "device/kernels/window.h"
#include "src/graph/graph.h"
#include "src/graph/op_def.h"

namespace jatai {

// A third value of "padding", of our own, which no .tflite file can say: "pad_top" and "pad_left" lie before
// the image, and what the output's shape asks for behind it.
constexpr Padding kExplicitPadding = static_cast<Padding>(2);

// A setting of our own: a column of pixels may be read as a row (src/graph/passes/lay_columns_down.h).
constexpr const char* kLiesDown = "lies_down";

struct Taps {
    std::int64_t h, w;
};

// Input and output are [n, h, w, c] of this type; the settings are sane; the output's shape follows from
// them, and every extent fits the parameter record (65,535). Fails with Error.
void need_window(const Graph& graph, const Node& node, Taps taps, Type type = Type::Int8);

// Of a layer that is marked, a column of pixels comes as one row: the same memory. Needs: need_window passed.
Window make_window(const Graph& graph, const Node& node, Taps taps);

// How a window slides along one axis: output i reads the inputs from i * stride - before on, over `reach`.
struct Reach {
    std::int64_t stride, reach, before;
};
struct Reaches {
    Reach h, w;
};
// Of CONV_2D, DEPTHWISE_CONV_2D, MAX_POOL_2D or AVERAGE_POOL_2D. Needs: need_window passed.
Reaches reaches_of(const Graph& graph, const Node& node);

}  // namespace jatai
