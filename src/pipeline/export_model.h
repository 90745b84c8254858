// export_model.h: a model file to a library for an environment of firmware makers.
//
//     ExportModelRequest request;
//     request.form.target = ExportTarget::Arduino;
//     const Exported exported = export_model(open_model("kws.tflite"), load_board("nano33ble", boards),
//     request); exported.files;  to_json(exported);
//
// The figures of its README come from a linked image and a simulated run, when the cross compiler is there.
// Fails with Error when the model is a package (it holds no graph to write C++ from), or a file cannot be
// written.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "src/package/export/export.h"
#include "src/pipeline/compile_model.h"

namespace jatai {

struct ExportModelRequest {
    ExportRequest form;
    fs::path out;
    fs::path boards_dir;
    fs::path sources;  // share/sources: device/, boards/ and LICENSE
};

struct Exported {
    std::string name;
    std::string target;  // "arduino"
    std::string version;
    std::uint32_t arena_bytes = 0;
    std::uint32_t state_bytes = 0;
    std::uint32_t weights_bytes = 0;
    std::optional<ExportMeasured> measured;
    std::vector<std::string> files;  // written, in `out`
    std::vector<std::string> notes;
};

// "arduino", "zephyr", "platformio", "espidf", "cmake".
ExportTarget export_target(const std::string& word);
const std::vector<std::string>& export_targets();

Exported export_model(const Model& model, const Board& board, const ExportModelRequest& request);

nlohmann::ordered_json to_json(const Exported& exported);

}  // namespace jatai
