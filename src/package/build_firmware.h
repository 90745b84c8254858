// build_firmware.h: the firmware of a board, linked with the kernels asked for.
//
//     const FirmwareFiles files = build_firmware({board, "keyword", plan.kernels(), Family::CortexM}, tools);
//     insert_package(files.elf, package, "keyword.elf");
//
// Without a cross compiler there is the firmware built beforehand, which has every kernel. This one is
// smaller: only what a package needs. Needs the cross compiler. Fails with Error when it is missing or
// refuses, or the board has no such application.
#pragma once

#include <string>
#include <vector>

#include "src/package/firmware.h"
#include "src/package/toolchain.h"

namespace jatai {

struct FirmwareRequest {
    std::string board;        // a folder of boards/ with start-up code and app.ld
    std::string core;         // "cortex-m4f"
    std::string application;  // boards/<board>/<application>_main.cpp
    std::vector<KernelKey> kernels;
    Family family = Family::CortexM;
    std::string optimisation = "-O2";
};

FirmwareFiles build_firmware(const FirmwareRequest& request, const Toolchain& tools);

// The flags it is built with, for reports.
std::vector<std::string> firmware_flags(const FirmwareRequest& request);

}  // namespace jatai
