// arena.h: offsets for buffers that live at different times, in as little memory as can be.
//
//     std::vector<Buffer> buffers{{4096, 0, 1}, {1024, 1, 2}};
//     std::uint32_t bytes = place_buffers(buffers);          // fills in the offsets
//
// Greedy best fit (Pisarchyk and Lee 2020, "Efficient memory management for deep neural net inference") over
// several orders, then hill climbing over the order until the lower bound or the budget is reached.
// A buffer that dies piece by piece (an image whose rows are read one after the other) leaves room to others
// piece by piece.
// Keeps  The same buffers give the same offsets (fixed seed).
#pragma once

#include <cstdint>
#include <vector>

namespace jatai {

// Part of a buffer that lives from step `first` to step `last`; `offset` counts from the buffer's beginning.
struct Piece {
    std::uint32_t offset = 0;  // a multiple of kPlaceAlign
    std::uint32_t bytes = 0;
    std::int32_t first = 0;
    std::int32_t last = 0;
};

// Alive from step `first` to step `last`, both included.
struct Buffer {
    std::uint32_t bytes = 0;
    std::int32_t first = 0;
    std::int32_t last = 0;
    std::uint32_t offset = 0;   // answer: a multiple of kPlaceAlign (device/package.h)
    std::vector<Piece> pieces;  // empty: it lives and dies as a whole
};

// Two buffers alive at the same time do not overlap. Returns the bytes used.
std::uint32_t place_buffers(std::vector<Buffer>& buffers);

// The most bytes alive at one step, each buffer rounded up to kPlaceAlign: no placement can use less.
std::uint32_t live_peak(const std::vector<Buffer>& buffers);

// Bytes alive at `step`.
std::uint32_t live_at(const std::vector<Buffer>& buffers, std::int32_t step);

}  // namespace jatai
