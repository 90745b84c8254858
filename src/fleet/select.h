// select.h: which variant of a version suits a device, and why; or why none does.
//
//     Choice choice = choose(tenant, device, version);
//     if (choice.variant.empty()) say(choice.why);       // "needs firmware >= 1.4: kernel TRANSPOSE_CONV"
//
// Of those that fit: the most accurate, then the fastest, then the least bytes on air.
#pragma once

#include "src/fleet/state.h"

namespace jatai::fleet {

struct Candidate {
    std::string variant, why_not;  // why_not empty: fits
};

struct Choice {
    std::string variant;  // empty: none
    std::string why;
    std::vector<Candidate> considered;
};

Choice choose(const TenantState& tenant, const Device& device, const std::string& version);

// Empty: it fits.
std::string why_not(const Variant& variant, const Device& device);

}  // namespace jatai::fleet
