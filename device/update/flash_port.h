// flash_port.h: what the update agent asks of a board's flash and boot loader, as plain function pointers.
//
//     const jatai::FlashPort flash = {&nvmc, start, page_bytes, pages, read, erase, program};
//
// Addresses count from the first byte of the agent's area: slot A, slot B, two pages of state
// (docs/reference/update.md#flash).
//
// Keeps    Power may go away inside erase() and program(): the agent expects nothing of the bytes they were
//          about to change, and that no other byte changes.
#pragma once

#include <stdint.h>

namespace jatai {

constexpr uint32_t kProgramUnit =
    16;  // every write begins and ends at a multiple; covers flash with ECC words

struct FlashPort {
    void* context;
    const uint8_t* area;  // where the processor reads it: packages run in place
    uint32_t page_bytes;  // a power of two, at least 1,024
    uint32_t pages;

    // Both answer false when the controller reports an error. erase(): one page, all bytes 0xFF afterwards.
    bool (*erase)(void* context, uint32_t page);
    // program(): bits may go from 1 to 0. Never asked to write a unit twice between two erases, but for the
    // seals: those are zeros both times.
    bool (*program)(void* context, uint32_t offset, const uint8_t* bytes, uint32_t count);
    // read(): for what a power cut may have hit; a port over memory copies.
    void (*read)(void* context, uint32_t offset, uint8_t* bytes, uint32_t count);
};

// Where a firmware image goes and who starts it. Null functions: this chip takes no firmware.
struct FirmwarePort {
    void* context;
    FlashPort staging;  // the boot loader's second slot; `area` may be null
    // The whole image lies there and has the signed digest. Answers false when the boot loader refuses.
    bool (*hand_over)(void* context, uint64_t sequence, uint32_t bytes, const uint8_t digest[32]);
};

}  // namespace jatai
