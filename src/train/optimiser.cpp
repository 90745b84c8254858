#include "src/train/optimiser.h"

#include <algorithm>

#include "src/train/exact_math.h"
#include "src/train/kernels/vector_kernels.h"

namespace jatai::train {
namespace {

double power(double base, std::uint64_t n) {
    double result = 1.0;
    for (; n != 0; n >>= 1, base *= base)
        if (n & 1) result *= base;
    return result;
}

}  // namespace

Optimiser::Optimiser(const OptimiserSettings& settings, std::size_t parameters)
    : first(parameters), second(settings.kind == OptimiserKind::Adam ? parameters : 0), settings_(settings) {}

void Optimiser::step(float learning_rate, std::span<const float> gradient, std::span<float> parameters) {
    ++steps;
    if (settings_.kind == OptimiserKind::Adam) {
        const AdamStep adam{learning_rate,
                            settings_.momentum,
                            settings_.beta2,
                            static_cast<float>(1.0 / (1.0 - power(settings_.momentum, steps))),
                            static_cast<float>(1.0 / (1.0 - power(settings_.beta2, steps))),
                            settings_.epsilon,
                            settings_.weight_decay};
        vector_kernels().adam(parameters.size(), adam, gradient.data(), first.data(), second.data(),
                              parameters.data());
        return;
    }
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        first[i] = settings_.momentum * first[i] + gradient[i] + settings_.weight_decay * parameters[i];
        parameters[i] -= learning_rate * first[i];
    }
}

float learning_rate(const Schedule& schedule, std::uint64_t step) {
    constexpr double kPi = 3.14159265358979323846;
    if (step < schedule.warm_up_steps)
        return schedule.peak * static_cast<float>(step + 1) / static_cast<float>(schedule.warm_up_steps);
    if (schedule.kind == ScheduleKind::Constant) return schedule.peak;
    if (schedule.kind == ScheduleKind::Step) {
        float rate = schedule.peak;
        for (std::uint64_t i = step / schedule.step_every; i > 0; --i) rate *= schedule.step_factor;
        return rate;
    }
    const auto done = static_cast<double>(step - schedule.warm_up_steps);
    const auto whole =
        static_cast<double>(schedule.total_steps - std::min(schedule.total_steps, schedule.warm_up_steps));
    const double share = whole > 0 ? std::min(1.0, done / whole) : 1.0;
    return static_cast<float>(schedule.peak * 0.5 * (1.0 + exact_cos(kPi * share)));
}

}  // namespace jatai::train
