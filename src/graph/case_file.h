// case_file.h: tests written as text: a graph before, a graph or a message after.
//
//     case: a layer nobody reads goes away
//     in:
//         %x int8[1,4] s=0.5 = input
//         ...
//     out:
//         ...
//
// `error: words` in place of `out:` asks for an Error whose text holds these words. Lines before the first
// `case:` are a comment.
#pragma once

#include <string>
#include <vector>

#include "src/base/bytes.h"

namespace jatai {

struct Case {
    std::string name;
    int line = 0;  // of `case:` in the file
    std::string in;
    std::string out;
    std::string error;
};

// Fails with Error when the file cannot be read or a case has neither `out:` nor `error:`.
std::vector<Case> read_cases(const fs::path& path);

}  // namespace jatai
