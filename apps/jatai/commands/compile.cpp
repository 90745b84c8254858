#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "apps/jatai/commands/commands.h"
#include "apps/jatai/home.h"
#include "src/base/error.h"
#include "src/base/suggest.h"
#include "src/pipeline/compile_model.h"
#include "src/pipeline/keyword_pace.h"
#include "src/report/terminal.h"

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
    request.ram_bytes = options.ram;
    request.firmware_dir = home().firmware;
    request.boards_dir = home().boards;
    request.sources = home().sources;
    return request;
}

using Rows = std::vector<std::vector<std::string>>;

constexpr int kBarColumns = 16;
constexpr std::size_t kRowsShown = 12;

std::string bar_of(std::uint64_t bytes, std::uint64_t of) {
    return draw_bar(of == 0 ? 0 : static_cast<double>(bytes) / static_cast<double>(of), kBarColumns);
}

// Converters join the names of all they fused: the first says enough in a table.
std::string short_name(const std::string& name) {
    constexpr std::size_t kMost = 44;
    std::string cut = name.substr(0, name.find(';'));
    if (cut.size() <= kMost) return cut;
    cut.resize(kMost);
    while (!cut.empty() && (static_cast<unsigned char>(cut.back()) & 0xC0) == 0x80) cut.pop_back();
    return cut + "…";
}

// The largest parts, then the others in one row.
void add_parts(Rows& rows, const std::vector<FlashPart>& parts, std::uint64_t of, const std::string& others) {
    std::uint64_t rest = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i >= kRowsShown) {
            rest += parts[i].bytes;
            continue;
        }
        rows.push_back(
            {short_name(parts[i].name), std::to_string(parts[i].bytes), bar_of(parts[i].bytes, of)});
    }
    if (rest > 0) rows.push_back({others, std::to_string(rest), bar_of(rest, of)});
}

void add_part(Rows& rows, const std::string& name, std::uint64_t bytes, std::uint64_t of) {
    if (bytes > 0) rows.push_back({name, std::to_string(bytes), bar_of(bytes, of)});
}

std::string table_of_ram(const Explanation& e) {
    const std::uint64_t all = std::uint64_t{e.arena_bytes} + e.variables_bytes + e.stack_bytes;
    Rows rows{{text("RAM"), text("bytes"), "", ""}};
    for (const AlivePart& part : e.alive) {
        rows.push_back({short_name(part.name), std::to_string(part.bytes), bar_of(part.bytes, all),
                        part.in_use ? text("in use") : text("waits for {}", short_name(part.waits_for))});
    }
    add_part(rows, text("state between runs"), e.state_bytes, all);
    add_part(rows, text("idle during the peak"), e.idle_bytes, all);
    add_part(rows, text("variables"), e.variables_bytes, all);
    add_part(rows, text("stack"), e.stack_bytes, all);
    add_part(rows, text("all"), all, all);
    return draw_table(rows);
}

std::string table_of_flash(const Explanation& e, const FirmwareSizes& sizes) {
    const std::uint64_t all = sizes.flash.total();
    Rows weights{{text("flash: weights of"), text("bytes"), ""}};
    add_parts(weights, e.weights, all, text("other layers"));
    add_part(weights, text("package: header, tables, names"), e.container_bytes, all);
    add_part(weights, text("alignment"), e.alignment_bytes, all);
    add_part(weights, text("all"), sizes.flash.weights, all);
    Rows code{{text("flash: code of"), text("bytes"), ""}};
    add_parts(code, e.code, all, text("other functions"));
    add_part(code, text("vectors, alignment, compiler's own"), e.other_code_bytes, all);
    add_part(code, text("all"), sizes.flash.code, all);
    return draw_table(weights) + "\n" + draw_table(code);
}

std::string table_of_passes(const std::vector<PassReport>& passes) {
    Rows rows{{text("pass of the compiler"), text("changes"), "µs"}};
    for (const PassReport& pass : passes)
        rows.push_back({pass.name, std::to_string(pass.changes), std::to_string(pass.took_us)});
    return draw_table(rows);
}

void tell_explanation(const Compiled& c, Console& console) {
    if (!c.plan) {
        console.note(text("a package says no more than this: --explain needs the model it was made from"));
        return;
    }
    const Explanation e = explain(*c.plan, c.sizes, c.code);
    console.say("");
    console.say(table_of_passes(c.passes));
    console.say(text("The peak of RAM is layer {} {} ({}): {} bytes of arena", e.peak_layer, e.peak_name,
                     e.peak_op, e.arena_bytes));
    console.say(table_of_ram(e));
    console.say(table_of_flash(e, c.sizes));
}

void tell_patches(const Compiled& c, Console& console) {
    const Patches& p = *c.patches;
    console.say(text("  patches   {} layers in bands of {} rows: {} bytes of arena instead of {}", p.layers,
                     p.rows, c.info.arena_bytes, p.arena_whole));
    console.say(text("  costs     no multiply-accumulate more, {} bytes copied, {} steps instead of {}",
                     p.copied_bytes, p.steps, p.steps_whole));
    if (p.cycles_whole == 0) return;
    const auto cycles = static_cast<double>(c.run.samples.at(0).cycles);
    console.say(text("  modelled  {:>+8.1f} % of cycles against whole layers",
                     100 * (cycles / static_cast<double>(p.cycles_whole) - 1)));
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
    if (c.patches) tell_patches(c, console);
    for (const std::string& note : c.notes) console.note(note);
    std::string list;
    for (const std::string& file : c.files) list += " " + file;
    console.say(text("  written  {}", list));
}

}  // namespace

int run_compile(const CompileOptions& options, Console& console) {
    const Board board = load_board(options.board, home().boards);
    CompileRequest request = request_of(options);
    const Model model = open_model(options.model, options.without_passes);
    request.pace = pace_beside(options.model, model);
    const Compiled compiled = compile_model(model, board, request);
    tell(compiled, console);
    if (options.explain && !console.json()) tell_explanation(compiled, console);
    console.result(to_json(compiled));
    return 0;
}

}  // namespace jatai
