#include "src/pipeline/diff_models.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "device/kernels/cast_real.h"
#include "src/base/error.h"
#include "src/graph/interpret.h"
#include "src/graph/onnx.h"
#include "src/graph/op_def.h"
#include "src/graph/passes/fold_zero_points.h"
#include "src/graph/tflite.h"
#include "src/graph/verify.h"
#include "src/package/inspect.h"

namespace jatai {
namespace {

template <typename T>
double value_at(const std::uint8_t* bytes, std::size_t i) {
    T value;
    std::memcpy(&value, bytes + i * sizeof value, sizeof value);
    return static_cast<double>(value);
}

double stored_at(Type type, const std::uint8_t* bytes, std::size_t i) {
    switch (type) {
        case Type::Int8:
            return value_at<std::int8_t>(bytes, i);
        case Type::Int16:
            return value_at<std::int16_t>(bytes, i);
        case Type::Int32:
            return value_at<std::int32_t>(bytes, i);
        case Type::Int64:
            return value_at<std::int64_t>(bytes, i);
        case Type::UInt32:
            return value_at<std::uint32_t>(bytes, i);
        case Type::UInt64:
            return value_at<std::uint64_t>(bytes, i);
        case Type::Float32:
            return value_at<float>(bytes, i);
        case Type::Float64:
            return value_at<double>(bytes, i);
        case Type::Float16:
            return widen_from_half(static_cast<std::uint16_t>(value_at<std::uint16_t>(bytes, i)));
        case Type::UInt16:
            return value_at<std::uint16_t>(bytes, i);
        default:
            return bytes[i];
    }
}

// Numbers without a scale stand for themselves.
std::vector<double> real_values(const Tensor& tensor, ByteView bytes) {
    const bool scaled = !tensor.quantisation.empty() && tensor.type != Type::Float32;
    const double scale = scaled ? tensor.quantisation.scale() : 1.0;
    const double zero = scaled ? tensor.quantisation.zero_point() : 0.0;
    std::vector<double> values(bytes.size() / size_of(tensor.type));
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = scale * (stored_at(tensor.type, bytes.data(), i) - zero);
    return values;
}

template <typename T>
void store(Bytes& bytes, double value) {
    double low = static_cast<double>(std::numeric_limits<T>::lowest());
    double high = static_cast<double>(std::numeric_limits<T>::max());
    const T stored = static_cast<T>(value <= low    ? std::numeric_limits<T>::lowest()
                                    : value >= high ? std::numeric_limits<T>::max()
                                                    : static_cast<T>(value));
    const auto* raw = reinterpret_cast<const std::uint8_t*>(&stored);
    bytes.insert(bytes.end(), raw, raw + sizeof stored);
}

Bytes stored_values(const Tensor& tensor, const std::vector<double>& values) {
    const double scale = tensor.quantisation.empty() ? 1.0 : tensor.quantisation.scale();
    Bytes bytes;
    for (const double value : values) {
        const double q = std::round(value / scale) + tensor.quantisation.zero_point();
        switch (tensor.type) {
            case Type::Int8:
                store<std::int8_t>(bytes, q);
                break;
            case Type::UInt8:
                store<std::uint8_t>(bytes, q);
                break;
            case Type::Int16:
                store<std::int16_t>(bytes, q);
                break;
            case Type::Int32:
                store<std::int32_t>(bytes, q);
                break;
            case Type::Float32:
                store<float>(bytes, value);
                break;
            default:
                throw Error{text("input {}: found {}, expected int8, uint8, int16, int32 or float32",
                                 tensor.name, shape_text(tensor))};
        }
    }
    return bytes;
}

bool same_form(const Tensor& a, const Tensor& b) {
    return a.type == b.type && a.quantisation.scales == b.quantisation.scales &&
           a.quantisation.zero_points == b.quantisation.zero_points;
}

// The same real numbers, as the other model stores them.
std::vector<Bytes> convert(const Graph& a, const Graph& b, const std::vector<Bytes>& inputs) {
    std::vector<Bytes> converted;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const Tensor& from = a.tensor(a.inputs[i]);
        const Tensor& to = b.tensor(b.inputs[i]);
        converted.push_back(same_form(from, to) ? inputs[i]
                                                : stored_values(to, real_values(from, inputs[i])));
    }
    return converted;
}

void require_same_inputs(const Graph& a, const Graph& b) {
    bool same = a.inputs.size() == b.inputs.size();
    for (std::size_t i = 0; same && i < a.inputs.size(); ++i)
        same = a.tensor(a.inputs[i]).elements() == b.tensor(b.inputs[i]).elements();
    if (same) return;
    throw Error{text("{} and {}: found inputs {} and {}, expected as many numbers", a.name, b.name,
                     shape_text(a.tensor(a.inputs[0])), shape_text(b.tensor(b.inputs[0]))),
                text("compare two precisions or two versions of one model")};
}

struct Pair {
    std::size_t a, b;  // nodes
};

const Tensor& written(const Graph& graph, std::size_t node) {
    return graph.tensor(graph.nodes[node].outputs[0]);
}

std::vector<Pair> match_layers(const Graph& a, const Graph& b, ModelDiff& diff) {
    std::vector<bool> taken_a(a.nodes.size()), taken_b(b.nodes.size());
    std::vector<Pair> pairs;
    const auto match = [&](const auto& same) {
        std::size_t from = 0;
        for (std::size_t i = 0; i < a.nodes.size(); ++i) {
            if (taken_a[i]) continue;
            for (std::size_t k = from; k < b.nodes.size(); ++k) {
                if (taken_b[k] || written(a, i).elements() != written(b, k).elements() || !same(i, k))
                    continue;
                taken_a[i] = taken_b[k] = true;
                pairs.push_back({i, k});
                from = k + 1;
                break;
            }
        }
    };
    match([&](std::size_t i, std::size_t k) {
        return !a.nodes[i].name.empty() && a.nodes[i].name == b.nodes[k].name;
    });
    match([&](std::size_t i, std::size_t k) { return a.nodes[i].op == b.nodes[k].op; });
    std::sort(pairs.begin(), pairs.end(), [](const Pair& x, const Pair& y) { return x.a < y.a; });
    for (std::size_t i = 0; i < a.nodes.size(); ++i)
        if (!taken_a[i]) diff.only_a.push_back(place_of(a, a.nodes[i]));
    for (std::size_t k = 0; k < b.nodes.size(); ++k)
        if (!taken_b[k]) diff.only_b.push_back(place_of(b, b.nodes[k]));
    return pairs;
}

// What a pair of layers adds up to over the samples.
struct Sums {
    double signal = 0, noise = 0, largest_error = 0, largest_value = 0;

    void add(const std::vector<double>& a, const std::vector<double>& b) {
        for (std::size_t i = 0; i < a.size(); ++i) {
            const double error = a[i] - b[i];
            signal += a[i] * a[i];
            noise += error * error;
            largest_error = std::max(largest_error, std::abs(error));
            largest_value = std::max(largest_value, std::abs(a[i]));
        }
    }
};

LayerDiff layer_of(const Graph& a, const Graph& b, const Pair& pair, const Sums& sums) {
    LayerDiff layer;
    layer.name = a.nodes[pair.a].name;
    layer.op_a = op_def(a.nodes[pair.a].op).name;
    layer.op_b = op_def(b.nodes[pair.b].op).name;
    layer.index_a = pair.a;
    layer.index_b = pair.b;
    layer.elements = written(a, pair.a).elements();
    if (sums.noise > 0 && sums.signal > 0) layer.snr_db = 10 * std::log10(sums.signal / sums.noise);
    layer.largest_error = sums.largest_error;
    layer.largest_value = sums.largest_value;
    return layer;
}

std::ptrdiff_t top(const Graph& graph, const std::vector<Bytes>& answers) {
    const std::vector<double> values = real_values(graph.tensor(graph.outputs[0]), answers[0]);
    return std::max_element(values.begin(), values.end()) - values.begin();
}

bool ranks_classes(const Graph& a, const Graph& b) {
    const std::int64_t classes = a.tensor(a.outputs[0]).elements();
    return classes > 1 && classes == b.tensor(b.outputs[0]).elements();
}

}  // namespace

Graph open_graph(const fs::path& file) {
    const Bytes bytes = read_file(file);
    if (looks_like_package(bytes)) {
        throw Error{text("{}: found a package, expected a model whose layers can be seen", file.string()),
                    text("give the model file it was made of")};
    }
    const std::string place = file.string();
    Graph graph = looks_like_onnx(bytes) ? read_onnx(bytes, place) : read_tflite(bytes, place);
    graph.name = file.filename().string();
    return graph;
}

ModelDiff diff_models(const Graph& a, const Graph& b, const std::vector<std::vector<Bytes>>& samples,
                      const Progress& progress) {
    require_same_inputs(a, b);
    ModelDiff diff;
    diff.name_a = a.name;
    diff.name_b = b.name;
    diff.samples = samples.size();
    const std::vector<Pair> pairs = match_layers(a, b, diff);
    std::vector<Sums> sums(pairs.size());
    const Graph folded_a = zero_points_folded(a), folded_b = zero_points_folded(b);
    Interpreter run_a(folded_a), run_b(folded_b);
    std::size_t same = 0;
    for (std::size_t s = 0; s < samples.size(); ++s) {
        report(progress, s, samples.size(), text("comparing"));
        const std::vector<Bytes> answers_a = run_a.run(samples[s]);
        const std::vector<Bytes> answers_b = run_b.run(convert(a, b, samples[s]));
        if (ranks_classes(a, b)) same += top(a, answers_a) == top(b, answers_b);
        for (std::size_t p = 0; p < pairs.size(); ++p) {
            const TensorId id_a = a.nodes[pairs[p].a].outputs[0];
            const TensorId id_b = b.nodes[pairs[p].b].outputs[0];
            sums[p].add(real_values(a.tensor(id_a), run_a.value(id_a)),
                        real_values(b.tensor(id_b), run_b.value(id_b)));
        }
    }
    if (ranks_classes(a, b)) diff.same_top1 = same;
    for (std::size_t p = 0; p < pairs.size(); ++p) diff.layers.push_back(layer_of(a, b, pairs[p], sums[p]));
    return diff;
}

nlohmann::ordered_json to_json(const ModelDiff& diff) {
    nlohmann::ordered_json answer{{"a", diff.name_a}, {"b", diff.name_b}, {"samples", diff.samples}};
    answer["same_top1"] = nullptr;
    answer["top1_agreement"] = nullptr;
    if (diff.same_top1 && diff.samples > 0) {
        answer["same_top1"] = *diff.same_top1;
        answer["top1_agreement"] = static_cast<double>(*diff.same_top1) / static_cast<double>(diff.samples);
    }
    answer["layers"] = nlohmann::ordered_json::array();
    for (const LayerDiff& layer : diff.layers) {
        nlohmann::ordered_json row{{"name", layer.name},
                                   {"index_a", layer.index_a},
                                   {"index_b", layer.index_b},
                                   {"op_a", layer.op_a},
                                   {"op_b", layer.op_b},
                                   {"elements", layer.elements},
                                   {"snr_db", nullptr},
                                   {"largest_error", layer.largest_error},
                                   {"largest_value", layer.largest_value}};
        if (layer.snr_db) row["snr_db"] = *layer.snr_db;
        answer["layers"].push_back(std::move(row));
    }
    answer["only_a"] = diff.only_a;
    answer["only_b"] = diff.only_b;
    return answer;
}

}  // namespace jatai
