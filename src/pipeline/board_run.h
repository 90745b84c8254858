// board_run.h: a package run on a simulated board, sample by sample, with what it cost.
//
//     BoardRunner runner(load_board("nano33ble", boards), firmware_dir);
//     BoardRun run = runner.run(package, inputs, "model.jpk");
//     run.outputs;                                     // as run_package() gives them, from the chip's own
//     code run.samples[0].cycles;                           // modelled
//
// The chip's program is share/firmware/<board>/runner.elf, linked with every kernel; the package goes into
// it. Needs       That firmware (built with the product), and for bench images nothing at all. Fails with
// Error when the board has no runner, the package does not fit it, or the run faults: with the
//             register dump and the symbol.
// Threads     run() uses `threads` machines side by side; the bytes and cycles do not depend on how many.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "src/base/board.h"
#include "src/base/progress.h"
#include "src/package/inspect.h"
#include "src/simulate/machine.h"

namespace jatai {

// One inference. Cycles, latency and energy are modelled.
struct SampleCost {
    std::uint64_t cycles = 0;
    std::uint64_t instructions = 0;
    std::vector<std::uint64_t> op_cycles;  // by step of the plan
};

struct BoardRun {
    Bytes outputs;
    std::vector<SampleCost> samples;
    std::uint32_t stack_bytes = 0;  // the most one inference took
};

class BoardRunner {
  public:
    // `firmware_dir` holds <board>/runner.elf.
    BoardRunner(Board board, const fs::path& firmware_dir, unsigned threads = 2);

    const Board& board() const { return board_; }

    BoardRun run(ByteView package, ByteView inputs, const std::string& place,
                 const Progress& progress = {}) const;

  private:
    BoardRun run_part(const Bytes& image, ByteView inputs, const PackageInfo& info) const;

    Board board_;
    fs::path file_;
    Bytes firmware_;
    unsigned threads_;
};

// What a bench image did (boards/bench_m4/bench_main.cpp), from the end of its simulated run.
BoardRun bench_run(const simulate::RunResult& result, Bytes outputs);

// What active cycles cost on a board, modelled, with its band.
simulate::Modelled energy_uj(std::uint64_t cycles, const Board& board);

// The object `modelled` of `--json`: cycles, instructions, latency_us and energy_uj with their bands.
nlohmann::ordered_json modelled_json(const SampleCost& cost, const Board& board);

}  // namespace jatai
