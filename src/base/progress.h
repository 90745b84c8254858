// progress.h: how long work tells who waits.
//
//     for (...) progress(done, total, text("speaking"));
//
// A room calls it and knows nothing of terminals; apps/ draws a bar when one is attached. The default does
// nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace jatai {

using Progress = std::function<void(std::uint64_t done, std::uint64_t total, std::string_view doing)>;

inline void report(const Progress& progress, std::uint64_t done, std::uint64_t total,
                   std::string_view doing) {
    if (progress) progress(done, total, doing);
}

}  // namespace jatai
