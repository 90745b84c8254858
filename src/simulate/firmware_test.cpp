#include "src/simulate/firmware.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "src/base/error.h"
#include "src/base/rng.h"

namespace jatai::simulate {
namespace {

using testing::HasSubstr;

void put(Bytes& bytes, std::size_t at, std::uint32_t value, std::size_t width = 4) {
    if (bytes.size() < at + width) bytes.resize(at + width);
    for (std::size_t i = 0; i < width; ++i) bytes[at + i] = static_cast<std::uint8_t>(value >> 8 * i);
}

// One segment of 8 bytes at 0x100, three sections (none, symbols, names), two symbols: "go" at 0x101 and "x".
Bytes small_elf() {
    Bytes elf(52 + 32 + 8);
    const std::uint8_t magic[] = {0x7F, 'E', 'L', 'F', 1, 1, 1};
    std::copy(std::begin(magic), std::end(magic), elf.begin());
    put(elf, 16, 2, 2);
    put(elf, 18, 40, 2);
    put(elf, 28, 52);
    put(elf, 42, 32, 2);
    put(elf, 44, 1, 2);
    put(elf, 52, 1);      // PT_LOAD
    put(elf, 56, 84);     // offset
    put(elf, 60, 0x100);  // virtual
    put(elf, 64, 0x100);  // physical
    put(elf, 68, 8);      // bytes
    for (int i = 0; i < 8; ++i) elf[84 + i] = static_cast<std::uint8_t>(i + 1);
    const std::size_t symbols = elf.size(), names = symbols + 48;
    for (std::size_t i = 0; i < 2; ++i) {
        put(elf, symbols + 16 + 16 * i, i == 0 ? 1 : 4);
        put(elf, symbols + 20 + 16 * i, i == 0 ? 0x101 : 0x20000000);
        put(elf, symbols + 24 + 16 * i, 4);
        put(elf, symbols + 28 + 16 * i, i == 0 ? 2 : 1, 1);
        put(elf, symbols + 30 + 16 * i, 1, 2);
    }
    elf.resize(names);
    for (char c : std::string("\0go\0x\0", 6)) elf.push_back(static_cast<std::uint8_t>(c));
    const std::size_t sections = elf.size();
    put(elf, 32, static_cast<std::uint32_t>(sections));
    put(elf, 46, 40, 2);
    put(elf, 48, 3, 2);
    elf.resize(sections + 120);
    put(elf, sections + 44, 2);
    put(elf, sections + 56, static_cast<std::uint32_t>(symbols));
    put(elf, sections + 60, 48);
    put(elf, sections + 64, 2);
    put(elf, sections + 84, 3);
    put(elf, sections + 96, static_cast<std::uint32_t>(names));
    put(elf, sections + 100, 6);
    return elf;
}

TEST(Firmware, SegmentsAndSymbolsAreRead) {
    const Firmware firmware = read_firmware(small_elf(), "small.elf");
    ASSERT_EQ(firmware.segments.size(), 1u);
    EXPECT_EQ(firmware.segments[0].load_address, 0x100u);
    EXPECT_EQ(firmware.segments[0].bytes.size(), 8u);
    EXPECT_EQ(firmware.find("go"), 0x100u);
    EXPECT_EQ(firmware.find("x"), 0x20000000u);
    EXPECT_EQ(firmware.find("y"), std::nullopt);
    EXPECT_EQ(firmware.nearest(0x100), "go");
    EXPECT_EQ(firmware.nearest(0x102), "go+0x2");
    EXPECT_EQ(firmware.nearest(0x90), "0x00000090");
}

TEST(Firmware, AFileCutAnywhereIsRefusedInWordsOrStillSound) {
    const Bytes whole = small_elf();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        try {
            read_firmware(ByteView(whole).first(size), "cut.elf");
        } catch (const Error& error) {
            EXPECT_THAT(error.what(), HasSubstr("cut.elf"));
        }
    }
}

TEST(Firmware, AnyByteMayBeWrong) {
    const Bytes whole = small_elf();
    Rng rng(5);
    for (int round = 0; round < 20000; ++round) {
        Bytes bytes = whole;
        for (int i = 0; i < 3; ++i)
            bytes[rng.below(static_cast<std::uint32_t>(bytes.size()))] =
                static_cast<std::uint8_t>(rng.below(256));
        try {
            read_firmware(bytes, "odd.elf");
        } catch (const Error&) {
        }
    }
}

TEST(Firmware, WhatIsNotAnArmExecutableIsSaid) {
    EXPECT_THROW(read_firmware({}, "empty"), Error);
    Bytes other = small_elf();
    put(other, 18, 62, 2);
    try {
        read_firmware(other, "pc.elf");
        FAIL() << "expected an error";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("machine 62"));
    }
}

}  // namespace
}  // namespace jatai::simulate
