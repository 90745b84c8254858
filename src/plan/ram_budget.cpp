#include "src/plan/ram_budget.h"

#include <algorithm>

#include "device/kernels/move.h"
#include "src/base/error.h"

namespace jatai {

namespace {

struct Candidate {
    RowBands bands;
    std::int64_t steps;  // about so many
};

// Every end of the stage, every number of bands that gives another height; what costs least first.
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
            candidates.push_back(
                {{i + 1, rows}, (height + rows - 1) / rows * static_cast<std::int64_t>(i + 1)});
        }
    }
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const Candidate& a, const Candidate& b) { return a.steps < b.steps; });
    return candidates;
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
    std::uint32_t least = found.plan.arena_bytes;
    const std::int64_t copied_whole = copied_bytes(found.plan);
    for (const Candidate& candidate : candidates_of(graph)) {
        Graph streamed = stream_rows(graph, candidate.bands);
        Plan plan = make_plan(streamed, board, family);
        least = std::min(least, plan.arena_bytes);
        if (plan.arena_bytes > budget_bytes) continue;
        found.graph = std::move(streamed);
        found.copied_bytes = copied_bytes(plan) - copied_whole;
        found.plan = std::move(plan);
        found.bands = candidate.bands;
        return found;
    }
    throw Error{
        text("{}: the arena needs {} bytes at least, expected at most {}", graph.name, least, budget_bytes),
        least < found.arena_whole
            ? text("--ram {} is the least: whole layers need {}", least, found.arena_whole)
            : text("its first layers cannot run in bands of rows: take a smaller input or network")};
}

}  // namespace jatai
