#include "src/simulate/devices/nrf52840/gpio.h"

namespace jatai::simulate {
namespace {

// From a port's own base; P1 lies 0x300 above P0, so that the ports' registers do not meet.
constexpr std::uint32_t kFirst = 0x504, kEnd = 0x780, kPortStep = 0x300;
constexpr std::uint32_t kOut = 0x504, kOutSet = 0x508, kOutClear = 0x50c, kIn = 0x510;
constexpr std::uint32_t kDirection = 0x514, kDirectionSet = 0x518, kDirectionClear = 0x51c;
constexpr std::uint32_t kConfig = 0x700;
constexpr std::uint32_t kConfigReset = 0x2;  // input buffer off

}  // namespace

Gpio::Gpio(std::vector<Light> lights, double light_ua, BoardRecord& record)
    : lights_(std::move(lights)), lit_(lights_.size(), false), light_ua_(light_ua), record_(record) {}

void Gpio::reset() {
    for (Port& port : ports_) {
        port = Port{};
        for (std::uint32_t& config : port.config) config = kConfigReset;
    }
    if (host().now() == 0) lit_.assign(lights_.size(), false);  // another firmware, another record
    update_lights();
}

bool Gpio::read_port(const Port& port, std::uint32_t offset, std::uint32_t& value) const {
    if (offset >= kConfig) {
        value = port.config[(offset - kConfig) / 4];
        return true;
    }
    switch (offset) {
        case kOut:
        case kOutSet:
        case kOutClear:
            value = port.out;
            return true;
        case kIn:
            value = 0;
            return true;
        case kDirection:
        case kDirectionSet:
        case kDirectionClear:
            value = port.direction;
            return true;
        default:
            return false;
    }
}

std::uint32_t Gpio::read(std::uint32_t offset, unsigned bytes) {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < 2; ++i) {
        const std::uint32_t own = offset - i * kPortStep;
        if (bytes == 4 && own >= kFirst && own < kEnd && read_port(ports_[i], own, value)) return value;
    }
    note_unknown(offset, nullptr);
    return 0;
}

bool Gpio::write_port(Port& port, std::uint32_t offset, std::uint32_t value) {
    if (offset >= kConfig) {
        const unsigned pin = (offset - kConfig) / 4;
        port.config[pin] = value;
        port.direction = (port.direction & ~(1u << pin)) | ((value & 1u) << pin);
        return true;
    }
    switch (offset) {
        case kOut:
            port.out = value;
            return true;
        case kOutSet:
            port.out |= value;
            return true;
        case kOutClear:
            port.out &= ~value;
            return true;
        case kDirection:
            port.direction = value;
            return true;
        case kDirectionSet:
            port.direction |= value;
            return true;
        case kDirectionClear:
            port.direction &= ~value;
            return true;
        default:
            return false;
    }
}

void Gpio::write(std::uint32_t offset, unsigned bytes, std::uint32_t value) {
    for (unsigned i = 0; i < 2; ++i) {
        const std::uint32_t own = offset - i * kPortStep;
        if (bytes == 4 && own >= kFirst && own < kEnd && write_port(ports_[i], own, value))
            return update_lights();
    }
    note_unknown(offset, &value);
}

void Gpio::update_lights() {
    for (std::size_t i = 0; i < lights_.size(); ++i) {
        const Light& light = lights_[i];
        const bool lit = is_driven(light.pin) && is_high(light.pin) == light.lit_by_high;
        if (lit == lit_[i]) continue;
        lit_[i] = lit;
        record_.lights.push_back({host().now(), light.name, lit});
        host().trace("light", light.name, lit);
        host().draw("light " + light.name, lit ? light_ua_ : 0.0);
    }
}

void Gpio::note_unknown(std::uint32_t offset, const std::uint32_t* written) {
    UnknownRegister& use = record_.unknown[{"gpio", range().base + offset}];
    if (use.reads + use.writes == 0) use.first = host().now();
    if (written) use.last_value = *written;
    ++(written ? use.writes : use.reads);
}

}  // namespace jatai::simulate
