#include "src/simulate/firmware.h"

#include <algorithm>
#include <tuple>

#include "src/base/error.h"

namespace jatai::simulate {
namespace {

constexpr std::uint32_t kSectionSymbols = 2, kSectionAllocated = 2, kProgramLoad = 1;
constexpr std::uint64_t kMostSegments = 1024, kMostBytes = 64u << 20;
constexpr std::uint32_t kRamFirst = 0x20000000, kRamEnd = 0x40000000;

// Reads little-endian fields of an ELF file; every access is checked against its end.
class Reader {
  public:
    Reader(ByteView bytes, const std::string& name) : bytes_(bytes), name_(name) {}

    ByteView take(std::uint64_t offset, std::uint64_t count, const char* what) const {
        if (offset > bytes_.size() || count > bytes_.size() - offset)
            throw Error{text("{}: {} at byte {} needs {} bytes, the file has {}", name_, what, offset, count,
                             bytes_.size()),
                        text("the file is cut short or damaged: build or copy it again")};
        return bytes_.subspan(offset, count);
    }
    std::uint32_t word(std::uint64_t offset, const char* what) const {
        return number<std::uint32_t>(offset, what);
    }
    std::uint16_t half(std::uint64_t offset, const char* what) const {
        return number<std::uint16_t>(offset, what);
    }

  private:
    template <typename T>
    T number(std::uint64_t offset, const char* what) const {
        const ByteView field = take(offset, sizeof(T), what);
        T value = 0;
        for (std::size_t i = 0; i < sizeof(T); ++i) value = static_cast<T>(value | T{field[i]} << 8 * i);
        return value;
    }

    ByteView bytes_;
    const std::string& name_;
};

void check_header(const Reader& reader, const std::string& name) {
    const ByteView magic = reader.take(0, 52, "ELF header");
    static constexpr std::uint8_t kMagic[6] = {0x7F, 'E', 'L', 'F', 1, 1};
    if (!std::equal(std::begin(kMagic), std::end(kMagic), magic.begin()))
        throw Error{text("{}: not a 32-bit little-endian ELF file", name),
                    text("give the firmware.elf that the compiler wrote")};
    const unsigned type = reader.half(16, "ELF header"), machine = reader.half(18, "ELF header");
    if (type != 2 || machine != 40)
        throw Error{text("{}: ELF type {} for machine {}, expected an executable (2) for ARM (40)", name,
                         type, machine),
                    text("link the program for the board's core")};
}

void read_segments(const Reader& reader, Firmware& firmware) {
    const std::uint64_t table = reader.word(28, "ELF header");
    const unsigned size = reader.half(42, "ELF header"), count = reader.half(44, "ELF header");
    std::uint64_t total = 0;
    if (count > kMostSegments || (count > 0 && size < 32))
        throw Error{text("{}: {} program headers of {} bytes", firmware.name, count, size)};
    for (unsigned i = 0; i < count; ++i) {
        const std::uint64_t at = table + std::uint64_t{i} * size;
        if (reader.word(at, "program header") != kProgramLoad) continue;
        const std::uint32_t offset = reader.word(at + 4, "program header");
        const std::uint32_t address = reader.word(at + 12, "program header");
        const std::uint32_t bytes = reader.word(at + 16, "program header");
        total += bytes;
        if (bytes == 0) continue;
        if (total > kMostBytes)
            throw Error{text("{}: more than {} bytes to load", firmware.name, kMostBytes)};
        const ByteView view = reader.take(offset, bytes, "segment");
        firmware.segments.push_back({address, Bytes(view.begin(), view.end())});
    }
    if (firmware.segments.empty())
        throw Error{text("{}: nothing to load", firmware.name), text("link the program before you run it")};
}

struct Section {
    std::uint32_t type = 0, flags = 0, address = 0, offset = 0, bytes = 0, link = 0, entry_bytes = 0;
};

std::vector<Section> read_sections(const Reader& reader) {
    const std::uint64_t table = reader.word(32, "ELF header");
    const unsigned size = reader.half(46, "ELF header"), count = reader.half(48, "ELF header");
    std::vector<Section> sections;
    if (table == 0 || size < 40) return sections;
    for (unsigned i = 0; i < count; ++i) {
        const std::uint64_t at = table + std::uint64_t{i} * size;
        const auto field = [&](unsigned n) { return reader.word(at + n, "section header"); };
        sections.push_back({field(4), field(8), field(12), field(16), field(20), field(24), field(36)});
    }
    return sections;
}

std::string read_name(ByteView names, std::uint32_t at) {
    if (at >= names.size()) return {};
    const auto first = names.begin() + at;
    return std::string(first, std::find(first, names.end(), std::uint8_t{0}));
}

// `table` holds 16-byte entries: name, value, size, info, other, section.
void read_symbols(const Reader& reader, const Section& table, const Section& names, Firmware& firmware) {
    const ByteView strings = reader.take(names.offset, names.bytes, "symbol names");
    const ByteView entries = reader.take(table.offset, table.bytes, "symbol table");
    for (std::size_t at = 0; at + 16 <= entries.size(); at += 16) {
        const std::uint64_t here = table.offset + at;
        const unsigned type = reader.half(here + 12, "symbol") & 15;
        const unsigned section = reader.half(here + 14, "symbol");
        if (type > 2 || section == 0) continue;  // functions, objects and plain labels that are defined
        Symbol symbol{reader.word(here + 4, "symbol"), reader.word(here + 8, "symbol"),
                      read_name(strings, reader.word(here, "symbol")), type == 2};
        if (symbol.name.empty() || symbol.name[0] == '$') continue;
        if (symbol.is_function) symbol.address &= ~1u;
        firmware.symbols.push_back(std::move(symbol));
    }
}

}  // namespace

std::optional<std::uint32_t> Firmware::find(std::string_view symbol) const {
    for (const Symbol& candidate : symbols)
        if (candidate.name == symbol) return candidate.address;
    return std::nullopt;
}

std::string Firmware::nearest(std::uint32_t address) const {
    auto after = std::upper_bound(symbols.begin(), symbols.end(), address,
                                  [](std::uint32_t a, const Symbol& s) { return a < s.address; });
    while (after != symbols.begin()) {
        const Symbol& symbol = *--after;
        if (!symbol.is_function) continue;
        const std::uint32_t distance = address - symbol.address;
        if (distance >= std::max(symbol.bytes, 4096u)) break;
        return distance == 0 ? symbol.name : fmt::format("{}+{:#x}", symbol.name, distance);
    }
    return fmt::format("{:#010x}", address);
}

Firmware read_firmware(ByteView elf, const std::string& name) {
    Firmware firmware;
    firmware.name = name;
    const Reader reader(elf, firmware.name);
    check_header(reader, name);
    read_segments(reader, firmware);
    const std::vector<Section> sections = read_sections(reader);
    for (const Section& section : sections) {
        const std::uint64_t end = std::uint64_t{section.address} + section.bytes;
        if ((section.flags & kSectionAllocated) && section.address >= kRamFirst && end <= kRamEnd)
            firmware.ram_top = std::max(firmware.ram_top, static_cast<std::uint32_t>(end));
        if (section.type != kSectionSymbols) continue;
        if (section.link >= sections.size())
            throw Error{
                text("{}: the symbol table names section {} of {}", name, section.link, sections.size())};
        read_symbols(reader, section, sections[section.link], firmware);
    }
    std::sort(firmware.symbols.begin(), firmware.symbols.end(), [](const Symbol& a, const Symbol& b) {
        return std::tie(a.address, a.name) < std::tie(b.address, b.name);
    });
    return firmware;
}

Firmware firmware_from_binary(ByteView bytes, std::uint32_t address, const std::string& name) {
    if (bytes.empty()) throw Error{text("{}: the file is empty", name)};
    Firmware firmware;
    firmware.name = name;
    firmware.segments.push_back({address, Bytes(bytes.begin(), bytes.end())});
    return firmware;
}

}  // namespace jatai::simulate
