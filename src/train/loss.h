// loss.h: how wrong a shard's answers are, and in which direction.
//
//     Loss loss = softmax_cross_entropy({logits, samples, classes}, labels, 0.1f, batch, d_logits);
#pragma once

#include <cstdint>
#include <span>

namespace jatai::train {

struct Logits {
    const float* values;  // [samples][classes]
    int samples, classes;
};

struct Loss {
    double sum = 0.0;  // over samples
    int right = 0;     // samples whose largest logit is their label
};

// -sum t log softmax(z), t = (1 - smoothing) one-hot + smoothing / classes (Szegedy et al. 2016, section 7).
// d_logits = (softmax(z) - t) / batch; null: not wanted.
Loss softmax_cross_entropy(Logits logits, std::span<const std::uint16_t> labels, float smoothing, int batch,
                           float* d_logits);

}  // namespace jatai::train
