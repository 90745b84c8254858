// printable.h: names out of model files, safe for terminals and JSON.
//
//     node.name = printable(std::string(bytes));       // what is not UTF-8, and control characters, become
//     '?'
#pragma once

#include <string>

namespace jatai {

std::string printable(std::string name);

}  // namespace jatai
