#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <map>

#include "src/simulate/devices/nrf52840/clock_power.h"
#include "src/simulate/devices/nrf52840/gpio.h"
#include "src/simulate/devices/nrf52840/nvmc.h"
#include "src/simulate/devices/nrf52840/pdm.h"
#include "src/simulate/devices/nrf52840/timer.h"
#include "src/simulate/devices/nrf52840/uarte.h"

namespace jatai::simulate {
namespace {

constexpr std::uint32_t kRam = 0x20000000;
constexpr std::uint32_t kRamBytes = 4096;
constexpr std::uint32_t kClockHz = 64'000'000;

// A board with 4 KiB of RAM and a clock the test turns.
class Bench : public Host {
  public:
    Cycle now() const override { return now_; }
    std::uint32_t clock_hz() const override { return kClockHz; }
    void raise_interrupt(unsigned number) override { lines_[number] = true; }
    void lower_interrupt(unsigned number) override { lines_[number] = false; }
    bool read_memory(std::uint32_t address, std::span<std::uint8_t> bytes) const override {
        if (!holds(address, bytes.size())) return false;
        std::memcpy(bytes.data(), ram_ + (address - kRam), bytes.size());
        return true;
    }
    bool write_memory(std::uint32_t address, std::span<const std::uint8_t> bytes) override {
        if (!holds(address, bytes.size())) return false;
        std::memcpy(ram_ + (address - kRam), bytes.data(), bytes.size());
        return true;
    }
    bool program_flash(std::uint32_t, std::span<const std::uint8_t>) override { return false; }
    void enable_flash_cache(bool on) override { cache_ = on; }
    void stall(Cycle) override {}
    void draw(std::string_view cause, double microamps) override { draws_[std::string(cause)] = microamps; }
    void spend(std::string_view, double) override {}
    void trace(std::string_view, std::string_view, std::int64_t) override {}
    void stop(std::string_view reason) override { reason_ = reason; }
    void reset_board() override {}

    // Turns the clock, letting the device have its events in time.
    void run(Device& device, Cycle cycles) {
        const Cycle end = now_ + cycles;
        while (device.next_event() <= end) {
            now_ = device.next_event();
            device.advance();
        }
        now_ = end;
    }
    std::int16_t sample(std::uint32_t i) const {
        std::int16_t value;
        std::memcpy(&value, ram_ + 2 * i, sizeof value);
        return value;
    }
    void put(const std::string& words) { std::memcpy(ram_, words.data(), words.size()); }

    Cycle now_ = 0;
    bool cache_ = false;
    std::map<unsigned, bool> lines_;
    std::map<std::string, double> draws_;
    std::string reason_;
    std::uint8_t ram_[kRamBytes] = {};

  private:
    static bool holds(std::uint32_t address, std::size_t bytes) {
        return address >= kRam && address - kRam + bytes <= kRamBytes;
    }
};

template <typename T>
T& plug(T& device, Bench& bench) {
    device.attach(bench);
    device.reset();
    return device;
}

TEST(Nrf52840Clock, TheCrystalRunsAfter360Microseconds) {
    Bench bench;
    BoardRecord record;
    ClockPower clock(record);
    plug(clock, bench);
    clock.write(0x304, 4, 1);
    clock.write(0x000, 4, 1);
    bench.run(clock, kClockHz / 1'000'000 * 359);
    EXPECT_EQ(clock.read(0x100, 4), 0u);
    bench.run(clock, kClockHz / 1'000'000 * 2);
    EXPECT_EQ(clock.read(0x100, 4), 1u);
    EXPECT_TRUE(bench.lines_[0]);
    clock.write(0x100, 4, 0);
    EXPECT_FALSE(bench.lines_[0]) << "the interrupt is a level: it ends with the event";
}

TEST(Nrf52840Peripheral, ARegisterNobodyModelledIsNotedAndReadsZero) {
    Bench bench;
    BoardRecord record;
    Nvmc nvmc(record, {}, {});
    plug(nvmc, bench);
    EXPECT_EQ(nvmc.read(0x514, 4), 0u);
    nvmc.write(0x514, 4, 0x1234);
    ASSERT_EQ(record.unknown.size(), 1u);
    const auto sentences = record.describe_unknown();
    EXPECT_NE(sentences[0].find("0x4001e514"), std::string::npos) << sentences[0];
    EXPECT_NE(sentences[0].find("0x00001234"), std::string::npos) << sentences[0];
    nvmc.write(0x540, 4, 1);
    EXPECT_TRUE(bench.cache_);
}

TEST(Nrf52840Gpio, ALightIsOnWhileItsPinIsDrivenToItsLevel) {
    Bench bench;
    BoardRecord record;
    Gpio gpio({{"green", 16, false}, {"board", 13, true}, {"power", 41, true}}, 1500, record);
    plug(gpio, bench);
    gpio.write(0x50c, 4, 1u << 16);
    EXPECT_TRUE(record.lights.empty()) << "an input drives nothing";
    bench.now_ = 100;
    gpio.write(0x700 + 4 * 16, 4, 3);
    bench.now_ = 200;
    gpio.write(0x508, 4, 1u << 16);
    gpio.write(0x300 + 0x700 + 4 * 9, 4, 3);
    gpio.write(0x300 + 0x508, 4, 1u << 9);
    ASSERT_EQ(record.lights.size(), 3u);
    EXPECT_EQ(record.lights[0].light, "green");
    EXPECT_TRUE(record.lights[0].on);
    EXPECT_EQ(record.lights[0].when, 100u);
    EXPECT_FALSE(record.lights[1].on);
    EXPECT_EQ(record.lights[2].light, "power");
    EXPECT_EQ(bench.draws_["light green"], 0.0);
    EXPECT_EQ(bench.draws_["light power"], 1500.0);
    EXPECT_EQ(gpio.read(0x300 + 0x504, 4), 1u << 9);
}

TEST(Nrf52840Uarte, SendsCharacterByCharacterAtItsRate) {
    Bench bench;
    BoardRecord record;
    Uarte uarte("uart", 0x40002000, 500, record);
    plug(uarte, bench);
    bench.put("yes 0.93\nno");
    uarte.write(0x500, 4, 8);
    uarte.write(0x50c, 4, 35);
    uarte.write(0x524, 4, 0x01d60000);
    uarte.write(0x544, 4, kRam);
    uarte.write(0x548, 4, 11);
    uarte.write(0x304, 4, 1u << 8);
    uarte.write(0x008, 4, 1);
    EXPECT_EQ(bench.draws_["serial line"], 500.0);
    const Cycle character = 10 * 139 * 4;  // 16 MHz / 139 is 115,108 baud
    bench.run(uarte, 11 * character - 1);
    EXPECT_FALSE(bench.lines_[2]);
    bench.run(uarte, 1);
    EXPECT_TRUE(bench.lines_[2]);
    EXPECT_EQ(bench.draws_["serial line"], 0.0);
    EXPECT_EQ(uarte.read(0x54c, 4), 11u);
    ASSERT_EQ(record.lines.size(), 1u);
    EXPECT_EQ(record.lines[0].text, "yes 0.93");
    EXPECT_EQ(record.lines[0].started, 0u);
    EXPECT_EQ(record.lines[0].ended, 9 * character);
    EXPECT_EQ(record.serial_rest, "no");
}

TEST(Nrf52840Uarte, SendingFromFlashEndsTheRunInWords) {
    Bench bench;
    BoardRecord record;
    Uarte uarte("uart", 0x40002000, 500, record);
    plug(uarte, bench);
    uarte.write(0x500, 4, 8);
    uarte.write(0x50c, 4, 35);
    uarte.write(0x544, 4, 0x00010000);
    uarte.write(0x548, 4, 4);
    uarte.write(0x008, 4, 1);
    EXPECT_NE(bench.reason_.find("0x00010000"), std::string::npos) << bench.reason_;
}

TEST(Nrf52840Timer, CountsMicrosecondsAndWrapsAtItsWidth) {
    Bench bench;
    BoardRecord record;
    Timer timer("timer0", 0x40008000, 4, record);
    plug(timer, bench);
    timer.write(0x508, 4, 3);
    timer.write(0x510, 4, 4);
    timer.write(0x00c, 4, 1);
    timer.write(0x000, 4, 1);
    bench.run(timer, 64 * 1000 + 63);
    timer.write(0x040, 4, 1);
    EXPECT_EQ(timer.read(0x540, 4), 1000u);
    timer.write(0x508, 4, 1);  // 8 bits
    timer.write(0x040, 4, 1);
    EXPECT_EQ(timer.read(0x540, 4), 1000u & 0xff);
    timer.write(0x004, 4, 1);
    bench.run(timer, 64 * 500);
    timer.write(0x040, 4, 1);
    EXPECT_EQ(timer.read(0x540, 4), 1000u & 0xff) << "a stopped timer keeps its count";
    timer.write(0x000, 4, 1);
    bench.run(timer, 64 * 5);
    timer.write(0x040, 4, 1);
    EXPECT_EQ(timer.read(0x540, 4), 1005u & 0xff);
}

TEST(Nrf52840Timer, AComparisonInterruptsExactlyWhenTheCounterGetsThere) {
    Bench bench;
    BoardRecord record;
    Timer timer("timer0", 0x40008000, 4, record);
    plug(timer, bench);
    timer.write(0x508, 4, 3);
    timer.write(0x510, 4, 4);
    timer.write(0x000, 4, 1);
    bench.run(timer, 64 * 10);
    timer.write(0x544, 4, 250);
    timer.write(0x304, 4, 1u << 17);
    bench.run(timer, 64 * 240 - 1);
    EXPECT_FALSE(bench.lines_[8]);
    bench.run(timer, 1);
    EXPECT_TRUE(bench.lines_[8]);
    timer.write(0x144, 4, 0);
    EXPECT_FALSE(bench.lines_[8]);
    bench.run(timer, 64 * 1'000'000);
    EXPECT_FALSE(bench.lines_[8]) << "not again before the counter comes round";
}

// A PDM interface on a wired board; MAXCNT 100 samples at the start of RAM.
struct Listening {
    Bench bench;
    BoardRecord record;
    Gpio gpio{{}, 0, record};
    Pdm pdm;

    explicit Listening(Track track) : pdm({26, 25, 17}, gpio, std::move(track), 650, record) {
        plug(gpio, bench);
        plug(pdm, bench);
        gpio.write(0x700 + 4 * 17, 4, 3);
        gpio.write(0x508, 4, 1u << 17);
        for (const auto& [offset, value] :
             std::initializer_list<std::pair<std::uint32_t, std::uint32_t>>{{0x504, 0x0a000000},
                                                                            {0x520, 1},
                                                                            {0x508, 1},
                                                                            {0x540, 26},
                                                                            {0x544, 25},
                                                                            {0x560, kRam},
                                                                            {0x564, 100},
                                                                            {0x304, 4},
                                                                            {0x500, 1}}) {
            pdm.write(offset, 4, value);
        }
    }
};

Track count_up(std::size_t samples) {
    Track track;
    for (std::size_t i = 0; i < samples; ++i) track.samples.push_back(static_cast<std::int16_t>(i + 1));
    return track;
}

TEST(Nrf52840Pdm, GivesTheTrackSampleBySampleAt16000Hertz) {
    Listening board(count_up(150));
    board.pdm.write(0, 4, 1);
    EXPECT_EQ(board.pdm.read(0x100, 4), 1u) << "STARTED: the address is taken";
    board.pdm.write(0x560, 4, kRam + 200);
    board.bench.run(board.pdm, 100 * 4000 - 1);
    EXPECT_FALSE(board.bench.lines_[29]);
    board.bench.run(board.pdm, 1);
    EXPECT_TRUE(board.bench.lines_[29]);
    for (std::uint32_t i = 0; i < 100; ++i) ASSERT_EQ(board.bench.sample(i), static_cast<int>(i) + 1);
    board.pdm.write(0x108, 4, 0);
    board.bench.run(board.pdm, 100 * 4000);
    EXPECT_EQ(board.bench.sample(149), 150);
    EXPECT_EQ(board.bench.sample(150), 0) << "silence after the track";
    EXPECT_EQ(board.record.microphone.samples, 200u);
    EXPECT_EQ(board.record.microphone.track_samples, 150u);
    EXPECT_EQ(board.record.microphone.lost_samples, 0u);
    EXPECT_EQ(board.bench.draws_["microphone"], 650.0);
    board.pdm.write(4, 4, 1);
    EXPECT_EQ(board.bench.draws_["microphone"], 0.0);
    EXPECT_EQ(board.record.microphone.on_cycles, 200u * 4000);
}

TEST(Nrf52840Pdm, ABlockNobodyTookIsLost) {
    Listening board(count_up(1000));
    board.pdm.write(0, 4, 1);
    board.bench.run(board.pdm, 300 * 4000);
    EXPECT_EQ(board.record.microphone.lost_samples, 200u);
}

TEST(Nrf52840Pdm, WithoutPowerThereIsNothingToHear) {
    Listening board(count_up(200));
    board.gpio.write(0x50c, 4, 1u << 17);
    board.pdm.write(0, 4, 1);
    board.bench.run(board.pdm, 100 * 4000);
    for (std::uint32_t i = 0; i < 100; ++i) ASSERT_EQ(board.bench.sample(i), 0);
    EXPECT_EQ(board.record.microphone.track_samples, 0u);
}

TEST(Nrf52840Pdm, AnotherRateHearsTheSameSoundAtItsOwnSteps) {
    Track track;
    for (int i = 0; i < 400; ++i) track.samples.push_back(static_cast<std::int16_t>(100 * i));
    Listening board(track);
    board.pdm.write(0x504, 4, 0x08400000);  // 32 MHz / 31
    board.pdm.write(0x520, 4, 0);           // / 64: 16,129 Hz
    board.pdm.write(0, 4, 1);
    board.bench.run(board.pdm, 100 * 3968);
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(board.bench.sample(static_cast<std::uint32_t>(i)), std::lround(100.0 * i * 3968 / 4000))
            << i;
    }
}

TEST(Nrf52840Pdm, ABlockOutsideRamEndsTheRunInWords) {
    Listening board(count_up(200));
    board.pdm.write(0x560, 4, kRam + kRamBytes - 100);
    board.pdm.write(0, 4, 1);
    board.bench.run(board.pdm, 70 * 4000);
    EXPECT_NE(board.bench.reason_.find("SAMPLE.PTR"), std::string::npos) << board.bench.reason_;
}

}  // namespace
}  // namespace jatai::simulate
