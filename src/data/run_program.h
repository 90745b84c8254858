// run_program.h: another program as a black box: bytes in, bytes out.
//
//     ProgramResult r = run_program({"espeak-ng", "--stdout", "--stdin"}, "hello");
//     if (!r.found) ... else if (r.exit_code != 0) ...
//
// Its stderr is dropped. Threads: safe from several at once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/base/bytes.h"

namespace jatai {

struct ProgramResult {
    bool found = true;  // false: no such program on the PATH
    int exit_code = 0;  // 128 + signal when a signal ended it
    Bytes output;       // its stdout
};

ProgramResult run_program(const std::vector<std::string>& arguments, std::string_view input = {});

}  // namespace jatai
