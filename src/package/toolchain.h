// toolchain.h: the cross compiler, a separate program that may or may not be there.
//
//     const Toolchain tools = find_toolchain(home().sources);      // throws Error "not installed: ..."
//     tools.compile({"main.cpp", "engine.cpp"}, core_flags("cortex-m4f"), "firmware.elf", folder);
//
// Fails with Error when the compiler is not installed, or refuses: the first of its complaints in words.
#pragma once

#include <string>
#include <vector>

#include "src/base/bytes.h"

namespace jatai {

// What every chip program here is compiled with; the core's flags and the optimisation come on top.
const std::vector<std::string>& house_flags();

// The compiler's flags for a core as boards name it: "cortex-m4f". Fails with Error on an unknown core.
std::vector<std::string> core_flags(const std::string& core);

struct Toolchain {
    fs::path compiler;    // arm-none-eabi-g++
    std::string version;  // "arm-none-eabi-g++ 12.2.1"
    fs::path sources;     // the tree that holds device/ and boards/

    // Compiles and links in `folder`; sources may be C++ or assembly. Everything goes through one call.
    void build(const std::vector<fs::path>& inputs, const std::vector<std::string>& flags,
               const fs::path& output, const fs::path& folder) const;
};

bool have_toolchain();

// `sources`: the tree with device/engine.cpp in it.
Toolchain find_toolchain(const fs::path& sources);

}  // namespace jatai
