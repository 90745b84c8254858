// fold.h: batch-norm into the convolution before it, and the network that then trains in int8.
//
//     Folded folded = fold_batch_norm(network, model);      // same answers, no batch-norm
//     NetworkSpec spec = quantise(folded.spec);             // every activation rounded to an int8 grid
//
// gamma (w x - mean) / s + beta  =  (w gamma / s) x + (beta - mean gamma / s)
#pragma once

#include "src/train/network.h"

namespace jatai::train {

struct Folded {
    NetworkSpec spec;
    Model model;
};

// Every BatchNorm becomes a Bias. Fails with Error when one does not stand behind a convolution or dense
// layer that nobody else reads.
Folded fold_batch_norm(const Network& network, const Model& model);

// Gives every layer's output its int8 range: biases and sums one of their own; pools and flatten their
// input's, as TFLite's operators demand. Dropout ends: what is left to learn is how to live with rounding.
NetworkSpec quantise(NetworkSpec spec);

// Carries parameters of a network over to the same network quantised, whose states are new.
Model with_ranges(const Network& quantised, const Model& model);

// The model as int8 hardware sees it: weights rounded to their grids.
void round_weights(const Network& network, const Model& model, Model& rounded);

}  // namespace jatai::train
