// machine.h: one simulated board: load a firmware, attach devices, run, and read what it did and cost.
//
//     Machine machine(load_board("bench_m4", "boards"), {.folder = "work"});
//     machine.attach(std::make_unique<Uart>());
//     machine.load(read_firmware(read_file("firmware.elf"), "firmware.elf"));
//     RunResult result = machine.run(seconds(2.0, machine.board()));
//     result.stop == Stop::Exited;  result.exit_code;  result.cycles;  result.console;
//
// Keeps       The same board, firmware and device inputs give the same bytes, cycles and energy.
// Fails with  Error when the firmware does not fit the board. Whatever the firmware does wrong (fault, wild
//             write, undefined instruction, endless loop) ends the run with a reason in words, a register
//             dump and the nearest symbol: see RunResult.
// Memory      RAM of the board, and 16 bytes per executed halfword of flash, shared by machines of one image.
// Threads     One machine, one thread; machines that share an image may run in different threads.
// Cost        About 5 ns per simulated instruction.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "src/base/board.h"
#include "src/simulate/device.h"
#include "src/simulate/energy.h"
#include "src/simulate/firmware.h"

namespace jatai::simulate {

enum class Stop {
    Exited,      // the firmware said so by semihosting
    Fault,       // a fault nobody handles: reason, registers and symbol say which and where
    Breakpoint,  // BKPT other than semihosting
    CycleLimit,  // the time given to run() is over; run() again goes on
    Stuck,       // loops or sleeps for ever: nothing can wake it
    Device,      // a device ended the run
};

struct Registers {
    std::uint32_t r[16] = {};  // r[13] is the stack pointer in use, r[15] the address of the instruction
    std::uint32_t xpsr = 0;
    std::uint32_t msp = 0, psp = 0;
    std::uint32_t control = 0, primask = 0, basepri = 0, faultmask = 0;
    std::uint32_t cfsr = 0, hfsr = 0, mmfar = 0, bfar = 0;
    std::uint32_t s[32] = {};
    std::uint32_t fpscr = 0;
};

struct FunctionCost {
    std::string name;
    std::uint32_t address = 0;
    std::uint64_t calls = 0;
    std::uint64_t instructions = 0;  // own, without what it calls
    std::uint64_t cycles = 0;
};

struct SpanCost {
    std::uint64_t instructions = 0;
    std::uint64_t cycles = 0;
};

// From the first instruction of bench_begin to that of bench_end; `ops` between bench_op_begin and
// bench_op_end inside it, in order.
struct BenchWindow {
    SpanCost whole;
    std::vector<SpanCost> ops;
};

struct RunResult {
    Stop stop = Stop::CycleLimit;
    int exit_code = 0;
    std::string reason;  // in words, in the user's language; empty for Exited and CycleLimit
    std::string where;   // nearest symbol of the instruction that ended it: "main+0x1c"
    Registers registers;
    // Totals since load().
    Cycle cycles = 0;
    Cycle sleep_cycles = 0;  // of `cycles`, those asleep in WFI or WFE
    std::uint64_t instructions = 0;
    std::uint32_t stack_bytes = 0;       // the most the main stack ever took
    std::uint32_t stack_room_bytes = 0;  // from the top of the stack to the static data below; 0: unknown
    std::uint32_t resets = 0;            // how often the firmware or a device reset the chip
    std::string console;                 // all that semihosting wrote to the console
    std::vector<BenchWindow> windows;
    std::vector<FunctionCost> functions;  // most cycles first, only those that ran
    EnergyReport energy;
};

struct MachineOptions {
    fs::path folder;           // semihosting opens files only below it; empty: no files
    std::string command_line;  // what SYS_GET_CMDLINE gives
    TraceSink* trace = nullptr;
    std::string console_input;  // what SYS_READ of the console gives
};

struct FlashImage;  // flash bytes and their predecoded form, shared between machines

class Machine {
  public:
    explicit Machine(Board board, MachineOptions options = {});
    ~Machine();
    Machine(Machine&&) noexcept;

    // Devices first, then load(): load() resets them. A range that overlaps another device's is an Error.
    Device& attach(std::unique_ptr<Device> device);

    void load(const Firmware& firmware);
    // As load(firmware) of the machine the image came from, sharing its flash.
    void load(std::shared_ptr<FlashImage> image);
    std::shared_ptr<FlashImage> image() const;

    // Runs until something ends it or `limit` cycles have passed since load(). May be called again.
    RunResult run(Cycle limit = kNever);
    // Cheaper than run() when called often: only the reason of the stop.
    Stop advance_to(Cycle limit);
    RunResult result() const;

    const Board& board() const;
    Cycle cycles() const;
    Host& host();
    // RAM and flash, for a look at results; writing reaches RAM only. False when outside.
    bool read_memory(std::uint32_t address, std::span<std::uint8_t> bytes) const;
    bool write_memory(std::uint32_t address, std::span<const std::uint8_t> bytes);

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

Cycle seconds(double seconds, const Board& board);

// The register dump, fault and place of a run that ended badly, as a block of text for a person.
std::string describe_stop(const RunResult& result);

// Latency of `cycles` on `board` in microseconds, with its band.
struct Modelled {
    double value = 0, low = 0, high = 0;
};
Modelled latency_us(Cycle cycles, const Board& board);

}  // namespace jatai::simulate
