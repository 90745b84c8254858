#include "src/pipeline/compile_model.h"
#include "src/graph/ops/kernels.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "device/apps/keyword_settings.h"
#include "src/base/error.h"
#include "src/graph/onnx.h"
#include "src/graph/stats.h"
#include "src/graph/tflite.h"
#include "src/package/build_firmware.h"
#include "src/package/emit_cpp.h"
#include "src/package/firmware.h"
#include "src/package/pack.h"
#include "src/package/scratch_folder.h"
#include "src/package/toolchain.h"
#include "src/plan/fit.h"
#include "src/plan/ram_budget.h"

namespace jatai {
namespace {

bool asked(const CompileRequest& request, Emit what) {
    return std::find(request.emit.begin(), request.emit.end(), what) != request.emit.end();
}

Bytes pack_model(const Model& model, const Plan& plan, const std::optional<KeywordPace>& pace) {
    PackOptions options;
    options.macs = model.macs;
    if (pace) options.blobs.push_back({kKeywordSection, keyword_section(*pace)});
    return pack(*model.graph, plan, options);
}

std::vector<Board> all_boards(const fs::path& boards_dir) {
    std::vector<Board> boards;
    for (const auto& id : board_ids(boards_dir)) boards.push_back(load_board(id, boards_dir));
    return boards;
}

// Files are written together at the end: a model that does not fit leaves nothing behind.
using Files = std::vector<std::pair<std::string, Bytes>>;

Bytes bytes_of(const std::string& content) { return {content.begin(), content.end()}; }

void emit_source(Compiled& compiled, Files& files) {
    if (!compiled.plan) {
        compiled.notes.push_back(
            text("model.cpp is left out: it is made from a .tflite, not from a package"));
        return;
    }
    const CppSource source =
        emit_cpp(*compiled.plan, compiled.plan->name.empty() ? "model" : compiled.plan->name);
    files.emplace_back("model.h", bytes_of(source.header));
    files.emplace_back("model.cpp", bytes_of(source.body));
}

// The application this package belongs in: one that listens, one that says what a run costs; on a board
// without a serial line, the one that `jatai run` uses.
std::string application_for(const Compiled& compiled, const CompileRequest& request) {
    const auto built = [&](const char* name) {
        return fs::exists(request.firmware_dir / compiled.board.id / (std::string(name) + ".elf"));
    };
    if (compiled.info.section(kKeywordSection) != nullptr && built("keyword")) return "keyword";
    return built("measure") ? "measure" : "runner";
}

// Linked now with just the kernels the package uses, when asked and a cross compiler is at hand; else the one
// built beforehand, which has them all.
Bytes application_elf(const std::string& application, const Compiled& compiled,
                      const CompileRequest& request) {
    const fs::path prebuilt = request.firmware_dir / compiled.board.id / (application + ".elf");
    if (application == "runner" || request.kernels == KernelChoice::All || !have_toolchain())
        return read_file(prebuilt);
    FirmwareRequest firmware;
    firmware.board = compiled.board.id;
    firmware.core = compiled.board.core;
    firmware.application = application;
    firmware.kernels = compiled.info.kernels;
    firmware.family = compiled.info.family;
    return build_firmware(firmware, find_toolchain(request.sources)).elf;
}

void emit_firmware(Compiled& compiled, const CompileRequest& request, Files& files) {
    const std::string application = application_for(compiled, request);
    const Bytes elf = application_elf(application, compiled, request);
    require_runs_on(compiled.info, read_manifest(elf, application), application);
    FirmwareFiles firmware = insert_package(elf, compiled.package, application);
    if (compiled.sizes_of.empty()) {
        compiled.sizes = measure_sizes(read_elf(firmware.elf, "firmware.elf"));
        compiled.sizes_of = "firmware.elf";
    }
    files.emplace_back("firmware.elf", std::move(firmware.elf));
    files.emplace_back("firmware.bin", std::move(firmware.bin));
    files.emplace_back("firmware.hex", bytes_of(firmware.hex));
}

// Weighs the model in an image of its own; writes the two images when they were asked for.
void build_images(const Model& model, Compiled& compiled, const CompileRequest& request, Files& files) {
    if (!model.graph || !compiled.plan) {
        compiled.notes.push_back(
            text("bench.elf is left out: it is made from a .tflite, not from a package"));
        return;
    }
    if (!have_toolchain()) {
        compiled.notes.push_back(
            text("bench.elf is left out: arm-none-eabi-g++ is not installed; see: jatai doctor"));
        return;
    }
    const ScratchFolder scratch;
    BenchOptions options;
    options.core = compiled.board.core;
    options.form = request.form;
    options.kernels = request.kernels;
    const BenchImages images =
        build_bench(*model.graph, *compiled.plan, options, find_toolchain(request.sources), scratch.path());
    compiled.sizes = images.sizes;
    compiled.sizes_of = "size.elf";
    compiled.compiler = images.compiler;
    compiled.flags = images.flags;
    compiled.code = code_parts(read_file(images.size_elf));
    if (!asked(request, Emit::Bench)) return;
    files.emplace_back("bench.elf", read_file(images.bench_elf));
    files.emplace_back("size.elf", read_file(images.size_elf));
}

// The step of each row of the op table; rows that need no code (reshape) have none.
std::vector<int> steps_of_rows(const PackageInfo& info) {
    std::vector<int> steps(info.ops.size(), -1);
    int step = 0;
    for (std::size_t row = 0; row < info.ops.size(); ++row) {
        if (info.ops[row].runs) steps[row] = step++;
    }
    return steps;
}

// The plan, within the budget when there is one.
void plan_model(const Model& model, const CompileRequest& request, Compiled& compiled) {
    const Board& board = compiled.board;
    if (request.ram_bytes == 0) {
        compiled.plan = plan_for(model, board);
        return;
    }
    Budgeted budgeted = plan_within(*model.graph, board, family_of(board), request.ram_bytes);
    compiled.plan = std::move(budgeted.plan);
    if (budgeted.bands.nodes == 0) return;
    compiled.patches = Patches{
        budgeted.bands.nodes,        budgeted.bands.rows,  budgeted.bands.at_once, budgeted.arena_whole,
        compiled.plan->steps.size(), budgeted.steps_whole, budgeted.copied_bytes,  0};
}

BoardRun run_zeros(const Bytes& package, const Board& board, const CompileRequest& request,
                   const std::string& place) {
    return BoardRunner(board, request.firmware_dir)
        .run(package, zero_point_input(inspect(package, place)), place);
}

// What whole layers would take, for comparison.
void time_whole_layers(const Model& model, const CompileRequest& request, Compiled& compiled) {
    if (!compiled.patches || compiled.patches->arena_whole > compiled.board.ram.bytes) return;
    const Bytes whole = pack_model(model, plan_for(model, compiled.board), request.pace);
    compiled.patches->cycles_whole =
        run_zeros(whole, compiled.board, request, model.place).samples.at(0).cycles;
}

void require_room(const Compiled& compiled, const Model& model, const CompileRequest& request) {
    require_fit({model.place, compiled.sizes.flash.total(), compiled.sizes.ram.total()}, compiled.board,
                all_boards(request.boards_dir));
}

// Names that converters give to every graph: the file's own says more.
bool says_nothing(const std::string& name) {
    return name.empty() || name == "main" || name == "main_graph" || name == "torch_jit" ||
           name == "tf2onnx" || name == "torch-jit-export";
}

}  // namespace

Family family_of(const Board& board) {
    if (board.core.rfind("cortex-m", 0) != 0) return Family::Reference;
    // Without the DSP extension: the instructions that every Cortex-M has.
    const bool plain =
        board.core == "cortex-m0" || board.core == "cortex-m0plus" || board.core == "cortex-m3";
    return plain ? Family::CortexM0 : Family::CortexM;
}

Model open_model(const fs::path& file) { return open_model(file, {}); }

Model open_model(const fs::path& file, const std::vector<std::string>& without_passes) {
    Model model;
    model.place = file.string();
    Bytes bytes = read_file(file);
    if (looks_like_package(bytes)) {
        model.macs = inspect(bytes, model.place).macs;
        model.package = std::move(bytes);
        return model;
    }
    model.graph = looks_like_onnx(bytes) || file.extension() == ".onnx" ? read_onnx(bytes, model.place)
                                                                        : read_tflite(bytes, model.place);
    if (says_nothing(model.graph->name)) model.graph->name = file.stem().string();
    model.macs = macs(*model.graph);
    model.layers = model.graph->nodes.size();
    model.passes = run_passes(*model.graph, without_passes);
    return model;
}

Plan plan_for(const Model& model, const Board& board) {
    return make_plan(*model.graph, board, family_of(board));
}

Bytes package_for(const Model& model, const Board& board) {
    if (!model.graph) return model.package;
    return pack(*model.graph, plan_for(model, board));
}

Bytes zero_point_input(const PackageInfo& info) {
    Bytes input;
    for (const DoorInfo& door : info.inputs) {
        const auto zero = door.type == Type::Float32 ? 0 : static_cast<std::uint32_t>(door.zero_point);
        const std::uint32_t width = size_of(door.type);
        for (std::uint32_t i = 0; i < door.bytes; ++i) {
            const std::uint32_t byte = i % width;
            input.push_back(byte < 4 ? static_cast<std::uint8_t>(zero >> (8 * byte)) : 0);
        }
    }
    return input;
}

Compiled compile_model(const Model& model, const Board& board, const CompileRequest& request) {
    Compiled compiled;
    compiled.board = board;
    compiled.passes = model.passes;
    if (request.ram_bytes != 0 && !model.graph) {
        throw Error{text("{}: a package, expected the model it was made from", model.place),
                    text("--ram makes a plan, and a package has one already")};
    }
    if (model.graph) {
        plan_model(model, request, compiled);
        // The model alone: when this does not fit, no firmware will.
        require_fit({model.place, compiled.plan->constants.size(), compiled.plan->arena_bytes}, board,
                    all_boards(request.boards_dir));
        compiled.package = pack_model(model, *compiled.plan, request.pace);
    } else {
        compiled.package = model.package;
    }
    compiled.info = inspect(compiled.package, model.place);
    Files files;
    if (asked(request, Emit::Package)) files.emplace_back("model.jpk", compiled.package);
    if (asked(request, Emit::Cpp)) emit_source(compiled, files);
    build_images(model, compiled, request, files);
    if (asked(request, Emit::Firmware)) emit_firmware(compiled, request, files);
    compiled.sizes.ram.arena = compiled.info.arena_bytes;
    compiled.run = run_zeros(compiled.package, board, request, model.place);
    time_whole_layers(model, request, compiled);
    compiled.sizes.ram.stack = compiled.run.stack_bytes;
    compiled.macs = model.macs;
    require_room(compiled, model, request);
    for (const auto& [name, bytes] : files) {
        write_file(request.out / name, bytes);
        compiled.files.push_back(name);
    }
    return compiled;
}

nlohmann::ordered_json ops_json(const PackageInfo& info, const SampleCost& cost) {
    nlohmann::ordered_json rows = nlohmann::ordered_json::array();
    const std::vector<int> steps = steps_of_rows(info);
    for (std::size_t i = 0; i < info.ops.size(); ++i) {
        const StepCost& op = info.ops[i];
        const bool ran = steps[i] >= 0 && static_cast<std::size_t>(steps[i]) < cost.op_cycles.size();
        rows.push_back({{"name", op.name},
                        {"op", op_text(op.op)},
                        {"macs", op.macs},
                        {"cycles", ran ? cost.op_cycles[static_cast<std::size_t>(steps[i])] : 0},
                        {"output_shape", op.output_shape},
                        {"weights_bytes", op.weights_bytes},
                        {"live_bytes", op.live_bytes}});
    }
    return rows;
}

nlohmann::ordered_json to_json(const Compiled& c) {
    const SampleCost& cost = c.run.samples.at(0);
    nlohmann::ordered_json json{{"board", c.board.id},
                                {"model", c.info.name},
                                {"sha256", c.info.sha256},
                                {"macs", c.macs},
                                {"flash_bytes",
                                 {{"code", c.sizes.flash.code},
                                  {"weights", c.sizes.flash.weights},
                                  {"total", c.sizes.flash.total()}}},
                                {"ram_bytes",
                                 {{"arena", c.sizes.ram.arena},
                                  {"state", c.sizes.ram.state},
                                  {"stack", c.sizes.ram.stack},
                                  {"total", c.sizes.ram.total()}}},
                                {"measured_on", c.sizes_of},
                                {"compiler", c.compiler},
                                {"flags", c.flags},
                                {"modelled", modelled_json(cost, c.board)},
                                {"ops", ops_json(c.info, cost)},
                                {"files", c.files},
                                {"notes", c.notes}};
    if (c.patches) {
        const Patches& p = *c.patches;
        json["patches"] = {{"layers", p.layers},
                           {"rows", p.rows},
                           {"rows_at_once", p.rows_at_once},
                           {"arena_whole_bytes", p.arena_whole},
                           {"saved_bytes", p.arena_whole - c.info.arena_bytes},
                           {"macs_extra", 0},
                           {"copied_bytes", p.copied_bytes},
                           {"steps", p.steps},
                           {"steps_whole", p.steps_whole},
                           {"modelled_cycles_whole", p.cycles_whole}};
    }
    json["passes"] = nlohmann::ordered_json::array();
    for (const PassReport& pass : c.passes)
        json["passes"].push_back({{"name", pass.name}, {"changes", pass.changes}, {"took_us", pass.took_us}});
    if (c.plan) json["explain"] = to_json(explain(*c.plan, c.sizes, c.code));
    return json;
}

}  // namespace jatai
