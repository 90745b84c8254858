// stop_words.h: why a run ended, in words for a person.
#pragma once

#include <string>

#include "src/simulate/core/core.h"
#include "src/simulate/machine.h"

namespace jatai::simulate {

// "store to 0x50001000, where nebula_m4 has nothing, at write_pixel+0x12" and the like.
std::string describe_fault(const Core& core, const Board& board, const Firmware& firmware);

}  // namespace jatai::simulate
