#include "src/plan/ram_budget.h"

#include <algorithm>
#include <numeric>

#include "device/kernels/move.h"
#include "src/base/error.h"
#include "src/plan/layout.h"

namespace jatai {

namespace {

struct Candidate {
    RowBands bands;
    std::int64_t steps;      // about so many
    std::uint32_t live = 0;  // bytes; 0: not counted yet
};

// About how many steps the stage takes.
std::int64_t steps_of(const Graph& graph, const RowBands& bands) {
    const std::int64_t height = graph.tensor(graph.nodes[bands.nodes - 1].outputs[0]).shape[1];
    const std::int64_t count = (height + bands.rows - 1) / bands.rows;
    std::int64_t steps = 0;
    for (std::size_t i = 0; i < bands.nodes; ++i) {
        const std::int64_t rows = graph.tensor(graph.nodes[i].outputs[0]).shape[1];
        steps += bands.at_once == 0 ? count : std::max(count, (rows + bands.at_once - 1) / bands.at_once);
    }
    return steps;
}

// Every end of the stage, every number of bands that gives another height, whole bands of each layer or a few
// rows at once; what costs least first.
std::vector<Candidate> candidates_of(const Graph& graph) {
    const Stage stage = streamable_stage(graph);
    std::vector<Candidate> candidates;
    for (std::size_t i = 0; i < stage.nodes; ++i) {
        if (stage.ends[i] == kNoTensor) continue;
        const std::int64_t height = graph.tensor(stage.ends[i]).shape[1];
        std::int64_t before = height;
        for (std::int64_t count = 2; count <= height; ++count) {
            const std::int64_t rows = (height + count - 1) / count;
            if (rows == before) continue;
            before = rows;
            for (const std::int64_t at_once : {0, 4, 2, 1}) {
                const RowBands bands{i + 1, rows, at_once};
                candidates.push_back({bands, steps_of(graph, bands), 0});
            }
        }
    }
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const Candidate& a, const Candidate& b) { return a.steps < b.steps; });
    return candidates;
}

// The most alive at once without scratch, in the graph's own order; less an eighth, which is more than
// another order has saved so far. To count is quick: far above a budget, there is nothing to plan.
std::uint32_t about_alive(const Graph& graph) {
    std::vector<Lowered> lowered;
    for (const Node& node : graph.nodes)
        lowered.push_back(op_def(node.op).lower(graph, node, Family::Reference));
    std::vector<std::size_t> order(graph.nodes.size());
    std::iota(order.begin(), order.end(), 0u);
    const std::uint32_t live = count_live(graph, lowered, find_aliases(graph, lowered), order);
    return live - live / 8;
}

constexpr int kPatience = 24;  // plans in a row that are no better, before the least counts as found

// The least arena that any of them has. `whole`: of whole layers.
std::uint32_t least_arena(const Graph& graph, const Board& board, Family family,
                          std::vector<Candidate> candidates, std::uint32_t whole) {
    std::uint32_t least = whole;
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const Candidate& a, const Candidate& b) { return a.live < b.live; });
    int tries = 0;
    for (const Candidate& candidate : candidates) {
        if (candidate.live >= least || ++tries > kPatience) break;
        const Plan plan = make_plan(stream_rows(graph, candidate.bands), board, family);
        if (plan.arena_bytes < least) tries = 0;
        least = std::min(least, plan.arena_bytes);
    }
    return least;
}

std::int64_t copied_bytes(const Plan& plan) {
    std::int64_t bytes = 0;
    for (const PlannedStep& step : plan.steps) {
        if (step.kernel == kMove.key) bytes += step.operands[1].bytes;
    }
    return bytes;
}

}  // namespace

Budgeted plan_within(const Graph& graph, const Board& board, Family family, std::uint32_t budget_bytes) {
    Budgeted found;
    found.graph = graph;
    found.plan = make_plan(graph, board, family);
    found.arena_whole = found.plan.arena_bytes;
    found.steps_whole = found.plan.steps.size();
    if (found.plan.arena_bytes <= budget_bytes) return found;
    const std::int64_t copied_whole = copied_bytes(found.plan);
    std::vector<Candidate> candidates = candidates_of(graph);
    for (Candidate& candidate : candidates) {
        Graph streamed = stream_rows(graph, candidate.bands);
        candidate.live = about_alive(streamed);
        if (candidate.live > budget_bytes) continue;
        Plan plan = make_plan(streamed, board, family);
        if (plan.arena_bytes > budget_bytes) continue;
        found.graph = std::move(streamed);
        found.copied_bytes = copied_bytes(plan) - copied_whole;
        found.plan = std::move(plan);
        found.bands = candidate.bands;
        return found;
    }
    const std::uint32_t least = least_arena(graph, board, family, candidates, found.arena_whole);
    throw Error{
        text("{}: the arena needs {} bytes at least, expected at most {}", graph.name, least, budget_bytes),
        least < found.arena_whole
            ? text("--ram {} is the least: whole layers need {}", least, found.arena_whole)
            : text("its first layers cannot run in bands of rows: take a smaller input or network")};
}

}  // namespace jatai
