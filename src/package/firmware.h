// firmware.h: a firmware built beforehand, and the package that goes into it: no compiler needed.
//
//     const FirmwareManifest manifest = read_manifest(elf, "keyword.elf");
//     require_runs_on(inspect(package, "model.jpk"), manifest, "keyword.elf");    // refuses in words
//     const FirmwareFiles files = insert_package(elf, package, "keyword.elf");    // .elf, .bin, .hex
//
// The manifest (device/manifest.h) says which kernels the firmware has and where its package lies.
// Fails with Error on a file that is no firmware of ours, a package it cannot run, or one too large for its
// place. The bytes may be hostile.
#pragma once

#include <string>
#include <vector>

#include "src/package/elf.h"
#include "src/package/inspect.h"

namespace jatai {

struct FirmwareManifest {
    Family family = Family::Reference;
    std::string board;
    std::string set_hash;             // hexadecimal
    std::uint32_t package_start = 0;  // 0: the model is part of the firmware
    std::uint32_t package_end = 0;
    std::uint32_t arena_bytes = 0;  // RAM the application shares out; 0: not known
    std::vector<KernelKey> kernels;
};

// Looks for the manifest in an ELF file or a flat image.
FirmwareManifest read_manifest(ByteView image, const std::string& place);

// The kernels the package needs and the firmware does not have.
std::vector<KernelKey> missing_kernels(const PackageInfo& package, const FirmwareManifest& manifest);

// Every reason for which this firmware would refuse this package, as the chip itself would.
void require_runs_on(const PackageInfo& package, const FirmwareManifest& manifest, const std::string& place);

struct FirmwareFiles {
    Bytes elf;
    Bytes bin;               // flat, from the lowest address that is loaded; gaps are 0xFF, as erased flash
    std::string hex;         // Intel HEX
    std::uint32_t base = 0;  // address of the first byte of `bin`
};

// The firmware with the package in its place. A package that is there already is replaced.
FirmwareFiles insert_package(ByteView firmware_elf, ByteView package, const std::string& place);

// The three forms of a firmware that holds all it needs.
FirmwareFiles firmware_files(ByteView elf, const std::string& place);

}  // namespace jatai
