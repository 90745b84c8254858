// inference: what known models take on the simulated bench, in the C++ form, beside recorded peers.
//
//     inference --root . --shared ../shared --write          # all models; prints, writes performance.md
//     inference --root . --shared ../shared --update         # the same, and the record of instructions
//     inference --root . --shared ../shared --check kws,ad   # these; ends with 1 when one got over 2 %
//     slower
//
// Instructions are exact: the simulator executes the image that would be flashed. Cycles are modelled, at
// zero wait states. Every output is compared with the host's, byte by byte. A model that is not there is left
// out, and said; without the cross compiler it ends with 77.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "src/base/error.h"
#include "src/base/rng.h"
#include "src/graph/stats.h"
#include "src/graph/text_form.h"
#include "src/package/bench.h"
#include "src/package/pack.h"
#include "src/package/runner.h"
#include "src/package/scratch_folder.h"
#include "src/package/toolchain.h"
#include "src/pipeline/compile_model.h"
#include "src/pipeline/measure_cpp.h"
#include "src/report/terminal.h"
#include "tests/export/networks.h"

namespace {

using namespace jatai;

constexpr double kMostSlower = 0.02;

struct Named {
    const char* name;
    const char* file;  // empty: made here
};
constexpr Named kModels[] = {{"keyword", ""},
                             {"kws", "tiny/kws_ref_model.tflite"},
                             {"vww", "tiny/vww_96_int8.tflite"},
                             {"ic", "tiny/pretrainedResnet_quant.tflite"},
                             {"ad", "tiny/model_ToyCar_quant_fullint_micro_intio.tflite"},
                             {"sww", "tiny/str_ww_ref_model.tflite"},
                             {"person", "tflite-micro/person_detect.tflite"},
                             {"micro_speech", "tflite-micro/micro_speech_quantized.tflite"}};

struct Measured {
    std::string model, core;
    std::map<std::string, std::uint64_t> values;  // by metric
};

struct Options {
    fs::path root, shared;
    std::set<std::string> only;  // empty: all
    bool check = false, update = false, write = false;
};

using Rows = std::vector<std::vector<std::string>>;

std::vector<std::vector<std::string>> read_rows(const fs::path& file) {
    Rows rows;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        if (line.empty() || line[0] == '#') continue;
        std::istringstream fields(line);
        rows.emplace_back();
        for (std::string field; std::getline(fields, field, '\t');) rows.back().push_back(field);
    }
    return rows;
}

Graph made_model() {
    Graph graph = parse_text(keyword_net(), "keyword");
    graph.name = "keyword";
    run_passes(graph);
    return graph;
}

// The same model as a package, with the engine that runs it.
std::uint64_t package_flash(const Graph& graph, const Plan& plan, const Board& board, const fs::path& root) {
    const ScratchFolder work;
    BenchOptions bench;
    bench.core = board.core;
    bench.form = Form::Package;
    return build_bench(graph, plan, bench, find_toolchain(root), work.path()).sizes.flash.total();
}

Measured measure(const Named& named, const Graph& graph, const Board& board, const Options& options) {
    const Plan plan = make_plan(graph, board, family_of(board));
    std::size_t bytes = 0;
    for (const PlannedTensor& input : plan.inputs) bytes += input.place.bytes;
    Rng rng(1);
    Bytes inputs(bytes);
    for (std::uint8_t& byte : inputs) byte = static_cast<std::uint8_t>(rng.below(256));
    CppMeasureOptions how;
    how.core = board.core;
    how.board = board.id;
    const CppMeasure m = measure_cpp(graph, plan, how, {options.root, options.root / "boards"}, inputs);
    if (m.run.outputs != run_package(pack(graph, plan), inputs, named.name))
        throw Error{fmt::format("{} on {}: the chip's bytes are not the host's", named.name, board.id)};
    const SampleCost& cost = m.run.samples.at(0);
    return {named.name,
            board.core,
            {{"instructions", cost.instructions},
             {"cycles", cost.cycles},
             {"arena", plan.arena_bytes},
             {"flash", m.sizes.flash.total()},
             {"flash of the package form", package_flash(graph, plan, board, options.root)},
             {"stack", m.run.stack_bytes},
             {"macs", static_cast<std::uint64_t>(macs(graph))}}};
}

std::vector<Measured> measure_all(const Options& options) {
    std::vector<Measured> all;
    for (const std::string& id : board_ids(options.root / "boards")) {
        if (id.rfind("bench_", 0) != 0) continue;
        const Board board = load_board(id, options.root / "boards");
        for (const Named& named : kModels) {
            if (!options.only.empty() && !options.only.contains(named.name)) continue;
            const fs::path file = options.shared / "data/models" / named.file;
            const bool made = named.file[0] == 0;
            if (!made && !fs::exists(file)) {
                fmt::print("{}: left out, {} is not there\n", named.name, file.string());
                continue;
            }
            all.push_back(measure(named, made ? made_model() : *open_model(file).graph, board, options));
        }
    }
    return all;
}

std::string ratio(std::uint64_t peer, std::uint64_t ours) {
    return fmt::format("{:.2f}", static_cast<double>(peer) / static_cast<double>(ours));
}

// A row per model, core, metric and peer; a metric nobody recorded has a row of ours alone.
Rows table_of(const std::vector<Measured>& all, const Rows& peers) {
    Rows rows{{"model", "core", "metric", "Jataí", "peer's", "peer's / ours", "peer"}};
    for (const Measured& m : all) {
        for (const char* metric : {"instructions", "cycles", "arena", "flash", "flash of the package form"}) {
            const std::uint64_t ours = m.values.at(metric);
            bool found = false;
            for (const auto& peer : peers) {
                if (peer.size() != 5 || peer[0] != m.model || peer[1] != m.core || peer[2] != metric)
                    continue;
                found = true;
                const std::uint64_t theirs = std::stoull(peer[4]);
                rows.push_back(
                    {m.model, m.core, metric, std::to_string(ours), peer[4], ratio(theirs, ours), peer[3]});
            }
            if (!found) rows.push_back({m.model, m.core, metric, std::to_string(ours), "", "", ""});
        }
    }
    return rows;
}

std::string markdown(const Rows& rows) {
    std::string out;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        out += "|";
        for (const std::string& cell : rows[i]) out += " " + cell + " |";
        out += "\n";
        if (i == 0) out += "|---|---|---|---:|---:|---:|---|\n";
    }
    return out;
}

std::string page_of(const Rows& rows, const std::vector<Measured>& all) {
    Rows work{{"model", "core", "multiply-accumulates", "instructions each", "stack, bytes"}};
    for (const Measured& m : all) {
        const double each =
            static_cast<double>(m.values.at("instructions")) / static_cast<double>(m.values.at("macs"));
        work.push_back({m.model, m.core, std::to_string(m.values.at("macs")), fmt::format("{:.3f}", each),
                        std::to_string(m.values.at("stack"))});
    }
    std::string per_mac;
    for (std::size_t i = 0; i < work.size(); ++i) {
        per_mac += fmt::format("| {} | {} | {} | {} | {} |\n", work[i][0], work[i][1], work[i][2], work[i][3],
                               work[i][4]);
        if (i == 0) per_mac += "|---|---|---:|---:|---:|\n";
    }
    return fmt::format(
        "# Performance\n\nWritten by `script/bench`; do not edit. C++ form, `-O2`, int8, one inference on "
        "the "
        "simulated bench boards (zero wait states).\nInstructions are counted in the simulator, which "
        "executes the "
        "image that would be flashed; cycles are *modelled*. Every output is compared with the host's, byte "
        "by "
        "byte.\nArena includes scratch and state; flash includes the model. Above 1.00 in the column `peer's "
        "/ ours`: "
        "we need less. Peers: `tests/bench/inference/peers.tsv`.\n`keyword` is made by the tests "
        "(`tests/export/networks.h`).\n\n{}\n## Instructions per multiply-accumulate\n\nOf the graph as it "
        "runs: dead "
        "channels are gone.\n\n{}\n## Regressions\n\n`tests/bench/inference/record.tsv` holds the "
        "instructions of "
        "each model; the test `bench.instructions` fails when one needs over 2 % more.\n`script/bench "
        "--update` "
        "writes the record anew: a change belongs into the commit that causes it.\n",
        markdown(rows), per_mac);
}

int compare(const std::vector<Measured>& all, const Rows& record) {
    int worse = 0;
    for (const Measured& m : all) {
        const std::uint64_t now = m.values.at("instructions");
        const auto row = std::find_if(record.begin(), record.end(), [&](const auto& r) {
            return r.size() == 3 && r[0] == m.model && r[1] == m.core;
        });
        if (row == record.end()) {
            fmt::print("{} {}: {} instructions, not recorded yet: script/bench --update\n", m.model, m.core,
                       now);
            continue;
        }
        const auto before = std::stoull((*row)[2]);
        const double change = static_cast<double>(now) / static_cast<double>(before) - 1;
        fmt::print("{} {}: {} instructions, recorded {} ({:+.2f} %)\n", m.model, m.core, now, before,
                   100 * change);
        worse += change > kMostSlower ? 1 : 0;
    }
    return worse;
}

std::string record_of(const std::vector<Measured>& all) {
    std::string text =
        "# model\tcore\tinstructions of one inference, C++ form, -O2; written by script/bench --update\n";
    for (const Measured& m : all)
        text += fmt::format("{}\t{}\t{}\n", m.model, m.core, m.values.at("instructions"));
    return text;
}

Options options_of(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (word == "--root") options.root = argv[++i];
        if (word == "--shared") options.shared = argv[++i];
        options.update = options.update || word == "--update";
        options.write = options.write || word == "--write";
        if (word != "--check") continue;
        options.check = true;
        std::istringstream names(argv[++i]);
        for (std::string name; std::getline(names, name, ',');) options.only.insert(name);
    }
    return options;
}

// What another program writes at the end of the page (tests/bench/host_speed/).
std::string host_section(const fs::path& page) {
    if (!fs::exists(page)) return "";
    const std::string text = read_text(page);
    const std::size_t at = text.find("\n## On the host\n");
    return at == std::string::npos ? "" : text.substr(at);
}

int run(const Options& options) {
    const fs::path folder = options.root / "tests/bench/inference";
    const std::vector<Measured> all = measure_all(options);
    if (options.check) return compare(all, read_rows(folder / "record.tsv")) > 0 ? 1 : 0;
    const fs::path page = options.root / "docs/reference/performance.md";
    const Rows rows = table_of(all, read_rows(folder / "peers.tsv"));
    fmt::print("{}", draw_table(rows));
    if (options.write || options.update) write_text(page, page_of(rows, all) + host_section(page));
    if (options.update) write_text(folder / "record.tsv", record_of(all));
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const Options options = options_of(argc, argv);
        if (!have_toolchain()) {
            fmt::print("left out: arm-none-eabi-g++ is not installed\n");
            return 77;
        }
        return run(options);
    } catch (const Error& error) {
        fmt::print(stderr, "error: {}\n", error.what());
        return 1;
    }
}
