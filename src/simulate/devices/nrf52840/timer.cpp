#include "src/simulate/devices/nrf52840/timer.h"

#include <algorithm>

namespace jatai::simulate {
namespace {

constexpr std::uint32_t kStart = 0x000, kStop = 0x004, kClear = 0x00c, kShutdown = 0x010, kCapture = 0x040;
constexpr std::uint32_t kCompare = 0x140;
constexpr std::uint32_t kMode = 0x504, kBitmode = 0x508, kPrescaler = 0x510, kCc = 0x540;
constexpr std::uint64_t kTimerHz = 16'000'000;

using Wide = unsigned __int128;

}  // namespace

Timer::Timer(std::string name, std::uint32_t base, unsigned channels, BoardRecord& record)
    : Peripheral(std::move(name), base, record), channels_(channels) {
    for (unsigned i = 0; i < channels; ++i) {
        know_events({kCompare + 4 * i});
        know(kCc + 4 * i);
    }
    know(kMode);
    know(kBitmode);
    know(kPrescaler, 4);
    std::fill(std::begin(due_), std::end(due_), kNever);
}

void Timer::reset() {
    Peripheral::reset();
    running_ = false;
    held_ = 0;
    schedule_all();
}

std::uint64_t Timer::mask() {
    constexpr unsigned bits[4] = {16, 8, 24, 32};
    return (std::uint64_t{1} << bits[value(kBitmode) & 3]) - 1;
}

std::uint64_t Timer::ticks() {
    if (!running_) return held_;
    const Wide passed = Wide{host().now() - origin_} * kTimerHz / host().clock_hz();
    return static_cast<std::uint64_t>(passed >> std::min(value(kPrescaler), 9u));
}

// The first cycle at which the counter has reached `tick`.
Cycle Timer::cycle_of(std::uint64_t tick) {
    const Wide quick = Wide{tick} << std::min(value(kPrescaler), 9u);
    return origin_ + static_cast<Cycle>((quick * host().clock_hz() + kTimerHz - 1) / kTimerHz);
}

void Timer::schedule(unsigned channel) {
    due_[channel] = kNever;
    if (running_) {
        const std::uint64_t now = ticks();
        std::uint64_t ahead = (value(kCc + 4 * channel) - now) & mask();
        if (ahead == 0) ahead = mask() + 1;
        due_[channel] = cycle_of(now + ahead);
    }
    next_ = *std::min_element(due_, due_ + channels_);
}

void Timer::schedule_all() {
    for (unsigned i = 0; i < channels_; ++i) schedule(i);
}

bool Timer::start_task(std::uint32_t offset) {
    if (offset >= kCapture && offset < kCapture + 4 * channels_) {
        const unsigned channel = (offset - kCapture) / 4;
        value(kCc + 4 * channel) = static_cast<std::uint32_t>(ticks() & mask());
        schedule(channel);
        return true;
    }
    switch (offset) {
        case kStart:
            if (!running_) origin_ = host().now() - (cycle_of(held_) - origin_);
            running_ = true;
            break;
        case kStop:
        case kShutdown:
            held_ = ticks();
            running_ = false;
            break;
        case kClear:
            origin_ = host().now();
            held_ = 0;
            break;
        default:
            return false;
    }
    schedule_all();
    return true;
}

void Timer::changed(std::uint32_t offset) {
    if (offset >= kCc) return schedule((offset - kCc) / 4);
    schedule_all();
}

void Timer::advance() {
    const Cycle now = host().now();
    for (unsigned i = 0; i < channels_; ++i) {
        if (due_[i] > now) continue;
        fire(kCompare + 4 * i);
        schedule(i);
    }
}

}  // namespace jatai::simulate
