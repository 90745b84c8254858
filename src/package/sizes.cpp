#include "src/package/sizes.h"

namespace jatai {

namespace {

constexpr std::uint32_t kWritable = 1;  // SHF_WRITE

}  // namespace

FirmwareSizes measure_sizes(const ElfImage& elf) {
    FirmwareSizes sizes;
    for (const ElfSection& section : elf.sections) {
        if (!section.allocated()) continue;
        if (section.name == ".arena") {
            sizes.ram.arena += section.bytes;
        } else if (section.name == ".stack") {
            sizes.ram.stack += section.bytes;
        } else if (section.name == ".model" || section.name == ".package") {
            sizes.flash.weights += section.bytes;
        } else {
            if (section.has_bytes()) sizes.flash.code += section.bytes;
            if (!section.has_bytes() || (section.flags & kWritable)) sizes.ram.state += section.bytes;
        }
    }
    return sizes;
}

}  // namespace jatai
