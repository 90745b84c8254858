#include "src/package/elf_insert.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "device/package.h"
#include "src/base/error.h"
#include "src/package/elf.h"

namespace jatai {

namespace {

constexpr char kName[] = ".package";

template <typename Record>
std::vector<Record> table_of(ByteView elf, std::uint64_t offset, std::size_t count) {
    std::vector<Record> records(count);
    if (count > 0) std::memcpy(records.data(), elf.data() + offset, count * sizeof(Record));
    return records;
}

template <typename Record>
std::uint32_t append_table(Bytes& bytes, const std::vector<Record>& records) {
    while (bytes.size() % kPackageAlign != 0) bytes.push_back(0);
    const auto offset = static_cast<std::uint32_t>(bytes.size());
    const auto* data = reinterpret_cast<const std::uint8_t*>(records.data());
    bytes.insert(bytes.end(), data, data + records.size() * sizeof(Record));
    return offset;
}

// An ELF file taken apart: its bytes without the tables that insert() writes anew at the end.
class ElfEditor {
  public:
    // Needs: read_elf() accepted the file, so its tables lie inside.
    explicit ElfEditor(ByteView elf, const std::string& place) : place_(place) {
        std::memcpy(&header_, elf.data(), sizeof header_);
        segments_ = table_of<Elf32_Phdr>(elf, header_.e_phoff, header_.e_phnum);
        sections_ = table_of<Elf32_Shdr>(elf, header_.e_shoff, header_.e_shnum);
        bytes_.assign(elf.begin(), elf.end());
        if (header_.e_shstrndx >= sections_.size()) refuse();
        const Elf32_Shdr& names = sections_[header_.e_shstrndx];
        if (names.sh_offset > elf.size() || names.sh_size > elf.size() - names.sh_offset) refuse();
        names_ = table_of<char>(elf, names.sh_offset, names.sh_size);
        if (names_.empty() || names_.back() != 0) refuse();
    }

    // What an earlier insert() added, which is the end of the file from its content on.
    void remove() {
        const auto old = std::find_if(sections_.begin(), sections_.end(), [&](const Elf32_Shdr& section) {
            return section.sh_name < names_.size() && std::strcmp(&names_[section.sh_name], kName) == 0;
        });
        if (old == sections_.end()) return;
        if (old->sh_offset > bytes_.size() || old->sh_offset < sizeof header_) refuse();
        bytes_.resize(old->sh_offset);
        std::erase_if(segments_,
                      [&](const Elf32_Phdr& s) { return s.p_paddr == old->sh_addr && s.p_type == PT_LOAD; });
        names_.resize(std::min<std::size_t>(old->sh_name, names_.size()));
        sections_.erase(old);
    }

    void insert(ByteView content, std::uint32_t address) {
        for (const Elf32_Phdr& s : segments_) {
            const std::uint64_t begin = s.p_paddr, end = begin + s.p_filesz;
            if (s.p_type == PT_LOAD && s.p_filesz > 0 && begin < std::uint64_t{address} + content.size() &&
                address < end) {
                throw Error{text("{}: code at {:#x}, expected room for a package", place_, address),
                            text("the linker script must keep that place free")};
            }
        }
        const auto offset = append_table(bytes_, std::vector<std::uint8_t>(content.begin(), content.end()));
        const auto size = static_cast<std::uint32_t>(content.size());
        segments_.push_back({PT_LOAD, offset, address, address, size, size, PF_R, kPackageAlign});
        Elf32_Shdr section{};
        section.sh_name = static_cast<Elf32_Word>(names_.size());
        section.sh_type = SHT_PROGBITS;
        section.sh_flags = SHF_ALLOC;
        section.sh_addr = address;
        section.sh_offset = offset;
        section.sh_size = size;
        section.sh_addralign = kPackageAlign;
        sections_.push_back(section);
        names_.insert(names_.end(), kName, kName + sizeof kName);
    }

    Bytes finish() {
        Elf32_Shdr& names = sections_[header_.e_shstrndx];
        names.sh_offset = append_table(bytes_, names_);
        names.sh_size = static_cast<Elf32_Word>(names_.size());
        header_.e_phoff = append_table(bytes_, segments_);
        header_.e_phnum = static_cast<Elf32_Half>(segments_.size());
        header_.e_shoff = append_table(bytes_, sections_);
        header_.e_shnum = static_cast<Elf32_Half>(sections_.size());
        std::memcpy(bytes_.data(), &header_, sizeof header_);
        return std::move(bytes_);
    }

  private:
    [[noreturn]] void refuse() const {
        throw Error{text("{}: section names missing, expected a whole ELF file", place_),
                    text("take the firmware as it was built, not stripped of its sections")};
    }

    const std::string& place_;
    Elf32_Ehdr header_{};
    std::vector<Elf32_Phdr> segments_;
    std::vector<Elf32_Shdr> sections_;
    std::vector<char> names_;
    Bytes bytes_;
};

}  // namespace

Bytes insert_section(ByteView elf, ByteView content, std::uint32_t address, const std::string& place) {
    read_elf(elf, place);
    ElfEditor editor(elf, place);
    editor.remove();
    editor.insert(content, address);
    return editor.finish();
}

}  // namespace jatai
