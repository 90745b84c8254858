#include <nlohmann/json.hpp>

#include "apps/jatai/commands/commands.h"
#include "apps/jatai/home.h"
#include "src/base/error.h"
#include "src/package/runner.h"
#include "src/pipeline/compile_model.h"

namespace jatai {
namespace {

double mean_cycles(const BoardRun& run) {
    double sum = 0;
    for (const SampleCost& cost : run.samples) sum += static_cast<double>(cost.cycles);
    return sum / static_cast<double>(run.samples.size());
}

SampleCost mean_cost(const BoardRun& run) {
    SampleCost mean;
    for (const SampleCost& cost : run.samples) {
        mean.cycles += cost.cycles;
        mean.instructions += cost.instructions;
    }
    mean.cycles /= run.samples.size();
    mean.instructions /= run.samples.size();
    return mean;
}

int run_here(const RunOptions& options, const Model& model, Console& console) {
    Board here;
    here.id = "host";
    const Bytes package = package_for(model, here);
    const Bytes inputs = read_file(options.input);
    const Bytes outputs = run_package(package, inputs, model.place, console.progress());
    write_file(options.output, outputs);
    const std::size_t samples = inputs.size() / inspect(package, model.place).input_bytes();
    console.say(text("{} samples, on this computer", samples));
    console.result({{"board", nullptr}, {"macs", model.macs}, {"samples", samples}});
    return 0;
}

int run_there(const RunOptions& options, const Model& model, Console& console) {
    const Board board = load_board(options.board, home().boards);
    CompileRequest request;
    request.emit = {};
    request.firmware_dir = home().firmware;
    request.boards_dir = home().boards;
    request.sources = home().sources;
    const Compiled compiled = compile_model(model, board, request);
    const BoardRunner runner(board, home().firmware);
    const BoardRun run =
        runner.run(compiled.package, read_file(options.input), model.place, console.progress());
    write_file(options.output, run.outputs);

    nlohmann::ordered_json answer = to_json(compiled);
    answer["samples"] = run.samples.size();
    answer["modelled"] = modelled_json(run.samples.at(0), board);
    answer["modelled"]["mean"] = modelled_json(mean_cost(run), board);
    answer["ops"] = ops_json(compiled.info, run.samples.at(0));
    const auto latency = simulate::latency_us(static_cast<std::uint64_t>(mean_cycles(run)), board);
    console.say(text("{} samples on simulated {}: modelled {:.2f} ms each ({:.2f} to {:.2f})",
                     run.samples.size(), board.name, latency.value / 1000, latency.low / 1000,
                     latency.high / 1000));
    console.result(answer);
    return 0;
}

}  // namespace

int run_run(const RunOptions& options, Console& console) {
    const Model model = open_model(options.model);
    return options.board.empty() ? run_here(options, model, console) : run_there(options, model, console);
}

}  // namespace jatai
