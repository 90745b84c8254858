// graph.h: a model as typed ops and tensors.
//
//     Graph graph = read_tflite(bytes, "kws.tflite");
//     for (const Node& node : graph.nodes) fmt::print("{} {}\n", node.name,
//     graph.tensor(node.outputs[0]).shape);
//
// Nodes and tensors are indices into vectors, never pointers. Nodes stand in an order that can be executed.
// Keeps: verify(graph) holds for every graph a room hands on; a pass takes Graph& and leaves it valid.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "device/op.h"
#include "src/base/bytes.h"

namespace jatai {

using TensorId = std::int32_t;
constexpr TensorId kNoTensor = -1;  // an optional input that is absent

// real = scale * (stored - zero_point). One scale for the tensor, or one per slice along `axis`.
struct Quantisation {
    std::vector<float> scales;
    std::vector<std::int32_t> zero_points;
    int axis = 0;

    bool empty() const { return scales.empty(); }
    bool per_channel() const { return scales.size() > 1; }
    float scale() const { return scales.empty() ? 0.0f : scales[0]; }
    std::int32_t zero_point() const { return zero_points.empty() ? 0 : zero_points[0]; }
};

struct Tensor {
    std::string name;
    Type type = Type::None;
    std::vector<std::int32_t> shape;  // row-major; activations are NHWC
    Quantisation quantisation;
    Bytes data;              // little-endian; of a constant, or what a state begins with (empty: zeros)
    bool state = false;      // kept from run to run: read by some layers, rewritten by others
    bool four_bits = false;  // of constant int8: each element lies in -8..7 and had 4 bits in its file

    bool constant() const { return !state && !data.empty(); }
    std::int64_t elements() const {
        std::int64_t n = 1;
        for (auto extent : shape) n *= extent;
        return n;
    }
    std::int64_t bytes() const { return elements() * size_of(type); }
};

// The settings of one op, by the names of the TFLite schema ("stride_w", "fused_activation_function", ...).
using Value = std::variant<std::int64_t, double, bool, std::vector<std::int64_t>>;

class Attributes {
  public:
    void set(std::string name, Value value);
    bool has(const std::string& name) const;
    // The value, or `fallback` when it was never set.
    std::int64_t integer(const std::string& name, std::int64_t fallback = 0) const;
    double real(const std::string& name, double fallback = 0) const;
    bool flag(const std::string& name, bool fallback = false) const;
    std::vector<std::int64_t> list(const std::string& name) const;
    const std::vector<std::pair<std::string, Value>>& all() const { return values_; }

  private:
    const Value* find(const std::string& name) const;
    std::vector<std::pair<std::string, Value>> values_;  // in the order set
};

// Values of "fused_activation_function" and "padding", numbered as in the TFLite schema.
enum class Activation : std::int64_t { None = 0, Relu = 1, ReluN1To1 = 2, Relu6 = 3 };
enum class Padding : std::int64_t { Same = 0, Valid = 1 };

struct Node {
    Op op = Op::None;
    int version = 1;  // of the operator in the file it came from
    std::string name;
    Attributes attributes;
    std::vector<TensorId> inputs;
    std::vector<TensorId> outputs;
};

struct Graph {
    std::string name;
    std::vector<Tensor> tensors;
    std::vector<Node> nodes;
    std::vector<TensorId> inputs;
    std::vector<TensorId> outputs;
    std::vector<std::pair<std::string, std::string>>
        metadata;  // labels, lineage, features; kept by reader and writer

    const Tensor& tensor(TensorId id) const { return tensors[static_cast<std::size_t>(id)]; }
    Tensor& tensor(TensorId id) { return tensors[static_cast<std::size_t>(id)]; }
    TensorId add(Tensor tensor) {
        tensors.push_back(std::move(tensor));
        return static_cast<TensorId>(tensors.size()) - 1;
    }
};

}  // namespace jatai
