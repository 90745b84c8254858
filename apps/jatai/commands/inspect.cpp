#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "apps/jatai/commands/commands.h"
#include "apps/jatai/home.h"
#include "src/base/error.h"
#include "src/pipeline/inspect_model.h"
#include "src/report/terminal.h"

namespace jatai {
namespace {

using Rows = std::vector<std::vector<std::string>>;

constexpr int kBarColumns = 16;

std::vector<Board> boards_of(const std::string& words) {
    std::vector<std::string> ids;
    if (words == "all") {
        ids = board_ids(home().boards);
    } else {
        std::size_t from = 0;
        while (from <= words.size()) {
            const std::size_t comma = std::min(words.find(',', from), words.size());
            ids.push_back(words.substr(from, comma - from));
            from = comma + 1;
        }
    }
    std::vector<Board> boards;
    for (const std::string& id : ids) boards.push_back(load_board(id, home().boards));
    return boards;
}

std::string door_text(const DoorInfo& door) {
    std::string words = fmt::format("{} {}[{}]", door.name, type_text(door.type), fmt::join(door.shape, ","));
    if (door.scale > 0) words += text(" scale {:.6g} zero point {}", door.scale, door.zero_point);
    return words;
}

void say_summary(const Inspection& seen, Console& console) {
    console.say(seen.info.name);
    for (const DoorInfo& door : seen.info.inputs) console.say(text("  input     {}", door_text(door)));
    for (const DoorInfo& door : seen.info.outputs) console.say(text("  output    {}", door_text(door)));
    const std::size_t layers = seen.info.ops.size();
    if (seen.layers_given > layers) {
        console.say(
            text("  layers    {} of {}: the others vanish when it is compiled", layers, seen.layers_given));
    } else {
        console.say(text("  layers    {}", layers));
    }
    console.say(text("  work      {} multiply-accumulates a run", seen.macs));
    console.say(text("  flash     {} bytes of weights and tables", seen.weight_bytes));
    console.say(text("  RAM       {} bytes: state {}, {} alive at once", seen.info.arena_bytes,
                     seen.info.state_bytes, seen.live_peak_bytes));
    if (seen.info.ops.empty()) return;
    const StepCost& peak = seen.info.ops[seen.peak_layer];
    console.say(text("  peak      layer {} {} ({})", seen.peak_layer, peak.name, op_text(peak.op)));
}

// One row per operator: how often, and what it takes of the whole.
std::string table_of_ops(const Inspection& seen) {
    struct Sum {
        int count = 0;
        std::int64_t macs = 0;
        std::uint64_t weights = 0;
    };
    std::map<std::string, Sum> sums;
    for (const StepCost& op : seen.info.ops) {
        Sum& sum = sums[op_text(op.op)];
        ++sum.count;
        sum.macs += op.macs;
        sum.weights += op.weights_bytes;
    }
    Rows rows{{text("operator"), text("layers"), text("MACs"), text("flash, bytes")}};
    for (const auto& [name, sum] : sums) {
        rows.push_back(
            {name, std::to_string(sum.count), std::to_string(sum.macs), std::to_string(sum.weights)});
    }
    return draw_table(rows);
}

std::string table_of_layers(const Inspection& seen) {
    Rows rows{{text("layer"), text("output"), text("MACs"), text("flash, bytes"), text("RAM alive"), "", ""}};
    for (std::size_t i = 0; i < seen.info.ops.size(); ++i) {
        const StepCost& op = seen.info.ops[i];
        const double share = seen.live_peak_bytes == 0 ? 0 : double(op.live_bytes) / seen.live_peak_bytes;
        const std::string mark = i == seen.peak_layer ? text("peak") : "";
        rows.push_back({fmt::format("{} {} {}", i, op_text(op.op), op.name),
                        fmt::format("[{}]", fmt::join(op.output_shape, ",")), std::to_string(op.macs),
                        std::to_string(op.weights_bytes), std::to_string(op.live_bytes),
                        draw_bar(share, kBarColumns), mark});
    }
    return draw_table(rows);
}

void say_types(const Inspection& seen, Console& console) {
    for (std::size_t i = 0; i < seen.layers.size(); ++i) {
        const LayerText& layer = seen.layers[i];
        console.say(fmt::format("{} {}: {} -> {} {}", i, op_text(seen.info.ops[i].op),
                                fmt::join(layer.inputs, ", "), fmt::join(layer.outputs, ", "),
                                layer.settings));
    }
}

std::string verdict(const BoardFit& fit) {
    if (fit.fits()) return text("fits");
    std::vector<std::string> reasons;
    if (fit.flash.over() > 0) reasons.push_back(text("{} bytes of flash too many", fit.flash.over()));
    if (fit.ram.over() > 0) reasons.push_back(text("{} bytes of RAM too many", fit.ram.over()));
    if (!fit.missing_kernels.empty())
        reasons.push_back(text("its firmware lacks {}", fmt::join(fit.missing_kernels, ", ")));
    return fmt::format("{}", fmt::join(reasons, "; "));
}

std::string table_of_fits(const std::vector<BoardFit>& fits) {
    Rows rows{{text("board"), text("flash, of"), text("RAM, of"), ""}};
    for (const BoardFit& fit : fits) {
        rows.push_back({fit.board.id, fmt::format("{} / {}", fit.flash.need, fit.flash.limit),
                        fmt::format("{} / {}", fit.ram.need, fit.ram.limit), verdict(fit)});
    }
    return draw_table(rows);
}

}  // namespace

int run_inspect(const InspectOptions& options, Console& console) {
    Inspection seen = inspect_model(open_model(options.model), boards_of(options.boards), home().firmware);
    if (!options.firmware.empty()) seen.boards.push_back(fit_firmware(seen, options.firmware));
    if (!console.json()) {
        say_summary(seen, console);
        console.say("");
        if (options.layers) {
            console.say(table_of_layers(seen));
            say_types(seen, console);
            console.say("");
        } else {
            console.say(table_of_ops(seen));
        }
        console.say(table_of_fits(seen.boards));
    }
    console.result(to_json(seen));
    return 0;
}

}  // namespace jatai
