// parallel.h: the same work on many items by a few threads.
//
//     run_parallel(items.size(), 2, [&](std::size_t i) { results[i] = work(items[i]); }, progress,
//     text("working"));
//
// Keeps: each item is done once; the first exception thrown is thrown again here, after all threads have
// stopped. Any thread may do any item, so `work` writes only what belongs to item i. Only the caller's thread
// reports.
#pragma once

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "src/base/progress.h"

namespace jatai {

template <typename Work>
void run_parallel(std::size_t count, unsigned threads, Work work, const Progress& progress = {},
                  const std::string& doing = {}) {
    std::atomic<std::size_t> next{0};
    std::exception_ptr failure;
    std::mutex guard;
    const auto serve = [&](bool reports) {
        try {
            for (std::size_t i = next++; i < count; i = next++) {
                work(i);
                if (reports) report(progress, i + 1, count, doing);
            }
        } catch (...) {
            next = count;
            const std::lock_guard lock(guard);
            if (!failure) failure = std::current_exception();
        }
    };
    {
        std::vector<std::jthread> helpers;
        for (unsigned i = 1; i < std::max(1u, threads); ++i) helpers.emplace_back(serve, false);
        serve(true);
    }
    if (failure) std::rethrow_exception(failure);
}

}  // namespace jatai
