// sizes.h: what a linked firmware takes, to the byte.
//
//     const FirmwareSizes sizes = measure_sizes(read_elf(bytes, "size.elf"));
//     sizes.flash.total();
//
// Exact: read from the sections of the image, nothing is estimated. Stack is what the linker script reserves;
// how much of it is used, the simulator measures.
#pragma once

#include <cstdint>

#include "src/package/elf.h"

namespace jatai {

struct FirmwareSizes {
    struct Flash {
        std::uint32_t code = 0;     // vectors, code, its constants, start values of variables
        std::uint32_t weights = 0;  // the model: .model, or a package put in later
        std::uint32_t total() const { return code + weights; }
    } flash;
    struct Ram {
        std::uint32_t arena = 0;
        std::uint32_t state = 0;  // variables: .data and .bss
        std::uint32_t stack = 0;  // reserved
        std::uint32_t total() const { return arena + state + stack; }
    } ram;
};

FirmwareSizes measure_sizes(const ElfImage& elf);

}  // namespace jatai
