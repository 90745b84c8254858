// SVC, PendSV, SysTick, preemption, tail-chaining, float stacking and faults, as a firmware sees them:
// against QEMU, and against what the architecture says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "src/base/error.h"
#include "src/package/run_tool.h"
#include "src/package/scratch_folder.h"
#include "src/simulate/machine.h"

namespace jatai {
namespace {

using simulate::Machine;
using simulate::RunResult;
using simulate::Stop;
using testing::ElementsAreArray;

using Words = std::vector<std::uint32_t>;

const std::string kHere = JATAI_SOURCE_DIR "/tests/oracle/";

class Exceptions : public testing::Test {
  protected:
    void SetUp() override {
        if (find_tool("arm-none-eabi-gcc").empty()) GTEST_SKIP() << "not installed: arm-none-eabi-gcc";
        const ToolResult built =
            run_tool({"arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard",
                      "-mfpu=fpv4-sp-d16", "-O1", "-ffreestanding", "-nostdlib", "-T", kHere + "harness.ld",
                      kHere + "exceptions.c", "-lgcc", "-o", "image.elf"},
                     folder_.path(), 60);
        ASSERT_EQ(built.exit_code, 0) << built.output;
    }

    Words notes() const {
        const Bytes bytes = read_file(folder_.path() / "out.bin");
        Words words(bytes.size() / 4);
        std::memcpy(words.data(), bytes.data(), words.size() * 4);
        return words;
    }

    Words run_on_machine() const {
        Machine machine(load_board("bench_m4", JATAI_SOURCE_DIR "/boards"), {.folder = folder_.path()});
        machine.load(simulate::read_firmware(read_file(folder_.path() / "image.elf"), "image.elf"));
        const RunResult result = machine.run(100'000'000);
        EXPECT_EQ(result.stop, Stop::Exited) << simulate::describe_stop(result);
        return notes();
    }

    ScratchFolder folder_;
};

TEST_F(Exceptions, AFirmwareSeesThemAsOnQemu) {
    if (find_tool("qemu-system-arm").empty()) GTEST_SKIP() << "not installed: qemu-system-arm";
    const ToolResult ran =
        run_tool({"qemu-system-arm", "-M", "mps2-an386", "-nographic", "-monitor", "none", "-serial", "null",
                  "-semihosting-config", "enable=on,target=native", "-kernel", "image.elf"},
                 folder_.path(), 60);
    ASSERT_EQ(ran.exit_code, 0) << ran.output;
    const Words theirs = notes();
    EXPECT_THAT(run_on_machine(), ElementsAreArray(theirs));
}

// Where in `words` the run `part` begins; the end when nowhere.
std::size_t find_run(const Words& words, const Words& part) {
    return static_cast<std::size_t>(std::search(words.begin(), words.end(), part.begin(), part.end()) -
                                    words.begin());
}

TEST_F(Exceptions, TheStrongerInterruptRunsInTheMiddleAndTheEqualOneWaits) {
    const Words words = run_on_machine();
    const Words preempted = {0x10000001, 0x11000001, 0x10000002, 0x10000003, 0x12000001, 0x20000000};
    EXPECT_LT(find_run(words, preempted), words.size());
    const Words masked = {0x20000001, 2, 0x11000001, 0x20000002};  // pending under PRIMASK, taken after it
    EXPECT_LT(find_run(words, masked), words.size());
    const Words raised = {0x20000003, 0x11000001};  // BASEPRI let nothing through
    EXPECT_LT(find_run(words, raised), words.size());
}

TEST_F(Exceptions, PendSvWaitsForTheEndOfTheCallThatAskedForIt) {
    const Words words = run_on_machine();
    const Words order = {0x5C00FFFF, 0xE000000E, 207};
    EXPECT_LT(find_run(words, order), words.size());
}

TEST_F(Exceptions, FloatRegistersOfTheThreadComeBackLazilyAndEagerly) {
    const Words words = run_on_machine();
    const Words kept = {0x80000000, 0x3FC00000, 0x40200000, 0xC0400000,
                        0x417B8000};  // FPSCR, 1.5, 2.5, -3, 15.71875
    const std::size_t lazy = find_run(words, kept);
    ASSERT_LT(lazy, words.size());
    const Words rest(words.begin() + static_cast<std::ptrdiff_t>(lazy) + 1, words.end());
    EXPECT_LT(find_run(rest, kept), rest.size());
}

}  // namespace
}  // namespace jatai
