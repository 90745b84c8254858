#include "device/update/mcuboot.h"

#include <string.h>

namespace jatai {
namespace {

// MCUboot's four words, least byte first.
constexpr uint8_t kMagic[16] = {0x77, 0xc2, 0x95, 0xf3, 0x60, 0xd2, 0xef, 0x7f,
                                0x35, 0x52, 0x50, 0x0f, 0x2c, 0xb6, 0x79, 0x80};
constexpr uint8_t kSet = 1;

bool program_unit(const FlashPort& flash, uint32_t offset, const uint8_t unit[kProgramUnit]) {
    uint8_t read_back[kProgramUnit];
    if (!flash.program(flash.context, offset, unit, kProgramUnit)) return false;
    flash.read(flash.context, offset, read_back, sizeof read_back);
    return memcmp(unit, read_back, sizeof read_back) == 0;
}

bool is_image(const FlashPort& flash) {
    uint8_t head[4];
    flash.read(flash.context, 0, head, sizeof head);
    const uint32_t magic = head[0] | static_cast<uint32_t>(head[1]) << 8 |
                           static_cast<uint32_t>(head[2]) << 16 | static_cast<uint32_t>(head[3]) << 24;
    return magic == kMcubootImageMagic;
}

bool hand_over(void* context, uint64_t, uint32_t bytes, const uint8_t*) {
    const McubootSlot& slot = *static_cast<const McubootSlot*>(context);
    const FlashPort& flash = slot.flash;
    const uint32_t end = flash.pages * flash.page_bytes, last_page = end - flash.page_bytes;
    if (bytes > last_page || !is_image(flash)) return false;
    if (!flash.erase(flash.context, flash.pages - 1)) return false;
    uint8_t unit[kProgramUnit];
    memset(unit, 0xFF, sizeof unit);
    unit[8] = static_cast<uint8_t>(slot.swap);  // swap info at end - 40
    if (!program_unit(flash, end - 48, unit)) return false;
    memset(unit, 0xFF, sizeof unit);
    unit[8] = kSet;  // image ok at end - 24
    if (slot.swap == McubootSlot::Swap::Permanent && !program_unit(flash, end - 32, unit)) return false;
    return program_unit(flash, end - 16, kMagic);
}

}  // namespace

FirmwarePort mcuboot_port(McubootSlot& slot) { return {&slot, slot.flash, hand_over}; }

}  // namespace jatai
