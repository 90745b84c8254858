// export.h: a quantised network as an int8 graph with TFLite's conventions.
//
//     Graph graph = export_graph(network, model, {.input = {0.03125f, 0}, .labels = {"yes", "no"}});
//     write_file("model.tflite", write_tflite(graph));
//
// Convolution weights OHWI, one scale per channel, [-127, 127]; dense weights one scale; bias int32 of scale
// input x weight; activations int8 with a zero point; ReLU fused; softmax at the end, 1/256 and -128.
// Rounding of weights and ranges is that of training, so the graph computes what the network was trained to
// compute.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "src/graph/graph.h"
#include "src/train/network.h"
#include "src/train/quantiser.h"

namespace jatai::train {

struct ExportSettings {
    QuantGrid input;  // of the features
    std::vector<std::string> labels;
    std::vector<std::pair<std::string, std::string>> metadata;
};

// Needs: the network is quantised and its ranges are known. The result is verified.
// Fails with Error when a convolution or dense layer is not followed by a Bias of its own.
Graph export_graph(const Network& network, const Model& model, const ExportSettings& settings);

}  // namespace jatai::train
