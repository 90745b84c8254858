#include "src/pipeline/inspect_model.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "src/base/error.h"
#include "src/graph/settings_text.h"
#include "src/graph/verify.h"
#include "src/package/firmware.h"
#include "src/package/pack.h"
#include "src/plan/fit.h"

namespace jatai {
namespace {

// The firmware a package goes into when the board has one built beforehand.
fs::path firmware_of(const Board& board, const fs::path& firmware_dir) {
    for (const char* application : {"measure", "runner"}) {
        const fs::path file = firmware_dir / board.id / (std::string(application) + ".elf");
        if (fs::exists(file)) return file;
    }
    return {};
}

std::string tensor_text(const Graph& graph, TensorId id) {
    if (id == kNoTensor) return "-";
    const Tensor& tensor = graph.tensor(id);
    const Quantisation& q = tensor.quantisation;
    if (q.empty()) return shape_text(tensor);
    if (q.per_channel()) return fmt::format("{} x{}", shape_text(tensor), q.scales.size());
    return fmt::format("{} {:.6g} ({})", shape_text(tensor), q.scale(), q.zero_point());
}

LayerText layer_text(const Graph& graph, const Node& node) {
    LayerText words;
    for (const TensorId id : node.inputs) words.inputs.push_back(tensor_text(graph, id));
    for (const TensorId id : node.outputs) words.outputs.push_back(tensor_text(graph, id));
    for (const OptionField& field : op_def(node.op).options) {
        const std::string value = setting_text(field, node.attributes);
        if (!value.empty())
            words.settings += fmt::format("{}{}={}", words.settings.empty() ? "" : " ", field.name, value);
    }
    return words;
}

void find_peak(Inspection& seen) {
    for (std::size_t row = 0; row < seen.info.ops.size(); ++row) {
        if (seen.info.ops[row].live_bytes <= seen.live_peak_bytes) continue;
        seen.live_peak_bytes = seen.info.ops[row].live_bytes;
        seen.peak_layer = row;
    }
}

BoardFit fit_in(const Inspection& seen, const FirmwareManifest& manifest) {
    BoardFit fit;
    fit.flash = {seen.info.total_bytes, manifest.package_end - manifest.package_start};
    fit.ram = {seen.info.arena_bytes, manifest.arena_bytes};
    for (const KernelKey& key : missing_kernels(seen.info, manifest))
        fit.missing_kernels.push_back(kernel_text(key));
    return fit;
}

BoardFit fit_board(const Inspection& seen, const Board& board, const fs::path& firmware_dir) {
    const fs::path file = firmware_of(board, firmware_dir);
    BoardFit fit;
    if (file.empty()) {
        fit.flash = {seen.info.constants_bytes, flash_limit_bytes(board)};
        fit.ram = {seen.info.arena_bytes, board.ram.bytes};
    } else {
        fit = fit_in(seen, read_manifest(read_file(file), file.string()));
        fit.firmware = file.filename().string();
    }
    fit.board = board;
    return fit;
}

nlohmann::ordered_json room_json(const Room& room) {
    return {{"need", room.need}, {"limit", room.limit}, {"over", room.over()}};
}

nlohmann::ordered_json doors_json(const std::vector<DoorInfo>& doors) {
    nlohmann::ordered_json rows = nlohmann::ordered_json::array();
    for (const DoorInfo& door : doors) {
        rows.push_back({{"name", door.name},
                        {"type", type_text(door.type)},
                        {"shape", door.shape},
                        {"scale", door.scale},
                        {"zero_point", door.zero_point},
                        {"bytes", door.bytes}});
    }
    return rows;
}

nlohmann::ordered_json layers_json(const Inspection& seen) {
    nlohmann::ordered_json rows = nlohmann::ordered_json::array();
    for (std::size_t i = 0; i < seen.info.ops.size(); ++i) {
        const StepCost& op = seen.info.ops[i];
        nlohmann::ordered_json row{{"index", i},
                                   {"name", op.name},
                                   {"op", op_text(op.op)},
                                   {"output_shape", op.output_shape},
                                   {"macs", op.macs},
                                   {"weights_bytes", op.weights_bytes},
                                   {"scratch_bytes", op.scratch_bytes},
                                   {"live_bytes", op.live_bytes},
                                   {"peak", i == seen.peak_layer}};
        if (i < seen.layers.size()) {
            row["inputs"] = seen.layers[i].inputs;
            row["outputs"] = seen.layers[i].outputs;
            row["settings"] = seen.layers[i].settings;
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

nlohmann::ordered_json boards_json(const Inspection& seen) {
    nlohmann::ordered_json rows = nlohmann::ordered_json::array();
    for (const BoardFit& fit : seen.boards) {
        rows.push_back({{"board", fit.board.id},
                        {"fits", fit.fits()},
                        {"firmware", fit.firmware},
                        {"flash_bytes", room_json(fit.flash)},
                        {"ram_bytes", room_json(fit.ram)},
                        {"missing_kernels", fit.missing_kernels}});
    }
    return rows;
}

}  // namespace

Inspection inspect_model(const Model& model, const std::vector<Board>& boards, const fs::path& firmware_dir) {
    CHECK(!boards.empty());
    Inspection seen;
    seen.place = model.place;
    seen.macs = model.macs;
    seen.layers_given = model.layers;
    // Every board here has a core of the same family, so one plan serves them all.
    const Board& first = boards.front();
    if (model.graph) {
        const Plan plan = plan_for(model, first);
        seen.info = inspect(pack(*model.graph, plan), model.place);
        seen.info.ops = plan.costs;
        for (const StepCost& cost : plan.costs) {
            seen.layers.push_back(
                layer_text(*model.graph, model.graph->nodes[static_cast<std::size_t>(cost.node)]));
        }
    } else {
        seen.info = inspect(model.package, model.place);
    }
    seen.weight_bytes = seen.info.constants_bytes;
    find_peak(seen);
    for (const Board& board : boards) seen.boards.push_back(fit_board(seen, board, firmware_dir));
    return seen;
}

BoardFit fit_firmware(const Inspection& seen, const fs::path& firmware) {
    const FirmwareManifest manifest = read_manifest(read_file(firmware), firmware.string());
    BoardFit fit = fit_in(seen, manifest);
    fit.board.id = manifest.board;
    fit.firmware = firmware.string();
    return fit;
}

nlohmann::ordered_json to_json(const Inspection& seen) {
    nlohmann::ordered_json kernels = nlohmann::ordered_json::array();
    for (const KernelKey& key : seen.info.kernels) kernels.push_back(kernel_text(key));
    const std::string peak = seen.info.ops.empty() ? "" : seen.info.ops[seen.peak_layer].name;
    return {{"model", seen.info.name},
            {"file", seen.place},
            {"macs", seen.macs},
            {"weights_bytes", seen.weight_bytes},
            {"package_bytes", seen.info.total_bytes},
            {"arena_bytes", seen.info.arena_bytes},
            {"state_bytes", seen.info.state_bytes},
            {"activations",
             {{"peak_bytes", seen.live_peak_bytes}, {"peak_layer", seen.peak_layer}, {"peak_name", peak}}},
            {"inputs", doors_json(seen.info.inputs)},
            {"outputs", doors_json(seen.info.outputs)},
            {"labels", seen.info.labels},
            {"kernels", kernels},
            {"layers_given", seen.layers_given},
            {"layers", layers_json(seen)},
            {"boards", boards_json(seen)}};
}

}  // namespace jatai
