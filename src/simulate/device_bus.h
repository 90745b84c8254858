// device_bus.h: the devices of a board by address, and when the next of them wants to be heard.
#pragma once

#include <memory>
#include <vector>

#include "src/simulate/device.h"

namespace jatai::simulate {

class DeviceBus {
  public:
    // Fails with Error when the range is misaligned or overlaps another device's.
    Device& attach(std::unique_ptr<Device> device, Host& host);
    Device* find(std::uint32_t address, std::uint32_t& offset);
    void reset();
    Cycle next_event() const;
    void advance(Cycle now);  // calls advance() of every device whose time has come, until none is left
    bool write_flash(std::uint32_t address, unsigned bytes, std::uint32_t value);
    bool empty() const { return devices_.empty(); }

  private:
    struct Placed {
        AddressRange range;
        std::unique_ptr<Device> device;
    };
    std::vector<Placed> devices_;  // by address
    std::size_t last_ = 0;
};

}  // namespace jatai::simulate
