// ddi.h: the door for devices: hawkBit's Direct Device Integration v1, so that its clients work unchanged.
//
//     std::optional<Reply> reply = answer_ddi(house, request);       // none: not a path of this door
//
// /{tenant}/controller/v1/{id} · configData · deploymentBase · cancelAction · confirmationBase ·
// installedBase · softwaremodules · artifacts, and ours beside them: reports. JSON, or CBOR when asked for.
// See docs/reference/api.md#devices.
#pragma once

#include <optional>

#include "src/fleet/house.h"

namespace jatai::fleet {

std::optional<Reply> answer_ddi(House& house, const Request& request);

}  // namespace jatai::fleet
