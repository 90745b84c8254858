// gpio.h: the pins of the nRF52840, and the lights on some of them.
//
//     auto& gpio = machine.attach(std::make_unique<Gpio>(lights, 1500.0, record));
//     gpio.is_high(17);                             // the level the firmware drives, 0..31 is P0, 32..47 is
//     P1
//
// A pin is driven when its direction is out. A light is on while its pin is driven to the level that lights
// it. Inputs read 0: nothing is wired to them. Source: nRF52840 Product Specification v1.7, 6.9 GPIO.
#pragma once

#include <string>
#include <vector>

#include "src/simulate/devices/nrf52840/peripheral.h"

namespace jatai::simulate {

struct Light {
    std::string name;
    unsigned pin = 0;
    bool lit_by_high = false;
};

class Gpio : public Device {
  public:
    Gpio(std::vector<Light> lights, double light_ua, BoardRecord& record);

    std::string_view name() const override { return "gpio"; }
    AddressRange range() const override { return {0x50000000, 0x1000}; }
    std::uint32_t read(std::uint32_t offset, unsigned bytes) override;
    void write(std::uint32_t offset, unsigned bytes, std::uint32_t value) override;
    void reset() override;

    bool is_driven(unsigned pin) const { return (ports_[pin / 32].direction >> (pin % 32) & 1u) != 0; }
    bool is_high(unsigned pin) const {
        return is_driven(pin) && (ports_[pin / 32].out >> (pin % 32) & 1u) != 0;
    }

  private:
    struct Port {
        std::uint32_t out = 0;
        std::uint32_t direction = 0;
        std::uint32_t config[32] = {};
    };
    bool write_port(Port& port, std::uint32_t offset, std::uint32_t value);
    bool read_port(const Port& port, std::uint32_t offset, std::uint32_t& value) const;
    void update_lights();
    void note_unknown(std::uint32_t offset, const std::uint32_t* written);

    std::vector<Light> lights_;
    std::vector<bool> lit_;
    double light_ua_;
    BoardRecord& record_;
    Port ports_[2];
};

}  // namespace jatai::simulate
