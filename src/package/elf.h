// elf.h: a 32-bit Arm ELF as its parts: what is loaded where, which sections it has, which symbols.
//
//     const ElfImage elf = read_elf(bytes, "firmware.elf");
//     elf.section(".model")->bytes;
//
// Fails with Error "firmware.elf: found, expected" on anything that is not a little-endian 32-bit Arm
// executable, or points outside itself. The bytes may be hostile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/base/bytes.h"

namespace jatai {

struct ElfSection {
    std::string name;
    std::uint32_t address = 0;
    std::uint32_t bytes = 0;
    std::uint32_t flags = 0;
    std::uint32_t type = 0;

    bool allocated() const { return (flags & 2) != 0; }
    bool has_bytes() const { return type != 8; }  // SHT_NOBITS
};

// A piece that is loaded: `data` lies at `load_address` in flash and is used at `address`.
struct ElfSegment {
    std::uint32_t address = 0;
    std::uint32_t load_address = 0;
    std::uint32_t memory_bytes = 0;
    Bytes data;
};

struct ElfImage {
    std::uint32_t entry = 0;
    std::vector<ElfSection> sections;
    std::vector<ElfSegment> segments;  // PT_LOAD only

    const ElfSection* section(const std::string& name) const;    // null: none
    std::uint32_t section_bytes(const std::string& name) const;  // 0: none
};

ElfImage read_elf(ByteView elf, const std::string& place);

}  // namespace jatai
