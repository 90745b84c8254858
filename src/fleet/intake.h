// intake.h: what devices report, through whichever door it came.
//
//     Taken taken = take_report(house, tenant, device, number, bytes);
//     // the door acknowledges it after the commit: then, and only then, may the device forget it
//
// A report that comes twice counts once. Health and statistics of a device without that consent are dropped
// unread.
#pragma once

#include "src/fleet/house.h"

namespace jatai::fleet {

enum class Taken { New, Again, Unwanted, Broken };

// `number`: the device's own, with which it tells two equal reports apart; may be empty.
Taken take_report(House& house, TenantState& tenant, Device& device, const std::string& number,
                  std::string_view bytes);

}  // namespace jatai::fleet
