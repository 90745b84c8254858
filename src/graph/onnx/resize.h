// resize.h: resizing along one dimension.
//
//     Stretch s{4, 8, 2.0};                                        // 4 elements become 8
//     id = blended(layer, id, 2, s, {.places = {-0.25, 0.25, ...}, .cubic = true});
//
// Cost: a matrix of from x to floats, and a product with it.
#pragma once

#include <optional>
#include <vector>

#include "src/graph/onnx/importer.h"

namespace jatai::onnx {

// One dimension of the change: extents, and the factor as the file says it.
struct Stretch {
    std::int64_t from = 1, to = 1;
    double scale = 1;
};

struct Blend {
    std::vector<double> places;     // where in the input each element of the output lies
    bool cubic = false;             // else linear
    double cubic_a = -0.75;         // of the cubic filter
    bool antialias = false;         // a wider filter where the image gets smaller
    bool leave_out = false;         // what lies outside the image does not count, instead of its edge
    std::optional<double> outside;  // the answer at places outside the image
};
TensorId blended(Layer& layer, TensorId id, std::size_t axis, const Stretch& s, const Blend& blend);

}  // namespace jatai::onnx
