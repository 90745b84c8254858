// firmware.h: a firmware file as the simulator needs it: bytes by address, and names by address.
//
//     Firmware firmware = read_firmware(read_file("firmware.elf"), "firmware.elf");
//     firmware.find("main");                        // its address, thumb bit cleared
//
// Needs       A 32-bit little-endian ARM executable ELF, or raw bytes and the address they belong to.
// Fails with  Error on a file that is cut short, not ELF, not for ARM, or whose tables point outside it: no
//             byte is read past the end, whatever the file says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/bytes.h"

namespace jatai::simulate {

struct Segment {
    std::uint32_t load_address = 0;  // physical address: where the bytes are flashed
    Bytes bytes;
};

struct Symbol {
    std::uint32_t address = 0;
    std::uint32_t bytes = 0;
    std::string name;
    bool is_function = false;
};

struct Firmware {
    std::string name;  // for messages
    std::vector<Segment> segments;
    std::vector<Symbol> symbols;  // by address
    std::uint32_t ram_top = 0;    // end of the highest RAM section, 0 when unknown

    std::optional<std::uint32_t> find(std::string_view symbol) const;
    // "main+0x1c", or "0x00001234" when no symbol is near.
    std::string nearest(std::uint32_t address) const;
};

Firmware read_firmware(ByteView elf, const std::string& name);
Firmware firmware_from_binary(ByteView bytes, std::uint32_t address, const std::string& name);

}  // namespace jatai::simulate
