// ram_budget.h: a plan that keeps to so many bytes of RAM, if there is one.
//
//     const Budgeted b = plan_within(graph, board, family, 32000);     // throws Error: what the least is
//     b.plan;  b.graph;            // the graph the plan is of: its first layers in bands of rows
//     b.bands.nodes;  b.steps_whole;
//
// The plan of whole layers stands when it fits. Else the first layers run in bands (src/plan/stream.h): of
// all stages and heights of bands the one with the fewest steps that fits.
#pragma once

#include "src/plan/plan.h"
#include "src/plan/stream.h"

namespace jatai {

struct Budgeted {
    Graph graph;
    Plan plan;
    RowBands bands;  // nodes 0: whole layers
    std::uint32_t arena_whole = 0;
    std::size_t steps_whole = 0;
    std::int64_t copied_bytes = 0;  // of rows kept from band to band, in one inference
};

// `budget_bytes`: of the arena, state included. Fails with Error when nothing fits: the least, and the band
// plan that has it.
Budgeted plan_within(const Graph& graph, const Board& board, Family family, std::uint32_t budget_bytes);

}  // namespace jatai
