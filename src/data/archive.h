// archive.h: files inside .zip, .tar, .tar.xz, .tar.gz … (libarchive).
//
//     read_archive(path, [](const std::string& name, Bytes bytes) { ... });   // every regular file, in order
//
// Names are checked: relative, no "..", no control characters. Links and devices are refused.
// Fails with Error: not an archive, damaged, a hostile name, more than 4 GB in all.
#pragma once

#include <functional>
#include <string>

#include "src/base/bytes.h"

namespace jatai {

void read_archive(const fs::path& path,
                  const std::function<void(const std::string& name, Bytes bytes)>& take);

// Does the file name look like an archive we read?
bool is_archive(const fs::path& path);

}  // namespace jatai
