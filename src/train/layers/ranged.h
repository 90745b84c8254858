// ranged.h: layers whose output has an int8 range of its own, followed while training.
//
// State and observations are [low, high]. The range of a batch is that of all its shards; the state follows
// it as an exponential moving average (Jacob et al. 2018, section 3.1). A state of [0, 0] has seen nothing:
// values pass unrounded until it has.
//
// Fake quantisation passes gradients straight through inside the grid and stops them outside it (Bengio et
// al. 2013): rounding itself has no useful derivative.
#pragma once

#include <algorithm>
#include <limits>

#include "src/train/layers/layer.h"
#include "src/train/quantiser.h"

namespace jatai::train {

class RangedLayer : public Layer {
  public:
    using Layer::Layer;

    int state_count() const override { return spec_.range_of == kNoRange ? 0 : 2; }
    void initialise_state(std::span<float> state) const override {
        std::fill(state.begin(), state.end(), 0.0f);
    }
    void join_observed(std::span<const Observation> shards, std::span<float> joined) const override {
        if (joined.empty()) return;
        joined[0] = joined[1] = 0.0f;
        for (const Observation& shard : shards) {
            joined[0] = std::min(joined[0], shard.values[0]);
            joined[1] = std::max(joined[1], shard.values[1]);
        }
    }
    void follow(std::span<const float> observed, float keep, std::span<float> state) const override {
        if (state.empty()) return;
        if (!(state[0] < state[1])) keep = 0.0f;
        Layer::follow(observed, keep, state);
    }

  protected:
    // What to do with values on their way out.
    struct Rounding {
        bool on;
        float step;
        Limits limits;  // activation and grid together
    };
    static Rounding rounding(const LayerRun& run, Activation activation) {
        Rounding r{false, 0.0f, limits_of(activation)};
        if (run.mode == Mode::Calibrate || run.range == nullptr || !(run.range[0] < run.range[1])) return r;
        const QuantGrid grid = grid_of(run.range[0], run.range[1]);
        r.on = true;
        r.step = grid.scale;
        r.limits = {std::max(r.limits.low, grid.low()), std::min(r.limits.high, grid.high())};
        return r;
    }
    // Writes [low, high] of what was seen, cut to what the activation lets through.
    void observe(const LayerRun& run, const float seen[2]) const {
        if (state_count() == 0) return;
        const Limits limits = limits_of(spec_.activation);
        run.observed[0] = std::clamp(seen[0], limits.low, limits.high);
        run.observed[1] = std::clamp(seen[1], limits.low, limits.high);
    }
};

}  // namespace jatai::train
