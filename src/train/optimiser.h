// optimiser.h: how gradients move parameters, and how fast.
//
//     Optimiser optimiser(OptimiserKind::Adam, parameters);
//     optimiser.step(learning_rate(schedule, step), gradient, model.parameters);
//
// Keeps: the result depends on the numbers given alone; a saved and restored optimiser goes on as if nothing
// had happened.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace jatai::train {

enum class OptimiserKind : std::uint8_t { Adam, Sgd };

struct OptimiserSettings {
    OptimiserKind kind = OptimiserKind::Adam;  // AdamW when weight_decay > 0 (Loshchilov, Hutter 2019)
    float momentum = 0.9f;                     // Sgd; Adam's beta1
    float beta2 = 0.999f;
    float epsilon = 1e-8f;
    float weight_decay = 0.0f;
};

class Optimiser {
  public:
    Optimiser(const OptimiserSettings& settings, std::size_t parameters);

    void step(float learning_rate, std::span<const float> gradient, std::span<float> parameters);

    // What a checkpoint keeps.
    std::uint64_t steps = 0;
    std::vector<float> first, second;  // moments; Sgd has no second

  private:
    OptimiserSettings settings_;
};

enum class ScheduleKind : std::uint8_t { Constant, Cosine, Step };

struct Schedule {
    ScheduleKind kind = ScheduleKind::Cosine;
    float peak = 2e-3f;
    std::uint64_t warm_up_steps = 0;  // rising in a straight line
    std::uint64_t total_steps = 1;
    std::uint64_t step_every = 1;  // Step: multiplied by step_factor each time
    float step_factor = 0.1f;
};

// Of step 0, 1, ...
float learning_rate(const Schedule& schedule, std::uint64_t step);

}  // namespace jatai::train
