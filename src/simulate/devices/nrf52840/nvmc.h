// nvmc.h: the flash controller of the nRF52840: cache, writing words, erasing pages, and power that goes away
// meanwhile.
//
//     machine.attach(std::make_unique<Nvmc>(*record, machine.board().ram, PowerCut{.operation = 17}));
//
// A word store into flash counts while CONFIG says Wen, ERASEPAGE while it says Een; the core stands still
// for 41 us and 85 ms. Other stores into flash are bus faults.
//
// Source: nRF52840 Product Specification v1.7, 4.3 NVMC; the times are its maxima, remembered, not re-read.
#pragma once

#include <map>

#include "src/base/board.h"
#include "src/base/rng.h"
#include "src/simulate/devices/nrf52840/peripheral.h"
#include "src/simulate/power_cut.h"

namespace jatai::simulate {

class Nvmc : public Peripheral {
  public:
    Nvmc(BoardRecord& record, MemoryRange ram, PowerCut cut);

    bool write_flash(std::uint32_t address, unsigned bytes, std::uint32_t value) override;
    Cycle next_event() const override { return flicker_at_; }
    void advance() override;  // unstable bits fall anew

  protected:
    bool start_task(std::uint32_t) override { return false; }
    void changed(std::uint32_t offset) override;

  private:
    static constexpr std::uint32_t kReady = 0x400, kReadyNext = 0x408, kConfig = 0x504, kErasePage = 0x508,
                                   kIcacheCnf = 0x540;
    static constexpr std::uint32_t kPageBytes = 4096;
    static constexpr std::uint32_t kMostWrites = 2;  // of one word between two erases (nWRITE)

    Bytes flash_bytes(std::uint32_t address, std::uint32_t bytes) const;
    void erase(std::uint32_t page);
    // True when power went away at this operation, which would have turned `before` into `after`.
    bool loses_power(std::uint32_t address, const Bytes& before, const Bytes& after);
    void cut(std::uint32_t address, const Bytes& before, const Bytes& after);
    void settle(std::uint32_t address, const Bytes& bits);
    void stall_us(double microseconds);

    MemoryRange ram_;
    PowerCut cut_;
    std::uint64_t operations_ = 0;
    std::map<std::uint32_t, std::uint8_t> unstable_;        // bits, by address
    std::map<std::uint32_t, unsigned> writes_since_erase_;  // by word
    Cycle flicker_at_ = kNever;
    Rng rng_{1};
};

}  // namespace jatai::simulate
