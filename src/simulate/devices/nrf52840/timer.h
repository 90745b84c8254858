// timer.h: TIMER0 to TIMER4 of the nRF52840 in timer mode: capture, compare, 8 to 32 bits.
//
// Counts 16 MHz / 2^PRESCALER. Counter mode and shortcuts other than none are not modelled. Source: nRF52840
// Product Specification v1.7, 6.30 TIMER.
#pragma once

#include "src/simulate/devices/nrf52840/peripheral.h"

namespace jatai::simulate {

class Timer : public Peripheral {
  public:
    // `channels`: 4 for TIMER0 to 2, 6 for TIMER3 and 4.
    Timer(std::string name, std::uint32_t base, unsigned channels, BoardRecord& record);
    Cycle next_event() const override { return next_; }
    void advance() override;
    void reset() override;

  protected:
    bool start_task(std::uint32_t offset) override;
    void changed(std::uint32_t offset) override;

  private:
    std::uint64_t ticks();  // since the counter was last 0, not cut to the counter's width
    std::uint64_t mask();
    Cycle cycle_of(std::uint64_t tick);
    void schedule(unsigned channel);
    void schedule_all();

    unsigned channels_;
    bool running_ = false;
    Cycle origin_ = 0;        // when running: the cycle at which the counter was 0
    std::uint64_t held_ = 0;  // when stopped: the counter
    Cycle due_[6];            // per channel
    Cycle next_ = kNever;
};

}  // namespace jatai::simulate
