#include "src/package/firmware.h"
#include "src/graph/passes/fold_zero_points.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <sstream>

#include "src/base/error.h"
#include "src/graph/test_graphs.h"
#include "src/graph/text_form.h"
#include "src/package/build_firmware.h"
#include "src/package/flat_image.h"
#include "src/package/kernel_table.h"
#include "src/package/pack.h"
#include "src/package/scratch_folder.h"
#include "src/package/sizes.h"
#include "src/package/toolchain.h"

namespace jatai {
namespace {

using testing::HasSubstr;

Bytes tiny_package(Family family = Family::CortexM) {
    const Graph graph = zero_points_folded(parse_text(kTinyNet, "tiny"));
    return pack(graph, make_plan(graph, Board{}, family));
}

// A firmware that has a manifest, a place for a package at 0x80000 and nothing else.
Bytes small_firmware(const std::vector<KernelKey>& kernels, const std::string& package_bytes = "64K") {
    static std::map<std::string, Bytes> built;
    Bytes& elf = built[std::to_string(kernels.size()) + package_bytes];
    if (!elf.empty()) return elf;
    const ScratchFolder folder;
    write_text(folder.path() / "kernels.cpp",
               write_kernel_table({kernels, Family::CortexM, "testboard", PackageSpace::Linker}));
    write_text(folder.path() / "main.cpp",
               "#include \"device/manifest.h\"\nextern \"C\" const void* reset() { return "
               "&jatai::linked_manifest(); }\n"
               "extern \"C\" int reset2() { return static_cast<int>(jatai::linked_kernels().count); }\n"
               "int started = 5;\n");
    write_text(folder.path() / "small.ld",
               "MEMORY { FLASH (rx) : ORIGIN = 0x1000, LENGTH = 1M\nRAM (rwx) : ORIGIN = 0x20000000, LENGTH "
               "= 64K }\n"
               "ENTRY(reset)\nSECTIONS { .text : { *(.text .text.*) } > FLASH\n"
               ".rodata : { *(.rodata .rodata.*) KEEP(*(.manifest)) } > FLASH\n"
               ".data : { *(.data .data.*) } > RAM AT > FLASH\n.bss (NOLOAD) : { *(.bss .bss.*) } > RAM\n"
               "__arena_start = 0x20001000; __arena_end = 0x20009000;\n"
               "__package_start = 0x80000; __package_end = __package_start + " +
                   package_bytes + "; }\n");
    std::vector<std::string> flags = core_flags("cortex-m4f");
    flags.insert(flags.end(), {"-O2", "-nostartfiles", "--specs=nano.specs", "-T", "small.ld"});
    find_toolchain(JATAI_SOURCE_DIR)
        .build({"kernels.cpp", "main.cpp", "-nodefaultlibs", "-lgcc", "-lc", "-lgcc"}, flags,
               folder.path() / "f.elf", folder.path());
    return elf = read_file(folder.path() / "f.elf");
}

#define NEEDS_TOOLCHAIN() \
    if (!have_toolchain()) GTEST_SKIP() << "not installed: arm-none-eabi-g++"

TEST(Firmware, ItsManifestIsReadFromTheElfAndFromTheFlatImage) {
    NEEDS_TOOLCHAIN();
    const Bytes elf = small_firmware(all_kernels());
    for (const Bytes& image : {elf, firmware_files(elf, "f.elf").bin}) {
        const FirmwareManifest manifest = read_manifest(image, "f.elf");
        EXPECT_EQ(manifest.board, "testboard");
        EXPECT_EQ(manifest.family, Family::CortexM);
        EXPECT_EQ(manifest.kernels, all_kernels());
        EXPECT_EQ(manifest.package_start, 0x80000u);
        EXPECT_EQ(manifest.package_end, 0x90000u);
        EXPECT_EQ(manifest.arena_bytes, 0x8000u);
        std::string hash;
        for (const std::uint8_t byte : kernel_set_hash(all_kernels())) hash += fmt::format("{:02x}", byte);
        EXPECT_EQ(manifest.set_hash, hash);
    }
}

TEST(Firmware, APackageGoesToItsPlaceAndCanBeReplaced) {
    NEEDS_TOOLCHAIN();
    const Bytes elf = small_firmware(all_kernels()), package = tiny_package();
    const FirmwareFiles once = insert_package(elf, package, "f.elf");
    EXPECT_EQ(once.base, 0x1000u);
    ASSERT_GE(once.bin.size(), 0x7F000 + package.size());
    EXPECT_TRUE(std::equal(package.begin(), package.end(), once.bin.begin() + 0x7F000));
    EXPECT_EQ(once.bin[0x7EFFF], 0xFF);
    const FirmwareFiles twice = insert_package(once.elf, package, "f.elf");
    EXPECT_EQ(twice.bin, once.bin);
    EXPECT_EQ(twice.elf, once.elf);
    const FirmwareSizes before = measure_sizes(read_elf(elf, "f")),
                        after = measure_sizes(read_elf(once.elf, "f"));
    EXPECT_EQ(after.flash.code, before.flash.code);
    EXPECT_EQ(after.flash.weights, package.size());
    EXPECT_EQ(after.ram.state, 4u);
}

TEST(Firmware, APackageItCannotRunIsRefusedInWordsBeforeItIsSent) {
    NEEDS_TOOLCHAIN();
    const auto refusal = [](const Bytes& elf, const Bytes& package) -> std::string {
        try {
            insert_package(elf, package, "f.elf");
        } catch (const Error& error) {
            return error.what();
        }
        return "accepted";
    };
    std::vector<KernelKey> few = all_kernels();
    std::erase_if(few, [](const KernelKey& key) { return key.op == Op::Softmax; });
    EXPECT_THAT(refusal(small_firmware(few), tiny_package()), HasSubstr("does not have SOFTMAX int8 v1"));
    EXPECT_THAT(refusal(small_firmware(all_kernels(), "512"), tiny_package()),
                HasSubstr("expected at most 512"));
    EXPECT_THAT(refusal(small_firmware(all_kernels()), tiny_package(Family::Reference)),
                HasSubstr("another family"));
    Bytes broken = tiny_package();
    broken[400] ^= 1;
    EXPECT_THAT(refusal(small_firmware(all_kernels()), broken), HasSubstr("hash"));
}

TEST(Firmware, ABoardsApplicationIsBuiltWithTheKernelsOfOnePackage) {
    NEEDS_TOOLCHAIN();
    const PackageInfo package = inspect(tiny_package(), "tiny.jpk");
    FirmwareRequest request{"nano33ble", "cortex-m4f", "keyword", package.kernels, Family::CortexM, "-O2"};
    const FirmwareFiles files = build_firmware(request, find_toolchain(JATAI_SOURCE_DIR));
    EXPECT_EQ(files.base, 0x10000u);
    const FirmwareManifest manifest = read_manifest(files.elf, "keyword.elf");
    EXPECT_EQ(manifest.kernels, package.kernels);
    EXPECT_EQ(manifest.package_start % 4096, 0u);
    EXPECT_NO_THROW(insert_package(files.elf, tiny_package(), "keyword.elf"));
    request.application = "toaster";
    EXPECT_THROW(build_firmware(request, find_toolchain(JATAI_SOURCE_DIR)), Error);
}

TEST(Firmware, BytesThatAreNoFirmwareAreRefused) {
    EXPECT_THROW(read_manifest(Bytes(1000, 0x4A), "x.bin"), Error);
    EXPECT_THROW(read_elf(Bytes{0x7F, 'E', 'L', 'F'}, "x.elf"), Error);
    EXPECT_THROW(read_elf(Bytes(200, 0), "x.elf"), Error);
}

TEST(Firmware, AnElfCutAnywhereNeverCrashes) {
    NEEDS_TOOLCHAIN();
    const Bytes elf = insert_package(small_firmware(all_kernels()), tiny_package(), "f.elf").elf;
    for (std::size_t i = 0; i < 200; ++i) {
        const Bytes cut(elf.begin(), elf.begin() + static_cast<std::ptrdiff_t>(elf.size() * i / 200));
        EXPECT_THROW(firmware_files(cut, "f.elf"), Error) << cut.size();
    }
}

// Reads the records back: address to byte.
std::map<std::uint32_t, int> read_hex(const std::string& hex) {
    std::map<std::uint32_t, int> memory;
    std::istringstream lines(hex);
    std::uint32_t upper = 0;
    for (std::string line; std::getline(lines, line);) {
        std::vector<int> bytes;
        for (std::size_t i = 1; i + 1 < line.size(); i += 2)
            bytes.push_back(std::stoi(line.substr(i, 2), nullptr, 16));
        int sum = 0;
        for (const int byte : bytes) sum += byte;
        EXPECT_EQ(sum % 256, 0) << line;
        if (bytes[3] == 4) upper = static_cast<std::uint32_t>(bytes[4] * 256 + bytes[5]) << 16;
        for (int i = 0; bytes[3] == 0 && i < bytes[0]; ++i) {
            memory[upper + static_cast<std::uint32_t>(bytes[1] * 256 + bytes[2] + i)] =
                bytes[static_cast<std::size_t>(4 + i)];
        }
    }
    return memory;
}

TEST(FlatImage, IntelHexHoldsTheSameBytesAcross64KiB) {
    ElfImage elf;
    elf.entry = 0x1234;
    Bytes data(0x12345);
    for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>(i * 31);
    elf.segments.push_back({0xFFF8, 0xFFF8, 0x12345, data});
    const auto memory = read_hex(intel_hex(elf));
    ASSERT_EQ(memory.size(), data.size());
    for (std::size_t i = 0; i < data.size(); ++i)
        ASSERT_EQ(memory.at(0xFFF8 + static_cast<std::uint32_t>(i)), data[i]);
    EXPECT_THAT(intel_hex(elf), HasSubstr(":0400000500001234B1\n:00000001FF\n"));
}

TEST(Toolchain, AnUnknownCoreGetsASuggestion) {
    try {
        core_flags("cortex-m4ff");
        FAIL();
    } catch (const Error& error) {
        EXPECT_THAT(error.hint(), HasSubstr("cortex-m4f"));
    }
}

TEST(Toolchain, WhatIsNotInstalledIsNamedWithTheWayToGetIt) {
    const std::string path = std::getenv("PATH");
    setenv("PATH", "/nowhere", 1);
    EXPECT_FALSE(have_toolchain());
    try {
        find_toolchain(JATAI_SOURCE_DIR);
        ADD_FAILURE();
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("not installed: arm-none-eabi-g++"));
        EXPECT_THAT(error.hint(), HasSubstr("apt-get"));
    }
    setenv("PATH", path.c_str(), 1);
}

TEST(Toolchain, ACompilersComplaintIsPassedOn) {
    NEEDS_TOOLCHAIN();
    const ScratchFolder folder;
    write_text(folder.path() / "bad.cpp", "int main() { return nothing_here; }\n");
    try {
        find_toolchain(JATAI_SOURCE_DIR)
            .build({"bad.cpp"}, core_flags("cortex-m4f"), "bad.elf", folder.path());
        FAIL();
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("nothing_here"));
    }
}

// The engine's promise of 4 KB (device/engine.h), kernels not counted.
TEST(Toolchain, TheEngineIsUnder4096BytesOnACortexM4) {
    NEEDS_TOOLCHAIN();
    const ScratchFolder folder;
    std::vector<std::string> flags = core_flags("cortex-m4f");
    flags.insert(flags.end(), {"-Os", "-Werror", "-r", "-nostdlib"});
    const Toolchain tools = find_toolchain(JATAI_SOURCE_DIR);
    tools.build({tools.sources / "device" / "engine.cpp"}, flags, folder.path() / "engine.o", folder.path());
    std::uint32_t bytes = 0;
    for (const ElfSection& section : read_elf(read_file(folder.path() / "engine.o"), "engine.o").sections) {
        if (section.allocated() && section.has_bytes()) bytes += section.bytes;
    }
    std::printf("engine: %u bytes of code at -Os\n", bytes);
    EXPECT_GT(bytes, 500u);
    EXPECT_LE(bytes, 4096u);
}

}  // namespace
}  // namespace jatai
