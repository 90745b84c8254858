// run_program.h: another program, run to its end.
//
//     const ProgramResult result = run_program({"arm-none-eabi-g++", "--version"}, {});
//     if (result.exit_code != 0) ... result.output ...
//
// No shell is involved: an argument is an argument, whatever letters it has.
// Fails with Error when the program cannot be started: "not installed: ...".
#pragma once

#include <string>
#include <vector>

#include "src/base/bytes.h"

namespace jatai {

struct ProgramResult {
    int exit_code = 0;   // 128 + the signal when one ended it
    std::string output;  // what it wrote, errors included
};

// Runs in `folder` (empty: the current one) until it ends or `limit_seconds` have passed; then it is killed
// and the code is 124.
ProgramResult run_program(const std::vector<std::string>& arguments, const fs::path& folder,
                          int limit_seconds = 600);

// Where the program is, by PATH; empty: nowhere.
fs::path find_program(const std::string& name);

}  // namespace jatai
