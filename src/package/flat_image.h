// flat_image.h: what is loaded into flash, as one run of bytes and as Intel HEX.
//
//     const FlatImage flat = flatten(read_elf(bytes, "firmware.elf"), "firmware.elf");
//     write_text("firmware.hex", intel_hex(elf));
//
// Intel HEX: records of 16 bytes, extended linear addresses (Intel, "Hexadecimal Object File Format
// Specification", revision A).
#pragma once

#include <string>

#include "src/package/elf.h"

namespace jatai {

struct FlatImage {
    std::uint32_t base = 0;
    Bytes bytes;  // gaps are 0xFF, as erased flash
};

// Fails with Error when nothing is loaded, or the pieces lie more than 64 MiB apart.
FlatImage flatten(const ElfImage& elf, const std::string& place);

std::string intel_hex(const ElfImage& elf);

}  // namespace jatai
