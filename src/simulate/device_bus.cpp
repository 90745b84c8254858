#include "src/simulate/device_bus.h"

#include <algorithm>

#include "src/base/error.h"

namespace jatai::simulate {
namespace {

constexpr unsigned kMostRounds = 1000;  // a device that never moves its event on is our own bug

}  // namespace

Device& DeviceBus::attach(std::unique_ptr<Device> device, Host& host) {
    const AddressRange range = device->range();
    const std::uint64_t end = std::uint64_t{range.base} + range.bytes;
    if (range.bytes == 0 || range.base % 4 != 0 || range.bytes % 4 != 0)
        throw Error{text("device {}: {} bytes at {:#010x}, expected multiples of 4", device->name(),
                         range.bytes, range.base)};
    for (const Placed& other : devices_) {
        if (range.base >= std::uint64_t{other.range.base} + other.range.bytes || end <= other.range.base)
            continue;
        throw Error{text("device {} at {:#010x} overlaps device {}", device->name(), range.base,
                         other.device->name())};
    }
    device->attach(host);
    const auto place =
        std::lower_bound(devices_.begin(), devices_.end(), range.base,
                         [](const Placed& p, std::uint32_t base) { return p.range.base < base; });
    last_ = 0;
    return *devices_.insert(place, {range, std::move(device)})->device;
}

Device* DeviceBus::find(std::uint32_t address, std::uint32_t& offset) {
    if (devices_.empty()) return nullptr;
    const auto holds = [&](std::size_t i) {
        return address - devices_[i].range.base < devices_[i].range.bytes;
    };
    if (!holds(last_)) {
        const auto after =
            std::upper_bound(devices_.begin(), devices_.end(), address,
                             [](std::uint32_t a, const Placed& p) { return a < p.range.base; });
        if (after == devices_.begin()) return nullptr;
        const auto index = static_cast<std::size_t>(after - devices_.begin() - 1);
        if (!holds(index)) return nullptr;
        last_ = index;
    }
    offset = address - devices_[last_].range.base;
    return devices_[last_].device.get();
}

void DeviceBus::reset() {
    for (Placed& placed : devices_) placed.device->reset();
}

Cycle DeviceBus::next_event() const {
    Cycle next = kNever;
    for (const Placed& placed : devices_) next = std::min(next, placed.device->next_event());
    return next;
}

void DeviceBus::advance(Cycle now) {
    for (unsigned round = 0; next_event() <= now; ++round) {
        CHECK(round < kMostRounds);
        for (Placed& placed : devices_)
            if (placed.device->next_event() <= now) placed.device->advance();
    }
}

bool DeviceBus::write_flash(std::uint32_t address, unsigned bytes, std::uint32_t value) {
    return std::any_of(devices_.begin(), devices_.end(),
                       [&](Placed& placed) { return placed.device->write_flash(address, bytes, value); });
}

}  // namespace jatai::simulate
