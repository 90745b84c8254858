// clock_power.h: CLOCK and POWER of the nRF52840 (one address): crystals that take time to start, DC/DC,
// traces.
//
// Source: nRF52840 Product Specification v1.7, 5.3 POWER, 5.4 CLOCK; start-up times 5.4.5: HFXO 360 us
// typical, LFRC 600 us. A crystal that fails to start is not modelled.
#pragma once

#include "src/simulate/devices/nrf52840/peripheral.h"

namespace jatai::simulate {

class ClockPower : public Peripheral {
  public:
    explicit ClockPower(BoardRecord& record);
    Cycle next_event() const override { return next_; }
    void advance() override;
    void reset() override;

  protected:
    bool start_task(std::uint32_t offset) override;
    void changed(std::uint32_t offset) override;

  private:
    void schedule();

    Cycle hfclk_ready_ = kNever;
    Cycle lfclk_ready_ = kNever;
    Cycle next_ = kNever;
};

}  // namespace jatai::simulate
