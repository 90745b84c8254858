#include "boards/nano33ble/flash.h"

#include <string.h>

#include "boards/nano33ble/nrf52840.h"

namespace jatai {
namespace {

constexpr uint32_t kPageBytes = 4096;

void set_mode(uint32_t mode) {
    reg(nvmc::kConfig) = mode;
    while (reg(nvmc::kReady) == 0) {
    }
}

bool erase(void* area, uint32_t page) {
    set_mode(nvmc::kErase);
    reg(nvmc::kErasePage) = address_of(static_cast<uint8_t*>(area)) + page * kPageBytes;
    set_mode(nvmc::kRead);
    return true;
}

bool program(void* area, uint32_t offset, const uint8_t* bytes, uint32_t count) {
    const uint32_t start = address_of(static_cast<uint8_t*>(area)) + offset;
    set_mode(nvmc::kWrite);
    for (uint32_t i = 0; i < count; i += 4) {
        uint32_t word;
        memcpy(&word, bytes + i, sizeof word);
        reg(start + i) = word;
        while (reg(nvmc::kReady) == 0) {
        }
    }
    set_mode(nvmc::kRead);
    return true;
}

// Straight from the cells: what a compiler knows of constants does not count here.
void read(void* area, uint32_t offset, uint8_t* bytes, uint32_t count) {
    const volatile uint8_t* from = static_cast<const volatile uint8_t*>(area) + offset;
    for (uint32_t i = 0; i < count; ++i) bytes[i] = from[i];
}

}  // namespace

FlashPort nano33ble_flash(const uint8_t* start, const uint8_t* end) {
    return {const_cast<uint8_t*>(start),
            start,
            kPageBytes,
            static_cast<uint32_t>(end - start) / kPageBytes,
            erase,
            program,
            read};
}

}  // namespace jatai
