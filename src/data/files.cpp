#include "src/data/files.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "src/base/error.h"

namespace jatai {

void fail_to_write(const fs::path& path, int number) {
    if (number == ENOSPC || number == EDQUOT) {
        throw Error{text("{}: the disk is full", path.string()),
                    text("free some space and run the command again")};
    }
    throw Error{text("{}: cannot be written: {}", path.string(), std::strerror(number)),
                text("check the folder's name and that you may write there")};
}

void make_folders(const fs::path& path) {
    std::error_code error;
    fs::create_directories(path, error);
    if (error) fail_to_write(path, error.value());
}

TemporaryFolder::TemporaryFolder(const fs::path& target)
    : path_(target.string() + ".tmp" + std::to_string(::getpid())) {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
    make_folders(path_);
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
}

void TemporaryFolder::rename_to(const fs::path& target) {
    const fs::path old = target.string() + ".old" + std::to_string(::getpid());
    std::error_code error;
    const bool replaces = fs::exists(target);
    if (replaces) fs::rename(target, old, error);
    if (!error) fs::rename(path_, target, error);
    if (error) {
        std::error_code ignored;
        if (replaces && !fs::exists(target)) fs::rename(old, target, ignored);
        fail_to_write(target, error.value());
    }
    path_.clear();
    std::error_code ignored;
    if (replaces) fs::remove_all(old, ignored);
}

fs::path safe_relative(const std::string& name, const std::string& place) {
    const fs::path path(name);
    bool safe = !name.empty() && path.is_relative();
    for (unsigned char c : name) safe = safe && c >= 0x20 && c != 0x7F;
    for (const fs::path& part : path) safe = safe && part != "..";
    if (!safe) {
        throw Error{text("{}: the file name \"{}\" leaves its folder", place, name),
                    text("names must be relative, without \"..\"")};
    }
    return path.lexically_normal();
}

std::string file_safe(const std::string& label) {
    std::string result;
    for (char c : label) {
        const bool refused =
            static_cast<unsigned char>(c) <= 0x20 || c == 0x7F || std::strchr("/\\:*?\"<>|", c);
        result += refused ? '_' : c;
    }
    if (result.empty() || result[0] == '.') result.insert(result.begin(), '_');
    // File systems end names at 255 bytes; cut on a UTF-8 boundary.
    std::size_t end = std::min<std::size_t>(result.size(), 100);
    while (end < result.size() && (static_cast<unsigned char>(result[end]) & 0xC0) == 0x80) --end;
    return result.substr(0, end);
}

}  // namespace jatai
