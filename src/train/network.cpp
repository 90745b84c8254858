#include "src/train/network.h"

#include <algorithm>

#include "src/base/error.h"

namespace jatai::train {
namespace {

// Which of several streams of random numbers: one per purpose, so that a new use does not move the others.
constexpr std::uint64_t kWeightStream = 1;

}  // namespace

Network::Network(NetworkSpec spec) : spec_(std::move(spec)) {
    const std::vector<Shape> shapes = spec_.shapes();
    for (std::size_t i = 0; i < shapes.size(); ++i) {
        layers_.push_back(make_layer(spec_.layers[i], spec_.shape_into(i, 0, shapes), shapes[i]));
        parameter_at_.push_back(parameter_count_);
        state_at_.push_back(state_count_);
        parameter_count_ += static_cast<std::size_t>(layers_[i]->parameter_count());
        state_count_ += static_cast<std::size_t>(layers_[i]->state_count());
    }
    plan_gradients();
}

// Walks backward once: a layer's output gradient gets a buffer when its last reader is reached, and gives it
// back when the layer itself is done. Layers that may work in place hand theirs to their input.
void Network::plan_gradients() {
    gradients_.resize(layers_.size());
    own_slot_.assign(layers_.size(), -1);
    std::vector<int> free_slots;
    const auto take = [&](std::size_t floats) {
        int slot = 0;
        if (free_slots.empty()) {
            slot = static_cast<int>(slot_sizes_.size());
            slot_sizes_.push_back(0);
        } else {
            slot = free_slots.back();
            free_slots.pop_back();
        }
        std::size_t& size = slot_sizes_[static_cast<std::size_t>(slot)];
        size = std::max(size, floats);
        return slot;
    };
    own_slot_.back() = take(static_cast<std::size_t>(layers_.back()->out().size()));
    for (std::size_t i = layers_.size(); i-- > 0;) {
        const Layer& layer = *layers_[i];
        if (own_slot_[i] < 0) continue;  // nobody reads it
        bool handed_on = false;
        for (std::size_t k = 0; k < layer.spec().inputs.size(); ++k) {
            const int from = layer.spec().inputs[k];
            if (from == kNetworkInput) continue;
            int& slot = own_slot_[static_cast<std::size_t>(from)];
            gradients_[i].add[k] = slot >= 0;
            if (slot < 0 && layer.backward_in_place() && !handed_on) {
                slot = own_slot_[i];
                handed_on = true;
            } else if (slot < 0) {
                slot = take(static_cast<std::size_t>(layers_[static_cast<std::size_t>(from)]->out().size()));
            }
            gradients_[i].slot[k] = slot;
        }
        if (!handed_on) free_slots.push_back(own_slot_[i]);
    }
}

// Only the next layer reads it, and it can be made again: its output need not stay.
bool Network::passes_by(std::size_t i) const {
    if (!layers_[i]->repeats() || i + 1 == layers_.size() || layers_[i + 1]->renames()) return false;
    int readers = 0;
    for (const LayerSpec& other : spec_.layers)
        readers +=
            static_cast<int>(std::count(other.inputs.begin(), other.inputs.end(), static_cast<int>(i)));
    return readers == 1 && spec_.layers[i + 1].inputs[0] == static_cast<int>(i);
}

std::int64_t Network::macs() const {
    std::int64_t sum = 0;
    for (const auto& layer : layers_) sum += layer->macs();
    return sum;
}

Model Network::make_model(std::uint64_t seed, Initialisation how) const {
    Model model{std::vector<float>(parameter_count_), std::vector<float>(state_count_)};
    const Rng weights = Rng(seed).fork(kWeightStream);
    for (std::size_t i = 0; i < layers_.size(); ++i) {
        Rng rng = weights.fork(i);
        layers_[i]->initialise(rng, how, parameters_of(i, std::span<float>(model.parameters)));
        layers_[i]->initialise_state(state_of(i, std::span<float>(model.state)));
    }
    return model;
}

const float* Network::value(int layer, const Pass& pass, const Workspace& shard) const {
    return layer == kNetworkInput ? pass.x : shard.values_[static_cast<std::size_t>(layer)];
}

LayerRun Network::run_of(std::size_t i, const Pass& pass, Workspace& shard) const {
    const LayerSpec& spec = layers_[i]->spec();
    LayerRun run{};
    run.kernels = &vector_kernels();
    run.mode = pass.mode;
    run.samples = pass.samples;
    for (std::size_t k = 0; k < spec.inputs.size(); ++k) run.in[k] = value(spec.inputs[k], pass, shard);
    run.out = shard.passes_by_[i] ? shard.passing_.data() : shard.outs_[i].data();
    run.parameters = pass.model.parameters.data() + parameter_at_[i];
    run.state = pass.model.state.data() + state_at_[i];
    if (spec.range_of != kNoRange)
        run.range = pass.model.state.data() + state_at_[static_cast<std::size_t>(spec.range_of)];
    run.observed = shard.observed.data() + state_at_[i];
    run.saved = shard.saved_[i].data();
    run.scratch = shard.scratch_.data();
    run.seed = Rng(pass.seed).fork(i).next();
    run.gradient = shard.gradient.data() + parameter_at_[i];
    return run;
}

void Network::forward(const Pass& pass, Workspace& shard) const {
    CHECK(pass.samples >= 1 && pass.samples <= shard.capacity());
    for (std::size_t i = 0; i < layers_.size(); ++i) {
        const Layer& layer = *layers_[i];
        if (layer.renames()) {
            shard.values_[i] = value(layer.spec().inputs[0], pass, shard);
            continue;
        }
        const LayerRun run = run_of(i, pass, shard);
        layer.forward(run);
        shard.values_[i] = run.out;
    }
}

void Network::backward(const Pass& pass, Workspace& shard) const {
    for (std::size_t i = layers_.size(); i-- > 0;) {
        const Layer& layer = *layers_[i];
        if (own_slot_[i] < 0) {
            std::fill_n(shard.gradient.begin() + static_cast<std::ptrdiff_t>(parameter_at_[i]),
                        layer.parameter_count(), 0.0f);
            continue;
        }
        const int from = layer.spec().inputs[0];
        if (from >= 0 && shard.passes_by_[static_cast<std::size_t>(from)] && layer.backward_reads_input())
            layers_[static_cast<std::size_t>(from)]->repeat(
                run_of(static_cast<std::size_t>(from), pass, shard));
        LayerRun run = run_of(i, pass, shard);
        run.out = const_cast<float*>(shard.values_[i]);
        run.d_out = shard.slots_[static_cast<std::size_t>(own_slot_[i])].data();
        const Gradients& to = gradients_[i];
        for (int k = 0; k < 2; ++k)
            if (to.slot[k] >= 0)
                run.d_in[k] =
                    to.add[k] ? shard.spare_.data() + static_cast<std::size_t>(k) * shard.spare_.size() / 2
                              : shard.slots_[static_cast<std::size_t>(to.slot[k])].data();
        if (layer.renames() && run.d_in[0] != nullptr && run.d_in[0] != run.d_out)
            std::copy_n(run.d_out, pass.samples * layer.out().size(), run.d_in[0]);
        layer.backward(run);
        for (int k = 0; k < 2; ++k) {
            if (to.slot[k] < 0 || !to.add[k]) continue;
            float* sum = shard.slots_[static_cast<std::size_t>(to.slot[k])].data();
            const int floats = pass.samples * layer.in().size();
            for (int n = 0; n < floats; ++n) sum[n] += run.d_in[k][n];
        }
    }
}

Workspace::Workspace(const Network& network, int capacity, Keep keep)
    : gradient(network.parameter_count()),
      observed(network.state_count()),
      capacity_(capacity),
      values_(network.layers().size(), nullptr),
      logits_slot_(network.own_slot_.back()) {
    const auto samples = static_cast<std::size_t>(capacity);
    std::size_t scratch = 1, largest = 1, passing = 1;
    for (std::size_t i = 0; i < network.layers().size(); ++i) {
        const auto& layer = network.layers()[i];
        const std::size_t floats = samples * static_cast<std::size_t>(layer->out().size());
        passes_by_.push_back(keep == Keep::ForBackward && network.passes_by(i));
        if (passes_by_[i]) passing = std::max(passing, floats);
        outs_.emplace_back(layer->renames() || passes_by_[i] ? 0 : floats);
        saved_.emplace_back(layer->saved_floats(capacity));
        sizes_.push_back(static_cast<std::size_t>(layer->out().size()));
        scratch = std::max(scratch, layer->scratch_floats(capacity));
        largest = std::max(largest, samples * static_cast<std::size_t>(layer->in().size()));
    }
    scratch_.resize(scratch);
    passing_.resize(passing);
    bool adds = false;
    for (const auto& to : network.gradients_) adds = adds || to.add[0] || to.add[1];
    if (adds) spare_.resize(2 * largest);
    for (const std::size_t floats : network.slot_sizes_) slots_.emplace_back(samples * floats);
}

const float* Workspace::logits() const { return values_.back(); }

}  // namespace jatai::train
