// layer.h: one operator of a network while it trains: a forward and a backward pass, written out.
//
//     std::unique_ptr<Layer> layer = make_layer(spec, {in}, out);
//     layer->forward(run);      // run.in, run.parameters -> run.out (and run.saved for later)
//     layer->backward(run);     // run.d_out -> run.d_in, run.gradient
//
// A layer holds sizes only: parameters, statistics and buffers belong to the network and come in with the
// run, so many shards may run one layer at once. Data is float32 NHWC; every result depends on the shard's
// own samples alone and on nothing of the machine. Tested in layers_test.cpp: every backward against
// differences.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "src/base/rng.h"
#include "src/train/kernels/vector_kernels.h"
#include "src/train/network_spec.h"

namespace jatai::train {

enum class Mode : std::uint8_t {
    Train,      // batch statistics, dropout, fake quantisation, observers on
    Evaluate,   // running statistics, fake quantisation where the network is quantised
    Calibrate,  // as Evaluate, but values are only observed, never rounded
};

// How weights begin. HeNormal: He et al. 2015; GlorotUniform: Glorot, Bengio 2010 (Keras); FanInUniform:
// U(+-1 / sqrt(fan in)) (torch).
enum class Initialisation : std::uint8_t { HeNormal, GlorotUniform, FanInUniform };

// The weights of a layer as a matrix for fake quantisation: `rows` x `channels`, one scale per channel or one
// for all. rows 0: the layer has no weights.
struct WeightMatrix {
    int rows = 0, channels = 0;
    bool per_channel = false;
};

// What one shard saw of a layer's state.
struct Observation {
    const float* values;  // laid out as the state
    int samples;
};

// Everything one shard lends a layer for one pass.
struct LayerRun {
    const VectorKernels* kernels;
    Mode mode;
    int samples;
    const float* in[2];
    float* out;
    const float* parameters;
    const float* state;  // running statistics, or the observed range
    const float* range;  // low, high of the output when quantised, else null
    float* observed;     // this shard's own, laid out as state
    float* saved;        // saved_floats(): from forward to backward
    float* scratch;      // scratch_floats(): may be overwritten by the next layer
    std::uint64_t seed;  // of this layer, step and shard
    const float* d_out;  // backward only
    float* d_in[2];      // null: not wanted
    float* gradient;     // of the parameters; overwritten
};

class Layer {
  public:
    Layer(const LayerSpec& spec, Shape in, Shape out) : spec_(spec), in_(in), out_(out) {}
    virtual ~Layer() = default;
    Layer(const Layer&) = delete;
    Layer& operator=(const Layer&) = delete;

    const LayerSpec& spec() const { return spec_; }
    Shape in() const { return in_; }
    Shape out() const { return out_; }

    virtual int parameter_count() const { return 0; }
    virtual void initialise(Rng&, Initialisation, std::span<float>) const {}
    virtual WeightMatrix weights() const { return {}; }

    virtual int state_count() const { return 0; }
    virtual void initialise_state(std::span<float>) const {}
    // What the shards of one batch observed, as one: here the mean over samples. `shards` in their order.
    virtual void join_observed(std::span<const Observation> shards, std::span<float> joined) const;
    // Moves the state towards it: state = keep * state + (1 - keep) * observed.
    virtual void follow(std::span<const float> observed, float keep, std::span<float> state) const;

    virtual std::size_t saved_floats(int /*samples*/) const { return 0; }
    virtual std::size_t scratch_floats(int /*samples*/) const { return 0; }
    virtual std::int64_t macs() const { return 0; }  // of one sample, forward

    // The output is the input's memory: forward and backward do nothing.
    virtual bool renames() const { return false; }
    // d_in[0] may be d_out.
    virtual bool backward_in_place() const { return false; }

    // The output is cheaper to make again than to keep: repeat() does, from what forward() saved.
    virtual bool repeats() const { return false; }
    virtual void repeat(const LayerRun&) const {}
    virtual bool backward_reads_input() const { return true; }

    virtual void forward(const LayerRun& run) const = 0;
    virtual void backward(const LayerRun& run) const = 0;

  protected:
    std::size_t rows(const LayerRun& run) const {
        return static_cast<std::size_t>(run.samples) * static_cast<std::size_t>(out_.h * out_.w);
    }
    std::size_t floats_in(const LayerRun& run) const {
        return static_cast<std::size_t>(run.samples) * static_cast<std::size_t>(in_.size());
    }
    std::size_t floats_out(const LayerRun& run) const {
        return static_cast<std::size_t>(run.samples) * static_cast<std::size_t>(out_.size());
    }

    LayerSpec spec_;
    Shape in_, out_;
};

// Needs: spec.shapes() accepted the layer.
std::unique_ptr<Layer> make_layer(const LayerSpec& spec, Shape in, Shape out);

// One file each.
std::unique_ptr<Layer> make_conv2d(const LayerSpec&, Shape in, Shape out);
std::unique_ptr<Layer> make_depthwise(const LayerSpec&, Shape in, Shape out);
std::unique_ptr<Layer> make_dense(const LayerSpec&, Shape in, Shape out);
std::unique_ptr<Layer> make_batch_norm(const LayerSpec&, Shape in, Shape out);
std::unique_ptr<Layer> make_bias(const LayerSpec&, Shape in, Shape out);
std::unique_ptr<Layer> make_add(const LayerSpec&, Shape in, Shape out);
std::unique_ptr<Layer> make_pool(const LayerSpec&, Shape in, Shape out);
std::unique_ptr<Layer> make_dropout(const LayerSpec&, Shape in, Shape out);
std::unique_ptr<Layer> make_fake_quant(const LayerSpec&, Shape in, Shape out);

// Fills weights of `fan_in` inputs and `fan_out` outputs per element.
void fill_weights(Rng& rng, Initialisation how, int fan_in, int fan_out, std::span<float> weights);

// What the activation lets through.
struct Limits {
    float low, high;
};
Limits limits_of(Activation activation);

}  // namespace jatai::train
