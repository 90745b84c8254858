// profile.h: cycles and instructions by function and between marks, kept while the interpreter runs.
//
// A function's own cost is booked when the flow leaves it by call, return or jump: nothing is paid per
// instruction.
#pragma once

#include <cstdint>
#include <vector>

#include "src/simulate/core/code_region.h"
#include "src/simulate/core/cpu.h"

namespace jatai::simulate {

struct OwnCost {
    std::uint64_t calls = 0;
    std::uint64_t instructions = 0;
    std::uint64_t cycles = 0;
};

struct MarkedSpan {
    std::uint64_t instructions = 0;
    std::uint64_t cycles = 0;
};

struct MarkedWindow {
    MarkedSpan whole;
    std::vector<MarkedSpan> ops;
};

class Profile {
  public:
    void reset(std::size_t functions) {
        costs_.assign(functions, {});
        current_ = 0;
        windows_.clear();
        in_window_ = false;
    }

    void resume(std::uint16_t function, const Counters& now) {
        current_ = function;
        since_ = {now.instructions, now.cycles};
    }
    void flush(const Counters& now) {
        OwnCost& cost = costs_[current_];
        cost.instructions += now.instructions - since_.instructions;
        cost.cycles += now.cycles - since_.cycles;
        since_ = {now.instructions, now.cycles};
    }
    [[gnu::always_inline]] void enter(std::uint16_t function, const Counters& now) {
        if (function == current_) return;
        flush(now);
        current_ = function;
    }
    void count_call(std::uint16_t function) { ++costs_[function].calls; }

    void mark(Mark mark, const Counters& now) {
        const MarkedSpan at{now.instructions, now.cycles};
        switch (mark) {
            case Mark::BenchBegin:
                windows_.emplace_back();
                window_start_ = at;
                in_window_ = true;
                break;
            case Mark::BenchEnd:
                if (in_window_) windows_.back().whole = difference(at, window_start_);
                in_window_ = false;
                break;
            case Mark::OpBegin:
                op_start_ = at;
                break;
            case Mark::OpEnd:
                if (in_window_) windows_.back().ops.push_back(difference(at, op_start_));
                break;
        }
    }

    const std::vector<OwnCost>& costs() const { return costs_; }
    // Finished windows only.
    std::vector<MarkedWindow> windows() const {
        std::vector<MarkedWindow> done = windows_;
        if (in_window_) done.pop_back();
        return done;
    }

  private:
    static MarkedSpan difference(const MarkedSpan& end, const MarkedSpan& begin) {
        return {end.instructions - begin.instructions, end.cycles - begin.cycles};
    }

    std::vector<OwnCost> costs_;
    std::uint16_t current_ = 0;
    MarkedSpan since_, window_start_, op_start_;
    std::vector<MarkedWindow> windows_;
    bool in_window_ = false;
};

}  // namespace jatai::simulate
