// The firmware of the keyword application on the simulated board: the same file that is flashed to a real
// one.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "src/graph/text_form.h"
#include "src/graph/tflite.h"
#include "src/package/firmware.h"
#include "src/package/keyword_host.h"
#include "src/simulate/devices/nrf52840/nrf52840.h"
#include "src/simulate/machine.h"
#include "tests/export/networks.h"
#include "tests/flow/keyword_package.h"

namespace jatai {
namespace {

using simulate::BoardRecord;
using simulate::Machine;
using simulate::RunResult;

const fs::path kFirmware = fs::path(JATAI_BUILD_DIR) / "share/firmware/nano33ble/keyword.elf";

struct Flight {
    RunResult result;
    BoardRecord record;
    double clock_hz = 0;

    std::string serial() const {
        std::string all;
        for (const auto& line : record.lines) all += line.text + "\n";
        return all;
    }
    std::vector<std::string> lines_with(const std::string& part) const {
        std::vector<std::string> found;
        for (const auto& line : record.lines) {
            if (line.text.find(part) != std::string::npos) found.push_back(line.text);
        }
        return found;
    }
};

Bytes firmware_with(const Bytes& package) {
    return insert_package(read_file(kFirmware), package, "keyword.elf").elf;
}

Flight fly(const Bytes& elf, std::vector<std::int16_t> sound, double seconds) {
    Machine machine(load_board("nano33ble", fs::path(JATAI_SOURCE_DIR) / "boards"));
    const auto record = simulate::attach_nrf52840(machine, {.microphone = {std::move(sound), 16000}});
    machine.load(simulate::read_firmware(elf, "keyword.elf"));
    Flight flight;
    flight.result = machine.run(simulate::seconds(seconds, machine.board()));
    flight.record = *record;
    flight.clock_hz = machine.board().clock_hz.value;
    EXPECT_EQ(flight.result.stop, simulate::Stop::CycleLimit)
        << simulate::describe_stop(flight.result) << flight.serial();
    for (const std::string& sentence : record->describe_unknown()) ADD_FAILURE() << sentence;
    return flight;
}

std::string hex_scores(const KeywordAnswer& answer) {
    std::string line;
    for (const std::int8_t score : answer.scores)
        line += fmt::format(" {:02x}", static_cast<std::uint8_t>(score + 128));
    return fmt::format("{:.3f} s answer{}", answer.time_s, line);
}

// Every answer of the chip that had been sent when the run ended is that of the host.
void expect_the_answers_of_the_host(const Flight& flight, const Bytes& package,
                                    const std::vector<std::int16_t>& sound) {
    KeywordHost host(package, "host");
    const auto answers = host.hear(sound);
    const auto lines = flight.lines_with(" s answer ");
    ASSERT_FALSE(lines.empty()) << flight.serial();
    ASSERT_LE(lines.size(), answers.size());
    EXPECT_GE(lines.size() + 2, answers.size());
    for (std::size_t i = 0; i < lines.size(); ++i) EXPECT_EQ(lines[i], hex_scores(answers[i]));
}

#define NEED_FIRMWARE()         \
    if (!fs::exists(kFirmware)) \
    GTEST_SKIP() << "no firmware built beforehand: not installed: arm-none-eabi-g++"

TEST(KeywordApp, HearsATonePutsOnItsLightAndSaysSo) {
    NEED_FIRMWARE();
    const auto sound = tones(5.2, {{2.0, 3.0}});
    const Bytes package = tone_package(tone_pace());
    const Flight flight = fly(firmware_with(package), sound, 5.2);
    const auto said = flight.lines_with(" s tone 0.");
    ASSERT_EQ(said.size(), 1u) << flight.serial();

    std::vector<std::pair<double, bool>> green;
    const double began = static_cast<double>(flight.record.microphone.starts.at(0)) / flight.clock_hz;
    for (const auto& change : flight.record.lights) {
        EXPECT_EQ(change.light, "green");
        green.emplace_back(static_cast<double>(change.when) / flight.clock_hz - began, change.on);
    }
    ASSERT_EQ(green.size(), 2u);
    EXPECT_TRUE(green[0].second);
    EXPECT_GT(green[0].first, 2.0);
    EXPECT_LT(green[0].first, 3.2);
    EXPECT_FALSE(green[1].second);
    EXPECT_NEAR(green[1].first - green[0].first, 0.7, 0.025);
    expect_the_answers_of_the_host(flight, package, sound);
}

TEST(KeywordApp, KeepsItsPaceAndLosesNothing) {
    NEED_FIRMWARE();
    const Flight flight = fly(firmware_with(tone_package(tone_pace())), tones(3.3, {}), 3.3);
    const auto status = flight.lines_with(" status ");
    ASSERT_EQ(status.size(), 3u) << flight.serial();
    for (const std::string& line : status) {
        EXPECT_NE(line.find(" 0 missed 0 lost "), std::string::npos) << line;
    }
    EXPECT_NE(status.back().find(" 5.00 answers/s "), std::string::npos) << status.back();
    EXPECT_EQ(flight.record.microphone.lost_samples, 0u);
    EXPECT_GT(flight.record.microphone.track_samples, 3 * 16000u);
    EXPECT_GT(flight.result.sleep_cycles, flight.result.cycles / 2);
}

TEST(KeywordApp, SaysWhichKernelsItHasAndWhichPackageItRuns) {
    NEED_FIRMWARE();
    const Flight flight = fly(firmware_with(tone_package(tone_pace())), {}, 0.2);
    EXPECT_EQ(flight.lines_with("jatai keyword on nano33ble").size(), 1u) << flight.serial();
    const auto manifest = read_manifest(read_file(kFirmware), "keyword.elf");
    const auto kernels = flight.lines_with("kernels ");
    ASSERT_EQ(kernels.size(), 1u);
    EXPECT_EQ(kernels[0], fmt::format("kernels {} set {}", manifest.kernels.size(), manifest.set_hash));
    EXPECT_EQ(flight.lines_with("package tone id ").size(), 1u) << flight.serial();
    EXPECT_EQ(flight.lines_with("labels tone quiet").size(), 1u) << flight.serial();
}

TEST(KeywordApp, WithoutAPackageItSaysSoAndBlinksRed) {
    NEED_FIRMWARE();
    const Flight flight = fly(read_file(kFirmware), {}, 2.0);
    EXPECT_EQ(flight.lines_with("refused 1: the package was refused: status 2: no package here").size(), 1u)
        << flight.serial();
    ASSERT_GE(flight.record.lights.size(), 2u);
    EXPECT_EQ(flight.record.lights[0].light, "red");
    const double on = static_cast<double>(flight.record.lights[1].when - flight.record.lights[0].when);
    EXPECT_NEAR(on / flight.clock_hz, 0.2, 0.001);
    EXPECT_TRUE(flight.record.microphone.starts.empty());
}

TEST(KeywordApp, ADamagedPackageIsRefused) {
    NEED_FIRMWARE();
    Bytes elf = firmware_with(tone_package(tone_pace()));
    const std::string name = "JPK1";
    auto at = std::search(elf.begin(), elf.end(), name.begin(), name.end());
    // The first match may be the constant in the code; the package lies behind it.
    for (auto next = at; next != elf.end(); next = std::search(next + 1, elf.end(), name.begin(), name.end()))
        at = next;
    ASSERT_NE(at, elf.end());
    *(at + 170) ^= 0x40;
    const Flight flight = fly(elf, {}, 0.3);
    EXPECT_EQ(flight.lines_with("status 17: its bytes are not those that were packed").size(), 1u)
        << flight.serial();
}

// What of the time the chip is busy goes into the front end: hops of 20 ms, answers as the line says.
double front_end_share(const std::string& status) {
    double answers = 0, answer_ms = 0, hop_ms = 0;
    const auto from = status.find(" status ");
    EXPECT_EQ(std::sscanf(status.c_str() + from,
                          " status %lf answers/s %*f %% busy %*d missed %*d lost %lf ms/answer %lf ms/hop",
                          &answers, &answer_ms, &hop_ms),
              3)
        << status;
    const double front_end = 50 * hop_ms;
    return front_end / (front_end + answers * answer_ms);
}

// A network of the demo's size, with one output.
Graph demo_sized_network() {
    std::string words = keyword_net();
    for (const char* other : {"output %f", "output %sum"}) words.erase(words.find(other), std::strlen(other));
    return parse_text(words, "keyword");
}

KeywordPace pace_of_twelve() {
    KeywordPace pace;
    for (int i = 0; i < 12; ++i)
        pace.labels.push_back({fmt::format("w{}", i), 0.5, light_bits(static_cast<std::size_t>(i)), i < 10});
    return pace;
}

TEST(KeywordApp, SpendsAtMostThirtyPercentOfItsCyclesOnTheFrontEnd) {
    NEED_FIRMWARE();
    const Bytes package = keyword_package(demo_sized_network(), pace_of_twelve());
    const Flight flight = fly(firmware_with(package), tones(3.3, {{0.5, 1.0}}), 3.3);
    const auto status = flight.lines_with(" status ");
    ASSERT_FALSE(status.empty()) << flight.serial();
    const double share = front_end_share(status.back());
    std::printf("    %s\n    front end: %.1f %%\n", status.back().c_str(), 100 * share);
    EXPECT_LT(share, 0.30) << status.back();
    EXPECT_GT(share, 0.0);
}

TEST(KeywordApp, RunsTheMlperfKeywordModelAtFiveAnswersASecond) {
    NEED_FIRMWARE();
    const fs::path model = fs::path(JATAI_SHARED_DIR) / "data/models/tiny/kws_ref_model.tflite";
    if (!fs::exists(model)) GTEST_SKIP() << "no shared data at " << JATAI_SHARED_DIR;
    const Bytes package = keyword_package(read_tflite(read_file(model), "kws"), pace_of_twelve());
    const auto sound = tones(3.3, {{0.5, 1.0}, {1.6, 2.4}});
    const Flight flight = fly(firmware_with(package), sound, 3.3);
    const auto status = flight.lines_with(" status ");
    ASSERT_EQ(status.size(), 3u) << flight.serial();
    std::printf("    %s\n    front end: %.1f %%\n", status.back().c_str(),
                100 * front_end_share(status.back()));
    EXPECT_NE(status.back().find(" 5.00 answers/s "), std::string::npos) << status.back();
    EXPECT_NE(status.back().find(" 0 missed 0 lost "), std::string::npos) << status.back();
    expect_the_answers_of_the_host(flight, package, sound);
}

TEST(KeywordApp, AModelTooSlowForItsPaceMissesDeadlinesAndSaysSo) {
    NEED_FIRMWARE();
    const fs::path model = fs::path(JATAI_SHARED_DIR) / "data/models/tiny/kws_ref_model.tflite";
    if (!fs::exists(model)) GTEST_SKIP() << "no shared data at " << JATAI_SHARED_DIR;
    KeywordPace pace;
    for (int i = 0; i < 12; ++i) pace.labels.push_back({fmt::format("w{}", i), 1.0, 0, false});
    pace.hops_per_answer = 1;
    const Bytes package = keyword_package(read_tflite(read_file(model), "kws"), pace);
    const Flight flight = fly(firmware_with(package), tones(2.5, {}), 2.5);
    const auto status = flight.lines_with(" status ");
    ASSERT_FALSE(status.empty()) << flight.serial();
    EXPECT_EQ(status.back().find(" 0 missed "), std::string::npos) << status.back();
    EXPECT_EQ(status.back().find(" 0 lost "), std::string::npos) << status.back();
}

}  // namespace
}  // namespace jatai
