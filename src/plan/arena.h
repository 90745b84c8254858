// arena.h: offsets for buffers that live at different times, in as little memory as can be.
//
//     std::vector<Buffer> buffers{{4096, 0, 1}, {1024, 1, 2}};
//     std::uint32_t bytes = place_buffers(buffers);          // fills in the offsets
//
// Greedy best fit (Pisarchyk and Lee 2020, "Efficient memory management for deep neural net inference") over
// several orders, then hill climbing over the order until the lower bound or the budget is reached.
// Keeps  The same buffers give the same offsets (fixed seed).
#pragma once

#include <cstdint>
#include <vector>

namespace jatai {

// Alive from step `first` to step `last`, both included.
struct Buffer {
    std::uint32_t bytes = 0;
    std::int32_t first = 0;
    std::int32_t last = 0;
    std::uint32_t offset = 0;  // answer: a multiple of kPlaceAlign (device/package.h)
};

// Two buffers alive at the same time do not overlap. Returns the bytes used.
std::uint32_t place_buffers(std::vector<Buffer>& buffers);

// The most bytes alive at one step, each buffer rounded up to kPlaceAlign: no placement can use less.
std::uint32_t live_peak(const std::vector<Buffer>& buffers);

// Bytes alive at `step`.
std::uint32_t live_at(const std::vector<Buffer>& buffers, std::int32_t step);

}  // namespace jatai
