// fleet_helpers.h: what the fleet server borrows from the rooms it does not know: payloads and the compile
// service.
//
//     fleet::Server server(settings, fleet_helpers());
#pragma once

#include "src/fleet/house.h"

namespace jatai {

fleet::Helpers fleet_helpers();

}  // namespace jatai
