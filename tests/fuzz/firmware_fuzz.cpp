// links: jatai_package
// Any bytes as a firmware (ELF or flat image): its three forms, or an Error, never a crash. Then the same
// with something put into it.
#include <elf.h>

#include <cstring>

#include "device/manifest.h"
#include "src/base/error.h"
#include "src/package/elf_insert.h"
#include "src/package/firmware.h"
#include "src/package/sizes.h"
#include "tests/fuzz/fuzz.h"

namespace jatai {

namespace {

template <typename Record>
void append(Bytes& bytes, const Record& record) {
    const auto* data = reinterpret_cast<const std::uint8_t*>(&record);
    bytes.insert(bytes.end(), data, data + sizeof record);
}

// One segment at 0x1000 that holds a manifest without kernels; two sections: none, and the names.
Bytes small_elf() {
    constexpr std::uint32_t kContent = sizeof(Elf32_Ehdr) + sizeof(Elf32_Phdr) + 2 * sizeof(Elf32_Shdr);
    constexpr std::uint32_t kContentBytes = 64;
    Elf32_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS32;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_machine = EM_ARM;
    header.e_phoff = sizeof header;
    header.e_phentsize = sizeof(Elf32_Phdr);
    header.e_phnum = 1;
    header.e_shoff = sizeof header + sizeof(Elf32_Phdr);
    header.e_shentsize = sizeof(Elf32_Shdr);
    header.e_shnum = 2;
    header.e_shstrndx = 1;
    Bytes elf;
    append(elf, header);
    append(elf, Elf32_Phdr{PT_LOAD, kContent, 0x1000, 0x1000, kContentBytes, kContentBytes, PF_R, 4});
    append(elf, Elf32_Shdr{});
    Elf32_Shdr names{};
    names.sh_offset = kContent + kContentBytes;
    names.sh_size = 8;
    append(elf, names);
    Bytes manifest(kContentBytes, 0);
    std::memcpy(manifest.data(), kManifestMagic, sizeof(Manifest::magic));
    manifest[8] = 1;
    manifest[41] = 0x20;  // package_start 0x2000
    manifest[45] = 0x30;  // package_end 0x3000
    elf.insert(elf.end(), manifest.begin(), manifest.end());
    elf.insert(elf.end(), {0, 'n', 'a', 'm', 'e', 's', 0, 0});
    return elf;
}

}  // namespace

void add_seeds(std::vector<Bytes>& seeds) {
    const Bytes elf = small_elf();
    seeds.push_back(elf);
    seeds.push_back(insert_section(elf, Bytes(48, 7), 0x2000, "seed.elf"));
}

}  // namespace jatai

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace jatai;
    const ByteView bytes(data, size);
    try {
        read_manifest(bytes, "fuzz.elf");
    } catch (const Error&) {
        // refused in words, as it should be
    }
    try {
        const FirmwareFiles files = firmware_files(bytes, "fuzz.elf");
        measure_sizes(read_elf(files.elf, "fuzz.elf"));
        const Bytes once = insert_section(bytes, Bytes(32, 9), 0x2000, "fuzz.elf");
        read_elf(insert_section(once, Bytes(64, 9), 0x2000, "fuzz.elf"), "fuzz.elf");
    } catch (const Error&) {
        // refused in words, as it should be
    }
    return 0;
}
