// flash_image.h: the flash of a board with a firmware in it, and its predecoded code: shared by machines.
#pragma once

#include <memory>

#include "src/base/board.h"
#include "src/simulate/core/code_region.h"
#include "src/simulate/firmware.h"

namespace jatai::simulate {

struct FlashImage {
    Firmware firmware;
    Bytes bytes;  // all of flash; what no segment covers is erased: 0xFF
    std::uint32_t vector_table = 0;
    std::unique_ptr<CodeRegion> code;
};

// Fails with Error when a segment lies outside the board's flash and RAM, or nothing is at the start.
std::shared_ptr<FlashImage> make_flash_image(const Board& board, Firmware firmware);
// A copy of its own for a board that writes to its flash.
std::shared_ptr<FlashImage> copy_flash_image(const Board& board, const FlashImage& image);

}  // namespace jatai::simulate
