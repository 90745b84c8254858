#include "src/base/board.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/error.h"

namespace jatai {
namespace {

using testing::Contains;
using testing::HasSubstr;

const fs::path kBoards = JATAI_SOURCE_DIR "/boards";

std::string message_of(const std::string& json) {
    try {
        parse_board(json, "here.json");
    } catch (const Error& error) {
        return error.what();
    }
    return "no error";
}

std::string with(std::string json, const std::string& from, const std::string& to) {
    const std::size_t at = json.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return json.replace(at, from.size(), to);
}

const std::string& bench() {
    static const std::string json = read_text(kBoards / "bench_m4" / "board.json");
    return json;
}

TEST(Board, EveryBoardOfTheHouseLoads) {
    EXPECT_THAT(board_ids(kBoards), Contains("nano33ble"));
    for (const std::string& id : board_ids(kBoards)) EXPECT_EQ(load_board(id, kBoards).id, id);
}

TEST(Board, TheNanoHasTheMapOfItsBootloader) {
    const Board board = load_board("nano33ble", kBoards);
    EXPECT_EQ(board.application_base, 0x10000u);
    EXPECT_EQ(board.application_limit_bytes, 983040u);
    EXPECT_EQ(board.ram.bytes, 262144u);
    EXPECT_EQ(board.clock_hz.value, 64e6);
}

TEST(Board, EveryNumberHasASourceAndLiesInItsBand) {
    for (const std::string& id : board_ids(kBoards)) {
        const Board board = load_board(id, kBoards);
        for (const Fact& fact : {board.clock_hz, board.energy.active_ua_per_mhz, board.energy.sleep_ua,
                                 board.flash_timing.data.wait_states}) {
            EXPECT_FALSE(fact.source.empty());
            EXPECT_LE(fact.low, fact.value);
            EXPECT_GE(fact.high, fact.value);
        }
    }
}

TEST(Board, AMistypedIdGetsTheNearest) {
    try {
        load_board("nano33bel", kBoards);
        FAIL() << "expected an error";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("nano33bel"));
        EXPECT_THAT(error.hint(), HasSubstr("nano33ble"));
    }
}

TEST(Board, APathServesAsWellAsAnId) {
    EXPECT_EQ(load_board((kBoards / "bench_m4" / "board.json").string(), "/nowhere").id, "bench_m4");
}

TEST(Board, WrongFactsAreNamedWithTheirPlace) {
    EXPECT_EQ(message_of("[1, 2"), "here.json: not JSON");
    EXPECT_THAT(message_of("{}"), HasSubstr("here.json: id is missing"));
    EXPECT_THAT(message_of(with(bench(), "\"value\": 64e6", "\"value\": \"fast\"")),
                HasSubstr("clock_hz: value: found \"fast\""));
    EXPECT_THAT(message_of(with(bench(), "\"value\": 52", "\"value\": 99")),
                HasSubstr("99 is not between 31 and 73"));
    EXPECT_THAT(message_of(with(bench(), "\"bytes\": 524288", "\"bytes\": 7")), HasSubstr("ram: 7 bytes"));
    EXPECT_THAT(message_of(with(bench(), "\"bytes\": 524288", "\"bytes\": -1")), HasSubstr("found -1"));
    EXPECT_THAT(message_of(with(bench(), "\"limit_bytes\": 2097152", "\"limit_bytes\": 9097152")),
                HasSubstr("does not lie in flash"));
    EXPECT_THAT(message_of(with(bench(), "\"value\": 16", "\"value\": 17")), HasSubstr("17"));
}

}  // namespace
}  // namespace jatai
