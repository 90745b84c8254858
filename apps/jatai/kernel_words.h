// kernel_words.h: the kernels of a package as the fleet server compares them: "0c000102 CONV_2D".
//
//     variant.kernels = kernel_words(info);
//
// The first word is the record of docs/reference/package.md#records in hexadecimal, as chips report theirs.
#pragma once

#include "src/package/inspect.h"

namespace jatai {

std::vector<std::string> kernel_words(const PackageInfo& info);

}  // namespace jatai
