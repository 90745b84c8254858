#include "src/pipeline/board_run.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "src/base/error.h"
#include "src/package/firmware.h"
#include "src/package/scratch_folder.h"
#include "src/simulate/devices/devices.h"

namespace jatai {
namespace {

// bench_main.cpp prints "stack=N".
std::uint32_t stack_of(const std::string& console) {
    const auto at = console.find("stack=");
    return at == std::string::npos
               ? 0
               : static_cast<std::uint32_t>(std::strtoul(console.c_str() + at + 6, nullptr, 10));
}

SampleCost cost_of(const simulate::BenchWindow& window) {
    SampleCost cost{window.whole.cycles, window.whole.instructions, {}};
    for (const auto& op : window.ops) cost.op_cycles.push_back(op.cycles);
    return cost;
}

void append(BoardRun& to, BoardRun&& part) {
    to.outputs.insert(to.outputs.end(), part.outputs.begin(), part.outputs.end());
    std::move(part.samples.begin(), part.samples.end(), std::back_inserter(to.samples));
    to.stack_bytes = std::max(to.stack_bytes, part.stack_bytes);
}

// A slice of the samples: small enough for progress to move, large enough for start-up not to matter.
constexpr std::size_t kSamplesPerSlice = 16;

}  // namespace

BoardRunner::BoardRunner(Board board, const fs::path& firmware_dir, unsigned threads)
    : board_(std::move(board)),
      file_(firmware_dir / board_.id / "runner.elf"),
      threads_(std::max(1u, threads)) {
    std::error_code ignored;
    if (!fs::exists(file_, ignored)) {
        throw Error{
            text("{}: not there, expected the runner of board {}", file_.string(), board_.id),
            text("build the product with arm-none-eabi-g++ installed, or use a bundle: jatai doctor")};
    }
    firmware_ = read_file(file_);
}

BoardRun BoardRunner::run_part(const Bytes& image, ByteView inputs, const PackageInfo& info) const {
    const ScratchFolder work;
    write_file(work.path() / "in.bin", inputs);
    simulate::MachineOptions options;
    options.folder = work.path();
    simulate::Machine machine(board_, options);
    simulate::attach_devices(machine);
    machine.load(simulate::read_firmware(image, file_.string()));
    const simulate::RunResult result = machine.run();
    if (result.stop != simulate::Stop::Exited || result.exit_code != 0) {
        throw Error{text("{} on {}: the run ended badly: {}", info.name, board_.id,
                         result.console + describe_stop(result))};
    }
    BoardRun run = bench_run(result, read_file(work.path() / "out.bin"));
    CHECK(run.outputs.size() * info.input_bytes() == inputs.size() * info.output_bytes());
    return run;
}

BoardRun BoardRunner::run(ByteView package, ByteView inputs, const std::string& place,
                          const Progress& progress) const {
    const PackageInfo info = inspect(package, place);
    if (inputs.empty() || inputs.size() % info.input_bytes() != 0) {
        throw Error{text("{}: {} bytes of input, expected a multiple of {}", place, inputs.size(),
                         info.input_bytes()),
                    text("each sample is all inputs back to back, raw little-endian")};
    }
    require_runs_on(info, read_manifest(firmware_, file_.string()), file_.string());
    const Bytes image = insert_package(firmware_, package, file_.string()).elf;

    const std::size_t count = inputs.size() / info.input_bytes();
    // What a model remembers makes its samples one story.
    const std::size_t per_slice = info.state_bytes > 0 ? count : kSamplesPerSlice;
    const std::size_t slices = (count + per_slice - 1) / per_slice;
    std::vector<BoardRun> parts(slices);
    std::vector<std::exception_ptr> failures(slices);
    std::atomic<std::size_t> next{0}, done{0};
    const auto work = [&](bool reports) {
        for (std::size_t slice; (slice = next++) < slices;) {
            const std::size_t first = slice * per_slice * info.input_bytes();
            const std::size_t bytes = std::min(per_slice * info.input_bytes(), inputs.size() - first);
            try {
                parts[slice] = run_part(image, inputs.subspan(first, bytes), info);
            } catch (...) {
                failures[slice] = std::current_exception();
                next = slices;
            }
            ++done;
            if (reports) report(progress, done, slices, text("simulating {}", board_.id));
        }
    };
    std::vector<std::thread> helpers;
    for (unsigned i = 1; i < std::min<std::size_t>(threads_, slices); ++i) helpers.emplace_back(work, false);
    work(true);
    for (auto& helper : helpers) helper.join();
    for (const auto& failure : failures) {
        if (failure) std::rethrow_exception(failure);
    }
    BoardRun run;
    for (auto& part : parts) append(run, std::move(part));
    return run;
}

BoardRun bench_run(const simulate::RunResult& result, Bytes outputs) {
    BoardRun run;
    run.outputs = std::move(outputs);
    for (const auto& window : result.windows) run.samples.push_back(cost_of(window));
    run.stack_bytes = stack_of(result.console);
    return run;
}

simulate::Modelled energy_uj(std::uint64_t cycles, const Board& board) {
    const double uj = static_cast<double>(cycles) * board.energy.supply_volts.value *
                      board.energy.active_ua_per_mhz.value * 1e-6;
    return {uj, uj * (1 - board.bands.energy), uj * (1 + board.bands.energy)};
}

nlohmann::ordered_json modelled_json(const SampleCost& cost, const Board& board) {
    const auto latency = simulate::latency_us(cost.cycles, board);
    const auto energy = energy_uj(cost.cycles, board);
    return {{"cycles", cost.cycles},           {"instructions", cost.instructions},
            {"latency_us", latency.value},     {"latency_us_low", latency.low},
            {"latency_us_high", latency.high}, {"energy_uj", energy.value},
            {"energy_uj_low", energy.low},     {"energy_uj_high", energy.high}};
}

}  // namespace jatai
