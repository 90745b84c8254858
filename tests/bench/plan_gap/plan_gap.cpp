// plan_gap: over model files, how far the arena is from the most that is alive at once (no placement can use
// less), and that from what any order of the layers needs.
//
//     build/release/tests/bench/plan_gap/plan_gap ../shared/data/models        # every .tflite below the
//     folder
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "src/base/error.h"
#include "src/pipeline/compile_model.h"

namespace {

using namespace jatai;

double per_cent_over(std::uint64_t x, std::uint64_t bound) {
    return bound == 0
               ? 0
               : 100.0 * (static_cast<double>(x) - static_cast<double>(bound)) / static_cast<double>(bound);
}

struct Worst {
    double arena = 0, order = 0;
    int models = 0, proven = 0;
};

void measure(const fs::path& file, Worst& worst) {
    const Model model = open_model(file);
    for (const Family family : {Family::Reference, Family::CortexM}) {
        const auto start = std::chrono::steady_clock::now();
        const Plan plan = make_plan(*model.graph, Board{}, family);
        const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        const std::uint64_t live = plan.live_peak_bytes;
        const double arena_gap = per_cent_over(plan.arena_bytes, (live + 15) / 16 * 16);
        const double order_gap = per_cent_over(live, plan.order_bound_bytes);
        worst.arena = std::max(worst.arena, arena_gap);
        worst.order = std::max(worst.order, order_gap);
        ++worst.models;
        worst.proven += live == plan.order_bound_bytes ? 1 : 0;
        fmt::print(
            "{:<44} {:>4} layers  arena {:>8}  alive {:>8} (+{:.2f} %)  any order {:>8} (+{:.2f} %)  {:.2f} "
            "s\n",
            file.filename().string(), model.graph->nodes.size(), plan.arena_bytes, live, arena_gap,
            plan.order_bound_bytes, order_gap, took);
    }
}

}  // namespace

int main(int argc, char** argv) {
    Worst worst;
    for (int i = 1; i < argc; ++i) {
        if (!fs::exists(argv[i])) {
            fmt::print("{}: not there\n", argv[i]);
            return 77;
        }
        std::vector<fs::path> files;
        for (const auto& entry : fs::recursive_directory_iterator(argv[i])) {
            if (entry.path().extension() == ".tflite") files.push_back(entry.path());
        }
        std::sort(files.begin(), files.end());
        for (const fs::path& file : files) {
            try {
                measure(file, worst);
            } catch (const Error& error) {
                fmt::print("{:<44} left out: {}\n", file.filename().string(), error.what());
            }
        }
    }
    fmt::print(
        "{} plans: the worst arena is {:.2f} % above what is alive, the worst order {:.2f} % above the "
        "bound; "
        "{} orders are proven the best\n",
        worst.models, worst.arena, worst.order, worst.proven);
}
