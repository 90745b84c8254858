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
#include "src/graph/passes/passes.h"
#include "src/package/bench.h"
#include "src/package/inspect.h"
#include "src/package/keyword_section.h"
#include "src/pipeline/board_run.h"
#include "src/pipeline/explain.h"
#include "src/plan/plan.h"

namespace jatai {

struct Model {
    std::string place;           // its file name, for messages
    std::optional<Graph> graph;  // of a .tflite or .onnx
    Bytes package;               // of a package; else empty
    std::int64_t macs = 0;       // of the model as given
    std::size_t layers = 0;      // of the model as given; 0: not known, a package
    std::vector<PassReport> passes;
};

Model open_model(const fs::path& file);

// Opens it without the passes named. Fails with Error on a name that is none.
Model open_model(const fs::path& file, const std::vector<std::string>& without_passes);

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
    std::uint32_t ram_bytes = 0;      // budget of the arena; 0: none, whole layers
    std::optional<KeywordPace> pace;  // how a keyword model listens; none: as the model's file says
    fs::path firmware_dir;            // share/firmware
    fs::path boards_dir;
    fs::path sources;  // share/sources, for the cross compiler
};

// What running the first layers in bands of rows gains and costs. The multiply-accumulates stay the same.
struct Patches {
    std::size_t layers = 0;         // so many run in bands
    std::int64_t rows = 0;          // of the last of them, at a time
    std::int64_t rows_at_once = 0;  // of any layer, before the next one goes on; 0: all that a band needs
    std::uint32_t arena_whole = 0;  // what whole layers need
    std::size_t steps = 0, steps_whole = 0;
    std::int64_t copied_bytes = 0;   // rows kept from band to band, in one inference
    std::uint64_t cycles_whole = 0;  // modelled, of whole layers; 0: they do not fit the board
};

struct Compiled {
    Board board;
    Bytes package;
    PackageInfo info;
    std::optional<Plan> plan;        // of a .tflite
    std::optional<Patches> patches;  // when the first layers run in bands of rows
    std::vector<PassReport> passes;  // what each pass over the graph changed
    std::vector<FlashPart> code;     // of the weighed code, by function
    FirmwareSizes sizes;             // linked exactly, see `sizes_of`
    std::string sizes_of;            // what was weighed: "size.elf", "firmware.elf"
    std::string compiler;            // of the weighed code
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
