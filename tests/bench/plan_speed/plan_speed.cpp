// plan_speed: how long reading, planning and packing take for large graphs, step by step.
//
//     build/release/tests/bench/plan_speed/plan_speed          # 300, 1,200 and 4,800 layers
#include <fmt/format.h>

#include <chrono>
#include <functional>

#include "src/graph/passes/passes.h"
#include "src/graph/tflite.h"
#include "src/graph/verify.h"
#include "src/package/inspect.h"
#include "src/package/pack.h"
#include "src/plan/plan.h"

namespace {

using namespace jatai;

// Blocks of a branch and a join: x -> a -> b, x + b.
Graph branching_graph(int layers) {
    Graph graph;
    const auto tensor = [&](const std::string& name) {
        return graph.add({name, Type::Int8, {1, 8, 8, 4}, {{0.5f}, {0}, 0}, {}});
    };
    TensorId x = tensor("x");
    graph.inputs = {x};
    while (static_cast<int>(graph.nodes.size()) < layers) {
        const std::string name = std::to_string(graph.nodes.size());
        const TensorId a = tensor("a" + name), b = tensor("b" + name), y = tensor("y" + name);
        graph.nodes.push_back({Op::Add, 1, "a" + name, {}, {x, x}, {a}});
        graph.nodes.push_back({Op::Add, 1, "b" + name, {}, {a, a}, {b}});
        graph.nodes.push_back({Op::Add, 1, "y" + name, {}, {x, b}, {y}});
        x = y;
    }
    graph.outputs = {x};
    return graph;
}

double seconds(const std::function<void()>& work) {
    using Clock = std::chrono::steady_clock;
    const auto start = Clock::now();
    work();
    return std::chrono::duration<double>(Clock::now() - start).count();
}

void measure(int layers) {
    const Bytes file = write_tflite(branching_graph(layers));
    Graph graph;
    Plan plan;
    Bytes package;
    const double read = seconds([&] { graph = read_tflite(file, "large.tflite"); });
    const double passes = seconds([&] { run_passes(graph); });
    const double planning = seconds([&] { plan = make_plan(graph, Board{}, Family::CortexM); });
    const double packing = seconds([&] { package = pack(graph, plan); });
    const double inspecting = seconds([&] { inspect(package, "large.jpk"); });
    fmt::print(
        "{:>6} layers: read {:.3f} s, passes {:.3f} s, plan {:.3f} s, pack {:.3f} s, inspect {:.3f} s; arena "
        "{} of {}\n",
        graph.nodes.size(), read, passes, planning, packing, inspecting, plan.arena_bytes,
        plan.live_peak_bytes);
}

}  // namespace

int main() {
    for (const int layers : {300, 1200, 4800}) measure(layers);
}
