// compile_model.h: a model file to everything a board takes: package, C++, firmware, images that measure.
//
//     const Model model = open_model("kws.tflite");
//     const Compiled compiled = compile_model(model, load_board("nano33ble", boards), request);
//     compiled.package;  compiled.files;  to_json(compiled);
//
// A model is a .tflite or an .onnx file, or a package: that one is compiled already, and only what needs no
// graph comes of it. Fails with  Error on a model that is refused, does not fit (which limit, by how much,
// what would fit), or asks
//             for a form that this file cannot give.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "src/base/board.h"
#include "src/package/bench.h"
#include "src/package/inspect.h"
#include "src/package/keyword_section.h"
#include "src/pipeline/board_run.h"
#include "src/plan/plan.h"

namespace jatai {

struct Model {
    std::string place;           // its file name, for messages
    std::optional<Graph> graph;  // of a .tflite or .onnx
    Bytes package;               // of a package; else empty
    std::int64_t macs = 0;       // of the model as given
    std::size_t layers = 0;      // of the model as given; 0: not known, a package
};

Model open_model(const fs::path& file);

// The plan of a model that has a graph.
Plan plan_for(const Model& model, const Board& board);

// Which kernels a board's core has faster versions of.
Family family_of(const Board& board);

// The package of a model for a board: as it is, or planned and packed.
Bytes package_for(const Model& model, const Board& board);

enum class Emit : std::uint8_t { Package = 1, Cpp = 2, Firmware = 4, Bench = 8 };

struct CompileRequest {
    fs::path out;
    std::vector<Emit> emit = {Emit::Package, Emit::Cpp, Emit::Firmware, Emit::Bench};
    Form form = Form::Package;
    KernelChoice kernels = KernelChoice::Used;
    std::optional<KeywordPace> pace;  // how a keyword model listens; none: as the model's file says
    fs::path firmware_dir;            // share/firmware
    fs::path boards_dir;
    fs::path sources;  // share/sources, for the cross compiler
};

struct Compiled {
    Board board;
    Bytes package;
    PackageInfo info;
    std::optional<Plan> plan;  // of a .tflite
    FirmwareSizes sizes;       // linked exactly, see `sizes_of`
    std::string sizes_of;      // what was weighed: "size.elf", "firmware.elf"
    std::string compiler;      // of the weighed code
    std::vector<std::string> flags;
    std::int64_t macs = 0;           // of the model as given
    BoardRun run;                    // of one zero-point input
    std::vector<std::string> files;  // written, in `out`
    std::vector<std::string> notes;  // what was left out, and why
};

Compiled compile_model(const Model& model, const Board& board, const CompileRequest& request);

// `--json` of compile. Also `ops` of `run --board`.
nlohmann::ordered_json to_json(const Compiled& compiled);
nlohmann::ordered_json ops_json(const PackageInfo& info, const SampleCost& cost);

// One sample whose every input stands at its zero point.
Bytes zero_point_input(const PackageInfo& info);

}  // namespace jatai
