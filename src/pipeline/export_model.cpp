#include "src/pipeline/export_model.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "src/base/error.h"
#include "src/base/suggest.h"
#include "src/package/pack.h"
#include "src/package/toolchain.h"
#include "src/pipeline/measure_cpp.h"

namespace jatai {
namespace {

// Arduino compiles a library as it likes; everywhere else its own build file asks for -O2.
std::string optimisation_of(ExportTarget target) { return target == ExportTarget::Arduino ? "-Os" : "-O2"; }

// ESP chips are no Cortex-M: there the portable kernels are the fast ones.
Family family_for(ExportTarget target, const Board& board) {
    return target == ExportTarget::EspIdf ? Family::Reference : family_of(board);
}

ExportMeasured measure(const Model& model, const Plan& plan, const Board& board, const PackageInfo& info,
                       const ExportModelRequest& request) {
    const CppMeasureOptions options{board.core, optimisation_of(request.form.target), "bench_m4"};
    const CppMeasure m = measure_cpp(*model.graph, plan, options, {request.sources, request.boards_dir},
                                     zero_point_input(info));
    return {m.sizes, board.core, m.compiler, m.flags, m.run.samples.at(0).instructions};
}

}  // namespace

const std::vector<std::string>& export_targets() {
    static const std::vector<std::string> words{"arduino", "zephyr", "platformio", "espidf", "cmake"};
    return words;
}

ExportTarget export_target(const std::string& word) {
    const auto found = std::find(export_targets().begin(), export_targets().end(), word);
    if (found == export_targets().end())
        throw Error{text("{} {}: no such choice", "--for", word), did_you_mean(word, export_targets())};
    return static_cast<ExportTarget>(found - export_targets().begin());
}

Exported export_model(const Model& model, const Board& board, const ExportModelRequest& request) {
    if (!model.graph) {
        throw Error{text("{}: a package, expected the model it was made from", model.place),
                    text("a library is written from a .tflite or .onnx file")};
    }
    const Plan plan = make_plan(*model.graph, board, family_for(request.form.target, board));
    const PackageInfo info = inspect(pack(*model.graph, plan), model.place);
    ExportRequest library = request.form;
    library.labels = info.labels;
    Exported exported;
    if (have_toolchain()) {
        library.measured = measure(model, plan, board, info, request);
    } else {
        exported.notes.push_back(
            text("its code is not weighed: arm-none-eabi-g++ is not installed; see: jatai doctor"));
    }
    for (const ExportFile& file : export_library(plan, library, request.sources)) {
        write_text(request.out / file.path, file.content);
        exported.files.push_back(file.path.generic_string());
    }
    exported.name = library_name(plan, library);
    exported.target = export_targets()[static_cast<std::size_t>(library.target)];
    exported.version = library.version;
    exported.arena_bytes = plan.arena_bytes;
    exported.state_bytes = plan.state_bytes;
    exported.weights_bytes = static_cast<std::uint32_t>(plan.constants.size());
    exported.measured = library.measured;
    return exported;
}

nlohmann::ordered_json to_json(const Exported& e) {
    nlohmann::ordered_json json{{"name", e.name},
                                {"for", e.target},
                                {"version", e.version},
                                {"arena_bytes", e.arena_bytes},
                                {"state_bytes", e.state_bytes},
                                {"weights_bytes", e.weights_bytes}};
    if (e.measured) {
        const ExportMeasured& m = *e.measured;
        json["flash_bytes"] = {{"code", m.sizes.flash.code},
                               {"weights", m.sizes.flash.weights},
                               {"total", m.sizes.flash.total()}};
        json["ram_bytes"] = {{"arena", m.sizes.ram.arena},
                             {"state", m.sizes.ram.state},
                             {"stack", m.sizes.ram.stack},
                             {"total", m.sizes.ram.total()}};
        json["modelled"] = {{"instructions", m.instructions}};
        json["core"] = m.core;
        json["compiler"] = m.compiler;
        json["flags"] = m.flags;
    }
    json["files"] = e.files;
    json["notes"] = e.notes;
    return json;
}

}  // namespace jatai
