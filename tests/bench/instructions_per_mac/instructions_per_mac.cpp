// instructions_per_mac: instructions per multiply-accumulate of every operator of every model.
//
//     instructions_per_mac [BOARD] [FOLDER]          # bench_m4, the shared models
//     instructions_per_mac BOARD --check             # the shared models; ends with 1 when one is marked
//     instructions_per_mac BOARD --odd 300 [SEED]    # layers of odd shapes, made here
//     instructions_per_mac BOARD --pairs [13]        # ADD, SUB and MUL of int8, broadcast: all, or every
//     13th
//
// Each model runs once on the simulated board, which counts every instruction between the marks round each
// operator. Layers of odd shapes run on random bytes, and their outputs are compared with those of the
// reference kernels. A family is an operator, its type of numbers, and whether an output
// takes 32 products or more: below that, what an output costs besides outweighs its products. Operators of
// 20,000 multiply-accumulates or more that cost more than twice the best of their family are marked.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "src/base/error.h"
#include "src/base/rng.h"
#include "src/package/firmware.h"
#include "src/package/pack.h"
#include "src/package/runner.h"
#include "src/package/scratch_folder.h"
#include "src/pipeline/compile_model.h"
#include "src/simulate/devices/devices.h"
#include "src/simulate/machine.h"
#include "tests/bench/instructions_per_mac/odd_shapes.h"
#include "tests/bench/instructions_per_mac/pair_shapes.h"

namespace {

using namespace jatai;

constexpr std::int64_t kWorthCounting = 20000;  // multiply-accumulates
constexpr double kTooMuch = 2.0;                // times the best of the family
constexpr std::int64_t kManyProducts = 32;      // of an output
constexpr double kPairLimit = 20;               // instructions an element of ADD, SUB and MUL
constexpr int kSkipped = 77;                    // what CTest takes for it
constexpr std::int64_t kManyOutputs = 500;      // elements that make what a layer costs besides small

struct Row {
    std::string model, layer;
    Op op;
    KernelKey kernel;
    std::int64_t macs, outputs;
    std::uint64_t instructions;

    double rate() const { return static_cast<double>(instructions) / static_cast<double>(macs); }
    std::int64_t products() const { return macs / outputs; }
    // Few products are the nature of a depthwise convolution: all of it is one family.
    bool few() const { return op != Op::DepthwiseConv2d && products() < kManyProducts; }
    auto family() const { return std::tuple(op, kernel.type, few()); }
};

struct Ran {
    simulate::BenchWindow window;
    Bytes outputs;
};

Ran run_once(const Board& board, const Bytes& package, const Bytes& input, const std::string& place) {
    const fs::path file = fs::path(JATAI_BUILD_DIR) / "share" / "firmware" / board.id / "runner.elf";
    const PackageInfo info = inspect(package, place);
    const Bytes firmware = read_file(file);
    require_runs_on(info, read_manifest(firmware, file.string()), file.string());
    const ScratchFolder work;
    write_file(work.path() / "in.bin", input);
    simulate::MachineOptions options;
    options.folder = work.path();
    simulate::Machine machine(board, options);
    simulate::attach_devices(machine);
    machine.load(
        simulate::read_firmware(insert_package(firmware, package, file.string()).elf, file.string()));
    const simulate::RunResult result = machine.run();
    if (result.stop != simulate::Stop::Exited || result.windows.empty())
        throw Error{place + ": the run ended badly: " + result.console};
    return {result.windows.front(), read_file(work.path() / "out.bin")};
}

std::int64_t outputs_of(const StepCost& cost) {
    std::int64_t outputs = 1;
    for (const std::int32_t extent : cost.output_shape) outputs *= extent;
    return outputs;
}

void add_rows(const std::string& name, const Plan& plan, const simulate::BenchWindow& window,
              std::vector<Row>& rows) {
    for (std::size_t i = 0; i < plan.steps.size() && i < window.ops.size(); ++i) {
        const PlannedStep& step = plan.steps[i];
        const StepCost& cost = plan.costs[step.cost];
        rows.push_back(
            {name, cost.name, cost.op, step.kernel, cost.macs, outputs_of(cost), window.ops[i].instructions});
    }
}

void count_model(const Board& board, const fs::path& file, std::vector<Row>& rows) {
    const Model model = open_model(file);
    if (!model.graph) return;
    const Bytes package = package_for(model, board);
    const Bytes input = zero_point_input(inspect(package, file.string()));
    add_rows(file.stem().string(), plan_for(model, board),
             run_once(board, package, input, file.string()).window, rows);
}

// Random bytes through both; throws when the board's bytes are not the reference kernels'.
void count_odd(const Board& board, const Graph& graph, std::vector<Row>& rows) {
    const Plan plan = make_plan(graph, board, family_of(board));
    const Bytes package = pack(graph, plan);
    Bytes input(inspect(package, graph.name).input_bytes());
    Rng rng(1);
    for (std::uint8_t& byte : input) byte = static_cast<std::uint8_t>(rng.below(256));
    const Ran ran = run_once(board, package, input, graph.name);
    const Bytes expected =
        run_package(pack(graph, make_plan(graph, board, Family::Reference)), input, graph.name);
    if (ran.outputs != expected) throw Error{graph.name + ": the bytes are not those of the reference"};
    add_rows(graph.name, plan, ran.window, rows);
}

std::string version_text(KernelKey key) {
    return fmt::format("{}, {}", type_text(key.type), static_cast<int>(key.version));
}

// Operators that multiply nothing, by what an element of their output takes.
void print_elements(const std::vector<Row>& rows) {
    struct Range {
        double least = 1e9, most = 0;
        int count = 0;
        std::string dearest;  // the layer of `most`
    };
    std::map<std::tuple<Op, Type, int>, Range> ranges;
    for (const Row& row : rows) {
        if (row.macs != 0 || row.outputs < kManyOutputs) continue;
        const double each = static_cast<double>(row.instructions) / static_cast<double>(row.outputs);
        Range& range = ranges[{row.op, row.kernel.type, row.kernel.version}];
        range.least = std::min(range.least, each);
        if (each > range.most) range.dearest = row.model + ": " + row.layer;
        range.most = std::max(range.most, each);
        ++range.count;
    }
    fmt::print("\n{:<28} {:<12} {:>6} {:>14}  {}\n", "operator", "kernel", "layers", "an element", "dearest");
    for (const auto& [key, range] : ranges) {
        const auto [op, type, version] = key;
        fmt::print("{:<28} {:<12} {:>6} {:>6.1f} to {:.1f}  {}\n", op_text(op),
                   version_text({op, type, static_cast<std::uint8_t>(version)}), range.count, range.least,
                   range.most, range.dearest);
    }
}

// Returns how many operators are marked.
int print_rows(std::vector<Row> rows) {
    print_elements(rows);
    rows.erase(
        std::remove_if(rows.begin(), rows.end(), [](const Row& row) { return row.macs < kWorthCounting; }),
        rows.end());
    std::map<std::tuple<Op, Type, bool>, double> best;
    for (const Row& row : rows) {
        const auto [at, is_new] = best.emplace(row.family(), row.rate());
        if (!is_new) at->second = std::min(at->second, row.rate());
    }
    std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
        return std::pair(a.family(), a.rate()) < std::pair(b.family(), b.rate());
    });
    int marked = 0;
    fmt::print("{:<28} {:<12} {:>8} {:>11} {:>12} {:>7}  {}\n", "operator", "kernel", "products", "macs",
               "instructions", "per mac", "model: layer");
    for (const Row& row : rows) {
        const bool much = row.rate() > kTooMuch * best.at(row.family());
        marked += much;
        fmt::print("{:<28} {:<12} {:>8} {:>11} {:>12} {:>7.2f}{} {}: {}\n", op_text(row.op),
                   version_text(row.kernel), row.products(), row.macs, row.instructions, row.rate(),
                   much ? "!" : " ", row.model, row.layer);
    }
    fmt::print("{} operators, {} marked\n", rows.size(), marked);
    return marked;
}

// Whether it ran to its end.
template <typename Work>
bool guarded(const std::string& name, const Work& work) {
    try {
        work();
        return true;
    } catch (const Error& error) {
        fmt::print(stderr, "{}: left out: {}\n", name, error.what());
        return false;
    }
}

// Sums and products of bytes that miss what is promised of cores with DSP.
int count_dear_pairs(const std::vector<Row>& rows) {
    int dear = 0;
    for (const Row& row : rows) {
        const bool pair = row.op == Op::Add || row.op == Op::Sub || row.op == Op::Mul;
        const double each = static_cast<double>(row.instructions) / static_cast<double>(row.outputs);
        if (!pair || row.kernel.type != Type::Int8 || row.outputs < kManyOutputs || each <= kPairLimit)
            continue;
        fmt::print(stderr, "{}: {:.1f} instructions an element, expected at most {}\n", row.model, each,
                   kPairLimit);
        ++dear;
    }
    return dear;
}

// Returns how many operators are marked.
int count_models(const Board& board, const fs::path& folder) {
    std::vector<Row> rows;
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.path().extension() == ".tflite") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files)
        guarded(file.filename().string(), [&] { count_model(board, file, rows); });
    return print_rows(std::move(rows));
}

// Fails when an output differs from the reference's, or a pair is too dear.
int run_made(const Board& board, const std::vector<Graph>& graphs) {
    std::vector<Row> rows;
    int wrong = 0;
    for (const Graph& graph : graphs)
        wrong += guarded(graph.name, [&] { count_odd(board, graph, rows); }) ? 0 : 1;
    if (family_of(board) == Family::CortexM) wrong += count_dear_pairs(rows);
    print_rows(std::move(rows));
    return wrong == 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
    const Board board = load_board(count > 1 ? words[1] : "bench_m4", fs::path(JATAI_SOURCE_DIR) / "boards");
    const std::string made = count > 2 ? words[2] : "";
    if (made == "--odd" && count > 3)
        return run_made(board, odd_shapes(std::stoul(words[3]), count > 4 ? std::stoul(words[4]) : 1));
    if (made == "--pairs") return run_made(board, pair_shapes(count > 3 ? std::stoul(words[3]) : 1));
    const bool check = made == "--check";
    const fs::path folder =
        count > 2 && !check ? fs::path(words[2]) : fs::path(JATAI_SHARED_DIR) / "data" / "models";
    if (check && !fs::exists(folder)) {
        fmt::print("skipped: found no {}, whose models are counted\n", folder.string());
        return kSkipped;
    }
    const int marked = count_models(board, folder);
    return check && marked != 0 ? 1 : 0;
}
