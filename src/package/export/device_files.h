// device_files.h: the files of device/ that a piece of code needs, made independent of include paths.
//
//     for (const auto& [path, content] : device_files(sources, {"device/kernels/conv2d.h"})) ...
//
// Every include between them is rewritten relative to the file it stands in, so that the folder compiles
// wherever it is put, whatever the include path is.
// Fails with Error when a file is missing.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "src/base/bytes.h"

namespace jatai {

// Path below the tree ("device/kernels/conv2d.h") to content. `wanted`: paths likewise; a header brings what
// it includes and the .cpp beside it.
std::map<std::string, std::string> device_files(const fs::path& sources,
                                                const std::vector<std::string>& wanted);

// The paths in #include "device/..." of a source.
std::vector<std::string> device_includes(const std::string& source);

}  // namespace jatai
