#include "src/graph/onnx/fuse.h"

#include <cstring>
#include <optional>
#include <string_view>

#include "src/graph/op_def.h"
#include "src/graph/quantise/op_rules.h"

namespace jatai::onnx {
namespace {

using quantise::OpRule;
using quantise::rule_of;

std::vector<float> floats_of(const Tensor& tensor) {
    std::vector<float> values(tensor.data.size() / sizeof(float));
    if (!values.empty()) std::memcpy(values.data(), tensor.data.data(), values.size() * sizeof(float));
    return values;
}

Bytes bytes_of(const std::vector<float>& values) {
    Bytes bytes(values.size() * sizeof(float));
    if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

class Fuser {
  public:
    Fuser(Graph& graph, const quantise::StoredConstants& stored)
        : graph_(graph),
          stored_(stored),
          writer_(graph.tensors.size(), -1),
          readers_(graph.tensors.size(), 0),
          dead_(graph.nodes.size(), false) {}
    void run();

  private:
    using Index = std::ptrdiff_t;
    Node& node(Index i) { return graph_.nodes[static_cast<std::size_t>(i)]; }
    Index writer(TensorId id) const { return id == kNoTensor ? -1 : writer_[static_cast<std::size_t>(id)]; }
    bool read_once(TensorId id) const { return readers_[static_cast<std::size_t>(id)] == 1; }

    Index swallower(TensorId id, bool weighted_only);
    bool try_fuse(Index i);
    bool fuse_numbers(Index i, std::string_view op);
    bool is_relu(const Node& layer);
    bool fuse_activation(Index i, Activation activation);
    std::optional<std::vector<float>> per_channel(TensorId id, TensorId image);
    bool scale_weights(Node& layer, const std::vector<float>& factors);
    TensorId changed(TensorId id, const std::vector<float>& values);
    bool shift_bias(Node& layer, const std::vector<float>& offsets);
    void take_over(Index last, Index swallowed);

    Graph& graph_;
    const quantise::StoredConstants& stored_;
    std::vector<Index> writer_;
    std::vector<int> readers_;
    std::vector<bool> dead_;
    std::vector<bool> ours_;  // by tensor: made here, so changed in place
    std::int64_t work_ =
        1ll << 28;  // elements that may still be touched: a file may ask for it over and over
};

// The layer that writes `id`, past reshapes that keep the channels; -1 when something else reads on the way.
Fuser::Index Fuser::swallower(TensorId id, bool weighted_only) {
    for (Index i = writer(id); i >= 0; i = writer(node(i).inputs[0])) {
        if (!read_once(node(i).outputs[0]) || node(i).outputs.size() != 1) return -1;
        const Node& layer = node(i);
        if (layer.op == Op::Reshape) {
            const auto &from = graph_.tensor(layer.inputs[0]).shape,
                       &to = graph_.tensor(layer.outputs[0]).shape;
            if (from.empty() || to.empty() || from.back() != to.back()) return -1;
            continue;
        }
        const bool weighted = rule_of(layer.op).kind == OpRule::Kind::Weighted && layer.op != Op::None;
        if (layer.attributes.integer("fused_activation_function") != 0) return -1;
        if (weighted && std::string_view(op_def(layer.op).name) != "TRANSPOSE_CONV") return i;
        return !weighted_only && layer.op == Op::Add ? i : -1;
    }
    return -1;
}

// A constant as one number per channel of the image.
std::optional<std::vector<float>> Fuser::per_channel(TensorId id, TensorId image) {
    const Tensor& constant = graph_.tensor(id);
    const std::vector<std::int32_t>& shape = graph_.tensor(image).shape;
    if (!constant.constant() || constant.type != Type::Float32 || shape.empty()) return std::nullopt;
    const auto channels = static_cast<std::size_t>(shape.back());
    std::vector<float> values = floats_of(constant);
    if (constant.shape.size() > shape.size()) return std::nullopt;
    if (values.size() == 1) return std::vector<float>(channels, values[0]);
    if (values.size() != channels || constant.shape.back() != shape.back()) return std::nullopt;
    return values;
}

bool Fuser::scale_weights(Node& layer, const std::vector<float>& factors) {
    const OpRule& rule = rule_of(layer.op);
    const Tensor& weights = graph_.tensor(layer.inputs[1]);
    if (!weights.constant() || stored_.contains(layer.inputs[1])) return false;
    const auto axis = static_cast<std::size_t>(rule.axis);
    if (static_cast<std::size_t>(weights.shape[axis]) != factors.size()) return false;
    std::size_t inner = 1;
    for (std::size_t k = axis + 1; k < weights.shape.size(); ++k)
        inner *= static_cast<std::size_t>(weights.shape[k]);
    std::vector<float> values = floats_of(weights);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] *= factors[i / inner % factors.size()];
    layer.inputs[1] = changed(layer.inputs[1], values);
    if (layer.inputs.size() < 3 || layer.inputs[2] == kNoTensor) return true;
    std::vector<float> offsets = floats_of(graph_.tensor(layer.inputs[2]));
    for (std::size_t c = 0; c < offsets.size(); ++c) offsets[c] *= factors[c];
    layer.inputs[2] = changed(layer.inputs[2], offsets);
    return true;
}

// The constant with other values; a new one while others may read the old.
TensorId Fuser::changed(TensorId id, const std::vector<float>& values) {
    ours_.resize(graph_.tensors.size(), false);
    if (!ours_[static_cast<std::size_t>(id)]) {
        Tensor copy = graph_.tensor(id);
        copy.data.clear();
        id = graph_.add(std::move(copy));
        ours_.push_back(true);
    }
    graph_.tensor(id).data = bytes_of(values);
    return id;
}

bool Fuser::shift_bias(Node& layer, const std::vector<float>& offsets) {
    const OpRule& rule = rule_of(layer.op);
    const Tensor& weights = graph_.tensor(layer.inputs[1]);
    if (static_cast<std::size_t>(weights.shape[static_cast<std::size_t>(rule.axis)]) != offsets.size())
        return false;
    std::vector<float> sum = offsets;
    if (layer.inputs.size() > 2 && layer.inputs[2] != kNoTensor) {
        const Tensor& bias = graph_.tensor(layer.inputs[2]);
        const std::vector<float> before = floats_of(bias);
        if (!bias.constant() || before.size() != sum.size()) return false;
        for (std::size_t c = 0; c < sum.size(); ++c) sum[c] += before[c];
    }
    layer.inputs.resize(3, kNoTensor);
    if (layer.inputs[2] != kNoTensor) {
        layer.inputs[2] = changed(layer.inputs[2], sum);
        return true;
    }
    Tensor bias;
    bias.name = weights.name;
    bias.type = Type::Float32;
    bias.shape = {static_cast<std::int32_t>(sum.size())};
    bias.data = bytes_of(sum);
    layer.inputs[2] = graph_.add(std::move(bias));
    ours_.resize(graph_.tensors.size(), false);
    ours_.back() = true;
    return true;
}

// What `swallowed` wrote is now written by the layer before it.
void Fuser::take_over(Index last, Index swallowed) {
    const TensorId result = node(swallowed).outputs[0];
    node(last).outputs[0] = result;
    writer_[static_cast<std::size_t>(result)] = last;
    dead_[static_cast<std::size_t>(swallowed)] = true;
}

bool Fuser::fuse_numbers(Index i, std::string_view op) {
    const Node layer = node(i);
    if (layer.inputs.size() != 2 || layer.attributes.integer("fused_activation_function") != 0) return false;
    const bool swapped = graph_.tensor(layer.inputs[0]).constant();
    const TensorId x = layer.inputs[swapped ? 1 : 0], constant = layer.inputs[swapped ? 0 : 1];
    const Index before = swallower(x, true);
    if (before < 0 || (swapped && op == "SUB") ||
        graph_.tensor(x).shape != graph_.tensor(layer.outputs[0]).shape)
        return false;
    auto numbers = per_channel(constant, x);
    if (!numbers) return false;
    work_ -= op == "MUL" ? graph_.tensor(node(before).inputs[1]).elements()
                         : static_cast<std::int64_t>(numbers->size());
    if (work_ < 0) return false;
    if (op == "SUB")
        for (float& number : *numbers) number = -number;
    const bool done =
        op == "MUL" ? scale_weights(node(before), *numbers) : shift_bias(node(before), *numbers);
    if (done) take_over(writer(x), i);
    return done;
}

bool Fuser::fuse_activation(Index i, Activation activation) {
    const TensorId x = node(i).inputs[0];
    const Index before = swallower(x, false);
    if (before < 0) return false;
    node(before).attributes.set("fused_activation_function", static_cast<std::int64_t>(activation));
    take_over(writer(x), i);
    return true;
}

// max(x, 0)
bool Fuser::is_relu(const Node& layer) {
    if (layer.inputs.size() != 2) return false;
    const Tensor& limit = graph_.tensor(layer.inputs[1]);
    return limit.constant() && limit.type == Type::Float32 && limit.data == Bytes(4, 0) &&
           graph_.tensor(layer.inputs[0]).shape == graph_.tensor(layer.outputs[0]).shape;
}

bool Fuser::try_fuse(Index i) {
    const std::string_view op = op_def(node(i).op).name;
    if (op == "MAXIMUM" && is_relu(node(i))) return fuse_activation(i, Activation::Relu);
    if (op == "MUL" || op == "ADD" || op == "SUB") return fuse_numbers(i, op);
    if (op == "RELU") return fuse_activation(i, Activation::Relu);
    if (op == "RELU6") return fuse_activation(i, Activation::Relu6);
    if (op == "RELU_N1_TO_1") return fuse_activation(i, Activation::ReluN1To1);
    return false;
}

void Fuser::run() {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
        for (const TensorId id : graph_.nodes[i].outputs)
            writer_[static_cast<std::size_t>(id)] = static_cast<Index>(i);
        for (const TensorId id : graph_.nodes[i].inputs) {
            if (id != kNoTensor) ++readers_[static_cast<std::size_t>(id)];
        }
    }
    for (const TensorId id : graph_.outputs) readers_[static_cast<std::size_t>(id)] += 2;
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) try_fuse(static_cast<Index>(i));
    std::size_t i = 0;
    std::erase_if(graph_.nodes, [&](const Node&) { return dead_[i++]; });
}

}  // namespace

void fuse(Graph& graph, const quantise::StoredConstants& stored) { Fuser(graph, stored).run(); }

}  // namespace jatai::onnx
