// gate.h: is the new model good or bad? Wald's sequential test over devices that look well, sick or stay
// silent.
//
//     GateState state = weigh(plan, {Evidence::Well, Evidence::Sick, std::nullopt, Evidence::Well});
//     if (state.verdict == "bad") ...        // or "good"; "" while the evidence does not suffice
//
// Devices in the order in which they took the model, each once; nothing yet from one that may still speak.
// Good news comes earlier than silence, so nobody is passed over: "good" needs the word, or the silence, of
// every device up to the one that decides. "bad" is said as soon as it would be even if all who may still
// speak turned out well.
//
// With shares p0 = sick_if_good and p1 = sick_if_bad the chance of stopping a good model is at most
// stop_good / (1 - pass_bad), that of passing a bad one at most pass_bad / (1 - stop_good) (Wald 1945).
#pragma once

#include <optional>
#include <vector>

#include "src/fleet/records.h"

namespace jatai::fleet {

enum class Evidence { Well, Sick, Silent };

GateState weigh(const GatePlan& plan, const std::vector<std::optional<Evidence>>& in_order);

// How many devices it takes on average, when a share `sick` of them is sick (Wald's approximation).
double devices_to_verdict(const GatePlan& plan, double sick);

}  // namespace jatai::fleet
