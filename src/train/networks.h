// networks.h: networks to start from, by name and size.
//
//     NetworkSpec spec = ds_cnn({49, 10, 1}, 6, DsCnnSize::small());
//     NetworkSpec spec = make_network("ds_cnn_s", {49, 10, 1}, 6);      // as jatai.toml names them
//
// Every one ends in logits: softmax belongs to the loss and to the exported graph.
#pragma once

#include <string>
#include <vector>

#include "src/train/network_spec.h"

namespace jatai::train {

// DS-CNN (Zhang, Suda, Lai, Chandra 2017, "Hello Edge"): a first convolution, then blocks of depthwise 3x3
// and pointwise convolutions, then the average over the image.
struct DsCnnSize {
    int filters = 64;
    int blocks = 4;
    int kernel_h = 10, kernel_w = 4;  // of the first convolution
    int stride_h = 2, stride_w = 2;
    int block_stride = 1;  // of the first block
    float dropout = 0.2f;  // before the dense layer

    static DsCnnSize mlperf() { return {}; }  // 2.66 M MACs on 49x10
    static DsCnnSize small();
    static DsCnnSize medium();
};
NetworkSpec ds_cnn(Shape input, int classes, const DsCnnSize& size = {});

// One convolution of 8 filters 10x8, stride 2, then dense: TensorFlow's tiny_conv.
NetworkSpec tiny_conv(Shape input, int classes);

// conv 3x3, pool, conv 3x3, pool, dense.
NetworkSpec small_conv(Shape input, int classes, int filters = 16);

NetworkSpec mlp(Shape input, int classes, const std::vector<int>& hidden = {64, 32});

// "ds_cnn", "ds_cnn_s", "ds_cnn_m", "tiny_conv", "small_conv", "mlp". Fails with Error ("did you mean").
NetworkSpec make_network(const std::string& name, Shape input, int classes);
std::vector<std::string> network_names();

}  // namespace jatai::train
