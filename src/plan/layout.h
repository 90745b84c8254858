// layout.h: when every tensor and scratch is alive, and where it lies in the arena, for one order of steps.
//
//     const Layout layout = lay_out(graph, lowered, aliases, order);
//     layout.offset_of(t);                    // in the arena, above the state
//     layout.used_bytes;  layout.live_peak_bytes;
//
// Memory that is read piece by piece (rows of an image) dies piece by piece.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/plan/alias.h"
#include "src/plan/arena.h"

namespace jatai {

struct Layout {
    std::vector<std::size_t> order;                   // row to node
    std::vector<Buffer> buffers;                      // tensors, then scratch
    std::vector<std::string> names;                   // of buffers
    std::vector<std::uint32_t> buffer_of;             // by tensor; of its root
    std::vector<std::uint32_t> shift_of;              // likewise: where in the buffer it begins
    std::vector<std::vector<std::uint32_t>> scratch;  // by node: buffers
    std::uint32_t used_bytes = 0;
    std::uint32_t live_peak_bytes = 0;
    bool overlaps = false;  // some answer lies a few rows before the input it is made from
};

// Whether the answer of a depthwise layer may lie on its input (src/graph/passes/depthwise_in_place.h).
enum class Overlap : std::uint8_t { No, Yes };

// `lowered`: by node. `order`: every node once, after what it needs.
Layout lay_out(const Graph& graph, const std::vector<Lowered>& lowered, const Aliases& aliases,
               const std::vector<std::size_t>& order, Overlap overlap = Overlap::No);

// live_peak_bytes of that layout, sooner: nothing is placed.
std::uint32_t count_live(const Graph& graph, const std::vector<Lowered>& lowered, const Aliases& aliases,
                         const std::vector<std::size_t>& order);

}  // namespace jatai
