// inspect_model.h: what a model is and where it would run, known before anything is flashed.
//
//     const Inspection seen = inspect_model(open_model("kws.tflite"), boards, firmware_dir);
//     for (const BoardFit& fit : seen.boards) fmt::print("{} {}\n", fit.board.id, fit.fits());
//     to_json(seen);
//
// The layers are those that would run: after the compiler's passes, in the order of the plan.
// Fails with Error when a plan cannot be made; an operator we do not run was refused when the model was
// opened.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "src/pipeline/compile_model.h"

namespace jatai {

// A need beside the room there is for it, in bytes.
struct Room {
    std::uint64_t need = 0;
    std::uint64_t limit = 0;
    std::uint64_t over() const { return need > limit ? need - limit : 0; }
};

// Whether a model runs on a board: in the firmware built beforehand, or, where there is none, in the board's
// memories without any program beside it.
struct BoardFit {
    Board board;
    std::string firmware;  // its file name; empty: none was built for this board
    Room flash;            // of the package, or of the weights alone
    Room ram;              // of the arena
    std::vector<std::string> missing_kernels;
    bool fits() const { return flash.over() == 0 && ram.over() == 0 && missing_kernels.empty(); }
};

// What goes in and comes out of a layer, in words: "int8[1,49,10,1] 0.58 (83)".
struct LayerText {
    std::vector<std::string> inputs;
    std::vector<std::string> outputs;
    std::string settings;  // "stride_w=2 ..."
};

struct Inspection {
    std::string place;
    std::int64_t macs = 0;          // of the model as given
    std::int64_t weight_bytes = 0;  // as the kernels read them
    std::size_t layers_given = 0;   // 0: not known, the model is a package
    std::uint32_t live_peak_bytes = 0;
    std::size_t peak_layer = 0;  // number of the row of info.ops where it is
    PackageInfo info;
    std::vector<LayerText> layers;  // one per row of info.ops; empty: the model is a package
    std::vector<BoardFit> boards;
};

Inspection inspect_model(const Model& model, const std::vector<Board>& boards, const fs::path& firmware_dir);

// The same question to one firmware file: the kernels it has and the room it leaves.
BoardFit fit_firmware(const Inspection& seen, const fs::path& firmware);

nlohmann::ordered_json to_json(const Inspection& seen);

}  // namespace jatai
