// elf_insert.h: one more piece of flash in an ELF file that is linked already.
//
//     Bytes with_package = insert_section(elf, package, 0x40000, "keyword.elf");
//
// The piece becomes the section and segment ".package": debuggers, objcopy and the simulator see it like any
// other. One that is there already is replaced.
// Fails with Error when something else is loaded there.
#pragma once

#include <string>

#include "src/base/bytes.h"

namespace jatai {

Bytes insert_section(ByteView elf, ByteView content, std::uint32_t address, const std::string& place);

}  // namespace jatai
