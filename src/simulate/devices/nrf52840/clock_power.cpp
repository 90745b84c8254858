#include "src/simulate/devices/nrf52840/clock_power.h"

#include <algorithm>

namespace jatai::simulate {
namespace {

constexpr std::uint32_t kHfclkStart = 0x000, kHfclkStop = 0x004, kLfclkStart = 0x008, kLfclkStop = 0x00c;
constexpr std::uint32_t kHfclkStarted = 0x100, kLfclkStarted = 0x104;
constexpr std::uint32_t kHfclkRun = 0x408, kHfclkStat = 0x40c, kLfclkRun = 0x414, kLfclkStat = 0x418;
constexpr std::uint32_t kLfclkSrc = 0x518, kTraceConfig = 0x55c, kResetReason = 0x400, kDcdcEn = 0x578;
constexpr std::uint32_t kRunning = 1u << 16;
constexpr std::uint32_t kCrystal = 1;

constexpr double kHfxoStart = 360e-6;
constexpr double kLfclkStartTime = 600e-6;

}  // namespace

ClockPower::ClockPower(BoardRecord& record) : Peripheral("clock", 0x40000000, record) {
    know_events({kHfclkStarted, kLfclkStarted});
    know(kHfclkRun);
    know(kHfclkStat, kRunning);  // the internal oscillator
    know(kLfclkRun);
    know(kLfclkStat);
    know(kLfclkSrc);
    know(kTraceConfig);
    know(kResetReason);
    know(kDcdcEn);
}

void ClockPower::reset() {
    Peripheral::reset();
    hfclk_ready_ = lfclk_ready_ = next_ = kNever;
}

void ClockPower::schedule() { next_ = std::min(hfclk_ready_, lfclk_ready_); }

bool ClockPower::start_task(std::uint32_t offset) {
    const auto later = [&](double seconds) {
        return host().now() + static_cast<Cycle>(seconds * host().clock_hz());
    };
    switch (offset) {
        case kHfclkStart:
            value(kHfclkRun) = 1;
            hfclk_ready_ = later(kHfxoStart);
            break;
        case kHfclkStop:
            value(kHfclkRun) = 0;
            value(kHfclkStat) = kRunning;
            hfclk_ready_ = kNever;
            break;
        case kLfclkStart:
            value(kLfclkRun) = 1;
            lfclk_ready_ = later(kLfclkStartTime);
            break;
        case kLfclkStop:
            value(kLfclkRun) = value(kLfclkStat) = 0;
            lfclk_ready_ = kNever;
            break;
        default:
            return false;
    }
    schedule();
    return true;
}

void ClockPower::changed(std::uint32_t offset) {
    if (offset == kDcdcEn) host().trace(name(), "dcdc", value(kDcdcEn) & 1);
}

void ClockPower::advance() {
    const Cycle now = host().now();
    if (hfclk_ready_ <= now) {
        hfclk_ready_ = kNever;
        value(kHfclkStat) = kRunning | kCrystal;
        fire(kHfclkStarted);
    }
    if (lfclk_ready_ <= now) {
        lfclk_ready_ = kNever;
        value(kLfclkStat) = kRunning | (value(kLfclkSrc) & 3);
        fire(kLfclkStarted);
    }
    schedule();
}

}  // namespace jatai::simulate
