#include "src/graph/passes/drop_dead_channels.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "src/graph/op_def.h"
#include "src/graph/ops/multiply.h"
#include "src/graph/ops/zero_point.h"

namespace jatai {
namespace {

// The least and greatest stored value a channel can take.
struct Interval {
    std::int32_t low = -128;
    std::int32_t high = 127;
    bool constant() const { return low == high; }
};

// What a node does with channels.
enum class Role {
    Opaque,
    Mixes,
    Carries,
    Filters
};  // mixes: CONV_2D, FULLY_CONNECTED; filters: DEPTHWISE_CONV_2D

std::size_t index(TensorId id) { return static_cast<std::size_t>(id); }

bool plain_int8(const Tensor& tensor) {
    return tensor.type == Type::Int8 && !tensor.constant() && !tensor.state && !tensor.shape.empty();
}

// The same channels on both sides: the last extent stays, the elements too.
bool keeps_channels(const Tensor& in, const Tensor& out) {
    return in.shape.back() == out.shape.back() && in.elements() == out.elements();
}

Role role_of(const Graph& graph, const Node& node) {
    if (node.inputs.empty() || node.inputs[0] == kNoTensor || node.outputs.size() != 1) return Role::Opaque;
    const Tensor& in = graph.tensor(node.inputs[0]);
    const Tensor& out = graph.tensor(node.outputs[0]);
    if (!plain_int8(in) || !plain_int8(out)) return Role::Opaque;
    if (node.op == Op::AveragePool2d || node.op == Op::MaxPool2d) return Role::Carries;
    if (node.op == Op::Reshape) return keeps_channels(in, out) ? Role::Carries : Role::Opaque;
    const bool weighs =
        node.op == Op::Conv2d || node.op == Op::DepthwiseConv2d || node.op == Op::FullyConnected;
    if (!weighs || node.inputs.size() < 2) return Role::Opaque;
    const Tensor& weights = graph.tensor(node.inputs[1]);
    if (weights.type != Type::Int8 || !weights.constant()) return Role::Opaque;
    if (node.op == Op::DepthwiseConv2d)
        return in.shape.back() == out.shape.back() ? Role::Filters : Role::Opaque;
    return weights.shape.back() == in.shape.back() ? Role::Mixes : Role::Opaque;  // not: groups
}

// The weights of a layer as [out][taps][in]; in a depthwise layer `in` is 1.
class Weights {
  public:
    Weights(const Graph& graph, const Node& node) : tensor_(graph.tensor(node.inputs[1])) {
        filters_ = node.op == Op::DepthwiseConv2d;
        outs_ = filters_ ? tensor_.shape.back() : tensor_.shape.front();
        ins_ = filters_ ? 1 : tensor_.shape.back();
        taps_ = tensor_.elements() / (outs_ * ins_);
    }
    std::int64_t outs() const { return outs_; }
    std::int64_t ins() const { return ins_; }
    std::int64_t taps() const { return taps_; }
    int at(std::int64_t out, std::int64_t tap, std::int64_t in) const {
        const std::int64_t i = filters_ ? tap * outs_ + out : (out * taps_ + tap) * ins_ + in;
        return static_cast<std::int8_t>(tensor_.data[static_cast<std::size_t>(i)]);
    }

  private:
    const Tensor& tensor_;
    bool filters_;
    std::int64_t outs_, ins_, taps_;
};

// A lowered layer: for every output channel the sum it starts from, its factor, and what holds its answers.
struct Sums {
    std::vector<Channel> channels;  // bias: the zero point of the input is folded in
    Range range{};
    std::int32_t padding = 0;  // what a tap outside the image reads
    bool pads = false;
};

bool reaches_outside(const Window& w) {
    return w.pad_top > 0 || w.pad_left > 0 ||
           (w.out_h - 1) * w.stride_h + (w.kernel_h - 1) * w.dilation_h - w.pad_top >= w.in_h ||
           (w.out_w - 1) * w.stride_w + (w.kernel_w - 1) * w.dilation_w - w.pad_left >= w.in_w;
}

// None: the layer runs on a kernel this pass does not know.
std::optional<Sums> sums_of(const Graph& graph, const Node& node) {
    if (zero_point_folded(node) || needs_zeroed(graph.tensor(node.inputs[1]))) return std::nullopt;
    Sums sums;
    sums.channels = folded_channels(graph, node);
    sums.range = output_range(graph, node);
    if (node.op == Op::FullyConnected) return sums;
    const Lowered step = op_def(node.op).lower(graph, node, Family::Reference);
    ZeroedConvParams params;
    std::memcpy(&params, step.params.data(), sizeof params);
    sums.padding = params.zeroed.input_zero_point;
    sums.pads = reaches_outside(params.window);
    return sums;
}

class Pass {
  public:
    explicit Pass(Graph& graph)
        : graph_(graph),
          values_(graph.tensors.size()),
          gone_(graph.tensors.size()),
          fixed_(graph.tensors.size(), false) {}

    int run() {
        if (channels() > kMostChannels) return 0;
        find_roles();
        find_values();
        find_gone();
        return rewrite();
    }

  private:
    // What is known is kept by channel, and a file of a few bytes can name tensors of any width.
    static constexpr std::int64_t kMostChannels = 1 << 22;
    std::int64_t channels() const {
        std::int64_t sum = 0;
        for (const Tensor& tensor : graph_.tensors) sum += plain_int8(tensor) ? tensor.shape.back() : 0;
        return sum;
    }

    std::vector<Interval>& values(TensorId id) { return values_[index(id)]; }
    std::vector<bool>& gone(TensorId id) { return gone_[index(id)]; }

    void find_roles() {
        for (std::size_t t = 0; t < graph_.tensors.size(); ++t) {
            const Tensor& tensor = graph_.tensors[t];
            fixed_[t] = !plain_int8(tensor);
            if (!fixed_[t]) values_[t].resize(static_cast<std::size_t>(tensor.shape.back()));
        }
        readers_.assign(graph_.tensors.size(), 0);
        for (const Node& node : graph_.nodes) {
            for (const TensorId id : node.inputs) {
                if (id != kNoTensor) ++readers_[index(id)];
            }
        }
        for (const TensorId id : graph_.inputs) fixed_[index(id)] = true;
        for (const TensorId id : graph_.outputs) fixed_[index(id)] = true;
        for (const Node& node : graph_.nodes) {
            const Role role = role_of(graph_, node);
            roles_.push_back(role);
            sums_.push_back(role == Role::Mixes || role == Role::Filters ? sums_of(graph_, node)
                                                                         : std::nullopt);
            if ((role == Role::Mixes || role == Role::Filters) && !sums_.back()) roles_.back() = Role::Opaque;
            const std::size_t readable = roles_.back() == Role::Opaque ? 0 : 1;
            for (std::size_t i = readable; i < node.inputs.size(); ++i) {
                if (node.inputs[i] != kNoTensor) fixed_[index(node.inputs[i])] = true;
            }
            if (roles_.back() != Role::Opaque) continue;
            for (const TensorId id : node.outputs) fixed_[index(id)] = true;
        }
    }

    void find_values() {
        for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
            const Node& node = graph_.nodes[n];
            if (roles_[n] == Role::Carries) {
                carry_values(node);
            } else if (roles_[n] != Role::Opaque) {
                sum_values(node, *sums_[n]);
            }
        }
    }

    // A pool's answer lies among the values it saw, held by its activation; none of ours clips what is
    // constant.
    void carry_values(const Node& node) {
        const auto activation = node.attributes.integer("fused_activation_function");
        if (activation == 0) values(node.outputs[0]) = values(node.inputs[0]);
    }

    void sum_values(const Node& node, const Sums& sums) {
        const Weights weights(graph_, node);
        const std::vector<Interval>& in = values(node.inputs[0]);
        std::vector<Interval>& out = values(node.outputs[0]);
        for (std::int64_t o = 0; o < weights.outs(); ++o) {
            const Channel& channel = sums.channels[static_cast<std::size_t>(o)];
            std::int64_t low = channel.bias;
            std::int64_t high = channel.bias;
            for (std::int64_t i = 0; i < weights.ins(); ++i) {
                Interval x = in[static_cast<std::size_t>(roles_is_filter(node) ? o : i)];
                if (sums.pads) x = {std::min(x.low, sums.padding), std::max(x.high, sums.padding)};
                for (std::int64_t tap = 0; tap < weights.taps(); ++tap) {
                    const std::int64_t w = weights.at(o, tap, i);
                    low += w * (w > 0 ? x.low : x.high);
                    high += w * (w > 0 ? x.high : x.low);
                }
            }
            if (low < INT32_MIN || high > INT32_MAX) continue;  // may wrap: anything can come out
            const auto store = [&](std::int64_t sum) {
                return to_int8(static_cast<std::int32_t>(sum), channel.multiplier, channel.shift, sums.range);
            };
            if (wide(low, channel) || wide(high, channel)) continue;
            out[static_cast<std::size_t>(o)] = {store(low), store(high)};
        }
    }

    static bool roles_is_filter(const Node& node) { return node.op == Op::DepthwiseConv2d; }

    // A factor above one shifts the sum to the left first, which may wrap.
    static bool wide(std::int64_t sum, const Channel& channel) {
        return channel.shift > 0 && std::abs(sum) >= (std::int64_t{1} << (31 - channel.shift));
    }

    // Whether the reader needs no weights for channel c of its input.
    bool can_do_without(std::size_t n, std::size_t c) {
        const Node& node = graph_.nodes[n];
        if (roles_[n] == Role::Carries || roles_[n] == Role::Filters) return gone(node.outputs[0])[c];
        if (roles_[n] == Role::Opaque) return false;
        const Interval& x = values(node.inputs[0])[c];
        if (x.constant() && (!sums_[n]->pads || x.low == sums_[n]->padding)) return true;
        return unread(node, c);
    }

    bool unread(const Node& node, std::size_t c) {
        const Weights weights(graph_, node);
        const std::vector<bool>& out = gone(node.outputs[0]);
        for (std::int64_t o = 0; o < weights.outs(); ++o) {
            if (out[static_cast<std::size_t>(o)]) continue;
            for (std::int64_t tap = 0; tap < weights.taps(); ++tap) {
                if (weights.at(o, tap, static_cast<std::int64_t>(c)) != 0) return false;
            }
        }
        return true;
    }

    // Begins with every channel gone and brings back those somebody needs, until nothing changes.
    void find_gone() {
        for (std::size_t t = 0; t < gone_.size(); ++t) gone_[t].assign(values_[t].size(), !fixed_[t]);
        bool changed = true;
        while (changed) {
            changed = false;
            for (std::size_t n = graph_.nodes.size(); n-- > 0;) changed |= bring_back(n);
            for (std::size_t t = 0; t < gone_.size(); ++t) changed |= keep_one(t);
        }
    }

    bool bring_back(std::size_t n) {
        const Node& node = graph_.nodes[n];
        if (roles_[n] == Role::Opaque) return false;
        std::vector<bool>& in = gone(node.inputs[0]);
        std::vector<bool>& out = gone(node.outputs[0]);
        const bool twins = roles_[n] == Role::Carries || roles_[n] == Role::Filters;
        bool changed = false;
        for (std::size_t c = 0; c < in.size(); ++c) {
            if (in[c] && !can_do_without(n, c)) {
                in[c] = false;
                changed = true;
            }
            if (twins && out[c] && !in[c]) {
                out[c] = false;
                changed = true;
            }
        }
        return changed;
    }

    bool keep_one(std::size_t t) {
        if (gone_[t].empty() || fixed_[t] || std::count(gone_[t].begin(), gone_[t].end(), false) > 0)
            return false;
        gone_[t][0] = false;
        return true;
    }

    int rewrite() {
        int dropped = 0;
        for (const std::vector<bool>& gone : gone_)
            dropped += static_cast<int>(std::count(gone.begin(), gone.end(), true));
        if (dropped == 0) return 0;
        for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
            if (roles_[n] == Role::Mixes || roles_[n] == Role::Filters) rewrite_weights(n);
        }
        for (std::size_t t = 0; t < gone_.size(); ++t) {
            const auto left = std::count(gone_[t].begin(), gone_[t].end(), false);
            if (!gone_[t].empty()) graph_.tensors[t].shape.back() = static_cast<std::int32_t>(left);
        }
        for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
            if (roles_[n] == Role::Carries && graph_.nodes[n].op == Op::Reshape)
                rewrite_shape(graph_.nodes[n]);
        }
        return dropped;
    }

    void rewrite_weights(std::size_t n) {
        const std::vector<bool> out = gone(graph_.nodes[n].outputs[0]);
        const std::vector<bool> in = gone(graph_.nodes[n].inputs[0]);
        const bool any =
            std::count(out.begin(), out.end(), true) + std::count(in.begin(), in.end(), true) > 0;
        if (!any) return;
        Tensor bias = new_bias(n, out, in);
        Tensor weights = new_weights(graph_.nodes[n], out, in);
        Node& node = graph_.nodes[n];
        node.inputs.resize(std::max<std::size_t>(node.inputs.size(), 3), kNoTensor);
        node.inputs[1] = replace(node.inputs[1], std::move(weights));
        node.inputs[2] = replace(node.inputs[2], std::move(bias));
    }

    // The wanted shape stands in the settings alone from now on: others may read the constant.
    void rewrite_shape(Node& node) {
        const std::vector<std::int32_t>& shape = graph_.tensor(node.outputs[0]).shape;
        node.inputs.resize(1);
        node.attributes.set("new_shape", std::vector<std::int64_t>(shape.begin(), shape.end()));
    }

    // In the old one's place, unless other layers read that too.
    TensorId replace(TensorId old, Tensor made) {
        if (old == kNoTensor || readers_[index(old)] > 1) return graph_.add(std::move(made));
        graph_.tensor(old) = std::move(made);
        return old;
    }

    Tensor new_bias(std::size_t n, const std::vector<bool>& out, const std::vector<bool>& in) {
        const Node& node = graph_.nodes[n];
        const Weights weights(graph_, node);
        const Tensor* old =
            node.inputs.size() > 2 && node.inputs[2] != kNoTensor ? &graph_.tensor(node.inputs[2]) : nullptr;
        Tensor bias;
        bias.name = old ? old->name : node.name + "_bias";
        bias.type = Type::Int32;
        if (old) bias.quantisation = slice(old->quantisation, out);
        for (std::size_t o = 0; o < out.size(); ++o) {
            if (out[o]) continue;
            std::int32_t start = 0;
            if (old) std::memcpy(&start, old->data.data() + o * sizeof start, sizeof start);
            const std::uint32_t sum = static_cast<std::uint32_t>(start) + folded(n, weights, o, in);
            const auto* bytes = reinterpret_cast<const std::uint8_t*>(&sum);
            bias.data.insert(bias.data.end(), bytes, bytes + sizeof sum);
        }
        bias.shape = {static_cast<std::int32_t>(bias.data.size() / sizeof(std::int32_t))};
        return bias;
    }

    // What the channels that go away added to output channel o; modulo 2^32, as on the chip.
    std::uint32_t folded(std::size_t n, const Weights& weights, std::size_t o, const std::vector<bool>& in) {
        const Node& node = graph_.nodes[n];
        if (roles_[n] == Role::Filters) return 0;
        const std::int32_t zero = graph_.tensor(node.inputs[0]).quantisation.zero_point();
        std::uint32_t sum = 0;
        for (std::size_t i = 0; i < in.size(); ++i) {
            const Interval& x = values(node.inputs[0])[i];
            if (!in[i] || !x.constant()) continue;  // not constant: every weight that meets it is zero
            for (std::int64_t tap = 0; tap < weights.taps(); ++tap) {
                sum += static_cast<std::uint32_t>(
                    weights.at(static_cast<std::int64_t>(o), tap, static_cast<std::int64_t>(i)) *
                    (x.low - zero));
            }
        }
        return sum;
    }

    static Quantisation slice(const Quantisation& from, const std::vector<bool>& gone) {
        if (from.scales.size() != gone.size()) return from;
        Quantisation to = from;
        to.scales.clear(), to.zero_points.clear();
        for (std::size_t o = 0; o < gone.size(); ++o) {
            if (gone[o]) continue;
            to.scales.push_back(from.scales[o]);
            to.zero_points.push_back(from.zero_points[o]);
        }
        return to;
    }

    Tensor new_weights(const Node& node, const std::vector<bool>& out, const std::vector<bool>& in) const {
        const Tensor& old = graph_.tensor(node.inputs[1]);
        const Weights weights(graph_, node);
        const bool filters = roles_is_filter(node);
        Tensor to = old;
        to.data.clear();
        to.quantisation = slice(old.quantisation, out);
        const auto outs = static_cast<std::int32_t>(std::count(out.begin(), out.end(), false));
        if (filters) {
            to.shape.back() = outs;
            for (std::int64_t tap = 0; tap < weights.taps(); ++tap) append_row(to, weights, tap, out);
            return to;
        }
        to.shape.front() = outs;
        to.shape.back() = static_cast<std::int32_t>(std::count(in.begin(), in.end(), false));
        for (std::size_t o = 0; o < out.size(); ++o) {
            if (out[o]) continue;
            for (std::int64_t tap = 0; tap < weights.taps(); ++tap) {
                for (std::size_t i = 0; i < in.size(); ++i) {
                    if (!in[i])
                        append(to,
                               weights.at(static_cast<std::int64_t>(o), tap, static_cast<std::int64_t>(i)));
                }
            }
        }
        return to;
    }

    static void append(Tensor& tensor, int weight) {
        tensor.data.push_back(static_cast<std::uint8_t>(weight));
    }

    static void append_row(Tensor& to, const Weights& weights, std::int64_t tap,
                           const std::vector<bool>& gone) {
        for (std::size_t o = 0; o < gone.size(); ++o) {
            if (!gone[o]) append(to, weights.at(static_cast<std::int64_t>(o), tap, 0));
        }
    }

    Graph& graph_;
    std::vector<std::vector<Interval>> values_;  // by tensor and channel
    std::vector<std::vector<bool>> gone_;        // by tensor and channel
    std::vector<bool> fixed_;                    // by tensor: its channels stay
    std::vector<int> readers_;                   // by tensor
    std::vector<Role> roles_;                    // by node
    std::vector<std::optional<Sums>> sums_;      // by node
};

}  // namespace

int drop_dead_channels(Graph& graph) { return Pass(graph).run(); }

}  // namespace jatai
