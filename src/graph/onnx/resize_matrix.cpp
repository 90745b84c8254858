// Resizing along one dimension as a product with a matrix that is known beforehand: linear and cubic, with
// every way of coordinates, antialias, and what lies outside.
#include <algorithm>
#include <cmath>

#include "src/base/error.h"
#include "src/graph/onnx/resize.h"

namespace jatai::onnx {
namespace {

double cubic(double distance, double a) {
    const double x = std::abs(distance);
    if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    if (x < 2) return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
    return 0;
}

// The elements of the input that make one of the output: weight k belongs to element first + k.
struct Taps {
    std::int64_t first = 0;
    std::vector<double> weights;
};

// A filter around `place`, which is as much wider as the image gets smaller when `wide`.
Taps taps_at(double place, double scale, const Blend& blend) {
    const double shrink = blend.antialias ? std::min(scale, 1.0) : 1.0;
    const double reach = blend.cubic ? 2.0 : 1.0;
    const auto base = static_cast<std::int64_t>(std::ceil(place)) - 1;
    const auto begin = static_cast<std::int64_t>(std::floor(-reach / shrink)) + 1;
    const auto end = 2 - begin;
    Taps taps{base + begin, {}};
    double sum = 0;
    for (std::int64_t k = begin; k < end; ++k) {
        const double distance = (static_cast<double>(base + k) - place) * shrink;
        const double weight =
            blend.cubic ? cubic(distance, blend.cubic_a) : std::max(0.0, 1.0 - std::abs(distance));
        taps.weights.push_back(weight);
        sum += weight;
    }
    if (blend.antialias && sum != 0)
        for (double& weight : taps.weights) weight /= sum;
    return taps;
}

// One row of the matrix. Outside the image counts the element at its edge, or nothing when left out.
void fill_row(const Taps& taps, const Blend& blend, std::int64_t from, double* row) {
    double sum = 0;
    for (std::size_t k = 0; k < taps.weights.size(); ++k) {
        const std::int64_t at = taps.first + static_cast<std::int64_t>(k);
        if (blend.leave_out && (at < 0 || at >= from)) continue;
        row[std::clamp<std::int64_t>(at, 0, from - 1)] += taps.weights[k];
        sum += taps.weights[k];
    }
    if (!blend.leave_out || sum == 0) return;
    for (std::int64_t i = 0; i < from; ++i) row[i] /= sum;
}

}  // namespace

TensorId blended(Layer& layer, TensorId id, std::size_t axis, const Stretch& s, const Blend& blend) {
    const Shape shape = layer.graph().tensor(id).shape;
    const Shape front(shape.begin(), shape.begin() + static_cast<std::ptrdiff_t>(axis));
    const std::int64_t outer = elements_of(front), all = elements_of(shape);
    const std::int64_t inner = all / std::max<std::int64_t>(outer * s.from, 1);
    const auto from = static_cast<std::size_t>(s.from), to = static_cast<std::size_t>(s.to);
    layer.spend(static_cast<std::uint64_t>(from) * to * 12);
    std::vector<double> matrix(from * to, 0.0), beyond(to, 0.0);
    bool any_beyond = false;
    for (std::size_t o = 0; o < to; ++o) {
        const double place = blend.places[o];
        const bool inside =
            place >= 0 && place <= static_cast<double>(s.from - 1);  // not so: what is no number
        if (blend.outside && !inside) {
            beyond[o] = *blend.outside;
            any_beyond = true;
        } else {
            fill_row(taps_at(place, s.scale, blend), blend, s.from, matrix.data() + o * from);
        }
    }
    const auto width = [](std::size_t n) { return static_cast<std::int32_t>(n); };
    const Shape flat = check_shape({outer, s.from, inner}, Type::Float32, layer.where());
    const Shape made = check_shape({outer, s.to, inner}, Type::Float32, layer.where());
    const TensorId rows = layer.constant_tensor(constant_of(matrix, {1, width(to), width(from)}));
    id = layer.emit("BATCH_MATMUL", {rows, layer.reshape_tensor(id, flat)}, made, Type::Float32);
    if (any_beyond) {
        const TensorId values = layer.constant_tensor(constant_of(beyond, {1, width(to), 1}));
        id = layer.emit("ADD", {id, values}, made, Type::Float32);
    }
    Shape full = shape;
    full[axis] = static_cast<std::int32_t>(s.to);
    return layer.reshape_tensor(id, full);
}

}  // namespace jatai::onnx
