#include "src/graph/quantise/calibrate.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "src/graph/quantise/op_rules.h"

namespace jatai::quantise {
namespace {

constexpr double kCutShare = 1e-4;  // Percentile: what may lie outside, on each side
constexpr int kTries = 40;          // Mse: how many narrower ranges are tried

std::size_t at(TensorId id) { return static_cast<std::size_t>(id); }

std::size_t bin_of(float value, ValueRange range, std::size_t bins) {
    const double share = (value - range.low) / std::max<double>(range.high - range.low, 1e-30);
    return static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(bins - 1) + 0.5);
}

}  // namespace

Calibrator::Calibrator(const Graph& graph, RangeMethod method)
    : graph_(graph),
      method_(method),
      interpreter_(graph),
      parent_(graph.tensors.size()),
      activation_(graph.tensors.size(), false),
      ranges_(graph.tensors.size()) {
    for (std::size_t i = 0; i < parent_.size(); ++i) {
        parent_[i] = static_cast<TensorId>(i);
        const Tensor& tensor = graph.tensors[i];
        activation_[i] = tensor.type == Type::Float32 && !tensor.constant() && !tensor.state;
    }
    join_groups();
    for (const Node& node : graph.nodes) {
        if (node.op == Op::UnidirectionalSequenceLstm && graph.tensor(node.inputs[0]).type == Type::Float32)
            cells_[&node] = std::make_unique<CellWatch>(graph, node);
    }
    if (looks_twice()) counts_.resize(graph.tensors.size());
}

TensorId Calibrator::group_of(TensorId id) const {
    while (parent_[at(id)] != id) id = parent_[at(id)];
    return id;
}

void Calibrator::join_groups() {
    std::vector<bool> fixed(parent_.size(), false);
    for (const Node& node : graph_.nodes) {
        if (rule_of(node.op).kind == OpRule::Kind::Fixed) fixed[at(node.outputs[0])] = true;
    }
    for (const Node& node : graph_.nodes) {
        if (rule_of(node.op).kind != OpRule::Kind::Same) continue;
        TensorId first = kNoTensor;
        const auto join = [&](TensorId id) {
            if (id == kNoTensor || !activation_[at(id)] || fixed[at(id)]) return;
            if (first == kNoTensor) first = group_of(id);
            parent_[at(group_of(id))] = first;
        };
        for (const TensorId id : node.inputs) join(id);
        for (const TensorId id : node.outputs) join(id);
    }
}

void Calibrator::look(const std::vector<Bytes>& sample) {
    interpreter_.run(sample);
    for (const auto& [node, watch] : cells_) watch->look(interpreter_.value(node->inputs[0]));
    for (std::size_t i = 0; i < activation_.size(); ++i) {
        if (!activation_[i]) continue;
        const ByteView bytes = interpreter_.value(static_cast<TensorId>(i));
        const auto* values = reinterpret_cast<const float*>(bytes.data());
        ValueRange& range = ranges_[at(group_of(static_cast<TensorId>(i)))];
        for (std::size_t k = 0; k < bytes.size() / sizeof(float); ++k) {
            if (!std::isfinite(values[k])) continue;
            range.low = std::min(range.low, values[k]);
            range.high = std::max(range.high, values[k]);
        }
    }
}

void Calibrator::look_again(const std::vector<Bytes>& sample) {
    interpreter_.run(sample);
    for (std::size_t i = 0; i < activation_.size(); ++i) {
        if (!activation_[i]) continue;
        const std::size_t group = at(group_of(static_cast<TensorId>(i)));
        const ByteView bytes = interpreter_.value(static_cast<TensorId>(i));
        const auto* values = reinterpret_cast<const float*>(bytes.data());
        for (std::size_t k = 0; k < bytes.size() / sizeof(float); ++k) {
            if (std::isfinite(values[k])) ++counts_[group][bin_of(values[k], ranges_[group], kBins)];
        }
    }
}

ValueRange Calibrator::narrowed(TensorId group) const {
    const ValueRange range = ranges_[at(group)];
    if (method_ == RangeMethod::MinMax) return range;
    const Histogram& counts = counts_[at(group)];
    const double width = (range.high - range.low) / static_cast<double>(kBins - 1);
    double total = 0;
    for (const std::uint32_t count : counts) total += count;
    if (method_ == RangeMethod::Percentile) {
        std::size_t low = 0, high = kBins - 1;
        for (double below = counts[low]; low < high && below <= total * kCutShare; below += counts[low])
            ++low;
        for (double above = counts[high]; high > low && above <= total * kCutShare; above += counts[high])
            --high;
        return {std::min(0.0f, static_cast<float>(range.low + static_cast<double>(low) * width)),
                std::max(0.0f, static_cast<float>(range.low + static_cast<double>(high) * width))};
    }
    ValueRange best = range;
    double least = std::numeric_limits<double>::infinity();
    for (int t = 0; t < kTries; ++t) {
        const float share = 1.0f - 0.02f * static_cast<float>(t);
        const ValueRange tried{range.low * share, range.high * share};
        const double step = (tried.high - tried.low) / 255.0;
        double error = 0;
        for (std::size_t b = 0; b < kBins; ++b) {
            const double value = range.low + static_cast<double>(b) * width;
            const double cut = std::clamp<double>(value, tried.low, tried.high) - value;
            // Inside the range a value lies half a step off at most: step^2 / 12 on average.
            error += counts[b] * (cut * cut + step * step / 12);
        }
        if (error < least) least = error, best = tried;
    }
    return best;
}

std::vector<Quantisation> Calibrator::scales() const {
    std::vector<Quantisation> scales(activation_.size());
    std::map<TensorId, Quantisation> by_group;
    for (std::size_t i = 0; i < activation_.size(); ++i) {
        if (!activation_[i]) continue;
        const TensorId group = group_of(static_cast<TensorId>(i));
        const auto [found, added] = by_group.try_emplace(group);
        if (added) found->second = scale_of_range(narrowed(group));
        scales[i] = found->second;
    }
    for (const Node& node : graph_.nodes) {
        const OpRule& rule = rule_of(node.op);
        if (rule.kind == OpRule::Kind::Fixed) scales[at(node.outputs[0])] = rule.output;
    }
    for (const auto& [node, watch] : cells_) scales[at(node->inputs[kLstmCell])] = watch->scale();
    return scales;
}

}  // namespace jatai::quantise
