// Devices on the bus: register access, events in time, interrupts out of sleep, DMA, flash, trace.
#include "src/simulate/device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/error.h"
#include "src/simulate/test_program.h"

namespace jatai::simulate {
namespace {

using testing::HasSubstr;

constexpr std::uint32_t kBase = 0x40001000;

// Writing n to +0 raises interrupt 3 n cycles later; +4 lowers it; +8 counts; +12 copies a word to RAM by
// DMA; +16 ends the run; +20 opens flash.
class Alarm : public Device {
  public:
    std::string_view name() const override { return "alarm"; }
    AddressRange range() const override { return {kBase, 0x100}; }
    std::uint32_t read(std::uint32_t offset, unsigned) override { return offset == 8 ? rings_ : 0; }
    void write(std::uint32_t offset, unsigned, std::uint32_t value) override {
        if (offset == 0) at_ = host().now() + value;
        if (offset == 4) host().lower_interrupt(3);
        if (offset == 12) host().write_memory(value, std::vector<std::uint8_t>{1, 2, 3, 4});
        if (offset == 16) host().stop("the alarm had enough");
        if (offset == 20) open_ = value != 0;
    }
    Cycle next_event() const override { return at_; }
    void advance() override {
        at_ = kNever;
        ++rings_;
        rang_at = host().now();
        host().raise_interrupt(3);
        host().trace(name(), "ring", rings_);
    }
    void reset() override { at_ = kNever; }
    bool write_flash(std::uint32_t address, unsigned bytes, std::uint32_t value) override {
        const auto* first = reinterpret_cast<const std::uint8_t*>(&value);
        return open_ && host().program_flash(address, {first, bytes});
    }

    Cycle rang_at = 0;

  private:
    Cycle at_ = kNever;
    std::uint32_t rings_ = 0;
    bool open_ = false;
};

struct Events : TraceSink {
    void record(Cycle when, std::string_view device, std::string_view signal, std::int64_t value) override {
        text += fmt::format("{} {} {} {}\n", when, device, signal, value);
    }
    std::string text;
};

// Sleeps until the alarm, whose handler counts in r7 (by way of memory) and stops.
Program sleeper() {
    Program program;
    program.poke(0xE000E100, 8).poke(kBase, 100000).half(0xBF30);
    program.load_constant(0, kBase).half(0x6885).half(0xBE00);  // ldr r5, [r0, #8]
    program.handler(16 + 3);
    program.load_constant(0, kBase).half(0x6041).half(0x4770);  // str r1, [r0, #4]; bx lr
    return program;
}

TEST(Devices, AnInterruptEndsSleepAtItsVeryCycle) {
    Events events;
    Machine machine(test_board(), {.trace = &events});
    auto& alarm = static_cast<Alarm&>(machine.attach(std::make_unique<Alarm>()));
    machine.load(sleeper().firmware());
    const RunResult result = machine.run();
    EXPECT_EQ(result.stop, Stop::Breakpoint);
    EXPECT_EQ(result.registers.r[5], 1u);
    EXPECT_GT(alarm.rang_at, 100000u);
    EXPECT_LT(alarm.rang_at, 100060u);
    EXPECT_GT(result.sleep_cycles, 99900u);
    EXPECT_LT(result.instructions, 60u);
    EXPECT_EQ(events.text, fmt::format("{} alarm ring 1\n", alarm.rang_at));
}

TEST(Devices, SleepGoesOnWhenTheRunIsCutInPieces) {
    Machine whole(test_board()), pieces(test_board());
    whole.attach(std::make_unique<Alarm>());
    pieces.attach(std::make_unique<Alarm>());
    whole.load(sleeper().firmware());
    pieces.load(sleeper().firmware());
    const RunResult once = whole.run();
    Cycle limit = 1000;
    while (pieces.advance_to(limit) == Stop::CycleLimit) limit += 1000;
    EXPECT_EQ(pieces.result().cycles, once.cycles);
    EXPECT_EQ(pieces.result().instructions, once.instructions);
    EXPECT_EQ(pieces.result().sleep_cycles, once.sleep_cycles);
}

TEST(Devices, ASpinningCoreIsInterruptedToo) {
    Program program;
    program.poke(0xE000E100, 8).poke(kBase, 50000).branch_to_self();
    program.handler(16 + 3);
    program.half(0xBE03);
    Machine machine(test_board());
    machine.attach(std::make_unique<Alarm>());
    machine.load(program.firmware());
    const RunResult result = machine.run();
    EXPECT_EQ(result.stop, Stop::Breakpoint);
    EXPECT_GT(result.cycles, 50000u);
    EXPECT_LT(result.cycles, 50100u);
    EXPECT_EQ(result.sleep_cycles, 0u);
}

TEST(Devices, DirectMemoryAccessReachesRam) {
    Program program;
    program.load_constant(0, kBase)
        .load_constant(1, 0x20000040)
        .half(0x60C1)
        .load_constant(0, 0x20000040)
        .load(5, 0)
        .half(0xBE00);
    Machine machine(test_board());
    machine.attach(std::make_unique<Alarm>());
    machine.load(program.firmware());
    EXPECT_EQ(machine.run().registers.r[5], 0x04030201u);
}

TEST(Devices, ADeviceMayEndTheRun) {
    Program program;
    program.load_constant(0, kBase).half(0x6101).branch_to_self();
    Machine machine(test_board());
    machine.attach(std::make_unique<Alarm>());
    machine.load(program.firmware());
    const RunResult result = machine.run();
    EXPECT_EQ(result.stop, Stop::Device);
    EXPECT_EQ(result.reason, "the alarm had enough");
}

TEST(Devices, ABoardThatWritesItsFlashGetsItsOwn) {
    Program program;
    program.load_constant(0, kBase).load_constant(1, 1).half(0x6141);  // open flash
    program.poke(0x1000, 0x12345678).load_constant(0, 0x1000).load(5, 0).half(0xBE00);
    Machine machine(test_board()), other(test_board());
    machine.attach(std::make_unique<Alarm>());
    machine.load(program.firmware());
    other.load(machine.image());
    EXPECT_EQ(machine.run().registers.r[5], 0x12345678u);
    std::uint8_t byte = 0;
    EXPECT_TRUE(other.read_memory(0x1000, {&byte, 1}));
    EXPECT_EQ(byte, 0xFF);
}

TEST(Devices, RangesMayNotOverlap) {
    Machine machine(test_board());
    machine.attach(std::make_unique<Alarm>());
    EXPECT_THROW(machine.attach(std::make_unique<Alarm>()), Error);
}

TEST(Devices, AMisalignedAccessToADeviceIsAFault) {
    Program program;
    program.load_constant(0, kBase + 2).load(1, 0);
    Machine machine(test_board());
    machine.attach(std::make_unique<Alarm>());
    machine.load(program.firmware());
    EXPECT_EQ(machine.run().stop, Stop::Fault);
}

}  // namespace
}  // namespace jatai::simulate
