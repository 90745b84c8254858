// status_text.h: what a chip's Status means, in words.
//
//     throw Error{text("{}: {}", place, status_text(status))};
#pragma once

#include <string>

#include "device/status.h"

namespace jatai {

std::string status_text(Status status);

}  // namespace jatai
