// reason_text.h: a reason byte of the update agent as a sentence.
//
//     reason_text(Reason::WrongBoard)        // "made for another board"
#pragma once

#include <string>

#include "device/update/reason.h"

namespace jatai {

std::string reason_text(Reason reason);

}  // namespace jatai
