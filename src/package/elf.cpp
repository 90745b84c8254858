#include "src/package/elf.h"

#include <elf.h>

#include <cstring>

#include "src/base/error.h"

namespace jatai {

namespace {

[[noreturn]] void refuse(const std::string& place, const std::string& found) {
    throw Error{text("{}: {}, expected a 32-bit Arm executable (ELF)", place, found),
                text("firmware is made by: jatai compile MODEL --board ID -o OUTDIR --emit firmware")};
}

// The record at `offset`, or a refusal when it is not inside.
template <typename Record>
Record record_at(ByteView bytes, std::uint64_t offset, const std::string& place) {
    if (offset > bytes.size() || sizeof(Record) > bytes.size() - offset)
        refuse(place, text("the end is missing"));
    Record record;
    std::memcpy(&record, bytes.data() + offset, sizeof record);
    return record;
}

std::string name_at(ByteView bytes, const Elf32_Shdr& names, std::uint32_t offset) {
    std::string name;
    for (std::uint64_t at = std::uint64_t{names.sh_offset} + offset;
         offset < names.sh_size && at < bytes.size() && bytes[at] != 0 && name.size() < 100; ++at) {
        name += static_cast<char>(bytes[at]);
    }
    return name;
}

Elf32_Ehdr read_header(ByteView elf, const std::string& place) {
    const auto header = record_at<Elf32_Ehdr>(elf, 0, place);
    if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) refuse(place, text("no ELF header"));
    if (header.e_ident[EI_CLASS] != ELFCLASS32 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
        header.e_machine != EM_ARM) {
        refuse(place, text("an ELF file of another kind of processor"));
    }
    if ((header.e_phnum > 0 && header.e_phentsize != sizeof(Elf32_Phdr)) ||
        (header.e_shnum > 0 && header.e_shentsize != sizeof(Elf32_Shdr))) {
        refuse(place, text("an ELF file with tables of another shape"));
    }
    return header;
}

}  // namespace

const ElfSection* ElfImage::section(const std::string& name) const {
    for (const ElfSection& section : sections) {
        if (section.name == name) return &section;
    }
    return nullptr;
}

std::uint32_t ElfImage::section_bytes(const std::string& name) const {
    const ElfSection* found = section(name);
    return found == nullptr ? 0 : found->bytes;
}

ElfImage read_elf(ByteView elf, const std::string& place) {
    const Elf32_Ehdr header = read_header(elf, place);
    ElfImage image;
    image.entry = header.e_entry;
    std::uint64_t loaded = 0;
    for (std::uint32_t i = 0; i < header.e_phnum; ++i) {
        const auto segment =
            record_at<Elf32_Phdr>(elf, std::uint64_t{header.e_phoff} + i * sizeof(Elf32_Phdr), place);
        if (segment.p_type != PT_LOAD || segment.p_memsz == 0) continue;
        if (segment.p_offset > elf.size() || segment.p_filesz > elf.size() - segment.p_offset) {
            refuse(place, text("the end is missing"));
        }
        // Segments that overlap in the file could ask for far more memory than the file has bytes.
        if ((loaded += segment.p_filesz) > elf.size()) refuse(place, text("segments that overlap"));
        const std::uint8_t* data = elf.data() + segment.p_offset;
        image.segments.push_back(
            {segment.p_vaddr, segment.p_paddr, segment.p_memsz, Bytes(data, data + segment.p_filesz)});
    }
    if (header.e_shnum == 0) return image;
    const auto section_at = [&](std::uint32_t i) {
        return record_at<Elf32_Shdr>(elf, std::uint64_t{header.e_shoff} + i * sizeof(Elf32_Shdr), place);
    };
    const Elf32_Shdr names = section_at(header.e_shstrndx);
    for (std::uint32_t i = 0; i < header.e_shnum; ++i) {
        const Elf32_Shdr section = section_at(i);
        image.sections.push_back({name_at(elf, names, section.sh_name), section.sh_addr, section.sh_size,
                                  section.sh_flags, section.sh_type});
    }
    return image;
}

}  // namespace jatai
