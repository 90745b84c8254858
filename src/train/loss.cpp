#include "src/train/loss.h"

#include <algorithm>
#include <vector>

#include "src/train/exact_math.h"

namespace jatai::train {

Loss softmax_cross_entropy(Logits logits, std::span<const std::uint16_t> labels, float smoothing, int batch,
                           float* d_logits) {
    Loss loss;
    const auto classes = static_cast<std::size_t>(logits.classes);
    std::vector<double> exps(classes);
    for (std::size_t n = 0; n < static_cast<std::size_t>(logits.samples); ++n) {
        const float* z = logits.values + n * classes;
        const std::size_t best = static_cast<std::size_t>(std::max_element(z, z + classes) - z);
        loss.right += best == labels[n];
        double sum = 0.0;
        for (std::size_t c = 0; c < classes; ++c) sum += exps[c] = exact_exp(double(z[c]) - double(z[best]));
        const double log_sum = exact_log(sum) + double(z[best]);
        for (std::size_t c = 0; c < classes; ++c) {
            const double target =
                (c == labels[n] ? 1.0 - smoothing : 0.0) + double(smoothing) / double(classes);
            loss.sum += target * (log_sum - double(z[c]));
            if (d_logits != nullptr)
                d_logits[n * classes + c] = static_cast<float>((exps[c] / sum - target) / batch);
        }
    }
    return loss;
}

}  // namespace jatai::train
