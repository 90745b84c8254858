#include "src/pipeline/measure_cpp.h"

#include "src/base/error.h"
#include "src/package/scratch_folder.h"
#include "src/simulate/devices/devices.h"

namespace jatai {

CppMeasure measure_cpp(const Graph& graph, const Plan& plan, const CppMeasureOptions& options,
                       const CppMeasurePlaces& places, ByteView inputs) {
    const ScratchFolder work;
    BenchOptions bench;
    bench.core = options.core;
    bench.form = Form::Cpp;
    bench.optimisation = options.optimisation;
    const BenchImages images = build_bench(graph, plan, bench, find_toolchain(places.sources), work.path());
    CppMeasure measure;
    measure.sizes = images.sizes;
    measure.compiler = images.compiler;
    measure.flags = images.flags;
    measure.run = run_bench_image(load_board(options.board, places.boards_dir), images.bench_elf, inputs);
    measure.sizes.ram.stack = measure.run.stack_bytes;
    return measure;
}

BoardRun run_bench_image(const Board& board, const fs::path& elf, ByteView inputs) {
    const ScratchFolder work;
    write_file(work.path() / "in.bin", inputs);
    simulate::MachineOptions options;
    options.folder = work.path();
    simulate::Machine machine(board, options);
    simulate::attach_devices(machine);
    machine.load(simulate::read_firmware(read_file(elf), elf.string()));
    const simulate::RunResult result = machine.run();
    if (result.stop != simulate::Stop::Exited || result.exit_code != 0) {
        throw Error{text("{} on {}: the run ended badly: {}", elf.filename().string(), board.id,
                         result.console + describe_stop(result))};
    }
    return bench_run(result, read_file(work.path() / "out.bin"));
}

}  // namespace jatai
