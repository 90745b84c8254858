// manifest.h: what a firmware says about the kernels it was linked with, and where a package goes.
//
//     const jatai::Manifest& manifest = jatai::linked_manifest();
//     engine.open(manifest.package_start, manifest.package_bytes(), arena, sizeof arena,
//     jatai::linked_kernels());
//
// The compiler writes one source file per firmware (src/package/kernel_table.h) that defines the two
// functions below. The host finds the same bytes in an ELF or flat image by their magic, and so refuses in
// words, before anything is sent, a package the firmware cannot run (src/package/firmware.h).
//
// A firmware that takes packages built later has a linker script that defines __package_start and
// __package_end, both multiples of 4096, after its own code; nothing else is placed between them. It also
// defines __arena_start and __arena_end: the RAM that the application shares out to the model and its front
// end.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "device/kernel.h"

namespace jatai {

constexpr char kManifestMagic[9] = "JATAIKM1";  // the 8 letters are stored, the zero is not
constexpr uint32_t kPackagePage = 4096;

// Followed at once by `kernel_count` KernelKeys, sorted by op, type, version. On a chip with 32-bit
// addresses:
//   0 magic  8 version  10 kernel_count  12 family  13 zeros  16 board  32 set_hash  40 package_start
//   44 package_end  48 arena_start  52 arena_end  56 keys
struct Manifest {
    char magic[8];
    uint16_t version;  // 1
    uint16_t kernel_count;
    uint8_t family;
    uint8_t reserved[3];
    char board[16];
    uint8_t set_hash[8];           // first bytes of the SHA-256 of the keys, 4 bytes each, as they stand
    const uint8_t* package_start;  // null: the model is part of the firmware
    const uint8_t* package_end;
    const uint8_t* arena_start;  // null: no such place
    const uint8_t* arena_end;

    uint32_t package_bytes() const { return static_cast<uint32_t>(package_end - package_start); }
    const KernelKey* keys() const { return reinterpret_cast<const KernelKey*>(this + 1); }
};
static_assert(sizeof(void*) != 4 || sizeof(Manifest) == 56, "the host reads these 56 bytes");
static_assert(sizeof(KernelKey) == 4, "the host reads keys of 4 bytes");

// Defined by the source file the compiler writes.
const KernelSet& linked_kernels();
const Manifest& linked_manifest();

}  // namespace jatai
