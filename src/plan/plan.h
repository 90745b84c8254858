// plan.h: a graph laid out for a chip: the order of its steps, where every tensor lies, what each step costs.
//
//     Plan plan = make_plan(graph, board, Family::CortexM);
//     plan.arena_bytes;                       // RAM for tensors and scratch
//     for (const PlannedStep& step : plan.steps) fmt::print("{} {}\n", step.name, step.macs);
//     for (const StepCost& cost : plan.costs) ...            // one row per op of the graph, reshapes too
//
// Everything that package/ writes, as bytes for the engine or as C++, is decided here.
// Needs  verify(graph) holds.
// Keeps  The same graph gives the same plan on every machine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/board.h"
#include "src/graph/graph.h"
#include "src/graph/op_def.h"

namespace jatai {

// Where an operand lies: at `offset` in the arena or in Plan::constants. Multiples of kPlaceAlign.
struct Place {
    enum class Kind : std::uint8_t { Absent, Arena, Constant };
    Kind kind = Kind::Absent;
    std::uint32_t offset = 0;
    std::uint32_t bytes = 0;
};

struct PlannedStep {
    KernelKey kernel{Op::None, Type::None, 0};
    std::uint32_t params = 0;  // offset in Plan::constants
    std::uint32_t params_bytes = 0;
    std::vector<Place> operands;
    std::size_t cost = 0;  // its row in Plan::costs
};

// What one op of the graph costs. An op that needs no code (reshape) has a row and no step.
struct StepCost {
    std::string name;
    Op op = Op::None;
    bool runs = true;  // false: an op that needs no code (reshape)
    std::int64_t macs = 0;
    std::vector<std::int32_t> output_shape;
    std::int32_t node = -1;           // its number in the graph; -1: not known (read from a package)
    std::uint32_t live_bytes = 0;     // tensors and scratch alive while it runs
    std::uint32_t weights_bytes = 0;  // constants and parameters it reads
    std::uint32_t scratch_bytes = 0;
};

struct PlannedTensor {
    std::string name;
    Type type = Type::None;
    std::vector<std::int32_t> shape;
    float scale = 0;
    std::int32_t zero_point = 0;
    Place place;
};

// A tensor in the arena over time, for memory maps: alive from row `first` to row `last` of Plan::costs.
struct ArenaSpan {
    std::string name;
    std::uint32_t offset = 0;
    std::uint32_t bytes = 0;
    std::int32_t first = 0;
    std::int32_t last = 0;
};

struct Plan {
    std::string name;
    std::string board;
    Family family = Family::Reference;
    std::vector<PlannedStep> steps;
    std::vector<StepCost> costs;
    std::vector<PlannedTensor> inputs;
    std::vector<PlannedTensor> outputs;
    std::vector<ArenaSpan> spans;
    Bytes constants;                      // weights, biases, tables and parameters, as the kernels read them
    std::uint32_t arena_bytes = 0;        // a multiple of 16; state included
    std::uint32_t state_bytes = 0;        // kept between runs, at the start of the arena
    Bytes initial_state;                  // what the state begins with; empty: zeros
    std::uint32_t live_peak_bytes = 0;    // the most that is alive at once: no arena can be smaller
    std::uint32_t order_bound_bytes = 0;  // whatever the order of the layers, no less would be alive
    std::int64_t macs = 0;

    // The kernels the steps need, each once, sorted by op, type, version.
    std::vector<KernelKey> kernels() const;
};

// Fails with Error when an op has no kernel for the family, or the model has no input or output.
// `board`: only its id goes into the plan; whether it fits is asked in src/plan/fit.h.
Plan make_plan(const Graph& graph, const Board& board, Family family);

}  // namespace jatai
