#include "apps/jatai/home.h"

#include <unistd.h>

#include <cstdlib>
#include <system_error>

namespace jatai {
namespace {

fs::path folder_of_program() {
    std::error_code error;
    const fs::path program = fs::read_symlink("/proc/self/exe", error);
    return error ? fs::current_path() : program.parent_path();
}

// The nearest of <folder>, its parent and its grandparent that has share/jatai-home in it.
fs::path find_root(const fs::path& folder) {
    for (fs::path candidate = folder; candidate != candidate.parent_path();
         candidate = candidate.parent_path()) {
        if (fs::exists(candidate / "share" / "jatai-home")) return candidate;
    }
    return folder;
}

Home find_home() {
    const fs::path share = find_root(folder_of_program()) / "share";
    const fs::path sources = share / "sources";
    return {share, sources / "boards", share / "firmware", sources};
}

}  // namespace

const Home& home() {
    static const Home found = find_home();
    return found;
}

}  // namespace jatai
