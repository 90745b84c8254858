// files.h: folders written whole or not at all, and names from outside.
//
//     TemporaryFolder building(target);            // target.tmp1234, removed unless renamed
//     ... write into building.path() ...
//     building.rename_to(target);                  // replaces an older folder
//     fs::path inside = safe_relative(name, place);  // refuses absolute paths, "..", control characters
//     std::string slug = file_safe("olá mundo");   // "olá_mundo"
#pragma once

#include <string>

#include "src/base/bytes.h"

namespace jatai {

class TemporaryFolder {
  public:
    // An empty folder beside `target`. Fails with Error when it cannot be made.
    explicit TemporaryFolder(const fs::path& target);
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const fs::path& path() const { return path_; }
    void rename_to(const fs::path& target);

  private:
    fs::path path_;
};

[[noreturn]] void fail_to_write(const fs::path& path, int number);
void make_folders(const fs::path& path);

// `name` as a path below some folder. Fails with Error when it is empty, absolute, climbs out with "..", or
// holds a control character. `place` says where the name stood.
fs::path safe_relative(const std::string& name, const std::string& place);

// A label as one file name: letters of any script stay, separators, blanks and what file systems refuse
// become "_".
std::string file_safe(const std::string& label);

}  // namespace jatai
