// whole_words.h: windows whose rows are whole words, by taps that weigh nothing.
//
//     const auto [weights, params] = in_whole_words(graph.tensor(node.inputs[1]), params);
//
//     before   3x3 taps of 3 channels: rows of 9 bytes       after   3x4 taps: rows of 12 bytes
//
// The fast convolutions read rows of whole words as they lie in the image; others are collected first, which
// costs more than a few products in vain (device/cortex_m/pixel_pairs.h). A tap behind the last column holds
// the weights' zero point, so whatever it reads adds nothing: the bytes stay the same.
#pragma once

#include "device/kernels/conv2d.h"
#include "src/graph/graph.h"

namespace jatai {

struct WholeWords {
    Tensor weights;
    Conv2dParams params;
};

// As they are where nothing is gained. Needs: int8 weights [out_c, kernel_h, kernel_w, in_c], no groups.
WholeWords in_whole_words(const Tensor& weights, const Conv2dParams& params);

// So many columns wide, none narrower than before.
WholeWords in_columns(const Tensor& weights, const Conv2dParams& params, std::int64_t columns);

}  // namespace jatai
