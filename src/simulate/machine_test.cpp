#include "src/simulate/machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/error.h"
#include "src/base/rng.h"
#include "src/simulate/test_program.h"

namespace jatai::simulate {
namespace {

using testing::HasSubstr;

// ---- ends ------------------------------------------------------------------------------------------------

TEST(Machine, AFirmwareThatExitsGivesItsCode) {
    Program program;
    program.exit(7);
    const RunResult result = run_program(program);
    EXPECT_EQ(result.stop, Stop::Exited);
    EXPECT_EQ(result.exit_code, 7);
    EXPECT_EQ(result.reason, "");
}

TEST(Machine, AnUndefinedInstructionIsNamedWithItsPlace) {
    Program program;
    program.half(0xBF00).half(0xDE42);
    const RunResult result = run_program(program);
    EXPECT_EQ(result.stop, Stop::Fault);
    EXPECT_THAT(result.reason, HasSubstr("undefined instruction de42 at entry+0x2"));
    EXPECT_THAT(describe_stop(result), HasSubstr("cfsr"));
}

TEST(Machine, AWildStoreIsNamedWithItsAddress) {
    Program program;
    program.poke(0x70000000, 1);
    const RunResult result = run_program(program);
    EXPECT_EQ(result.stop, Stop::Fault);
    EXPECT_THAT(result.reason, HasSubstr("store to 0x70000000, where bench_m4 has nothing at entry+0x10"));
    EXPECT_EQ(result.registers.bfar, 0x70000000u);
}

TEST(Machine, AStoreIntoFlashIsAFault) {
    Program program;
    program.poke(0x1000, 1);
    EXPECT_THAT(run_program(program).reason, HasSubstr("flash"));
}

TEST(Machine, AJumpIntoNothingIsNamed) {
    Program program;
    program.load_constant(0, 0x10000001).half(0x4700);
    EXPECT_THAT(run_program(program).reason, HasSubstr("jump to 0x10000000"));
    Program even;
    even.load_constant(0, 0x100).half(0x4700);
    EXPECT_THAT(run_program(even).reason, HasSubstr("not Thumb code"));
    Program device;
    device.load_constant(0, 0x40001001).half(0x4700);
    EXPECT_THAT(run_program(device).reason, HasSubstr("may not be executed"));
}

TEST(Machine, ALostStackPointerIsSaid) {
    Program program;
    program.load_constant(0, 0x50000000).half(0x4685).half(0xDF01);  // mov sp, r0; svc 1
    const RunResult result = run_program(program);
    EXPECT_EQ(result.stop, Stop::Fault);
    EXPECT_THAT(result.reason, HasSubstr("outside RAM"));
}

TEST(Machine, ACountlessLoopIsFoundAtOnce) {
    Program program;
    program.branch_to_self();
    const RunResult result = run_program(program, kNever);
    EXPECT_EQ(result.stop, Stop::Stuck);
    EXPECT_EQ(result.where, "entry");
}

TEST(Machine, AFaultHandlerThatLoopsReportsTheFaultItself) {
    Program program;
    program.half(0xDE01);
    program.handler(3);
    program.branch_to_self();
    const RunResult result = run_program(program, kNever);
    EXPECT_EQ(result.stop, Stop::Fault);
    EXPECT_THAT(result.reason, HasSubstr("undefined instruction de01 at entry"));
}

TEST(Machine, SleepWithoutAnAlarmIsFoundAtOnce) {
    Program program;
    program.half(0xBF30);
    EXPECT_EQ(run_program(program, kNever).stop, Stop::Stuck);
}

TEST(Machine, ABreakpointStops) {
    Program program;
    program.half(0xBE05);
    const RunResult result = run_program(program);
    EXPECT_EQ(result.stop, Stop::Breakpoint);
    EXPECT_THAT(result.reason, HasSubstr("5"));
}

TEST(Machine, ABusyLoopEndsAtTheLimitAndGoesOnAfterwards) {
    Program program;
    const std::uint32_t top = program.here();
    program.half(0xBF00).branch(top);
    Machine machine(test_board());
    machine.load(program.firmware());
    EXPECT_EQ(machine.run(1000).stop, Stop::CycleLimit);
    const Cycle first = machine.cycles();
    EXPECT_GE(first, 1000u);
    EXPECT_LT(first, 1010u);
    EXPECT_GE(machine.run(2000).cycles, 2000u);
}

TEST(Machine, AFirmwareForAnotherMapIsRefused) {
    Machine machine(test_board());
    EXPECT_THROW(machine.load(firmware_from_binary(Bytes(16), 0x08000000, "other.bin")), Error);
    EXPECT_THROW(machine.load(firmware_from_binary(Bytes(16), 0x4000, "no vectors.bin")), Error);
}

TEST(Machine, GarbageNeverEndsTheSimulator) {
    Rng rng(11);
    for (int round = 0; round < 200; ++round) {
        Program program;
        for (int i = 0; i < 400; ++i) program.half(static_cast<std::uint16_t>(rng.next()));
        const RunResult result = run_program(program, 200'000);
        EXPECT_NE(result.stop, Stop::Device);
    }
}

// ---- time ------------------------------------------------------------------------------------------------

// The cycles of `body`, whose registers r4 and r5 point into RAM.
Cycle cycles_of(const std::vector<std::uint16_t>& body) {
    const auto total = [](const std::vector<std::uint16_t>& halves) {
        Program program;
        program.load_constant(4, 0x20000100)
            .load_constant(5, 0x20000200)
            .load_constant(6, 1000)
            .load_constant(7, 7);
        program.half(0xBF00);
        for (std::uint16_t half : halves) program.half(half);
        program.half(0xBF00).half(0xBE00);
        return run_program(program).cycles;
    };
    return total(body) - total({});
}

TEST(Timing, TheTableOfTheManualHolds) {
    EXPECT_EQ(cycles_of({0x1C40}), 1u);                  // adds
    EXPECT_EQ(cycles_of({0x4370}), 1u);                  // muls
    EXPECT_EQ(cycles_of({0x6821}), 2u);                  // ldr
    EXPECT_EQ(cycles_of({0x6821, 0x682A}), 3u);          // two loads overlap
    EXPECT_EQ(cycles_of({0x6821, 0x682A, 0x6863}), 4u);  // three as well
    EXPECT_EQ(cycles_of({0x6824, 0x6822}), 4u);       // not when the second needs the first for its address
    EXPECT_EQ(cycles_of({0x6021}), 1u);               // str
    EXPECT_EQ(cycles_of({0xB40F, 0xBC0F}), 10u);      // push and pop of four
    EXPECT_EQ(cycles_of({0xE7FF}), 2u);               // b to the next instruction
    EXPECT_EQ(cycles_of({0xFBB6, 0xF0F7}), 2u + 3u);  // udiv 1000 / 7: 8 bits of quotient
    EXPECT_EQ(cycles_of({0xFBB7, 0xF0F6}), 2u);       // udiv 7 / 1000
    EXPECT_EQ(cycles_of({0xFB86, 0x0107}), 1u);       // smull
    EXPECT_EQ(cycles_of({0xBF08, 0x3001}), 1u);       // IT folds into the nop before it
}

TEST(Timing, AMisalignedWordTakesOneCycleMore) {
    EXPECT_EQ(cycles_of({0x1C64, 0x6821}), 1u + 3u);  // adds r4, #1; ldr
}

TEST(Timing, TheCycleCounterOfTheChipCountsModelledCycles) {
    Program program;
    program.poke(0xE000EDFC, 1u << 24).poke(0xE0001000, 1);
    program.load_constant(0, 0xE0001004).load(4, 0);
    for (int i = 0; i < 10; ++i) program.half(0xBF00);
    program.load(5, 0).half(0xBE00);
    const RunResult result = run_program(program);
    EXPECT_EQ(result.registers.r[5] - result.registers.r[4], 12u);
}

TEST(Timing, TheSameProgramCostsTheSameAloneAndOnASharedImage) {
    Program program;
    const std::uint32_t top = program.here();
    program.half(0x1C40).half(0x2864).half(0xD1FC).exit(0);  // adds r0, #1; cmp r0, #100; bne top
    EXPECT_EQ(top, Program::kVectors * 4);
    Machine first(test_board("nano33ble")), second(test_board("nano33ble"));
    Firmware firmware = program.firmware();
    firmware.segments[0].load_address = 0;
    first.load(firmware);
    const RunResult alone = first.run();
    second.load(first.image());
    const RunResult shared = second.run();
    EXPECT_EQ(alone.cycles, shared.cycles);
    EXPECT_EQ(alone.instructions, shared.instructions);
    EXPECT_EQ(alone.energy.total_uj, shared.energy.total_uj);
}

TEST(Timing, WaitStatesCostAndACacheHelps) {
    Program program;
    program.load_constant(3, 1000);
    for (int i = 0; i < 20; ++i) program.half(0xBF00);
    program.half(0x3B01).half(0xD1E9).exit(0);  // back over three lines: subs r3, #1; bne
    Board board = test_board("nano33ble");
    Machine slow(board), fast(test_board());
    slow.load(program.firmware());
    fast.load(program.firmware());
    const Cycle slow_cycles = slow.run().cycles, fast_cycles = fast.run().cycles;
    EXPECT_GT(slow_cycles, fast_cycles + 1000 * 3 * 2 - 100);
    board.flash_timing.cache_on_at_reset = true;
    Machine cached(board);
    cached.load(program.firmware());
    EXPECT_LT(cached.run().cycles, fast_cycles + 100);
}

// ---- profile ---------------------------------------------------------------------------------------------

TEST(Profile, WindowsAreCountedFromTheFirstInstructionOfBeginToThatOfEnd) {
    Program program;
    program.wide(0xF000F806);           // bl begin
    program.half(0xBF00).half(0xBF00);  // two instructions
    program.wide(0xF000F803);           // bl end
    program.half(0xBE00);
    program.half(0xBF00);
    const std::uint32_t begin = program.here();
    program.half(0x4770);
    const std::uint32_t end = program.here();
    program.half(0x4770);
    Firmware firmware = program.firmware();
    firmware.symbols.push_back({begin, 2, "bench_begin", true});
    firmware.symbols.push_back({end, 2, "bench_end", true});
    Machine machine(test_board());
    machine.load(firmware);
    const RunResult result = machine.run(1000);
    ASSERT_EQ(result.windows.size(), 1u);
    EXPECT_EQ(result.windows[0].whole.instructions, 4u);      // bx, nop, nop, bl
    EXPECT_EQ(result.windows[0].whole.cycles, 3u + 2u + 2u);  // 3 + 1 + 1 + 2
    ASSERT_GE(result.functions.size(), 2u);
    EXPECT_EQ(result.functions[0].name, "entry");
}

TEST(Profile, TheDeepestStackIsKept) {
    Program program;
    program.half(0xB5F0).half(0xB0A0).half(0xB020).half(0xBCF0).half(
        0xBE00);  // push 5 words; sub, add sp, #128
    EXPECT_EQ(run_program(program).stack_bytes, 20u + 128u);
}

// ---- memory ----------------------------------------------------------------------------------------------

TEST(Memory, CodeInRamRunsAndMayBeRewritten) {
    Program program;
    program.load_constant(4, 0x20000100);
    program.load_constant(5, 0x47703001).half(0x6025);  // adds r0, #1; bx lr
    program.load_constant(0, 0).half(0x1C66);           // r6 = r4 + 1
    program.half(0x47B0);                               // blx r6
    program.load_constant(5, 0x47703005).half(0x6025);  // now adds r0, #5
    program.half(0x47B0).half(0xBE00);
    EXPECT_EQ(run_program(program).registers.r[0], 6u);
}

TEST(Memory, AResetAskedForByTheFirmwareIsCounted) {
    Program program;
    program.load_constant(4, 0x20000100).load(5, 4).half(0x2D00).half(0xD100).half(0xE000);  // first time: go
                                                                                             // on
    program.half(0xBE07);
    program.half(0x2501).half(0x6025);  // mark in RAM, which a reset keeps
    program.poke(0xE000ED0C, 0x05FA0004);
    program.branch_to_self();
    const RunResult result = run_program(program);
    EXPECT_EQ(result.stop, Stop::Breakpoint);
    EXPECT_EQ(result.resets, 1u);
}

}  // namespace
}  // namespace jatai::simulate
