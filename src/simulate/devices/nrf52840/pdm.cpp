#include "src/simulate/devices/nrf52840/pdm.h"

#include <algorithm>
#include <cmath>

#include "src/base/text.h"

namespace jatai::simulate {
namespace {

constexpr std::uint32_t kStart = 0x000, kStop = 0x004;
constexpr std::uint32_t kStarted = 0x100, kStopped = 0x104, kEnd = 0x108;
constexpr std::uint32_t kEnable = 0x500, kClkCtrl = 0x504, kMode = 0x508, kGainL = 0x518, kGainR = 0x51c;
constexpr std::uint32_t kRatio = 0x520, kPselClk = 0x540, kPselDin = 0x544, kSamplePtr = 0x560;
constexpr std::uint32_t kSampleMaxcnt = 0x564;
constexpr std::uint32_t kNoPin = 0xffffffff;
constexpr std::uint32_t kStereo = 0;

// Samples that go to RAM in one event: fine enough that a block is seen to fill while it fills.
constexpr std::uint32_t kBurst = 16;

// PS 6.15.8.12 PDMCLKCTRL: 32 MHz divided by this; 0: no such setting.
unsigned divider_of(std::uint32_t setting) {
    switch (setting) {
        case 0x08000000:
            return 32;
        case 0x08400000:
            return 31;
        case 0x08800000:
            return 30;
        case 0x09800000:
            return 26;
        case 0x0a000000:
            return 25;
        case 0x0a800000:
            return 24;
        default:
            return 0;
    }
}

}  // namespace

Pdm::Pdm(PdmWiring wiring, const Gpio& gpio, Track track, double microphone_ua, BoardRecord& record)
    : Peripheral("pdm", 0x4001d000, record),
      wiring_(wiring),
      gpio_(gpio),
      track_(std::move(track)),
      microphone_ua_(microphone_ua) {
    know_events({kStarted, kStopped, kEnd});
    for (const std::uint32_t offset : {kEnable, kMode, kRatio, kSamplePtr, kSampleMaxcnt}) know(offset);
    know(kClkCtrl, 0x08400000);
    know(kGainL, 0x28);
    know(kGainR, 0x28);
    know(kPselClk, kNoPin);
    know(kPselDin, kNoPin);
}

void Pdm::reset() {
    Peripheral::reset();
    if (running_) host().draw("microphone", 0);
    running_ = false;
    next_ = kNever;
    taken_ = track_at_ = 0;
}

bool Pdm::start_task(std::uint32_t offset) {
    if (offset == kStart) {
        start();
    } else if (offset == kStop) {
        stop();
    } else {
        return false;
    }
    return true;
}

void Pdm::changed(std::uint32_t offset) {
    if (offset == kEnable && value(kEnable) == 0) stop();
}

void Pdm::start() {
    if ((value(kEnable) & 1) == 0 || running_) return;
    const unsigned divider = divider_of(value(kClkCtrl));
    if (divider == 0 || (value(kMode) & 1) == kStereo) {
        return host().stop(
            text("pdm: PDMCLKCTRL {} and MODE {}, expected a clock of the product specification and "
                 "one channel",
                 fmt::format("0x{:08x}", value(kClkCtrl)), value(kMode)));
    }
    cycles_num_ = std::uint64_t{host().clock_hz()} * divider * ((value(kRatio) & 1) != 0 ? 80 : 64);
    cycles_den_ = 32'000'000;
    running_ = true;
    origin_ = accounted_ = host().now();
    taken_ = 0;
    record().microphone.starts.push_back(origin_);
    host().draw("microphone", microphone_ua_);
    host().trace(name(), "listening", 1);
    begin_block();
}

void Pdm::stop() {
    if (!running_) return;
    account();
    running_ = false;
    next_ = kNever;
    host().draw("microphone", 0);
    host().trace(name(), "listening", 0);
    fire(kEnd);
    fire(kStopped);
}

void Pdm::account() {
    record().microphone.on_cycles += host().now() - accounted_;
    accounted_ = host().now();
}

Cycle Pdm::cycle_of(std::uint64_t sample) {
    return origin_ + static_cast<Cycle>(static_cast<unsigned __int128>(sample) * cycles_num_ / cycles_den_);
}

void Pdm::begin_block() {
    pointer_ = value(kSamplePtr);
    block_samples_ = value(kSampleMaxcnt) & 0x7fff;
    written_ = 0;
    if (block_samples_ == 0) {
        running_ = false;
        next_ = kNever;
        return host().stop(text("pdm: a block of 0 samples, expected SAMPLE.MAXCNT of 1 or more"));
    }
    fire(kStarted);
    schedule();
}

void Pdm::schedule() {
    pending_ = std::min(kBurst, block_samples_ - written_);
    next_ = cycle_of(taken_ + pending_);
}

bool Pdm::is_wired() {
    return gpio_.is_high(wiring_.power_pin) && value(kPselClk) == wiring_.clock_pin &&
           value(kPselDin) == wiring_.data_pin;
}

std::int16_t Pdm::hear() {
    // Time since the start of this sample, in samples of the track.
    const double rate =
        static_cast<double>(host().clock_hz()) * cycles_den_ / static_cast<double>(cycles_num_);
    const std::uint64_t i = track_at_++;
    const std::size_t count = track_.samples.size();
    if (std::abs(rate - track_.rate_hz) < 1e-6) return i < count ? track_.samples[i] : 0;
    const double at = static_cast<double>(i) * track_.rate_hz / rate;
    const auto before = static_cast<std::size_t>(at);
    if (before + 1 >= count) return 0;
    const double share = at - static_cast<double>(before);
    return static_cast<std::int16_t>(
        std::lround(track_.samples[before] * (1 - share) + track_.samples[before + 1] * share));
}

void Pdm::write_samples() {
    const bool wired = is_wired();
    std::uint8_t bytes[2 * kBurst];
    for (std::uint32_t i = 0; i < pending_; ++i) {
        const bool in_track = track_at_ < track_.samples.size();
        const std::int16_t heard = hear();
        const auto sample = static_cast<std::uint16_t>(wired ? heard : 0);
        bytes[2 * i] = static_cast<std::uint8_t>(sample & 0xff);
        bytes[2 * i + 1] = static_cast<std::uint8_t>(sample >> 8);
        record().microphone.track_samples += wired && in_track;
    }
    if (!host().write_memory(pointer_ + 2 * written_, {bytes, 2 * pending_})) {
        running_ = false;
        host().stop(text("pdm: SAMPLE.PTR {}, expected {} bytes of RAM there",
                         fmt::format("0x{:08x}", pointer_), 2 * block_samples_));
        return;
    }
    written_ += pending_;
    taken_ += pending_;
    record().microphone.samples += pending_;
}

void Pdm::end_block() {
    MicrophoneUse& use = record().microphone;
    ++use.blocks;
    if (fired(kEnd)) use.lost_samples += block_samples_;  // the block before this one was never looked at
    fire(kEnd);
    begin_block();
}

void Pdm::advance() {
    account();
    write_samples();
    if (!running_) {
        next_ = kNever;
    } else if (written_ == block_samples_) {
        end_block();
    } else {
        schedule();
    }
}

}  // namespace jatai::simulate
