// run_tool.h: a compiler or emulator, run to its end.
//
//     const ToolResult result = run_tool({"arm-none-eabi-g++", "--version"}, {});
//     if (result.exit_code != 0) ... result.output ...
//
// No shell is involved: an argument is an argument, whatever letters it has.
// Fails with Error when the program cannot be started: "not installed: ...".
#pragma once

#include <string>
#include <vector>

#include "src/base/bytes.h"

namespace jatai {

struct ToolResult {
    int exit_code = 0;   // 128 + the signal when one ended it
    std::string output;  // what it wrote, errors included
};

// Runs in `folder` (empty: the current one) until it ends or `limit_seconds` have passed; then it is killed
// and the code is 124.
ToolResult run_tool(const std::vector<std::string>& arguments, const fs::path& folder,
                    int limit_seconds = 600);

// Where the program is, by PATH; empty: nowhere.
fs::path find_tool(const std::string& name);

}  // namespace jatai
