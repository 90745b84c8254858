// instructions_per_mac: instructions per multiply-accumulate of every operator of every model.
//
//     instructions_per_mac [BOARD] [FOLDER]          # bench_m4, the shared models
//
// Each model runs once, on zero points, on the simulated board; the simulator counts every instruction
// between the marks round each operator. A family is an operator with a kernel (its type and version).
// Operators of 20,000 multiply-accumulates or more that cost more than twice the best of their operator are
// marked.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "src/base/error.h"
#include "src/package/firmware.h"
#include "src/package/scratch_folder.h"
#include "src/pipeline/compile_model.h"
#include "src/simulate/devices/devices.h"
#include "src/simulate/machine.h"

namespace {

using namespace jatai;

constexpr std::int64_t kWorthCounting = 20000;  // multiply-accumulates
constexpr double kTooMuch = 2.0;                // times the best of the operator

struct Row {
    std::string model, layer;
    Op op;
    KernelKey kernel;
    std::int64_t macs;
    std::uint64_t instructions;

    double rate() const { return static_cast<double>(instructions) / static_cast<double>(macs); }
    bool real() const { return kernel.type == Type::Float32; }
};

simulate::BenchWindow run_once(const Board& board, const Bytes& package, const std::string& place) {
    const fs::path file = fs::path(JATAI_BUILD_DIR) / "share" / "firmware" / board.id / "runner.elf";
    const PackageInfo info = inspect(package, place);
    const Bytes firmware = read_file(file);
    require_runs_on(info, read_manifest(firmware, file.string()), file.string());
    const ScratchFolder work;
    write_file(work.path() / "in.bin", zero_point_input(info));
    simulate::MachineOptions options;
    options.folder = work.path();
    simulate::Machine machine(board, options);
    simulate::attach_devices(machine);
    machine.load(
        simulate::read_firmware(insert_package(firmware, package, file.string()).elf, file.string()));
    const simulate::RunResult result = machine.run();
    if (result.stop != simulate::Stop::Exited || result.windows.empty())
        throw Error{place + ": the run ended badly: " + result.console};
    return result.windows.front();
}

void count_model(const Board& board, const fs::path& file, std::vector<Row>& rows) {
    const Model model = open_model(file);
    if (!model.graph) return;
    const Plan plan = plan_for(model, board);
    const simulate::BenchWindow window = run_once(board, package_for(model, board), file.string());
    for (std::size_t i = 0; i < plan.steps.size() && i < window.ops.size(); ++i) {
        const PlannedStep& step = plan.steps[i];
        const StepCost& cost = plan.costs[step.cost];
        if (cost.macs < kWorthCounting) continue;
        rows.push_back(
            {file.stem().string(), cost.name, cost.op, step.kernel, cost.macs, window.ops[i].instructions});
    }
}

std::string version_text(KernelKey key) {
    return fmt::format("{}, {}", type_text(key.type), static_cast<int>(key.version));
}

// Float has no fast kernels: it is a family of its own.
std::pair<Op, bool> family(const Row& row) { return {row.op, row.real()}; }

void print_rows(std::vector<Row> rows) {
    std::map<std::pair<Op, bool>, double> best;
    for (const Row& row : rows) {
        const auto [at, is_new] = best.emplace(family(row), row.rate());
        if (!is_new) at->second = std::min(at->second, row.rate());
    }
    std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
        return std::pair(family(a), a.rate()) < std::pair(family(b), b.rate());
    });
    int marked = 0;
    fmt::print("{:<28} {:<12} {:>11} {:>12} {:>7}  {}\n", "operator", "kernel", "macs", "instructions",
               "per mac", "model: layer");
    for (const Row& row : rows) {
        const bool much = row.rate() > kTooMuch * best.at(family(row));
        marked += much;
        fmt::print("{:<28} {:<12} {:>11} {:>12} {:>7.2f}{} {}: {}\n", op_text(row.op),
                   version_text(row.kernel), row.macs, row.instructions, row.rate(), much ? "!" : " ",
                   row.model, row.layer);
    }
    fmt::print("{} operators, {} marked\n", rows.size(), marked);
}

}  // namespace

int main(int count, char** words) {
    const Board board = load_board(count > 1 ? words[1] : "bench_m4", fs::path(JATAI_SOURCE_DIR) / "boards");
    const fs::path folder = count > 2 ? fs::path(words[2]) : fs::path(JATAI_SHARED_DIR) / "data" / "models";
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.path().extension() == ".tflite") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    std::vector<Row> rows;
    for (const fs::path& file : files) {
        try {
            count_model(board, file, rows);
        } catch (const Error& error) {
            fmt::print(stderr, "{}: left out: {}\n", file.filename().string(), error.what());
        }
    }
    print_rows(std::move(rows));
}
