#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "apps/jatai/commands/commands.h"
#include "apps/jatai/home.h"
#include "src/base/error.h"
#include "src/base/suggest.h"
#include "src/pipeline/compile_model.h"
#include "src/pipeline/keyword_pace.h"

namespace jatai {
namespace {

template <typename Value>
Value choose(const std::string& option, const std::string& word,
             const std::map<std::string, Value>& choices) {
    const auto found = choices.find(word);
    if (found != choices.end()) return found->second;
    std::vector<std::string> words;
    for (const auto& [name, ignored] : choices) words.push_back(name);
    throw Error{text("{} {}: no such choice", option, word), did_you_mean(word, words)};
}

CompileRequest request_of(const CompileOptions& options) {
    CompileRequest request;
    request.out = options.out;
    request.emit.clear();
    for (const std::string& word : options.emit) {
        request.emit.push_back(choose<Emit>("--emit", word,
                                            {{"package", Emit::Package},
                                             {"cpp", Emit::Cpp},
                                             {"firmware", Emit::Firmware},
                                             {"bench", Emit::Bench}}));
    }
    request.form = choose<Form>("--form", options.form, {{"package", Form::Package}, {"cpp", Form::Cpp}});
    request.kernels = choose<KernelChoice>("--kernels", options.kernels,
                                           {{"used", KernelChoice::Used}, {"all", KernelChoice::All}});
    request.firmware_dir = home().firmware;
    request.boards_dir = home().boards;
    request.sources = home().sources;
    return request;
}

void tell(const Compiled& c, Console& console) {
    const SampleCost& cost = c.run.samples.at(0);
    const auto latency = simulate::latency_us(cost.cycles, c.board);
    const auto energy = energy_uj(cost.cycles, c.board);
    console.say(text("{} on {}", c.info.name, c.board.name));
    console.say(text("  flash     {:>9} bytes: code {}, weights {}", c.sizes.flash.total(),
                     c.sizes.flash.code, c.sizes.flash.weights));
    console.say(text("  RAM       {:>9} bytes: arena {}, state {}, stack {}", c.sizes.ram.total(),
                     c.sizes.ram.arena, c.sizes.ram.state, c.sizes.ram.stack));
    console.say(text("  modelled  {:>9.2f} ms ({:.2f} to {:.2f}), {} cycles", latency.value / 1000,
                     latency.low / 1000, latency.high / 1000, cost.cycles));
    console.say(text("  modelled  {:>9.1f} µJ ({:.1f} to {:.1f}) an inference", energy.value, energy.low,
                     energy.high));
    for (const std::string& note : c.notes) console.note(note);
    std::string list;
    for (const std::string& file : c.files) list += " " + file;
    console.say(text("  written  {}", list));
}

}  // namespace

int run_compile(const CompileOptions& options, Console& console) {
    const Board board = load_board(options.board, home().boards);
    CompileRequest request = request_of(options);
    const Model model = open_model(options.model);
    request.pace = pace_beside(options.model, model);
    const Compiled compiled = compile_model(model, board, request);
    tell(compiled, console);
    console.result(to_json(compiled));
    return 0;
}

}  // namespace jatai
