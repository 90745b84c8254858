#include "src/package/flat_image.h"

#include <fmt/format.h>

#include <algorithm>

#include "src/base/error.h"

namespace jatai {

namespace {

constexpr std::uint64_t kMaxSpanBytes = 64u << 20;
constexpr std::size_t kRecordBytes = 16;

// ":LLAAAATT<data>CC": count, address, type, data, and what makes the sum of all bytes 0 modulo 256.
std::string hex_record(std::uint16_t address, std::uint8_t type, ByteView data) {
    std::string line = fmt::format(":{:02X}{:04X}{:02X}", data.size(), address, type);
    unsigned sum = static_cast<unsigned>(data.size()) + (address >> 8) + (address & 0xFF) + type;
    for (const std::uint8_t byte : data) {
        line += fmt::format("{:02X}", byte);
        sum += byte;
    }
    return line + fmt::format("{:02X}\n", (0u - sum) & 0xFF);
}

Bytes big_endian(std::uint32_t value, std::size_t count) {
    Bytes bytes;
    for (std::size_t i = count; i-- > 0;) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    return bytes;
}

}  // namespace

FlatImage flatten(const ElfImage& elf, const std::string& place) {
    std::uint64_t low = UINT64_MAX, high = 0;
    for (const ElfSegment& segment : elf.segments) {
        if (segment.data.empty()) continue;
        low = std::min<std::uint64_t>(low, segment.load_address);
        high = std::max<std::uint64_t>(high, std::uint64_t{segment.load_address} + segment.data.size());
    }
    if (high <= low || high - low > kMaxSpanBytes) {
        throw Error{text("{}: nothing to load, or pieces too far apart, expected one piece of flash", place),
                    text("is it a firmware for a chip?")};
    }
    FlatImage flat;
    flat.base = static_cast<std::uint32_t>(low);
    flat.bytes.assign(static_cast<std::size_t>(high - low), 0xFF);
    for (const ElfSegment& segment : elf.segments) {
        std::copy(segment.data.begin(), segment.data.end(),
                  flat.bytes.begin() + static_cast<std::ptrdiff_t>(segment.load_address - low));
    }
    return flat;
}

std::string intel_hex(const ElfImage& elf) {
    std::string hex;
    std::uint32_t upper = 0;  // of the address, as a reader begins
    for (const ElfSegment& segment : elf.segments) {
        const ByteView data = segment.data;
        for (std::size_t at = 0; at < data.size();) {
            const auto address = static_cast<std::uint32_t>(segment.load_address + at);
            if (address >> 16 != upper) {
                upper = address >> 16;
                hex += hex_record(0, 4, big_endian(upper, 2));
            }
            // No record crosses 64 KiB.
            const std::size_t count =
                std::min({kRecordBytes, data.size() - at, std::size_t{0x10000u - (address & 0xFFFF)}});
            hex += hex_record(static_cast<std::uint16_t>(address), 0, data.subspan(at, count));
            at += count;
        }
    }
    hex += hex_record(0, 5, big_endian(elf.entry, 4));
    return hex + hex_record(0, 1, {});
}

}  // namespace jatai
