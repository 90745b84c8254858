// Random networks, whole: what passes, plan and kernels make of one answers as its layers do one by one.
//
//     JATAI_NETWORKS=20000 networks_tests --gtest_filter='Networks.Planned*'     as many (a few hundred
//     unless given) JATAI_NETWORK=7239 networks_tests                                          that one,
//     shown
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "src/base/error.h"
#include "src/graph/interpret.h"
#include "src/graph/text_form.h"
#include "src/package/pack.h"
#include "src/package/runner.h"
#include "src/pipeline/board_run.h"
#include "src/pipeline/compile_model.h"
#include "src/plan/ram_budget.h"
#include "tests/networks/random_network.h"

namespace jatai {
namespace {

const fs::path kFirmware = fs::path(JATAI_BUILD_DIR) / "share" / "firmware";

std::uint64_t number_of(const char* name, std::uint64_t otherwise) {
    const char* said = std::getenv(name);
    return said == nullptr ? otherwise : std::strtoull(said, nullptr, 10);
}

Bytes joined(const std::vector<Bytes>& parts) {
    Bytes all;
    for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
}

// A network, one input, and what its layers answer one by one, by the reference kernels.
struct Case {
    std::uint64_t seed;
    Graph graph;
    Bytes input, answer;

    explicit Case(std::uint64_t number) : seed(number) {
        Rng rng(seed);
        graph = random_network(rng);
        input = random_input(graph, rng);
        Interpreter layers(graph, Family::Reference, HostCode::Portable);
        answer = joined(layers.run({input}));
    }
    Model model(const std::vector<std::string>& without = {}) const {
        Model made;
        made.place = "network " + std::to_string(seed);
        made.graph = graph;
        made.passes = run_passes(*made.graph, without);
        return made;
    }
};

// As many as asked for, or so many; or the one to be looked at.
std::vector<std::uint64_t> seeds(std::uint64_t usual) {
    if (const std::uint64_t one = number_of("JATAI_NETWORK", 0); one != 0) return {one};
    std::vector<std::uint64_t> all;
    for (std::uint64_t i = 1; i <= number_of("JATAI_NETWORKS", usual); ++i) all.push_back(i);
    return all;
}

Board board_of(const char* id) { return load_board(id, fs::path(JATAI_SOURCE_DIR) / "boards"); }

void on_the_host(const Case& test, const Bytes& package, const std::string& how) {
    for (const HostCode code : {HostCode::Portable, host_code()}) {
        HostRunner runner(package, how, code);
        EXPECT_TRUE(runner.run(test.input) == test.answer)
            << how << ", network " << test.seed << (code == HostCode::Portable ? ", portable" : ", vectors");
    }
}

TEST(Networks, AnswerTheSameWithEveryPassAndWithoutAny) {
    for (const std::uint64_t seed : seeds(500)) {
        const Case test(seed);
        if (number_of("JATAI_NETWORK", 0) == seed) std::cout << to_text(test.graph);
        EXPECT_TRUE(joined(run_graph(*test.model().graph, {test.input})) == test.answer)
            << "network " << seed;
        if (!::testing::Test::HasFailure()) continue;
        for (const Pass& pass : all_passes()) {
            const Model model = test.model({pass.name});
            const bool right = joined(run_graph(*model.graph, {test.input})) == test.answer;
            std::cout << "without " << pass.name << (right ? ": right\n" : ": wrong\n");
        }
        return;
    }
}

TEST(Networks, PlannedForAnyCoreAnswerAsTheirLayersDo) {
    for (const std::uint64_t seed : seeds(300)) {
        const Case test(seed);
        const Model model = test.model();
        for (const char* id : {"bench_m0", "bench_m4"})
            on_the_host(test, package_for(model, board_of(id)), std::string("for ") + id);
        const Board board = board_of("bench_m4");
        on_the_host(test, pack(*model.graph, make_plan(*model.graph, board, Family::Reference)),
                    "for no core");
    }
}

TEST(Networks, PlannedWithoutFoldedZeroPointsAnswerTheSame) {
    for (const std::uint64_t seed : seeds(100)) {
        const Case test(seed);
        const Model model = test.model({"fold_zero_points"});
        for (const char* id : {"bench_m0", "bench_m4"})
            on_the_host(test, package_for(model, board_of(id)), std::string("subtracting, for ") + id);
    }
}

// In bands of rows, with less and less RAM, until it is said that nothing fits.
TEST(Networks, WithinABudgetOfRamAnswerAsTheirLayersDo) {
    const Board board = board_of("bench_m4");
    int banded = 0;
    for (const std::uint64_t seed : seeds(20)) {
        const Case test(seed);
        const Model model = test.model();
        const std::uint32_t whole = plan_for(model, board).arena_bytes;
        for (const std::uint32_t percent : {90U, 70U, 50U}) {
            Budgeted budgeted;
            try {
                budgeted = plan_within(*model.graph, board, Family::CortexM, whole / 100 * percent);
            } catch (const Error&) {
                break;
            }
            EXPECT_LE(budgeted.plan.arena_bytes, whole / 100 * percent);
            banded += budgeted.bands.nodes > 0;
            on_the_host(test, pack(budgeted.graph, budgeted.plan), std::to_string(percent) + " % of the RAM");
        }
    }
    std::printf("%d plans in bands\n", banded);
}

void on_boards(std::uint64_t most, std::initializer_list<const char*> ids) {
    if (!fs::exists(kFirmware / "bench_m4" / "runner.elf")) GTEST_SKIP() << "no firmware was built";
    for (const char* id : ids) {
        const BoardRunner runner(board_of(id), kFirmware);
        for (const std::uint64_t seed : seeds(most)) {
            const Case test(seed);
            const Bytes package = package_for(test.model(), runner.board());
            EXPECT_TRUE(runner.run(package, test.input, "network").outputs == test.answer)
                << id << ", network " << seed;
        }
    }
}

TEST(NetworksOnChips, AnswerAsTheirLayersDo) { on_boards(30, {"bench_m0", "bench_m4", "bench_m7"}); }

}  // namespace
}  // namespace jatai
