// mcuboot.h: hands a firmware image to MCUboot: its second slot, and the trailer that asks for a swap.
//
//     jatai::McubootSlot slot = {second_slot_flash, jatai::McubootSlot::Swap::Test};
//     const jatai::FirmwarePort port = jatai::mcuboot_port(slot);
//     config.firmware = &port;
//
// Trailer at the end of the slot, for writes of up to 8 bytes (BOOT_MAX_ALIGN 8), from MCUboot's design
// document, "Image trailer": ... swap info (8), copy done (8), image ok (8), magic (16). Pending is the magic
// with the swap type; image ok as well makes it permanent. The magic is written last: before it, MCUboot sees
// an empty trailer.
//
// Needs    The slot's last page holds nothing but the trailer and its neighbours: it is erased first.
// Fails with  false when the image is none of MCUboot's (its header's magic), or leaves no room for the
// trailer. Keeps    A power cut at any write leaves no swap, or the whole wish for one; the next session does
// it again.
#pragma once

#include <stdint.h>

#include "device/update/flash_port.h"

namespace jatai {

struct McubootSlot {
    enum class Swap : uint8_t { Test = 2, Permanent = 3 };
    FlashPort flash;  // the second slot, from its first byte
    Swap swap;
};

constexpr uint32_t kMcubootImageMagic = 0x96f3b83d;
constexpr uint32_t kMcubootTrailer = 48;  // bytes of it that are written here

// `slot` stays in place. Its flash is where the agent puts the image.
FirmwarePort mcuboot_port(McubootSlot& slot);

}  // namespace jatai
