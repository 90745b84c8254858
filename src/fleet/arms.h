// arms.h: two arms of an A/B roll-out compared while they run: which is better, by how much, with what error.
//
//     add_value(rollout.b, 0.93);                           // one value per device, once
//     ArmsVerdict v = compare_arms(rollout.plan, rollout.a, rollout.b);
//     if (v.verdict == "better") say(v.effect, v.low, v.high);
//
// The mixture sequential probability ratio test (Robbins 1970; Johari et al. 2017) on the difference of two
// means, with a normal prior as wide as the effect that is looked for. It may be looked at after every
// device: the chance that [low, high] ever leaves the truth out is at most plan.error. *better* and *worse*:
// the interval leaves zero out; *same*: it lies within plus and minus plan.effect.
//
// Needs    20 devices in either arm before it speaks: below that a mean is not normal.
#pragma once

#include "src/fleet/records.h"

namespace jatai::fleet {

constexpr std::uint64_t kFewestInArm = 20;

void add_value(Arm& arm, double value);
ArmsVerdict compare_arms(const Plan& plan, const Arm& a, const Arm& b);

// Of latency, energy and sick devices less is better.
bool less_is_better(const std::string& metric);
// Latency and energy are compared as shares of arm A's mean.
bool is_relative(const std::string& metric);

// The arm of a device: as good as random, the same every time. "a" or "b".
const char* arm_of(const Rollout& rollout, const std::string& device);

}  // namespace jatai::fleet
