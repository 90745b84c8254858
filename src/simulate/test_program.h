// test_program.h: a few instructions by hand, for tests that need no compiler.
//
//     Program program;                                  // flash at 0, stack at the top of RAM
//     program.load_constant(0, 0x70000000);
//     program.half(0x6001);                             // str r1, [r0]
//     RunResult result = run_program(program);
#pragma once

#include <cstdint>
#include <vector>

#include "src/base/board.h"
#include "src/simulate/firmware.h"
#include "src/simulate/machine.h"

namespace jatai::simulate {

inline Board test_board(const char* id = "bench_m4") { return load_board(id, JATAI_SOURCE_DIR "/boards"); }

class Program {
  public:
    static constexpr std::uint32_t kStack = 0x20008000, kVectors = 64;

    Program() : halves_(kVectors * 2) {
        vector(0, kStack);
        vector(1, kVectors * 4 + 1);
    }

    std::uint32_t here() const { return static_cast<std::uint32_t>(halves_.size()) * 2; }
    // Vector `n` of the table: the initial stack pointer, or an address with its thumb bit.
    void vector(unsigned n, std::uint32_t value) {
        halves_[n * 2] = static_cast<std::uint16_t>(value);
        halves_[n * 2 + 1] = static_cast<std::uint16_t>(value >> 16);
    }
    void handler(unsigned exception) { vector(exception, here() | 1); }

    Program& half(std::uint16_t code) {
        halves_.push_back(code);
        return *this;
    }
    Program& wide(std::uint32_t code) {
        return half(static_cast<std::uint16_t>(code >> 16)).half(static_cast<std::uint16_t>(code));
    }
    // MOVW and MOVT rd, #value
    Program& load_constant(unsigned rd, std::uint32_t value) {
        move_half(0xF2400000, rd, value & 0xFFFF);
        return move_half(0xF2C00000, rd, value >> 16);
    }
    Program& store(unsigned rt, unsigned rn) {
        return half(static_cast<std::uint16_t>(0x6000 | rn << 3 | rt));
    }
    Program& load(unsigned rt, unsigned rn) {
        return half(static_cast<std::uint16_t>(0x6800 | rn << 3 | rt));
    }
    // `value` to the word at `address`, by way of r0 and r1
    Program& poke(std::uint32_t address, std::uint32_t value) {
        return load_constant(0, address).load_constant(1, value).store(1, 0);
    }
    Program& branch_to_self() { return half(0xE7FE); }
    Program& branch(std::uint32_t target) {
        const std::uint32_t offset = target - (here() + 4);
        return half(static_cast<std::uint16_t>(0xE000 | (offset >> 1 & 0x7FF)));
    }
    Program& exit(std::uint32_t code) {
        load_constant(2, 0x20007000).load_constant(3, 0x20026).half(0x6013);  // str r3, [r2]
        return load_constant(3, code).half(0x6053).load_constant(0, 0x20).half(0x4611).half(0xBEAB);
    }

    Firmware firmware() const {
        Bytes bytes;
        for (std::uint16_t half : halves_) {
            bytes.push_back(static_cast<std::uint8_t>(half));
            bytes.push_back(static_cast<std::uint8_t>(half >> 8));
        }
        Firmware firmware = firmware_from_binary(bytes, 0, "program");
        firmware.symbols.push_back({kVectors * 4, 0, "entry", true});
        return firmware;
    }

  private:
    Program& move_half(std::uint32_t base, unsigned rd, std::uint32_t value) {
        return wide(base | (value >> 12) << 16 | (value >> 11 & 1) << 26 | (value >> 8 & 7) << 12 | rd << 8 |
                    (value & 0xFF));
    }

    std::vector<std::uint16_t> halves_;
};

inline RunResult run_program(const Program& program, Cycle limit = 10'000'000) {
    Machine machine(test_board());
    machine.load(program.firmware());
    return machine.run(limit);
}

}  // namespace jatai::simulate
