// kernel_table.h: the one generated source file of a firmware: its kernels and the manifest that names them.
//
//     write_text("kernels.cpp", write_kernel_table({plan.kernels(), Family::CortexM, "nano33ble",
//                                                   PackageSpace::Linker}));
//     std::vector<KernelKey> all = all_kernels();           // `--kernels all`
//
// The file defines linked_kernels() and linked_manifest() of device/manifest.h. Only the kernels in it are
// linked, so a firmware is as large as what it can run.
#pragma once

#include <string>
#include <vector>

#include "device/kernel.h"
#include "src/graph/op_def.h"

namespace jatai {

// Where the firmware's package lies: nowhere (the model is part of the firmware), or between __package_start
// and __package_end of its linker script.
enum class PackageSpace : std::uint8_t { None, Linker };

struct KernelTable {
    std::vector<KernelKey> keys;
    Family family = Family::Reference;
    std::string board;
    PackageSpace space = PackageSpace::None;
};

// C++14. Needs: every key is one of all_kernels().
std::string write_kernel_table(const KernelTable& table);

// Every kernel there is, sorted by op, type, version.
std::vector<KernelKey> all_kernels();

// The set's identity: the first 8 bytes of the SHA-256 of its keys, sorted, 4 bytes each (op as two bytes,
// little end first, then type, version).
Bytes kernel_set_hash(std::vector<KernelKey> keys);

}  // namespace jatai
