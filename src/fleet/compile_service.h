// compile_service.h: builds the variant that is missing, as a job. What it builds waits for a signature: no
// key is here.
//
//     std::string job = compile_for(call, version, "nano33ble");      // "": no model file, or no compiler
//     Json jobs = build_missing(call, plan);                          // for every board of a roll-out
//     without one
#pragma once

#include "src/fleet/house.h"

namespace jatai::fleet {

std::string compile_for(Call& call, const Version& version, const std::string& board);

// [{"board", "job"}]: boards of devices that the plan would reach and that have no variant of its version.
Json build_missing(Call& call, const Plan& plan);

}  // namespace jatai::fleet
