// timers.h: the two timers of the core: SysTick (ARMv7-M ARM B3.3) and the cycle counter of DWT (C1.8).
//
// Both are functions of the board's cycle clock: nothing runs, and an idle timer costs nothing.
#pragma once

#include <cstdint>
#include <limits>

namespace jatai::simulate {

class SysTick {
  public:
    static constexpr std::uint64_t kOff = std::numeric_limits<std::uint64_t>::max();

    void reset() { *this = SysTick(); }

    // The cycle at which the counter next reaches zero, or kOff.
    std::uint64_t next_event() const { return zero_at_; }
    // Passes the zeroes up to `now`; whether one of them asks for the exception.
    bool advance(std::uint64_t now) {
        bool fires = false;
        while (zero_at_ <= now) {
            reached_zero_ = true;
            fires |= (control_ & 2) != 0;
            zero_at_ = reload_ == 0 ? kOff : zero_at_ + reload_ + 1;
        }
        return fires;
    }

    std::uint32_t read_control() {
        const std::uint32_t value = control_ | 4 | (reached_zero_ ? 1u << 16 : 0);
        reached_zero_ = false;
        return value;
    }
    void write_control(std::uint32_t value, std::uint64_t now) {
        const std::uint32_t count = this->value(now);
        control_ = value & 3;
        start(count, now);
    }
    std::uint32_t reload() const { return reload_; }
    void write_reload(std::uint32_t value) { reload_ = value & 0xFFFFFF; }
    std::uint32_t value(std::uint64_t now) const {
        if (!(control_ & 1)) return held_;
        if (zero_at_ == kOff || zero_at_ < now) return 0;
        const std::uint64_t left = zero_at_ - now;
        return left > reload_ && left > held_ ? 0 : static_cast<std::uint32_t>(left);
    }
    void clear_value(std::uint64_t now) {
        reached_zero_ = false;
        start(0, now);
    }

  private:
    void start(std::uint32_t count, std::uint64_t now) {
        held_ = count;
        zero_at_ = kOff;
        if (!(control_ & 1)) return;
        if (count != 0) zero_at_ = now + count;
        if (count == 0 && reload_ != 0) zero_at_ = now + reload_ + 1;
    }

    std::uint32_t control_ = 0, reload_ = 0, held_ = 0;
    std::uint64_t zero_at_ = kOff;
    bool reached_zero_ = false;
};

class CycleCounter {
  public:
    void reset() { *this = CycleCounter(); }
    void set_running(bool trace, std::uint32_t control, std::uint64_t now) {
        held_ = value(now);
        since_ = now;
        control_ = control;
        running_ = trace && (control & 1);
    }
    std::uint32_t control() const { return control_; }
    std::uint32_t value(std::uint64_t now) const {
        return running_ ? held_ + static_cast<std::uint32_t>(now - since_) : held_;
    }
    void set_value(std::uint32_t value, std::uint64_t now) {
        held_ = value;
        since_ = now;
    }

  private:
    std::uint32_t held_ = 0, control_ = 0;
    std::uint64_t since_ = 0;
    bool running_ = false;
};

}  // namespace jatai::simulate
