// diff_models.h: two models on the same samples, layer by layer: where they part, and whether they still
// agree.
//
//     const ModelDiff diff = diff_models(open_graph("float.tflite"), open_graph("int8.tflite"), samples);
//     diff.layers[3].snr_db;  diff.same_top1;  to_json(diff);
//
// Layers are matched by the name of what they write; what is left over, by order among layers of one operator
// that write as many numbers. Errors are counted in real numbers: a stored q stands for scale * (q - zero
// point).
//
// Needs: samples as the first model takes them; those of the second are made from them where it stores
// otherwise. Keeps: a state goes on from sample to sample, in both. Fails with Error when the inputs of the
// two are not as many numbers.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "src/base/progress.h"
#include "src/graph/graph.h"

namespace jatai {

struct LayerDiff {
    std::string name;
    std::string op_a, op_b;
    std::size_t index_a = 0, index_b = 0;
    std::int64_t elements = 0;
    std::optional<double> snr_db;  // of a's values against the difference; none: no difference, or all zeros
    double largest_error = 0;      // in real numbers
    double largest_value = 0;      // of a
};

struct ModelDiff {
    std::string name_a, name_b;
    std::size_t samples = 0;
    std::optional<std::size_t>
        same_top1;                  // samples whose largest output is the same; none: outputs of one number
    std::vector<LayerDiff> layers;  // in a's order
    std::vector<std::string> only_a, only_b;
};

// A model as its file says, before any pass: what a pass took away cannot be compared.
Graph open_graph(const fs::path& file);

// Samples: as read_samples() gives them for `a`.
ModelDiff diff_models(const Graph& a, const Graph& b, const std::vector<std::vector<Bytes>>& samples,
                      const Progress& progress = {});

nlohmann::ordered_json to_json(const ModelDiff& diff);

}  // namespace jatai
