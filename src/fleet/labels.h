// labels.h: what people say the right answers were: the one thing that shows concept drift.
//
//     take_label(house, tenant, {.device = "mic-1", .right = 18, .wrong = 2, .mark = "monday"});
//     Share share = accuracy_of(labels);          // share.value, share.low, share.high
//
// Counted per version and board; of the device nothing stays. What comes twice with the same mark counts
// once.
#pragma once

#include "src/fleet/house.h"

namespace jatai::fleet {

struct Label {
    std::string device, version, board;  // the device's own, or a version by name
    std::uint64_t right = 0, wrong = 0;
    std::string expected, predicted;  // instead of numbers: one answer
    std::string mark;                 // its sender's name for it; empty: always new
};

// From JSON: {"device" | "version", "board", "right", "wrong", "expected", "predicted", "id"}. Refusal 400.
Label label_of(const Json& item);

// False: it was counted before. Refusal 404 for a version nobody knows.
bool take_label(House& house, TenantState& tenant, const Label& label);

// A share with its 95 % interval (Wilson 1927).
struct Share {
    double value = 0, low = 0, high = 1;
    std::uint64_t of = 0;
};
Share share_of(std::uint64_t right, std::uint64_t of);

// Of all boards together, {"labelled", "accuracy", "low", "high"}; null when nobody said anything.
Json field_accuracy(const TenantState& tenant, const std::string& version);

}  // namespace jatai::fleet
