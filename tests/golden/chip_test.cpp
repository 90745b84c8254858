// Every golden model on a simulated board: the chip's bytes are the host's bytes.
#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "src/base/error.h"
#include "src/package/firmware.h"
#include "src/package/runner.h"
#include "src/pipeline/compile_model.h"
#include "tests/golden/golden_models.h"

namespace jatai {
namespace {

const fs::path kFirmware = fs::path(JATAI_BUILD_DIR) / "share" / "firmware";
const fs::path kBoards = fs::path(JATAI_SOURCE_DIR) / "boards";

// The first of these boards whose runner takes the package; none: too large for both.
std::optional<Board> board_for(const Model& model) {
    for (const char* id : {"nano33ble", "bench_m4"}) {
        const Board board = load_board(id, kBoards);
        const fs::path file = kFirmware / id / "runner.elf";
        try {
            require_runs_on(inspect(package_for(model, board), model.place),
                            read_manifest(read_file(file), file.string()), file.string());
            return board;
        } catch (const Error& error) {
            continue;  // the next board is larger
        }
    }
    return std::nullopt;
}

struct Count {
    int equal = 0, too_large = 0, refused = 0;
    std::map<std::string, int> on;
};

void run_both(const GoldenModel& golden, Count& count) {
    Model model;
    try {
        model = open_model(GoldenModel::data() / golden.path);
    } catch (const Error&) {
        ++count.refused;  // tests/golden/golden_test.cpp says why
        return;
    }
    const std::optional<Board> board = board_for(model);
    if (!board) {
        ++count.too_large;
        return;
    }
    const Bytes package = package_for(model, *board);
    const Bytes inputs = golden.inputs();
    const Bytes host = run_package(package, inputs, golden.path);
    const BoardRun chip = BoardRunner(*board, kFirmware).run(package, inputs, golden.path);
    EXPECT_TRUE(chip.outputs == host) << golden.path << " on " << board->id;
    count.equal += chip.outputs == host;
    ++count.on[board->id];
}

TEST(GoldenOnChip, EveryModelThatFitsGivesTheBytesOfTheHost) {
    const std::vector<GoldenModel> models = golden_models();
    if (models.empty()) GTEST_SKIP() << "no shared data at " << JATAI_SHARED_DIR;
    if (!fs::exists(kFirmware / "nano33ble" / "runner.elf")) GTEST_SKIP() << "no firmware was built";
    Count count;
    for (const GoldenModel& model : models) {
        SCOPED_TRACE(model.path);
        try {
            run_both(model, count);
        } catch (const Error& error) {
            ADD_FAILURE() << error.what();
        }
    }
    std::printf("on a chip: %d equal to the host, %d too large, %d refused\n", count.equal, count.too_large,
                count.refused);
    for (const auto& [board, models_run] : count.on) std::printf("  %s: %d\n", board.c_str(), models_run);
    EXPECT_GE(count.equal, 50);
}

}  // namespace
}  // namespace jatai
