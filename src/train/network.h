// network.h: a network ready to run: its layers, where their parameters lie, and one shard's memory.
//
//     Network network(spec);
//     Model model = network.make_model(seed, Initialisation::HeNormal);
//     Workspace shard(network, 8);                       // up to 8 samples
//     network.forward({model, Mode::Train, 8, x, seed}, shard);
//     shard.logits();  fill(shard.d_logits());
//     network.backward(..., shard);                       // -> shard.gradient, shard.observed
//
// Memory   A Workspace holds every activation of its samples, and as few gradients as the network's shape
// allows. Threads  A Network is constant: any number of threads, each with its own Workspace.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "src/train/layers/layer.h"
#include "src/train/network_spec.h"

namespace jatai::train {

// All numbers of a network, flat, in layer order.
struct Model {
    std::vector<float> parameters;
    std::vector<float> state;  // running statistics and ranges
    bool operator==(const Model&) const = default;
};

class Workspace;

// What one pass works on.
struct Pass {
    const Model& model;
    Mode mode;
    int samples;
    const float* x;  // [samples][input]
    std::uint64_t seed = 0;
};

class Network {
  public:
    // Fails with Error when the description does not fit together.
    explicit Network(NetworkSpec spec);

    const NetworkSpec& spec() const { return spec_; }
    const std::vector<std::unique_ptr<Layer>>& layers() const { return layers_; }
    int classes() const { return layers_.back()->out().size(); }
    std::int64_t macs() const;  // of one sample, forward

    std::size_t parameter_count() const { return parameter_count_; }
    std::size_t state_count() const { return state_count_; }
    // Where layer i keeps its own.
    template <typename T>
    std::span<T> parameters_of(std::size_t i, std::span<T> all) const {
        return all.subspan(parameter_at_[i], static_cast<std::size_t>(layers_[i]->parameter_count()));
    }
    template <typename T>
    std::span<T> state_of(std::size_t i, std::span<T> all) const {
        return all.subspan(state_at_[i], static_cast<std::size_t>(layers_[i]->state_count()));
    }

    Model make_model(std::uint64_t seed, Initialisation how) const;

    void forward(const Pass& pass, Workspace& shard) const;
    // Needs: forward() of the same pass, and shard.d_logits() filled.
    void backward(const Pass& pass, Workspace& shard) const;

  private:
    friend class Workspace;
    struct Gradients {  // of one layer's inputs
        int slot[2] = {-1, -1};
        bool add[2] = {false, false};  // through the spare buffer
    };
    void plan_gradients();
    bool passes_by(std::size_t i) const;
    LayerRun run_of(std::size_t i, const Pass& pass, Workspace& shard) const;
    const float* value(int layer, const Pass& pass, const Workspace& shard) const;

    NetworkSpec spec_;
    std::vector<std::unique_ptr<Layer>> layers_;
    std::vector<std::size_t> parameter_at_, state_at_;
    std::size_t parameter_count_ = 0, state_count_ = 0;
    std::vector<Gradients> gradients_;
    std::vector<int> own_slot_;            // slot of each layer's own output gradient
    std::vector<std::size_t> slot_sizes_;  // floats per sample
};

class Workspace {
  public:
    enum class Keep : bool { ForBackward, Everything };  // Everything: values_of() any layer
    Workspace(const Network& network, int capacity, Keep keep = Keep::ForBackward);

    int capacity() const { return capacity_; }
    const float* logits() const;
    // What layer i gave in the last forward pass of `samples`. Needs: Keep::Everything.
    std::span<const float> values_of(std::size_t i, int samples) const {
        return {values_[i], static_cast<std::size_t>(samples) * sizes_[i]};
    }
    float* d_logits() { return slots_[static_cast<std::size_t>(logits_slot_)].data(); }

    std::vector<float> gradient;  // of all parameters
    std::vector<float> observed;  // of all states

  private:
    friend class Network;
    int capacity_;
    std::vector<std::vector<float>> outs_, saved_, slots_;
    std::vector<float> scratch_, spare_;
    std::vector<float> passing_;  // the output of the last layer that does not keep its own
    std::vector<bool> passes_by_;
    std::vector<const float*> values_;  // of the last forward
    std::vector<std::size_t> sizes_;    // of one sample
    int logits_slot_ = 0;
};

}  // namespace jatai::train
