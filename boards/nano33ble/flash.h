// flash.h: the part of the Nano 33 BLE Sense's flash that the update agent owns.
//
//     const jatai::FlashPort flash = jatai::nano33ble_flash(manifest.package_start, manifest.package_end);
//
// The processor stands still while the controller works: 41 us a word, 85 ms a page. Nothing else may be
// running that cannot wait that long.
#pragma once

#include "device/update/flash_port.h"

namespace jatai {

FlashPort nano33ble_flash(const uint8_t* start, const uint8_t* end);

}  // namespace jatai
