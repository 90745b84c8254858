// The firmware with the agent, instruction by instruction on the simulated board, with power cut at its
// writes and erases of flash. JATAI_EVERY_CUT=1 tries every one of them; without it, some spread over all.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <sstream>

#include <unistd.h>

#include "src/package/firmware.h"
#include "src/simulate/devices/devices.h"
#include "tests/faults/update_world.h"

namespace jatai {
namespace {

using simulate::PowerCut;

constexpr double kLongestSeconds = 30;

struct Told {
    simulate::RunResult run;
    simulate::FlashUse flash;
    std::vector<std::map<std::string, std::string>> starts;  // "start" lines: word after word
    std::map<std::string, std::string> end;
    std::string console;
};

std::map<std::string, std::string> words_of(const std::string& line) {
    std::istringstream in(line);
    std::map<std::string, std::string> words;
    std::string name, value;
    if (line.rfind("end", 0) == 0) in >> name;
    while (in >> name >> value) words[name] = value;
    return words;
}

class UpdateOnBoard : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        const fs::path elf = fs::path(JATAI_BUILD_DIR) / "share/firmware/nano33ble/update.elf";
        if (!fs::exists(elf)) return;
        world_ = new UpdateWorld(Family::CortexM);
        folder_ = fs::temp_directory_path() / ("jatai_update_" + std::to_string(getpid()));
        fs::create_directories(folder_);
        const Bytes trusting = insert_anchor(read_file(elf), world_->anchor(), "update.elf");
        image_ = new Bytes(insert_package(trusting, world_->first, "update.elf").elf);
        const Update update = world_->make(world_->second, 7, world_->first);
        write_file(folder_ / "manifest.suit", update.envelope);
        write_file(folder_ / "payload.jup", update.payload);
    }
    static void TearDownTestSuite() {
        if (world_ != nullptr) fs::remove_all(folder_);
        delete image_;
        delete world_;
        image_ = nullptr;
        world_ = nullptr;
    }
    void SetUp() override {
        if (world_ == nullptr) GTEST_SKIP() << "no arm-none-eabi-g++: the update firmware was not built";
    }

    static Told run(const PowerCut& cut) {
        simulate::Machine machine(load_board(kBoard, fs::path(JATAI_SOURCE_DIR) / "boards"),
                                  {.folder = folder_});
        const auto record = simulate::attach_devices(machine, {}, cut);
        machine.load(simulate::read_firmware(*image_, "update.elf"));
        Told told;
        told.run = machine.run(simulate::seconds(kLongestSeconds, machine.board()));
        told.flash = record->flash;
        told.console = told.run.console;
        std::istringstream lines(told.console);
        for (std::string line; std::getline(lines, line);) {
            if (line.rfind("start", 0) == 0) told.starts.push_back(words_of(line));
            if (line.rfind("end", 0) == 0) told.end = words_of(line);
        }
        return told;
    }

    static UpdateWorld* world_;
    static Bytes* image_;
    static fs::path folder_;
};
UpdateWorld* UpdateOnBoard::world_ = nullptr;
Bytes* UpdateOnBoard::image_ = nullptr;
fs::path UpdateOnBoard::folder_;

TEST_F(UpdateOnBoard, TakesTheNewModelWithoutARestart) {
    const Told told = run({});
    ASSERT_EQ(told.run.stop, simulate::Stop::Exited) << simulate::describe_stop(told.run) << told.console;
    EXPECT_EQ(told.run.exit_code, 0);
    EXPECT_EQ(told.run.resets, 0u);
    ASSERT_EQ(told.starts.size(), 1u) << told.console;
    EXPECT_EQ(told.starts[0].at("active"), "0");
    EXPECT_EQ(told.end.at("active"), "7") << told.console;
    EXPECT_NE(told.end.at("output"), told.starts[0].at("output"));
    EXPECT_EQ(told.flash.overwritten_words, 0u);
    EXPECT_EQ(told.flash.erases,
              std::stoul(told.end.at("state_erases")) + std::stoul(told.end.at("slot_erases")));
    RecordProperty("modelled_cycles", static_cast<int>(told.run.cycles));
    RecordProperty("stack_bytes", static_cast<int>(told.run.stack_bytes));
}

TEST_F(UpdateOnBoard, PowerCutAtAnyWriteOrEraseLeavesTheOldModelOrTheNewOne) {
    const Told whole = run({});
    const std::string old_answer = whole.starts.at(0).at("output"), new_answer = whole.end.at("output");
    const std::uint64_t operations = whole.flash.writes + whole.flash.erases;
    ASSERT_GT(operations, 1000u);
    const std::uint64_t step = std::getenv("JATAI_EVERY_CUT") != nullptr ? 1 : operations / 11;
    std::uint64_t cuts = 0;
    for (const auto way : {PowerCut::Way::Before, PowerCut::Way::HalfDone, PowerCut::Way::Unstable}) {
        for (std::uint64_t operation = 0; operation < operations; operation += step, ++cuts) {
            SCOPED_TRACE(testing::Message() << "way " << int(way) << ", operation " << operation);
            const Told told = run({operation, way});
            ASSERT_EQ(told.run.stop, simulate::Stop::Exited) << told.console;
            ASSERT_EQ(told.run.exit_code, 0) << told.console;
            ASSERT_EQ(told.flash.power_cuts, 1u);
            ASSERT_EQ(told.starts.size(), 2u) << told.console;
            for (const auto& start : told.starts) {
                const bool is_new = start.at("active") == "7";
                ASSERT_EQ(start.at("output"), is_new ? new_answer : old_answer) << told.console;
            }
            ASSERT_EQ(told.end.at("active"), "7") << told.console;
            ASSERT_EQ(told.end.at("output"), new_answer) << told.console;
            ASSERT_EQ(told.flash.overwritten_words, 0u);
        }
    }
    RecordProperty("cuts", static_cast<int>(cuts));
}

}  // namespace
}  // namespace jatai
