// nvmc.h: the flash controller of the nRF52840, as far as its instruction cache: ICACHECNF.
//
// Source: nRF52840 Product Specification v1.7, 4.3 NVMC. Erasing and writing flash are not modelled: a store
// into flash is a bus fault.
#pragma once

#include "src/simulate/devices/nrf52840/peripheral.h"

namespace jatai::simulate {

class Nvmc : public Peripheral {
  public:
    explicit Nvmc(BoardRecord& record) : Peripheral("nvmc", 0x4001e000, record) {
        know(kReady, 1);
        know(kReadyNext, 1);
        know(kIcacheCnf);
    }

  protected:
    bool start_task(std::uint32_t) override { return false; }
    void changed(std::uint32_t offset) override {
        if (offset != kIcacheCnf) return;
        host().enable_flash_cache((value(kIcacheCnf) & 1) != 0);
        host().trace(name(), "cache", value(kIcacheCnf) & 1);
    }

  private:
    static constexpr std::uint32_t kReady = 0x400, kReadyNext = 0x408, kIcacheCnf = 0x540;
};

}  // namespace jatai::simulate
