// uarte.h: a serial line of the nRF52840 that sends by direct memory access; what it sends is kept line by
// line.
//
// Character by character at the rate of BAUDRATE, ten bits each: ENDTX and ENDRX come when a chip would give
// them. It receives when the record's pipe is open; a character that comes while no reception is under way is
// lost (the chip's FIFO of 6 is left out). Source: nRF52840 Product Specification v1.7, 6.34 UARTE. A buffer
// outside RAM ends the run: EasyDMA cannot reach flash.
#pragma once

#include "src/simulate/devices/nrf52840/peripheral.h"

namespace jatai::simulate {

class Uarte : public Peripheral {
  public:
    Uarte(std::string name, std::uint32_t base, double sending_ua, BoardRecord& record);
    Cycle next_event() const override { return next_ < rx_next_ ? next_ : rx_next_; }
    void advance() override;
    void reset() override;

  protected:
    bool start_task(std::uint32_t offset) override;

  private:
    void begin();
    void begin_receiving();
    void end_receiving();
    void receive_byte();
    void advance_sending();
    void stop();
    void send_byte();
    void keep(char c);
    Cycle character_cycles();
    void show_sending(bool sending);

    double sending_ua_;
    Cycle next_ = kNever;
    Cycle began_ = 0;  // the character that is on the line
    Cycle line_began_ = 0;
    bool line_open_ = false;
    std::uint32_t address_ = 0;
    std::uint32_t left_ = 0;
    std::uint32_t sent_ = 0;
    Cycle rx_next_ = kNever;  // when the next character may be whole
    bool receiving_ = false;
    std::uint32_t rx_address_ = 0, rx_most_ = 0, rx_count_ = 0;
};

}  // namespace jatai::simulate
