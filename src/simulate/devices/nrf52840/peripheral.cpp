#include "src/simulate/devices/nrf52840/peripheral.h"

#include "src/base/error.h"

namespace jatai::simulate {
namespace {

constexpr std::uint32_t kEvents = 0x100;
constexpr std::uint32_t kEventsEnd = 0x200;
constexpr std::uint32_t kInten = 0x300;
constexpr std::uint32_t kIntenSet = 0x304;
constexpr std::uint32_t kIntenClear = 0x308;

void note(BoardRecord& record, const std::string& device, std::uint32_t address, Cycle now,
          const std::uint32_t* written) {
    auto [at, is_new] = record.unknown.try_emplace({device, address});
    UnknownRegister& use = at->second;
    if (is_new) use.first = now;
    if (written) {
        ++use.writes;
        use.last_value = *written;
    } else {
        ++use.reads;
    }
}

}  // namespace

Peripheral::Peripheral(std::string name, std::uint32_t base, BoardRecord& record)
    : name_(std::move(name)), base_(base), record_(record) {}

void Peripheral::know(std::uint32_t offset, std::uint32_t reset_value) {
    registers_[offset] = {reset_value, reset_value};
}

void Peripheral::know_events(std::initializer_list<std::uint32_t> offsets) {
    for (const std::uint32_t offset : offsets) known_events_ |= std::uint64_t{1} << index(offset);
}

bool Peripheral::is_event(std::uint32_t offset) const {
    return offset >= kEvents && offset < kEventsEnd && (known_events_ >> index(offset) & 1u) != 0;
}

void Peripheral::reset() {
    for (auto& [offset, stored] : registers_) stored.value = stored.reset_value;
    events_ = 0;
    enabled_ = 0;
    update_interrupt();
}

void Peripheral::update_interrupt() {
    const unsigned number = (base_ >> 12) & 0x3f;
    if ((events_ & enabled_) != 0) {
        host().raise_interrupt(number);
    } else {
        host().lower_interrupt(number);
    }
}

void Peripheral::fire(std::uint32_t event) {
    CHECK(is_event(event));
    events_ |= std::uint64_t{1} << index(event);
    update_interrupt();
}

std::uint32_t Peripheral::read(std::uint32_t offset, unsigned bytes) {
    if (bytes == 4) {
        if (is_event(offset)) return fired(offset);
        if (offset == kInten || offset == kIntenSet || offset == kIntenClear) return enabled_;
        if (registers_.contains(offset)) {
            refresh(offset);
            return value(offset);
        }
    }
    note_unknown(offset, nullptr);
    return 0;
}

bool Peripheral::write_interrupts(std::uint32_t offset, std::uint32_t value) {
    if (offset == kInten) {
        enabled_ = value;
    } else if (offset == kIntenSet) {
        enabled_ |= value;
    } else if (offset == kIntenClear) {
        enabled_ &= ~value;
    } else {
        return false;
    }
    update_interrupt();
    return true;
}

void Peripheral::write(std::uint32_t offset, unsigned bytes, std::uint32_t written) {
    if (bytes == 4) {
        if (offset < kEvents && (written == 0 || start_task(offset))) return;
        if (is_event(offset)) {
            if (written == 0) events_ &= ~(std::uint64_t{1} << index(offset));
            return update_interrupt();
        }
        if (write_interrupts(offset, written)) return;
        if (registers_.contains(offset)) {
            value(offset) = written;
            return changed(offset);
        }
    }
    note_unknown(offset, &written);
}

void Peripheral::note_unknown(std::uint32_t offset, const std::uint32_t* written) {
    note(record_, name_, base_ + offset, host().now(), written);
}

std::uint32_t Unmodelled::read(std::uint32_t offset, unsigned) {
    note(record_, "a peripheral", range_.base + offset, host().now(), nullptr);
    return 0;
}

void Unmodelled::write(std::uint32_t offset, unsigned, std::uint32_t value) {
    note(record_, "a peripheral", range_.base + offset, host().now(), &value);
}

}  // namespace jatai::simulate
