// nrf52840.h: the registers of the nRF52840 that this board's code touches.
//
//     reg(uarte::kEnable) = uarte::kEnabled;
//     while (reg(clock::kHfclkStarted) == 0) {}
//
// Source: Nordic nRF52840 Product Specification v1.7 (PS); the chapter stands beside each block. The
// interrupt number of a peripheral is bits 12-17 of its address (PS 4.2.4 "Peripheral ID").
#pragma once

#include <stdint.h>

namespace jatai {

inline volatile uint32_t& reg(uint32_t address) { return *reinterpret_cast<volatile uint32_t*>(address); }
inline uint32_t address_of(const volatile void* p) {
    return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(p));
}

constexpr uint32_t irq_of(uint32_t peripheral) { return (peripheral >> 12) & 0x3fu; }
constexpr uint32_t kIrqCount = 48;

// PS 5.4 CLOCK, 5.3 POWER: one address.
namespace clock {
constexpr uint32_t kBase = 0x40000000;
constexpr uint32_t kHfclkStart = kBase + 0x000;
constexpr uint32_t kHfclkStarted = kBase + 0x100;
constexpr uint32_t kTraceConfig = kBase + 0x55c;
}  // namespace clock
namespace power {
constexpr uint32_t kDcdcEn = clock::kBase + 0x578;
constexpr uint32_t kResetReason = clock::kBase + 0x400;
constexpr uint32_t kByPin = 1, kByWatchdog = 2, kBySoftware = 4;
}  // namespace power

// PS 6.34 UARTE.
namespace uarte {
constexpr uint32_t kBase = 0x40002000;
constexpr uint32_t kStartRx = kBase + 0x000;
constexpr uint32_t kStartTx = kBase + 0x008;
constexpr uint32_t kStopTx = kBase + 0x00c;
constexpr uint32_t kEndRx = kBase + 0x110;
constexpr uint32_t kEndTx = kBase + 0x120;
constexpr uint32_t kTxStopped = kBase + 0x158;
constexpr uint32_t kShorts = kBase + 0x200;
constexpr uint32_t kEndRxStartRx = 1u << 5;
constexpr uint32_t kIntenSet = kBase + 0x304;
constexpr uint32_t kIntEndRx = 1u << 4;
constexpr uint32_t kIntEndTx = 1u << 8;
constexpr uint32_t kEnable = kBase + 0x500;
constexpr uint32_t kEnabled = 8;
constexpr uint32_t kNoPin = 0xffffffff;
constexpr uint32_t kPselRts = kBase + 0x508;
constexpr uint32_t kPselTxd = kBase + 0x50c;
constexpr uint32_t kPselCts = kBase + 0x510;
constexpr uint32_t kPselRxd = kBase + 0x514;
constexpr uint32_t kBaudrate = kBase + 0x524;
constexpr uint32_t kBaud115200 = 0x01d60000;
constexpr uint32_t kRxdPtr = kBase + 0x534;
constexpr uint32_t kRxdMaxcnt = kBase + 0x538;
constexpr uint32_t kTxdPtr = kBase + 0x544;
constexpr uint32_t kTxdMaxcnt = kBase + 0x548;
constexpr uint32_t kConfig = kBase + 0x56c;
}  // namespace uarte

// PS 6.30 TIMER.
namespace timer0 {
constexpr uint32_t kBase = 0x40008000;
constexpr uint32_t kStart = kBase + 0x000;
constexpr uint32_t kStop = kBase + 0x004;
constexpr uint32_t kClear = kBase + 0x00c;
constexpr uint32_t kCapture0 = kBase + 0x040;
constexpr uint32_t kCompare1 = kBase + 0x144;
constexpr uint32_t kIntenSet = kBase + 0x304;
constexpr uint32_t kIntenClear = kBase + 0x308;
constexpr uint32_t kIntCompare1 = 1u << 17;
constexpr uint32_t kMode = kBase + 0x504;
constexpr uint32_t kBitmode = kBase + 0x508;
constexpr uint32_t kBits32 = 3;
constexpr uint32_t kPrescaler = kBase + 0x510;
constexpr uint32_t kCc0 = kBase + 0x540;
constexpr uint32_t kCc1 = kBase + 0x544;
}  // namespace timer0

// PS 6.15 PDM.
namespace pdm {
constexpr uint32_t kBase = 0x4001d000;
constexpr uint32_t kStart = kBase + 0x000;
constexpr uint32_t kStop = kBase + 0x004;
constexpr uint32_t kStarted = kBase + 0x100;
constexpr uint32_t kStopped = kBase + 0x104;
constexpr uint32_t kEnd = kBase + 0x108;
constexpr uint32_t kIntenSet = kBase + 0x304;
constexpr uint32_t kIntenClear = kBase + 0x308;
constexpr uint32_t kIntStarted = 1u << 0;
constexpr uint32_t kIntEnd = 1u << 2;
constexpr uint32_t kEnable = kBase + 0x500;
constexpr uint32_t kClkCtrl = kBase + 0x504;
constexpr uint32_t kClk1280k = 0x0a000000;  // 32 MHz / 25
constexpr uint32_t kMode = kBase + 0x508;
constexpr uint32_t kMonoLeftFalling = 1;
constexpr uint32_t kGainL = kBase + 0x518;
constexpr uint32_t kGainR = kBase + 0x51c;
constexpr uint32_t kGain20dB = 0x50;  // half a decibel a step round 0x28
constexpr uint32_t kRatio = kBase + 0x520;
constexpr uint32_t kRatio80 = 1;
constexpr uint32_t kPselClk = kBase + 0x540;
constexpr uint32_t kPselDin = kBase + 0x544;
constexpr uint32_t kSamplePtr = kBase + 0x560;
constexpr uint32_t kSampleMaxcnt = kBase + 0x564;
constexpr uint32_t kMaxSamples = 0x7fff;
}  // namespace pdm

// PS 4.3 NVMC: flash and its instruction cache.
namespace nvmc {
constexpr uint32_t kBase = 0x4001e000;
constexpr uint32_t kReady = kBase + 0x400;
constexpr uint32_t kConfig = kBase + 0x504;
constexpr uint32_t kRead = 0;
constexpr uint32_t kWrite = 1;
constexpr uint32_t kErase = 2;
constexpr uint32_t kErasePage = kBase + 0x508;
constexpr uint32_t kIcacheCnf = kBase + 0x540;
constexpr uint32_t kCacheOn = 1;
}  // namespace nvmc

// PS 6.9 GPIO. A pin is 32 * port + number.
namespace gpio {
constexpr uint32_t base(uint32_t pin) { return 0x50000000u + 0x300u * (pin >> 5); }
constexpr uint32_t bit(uint32_t pin) { return 1u << (pin & 31u); }
constexpr uint32_t out_set(uint32_t pin) { return base(pin) + 0x508u; }
constexpr uint32_t out_clear(uint32_t pin) { return base(pin) + 0x50cu; }
constexpr uint32_t config(uint32_t pin) { return base(pin) + 0x700u + 4u * (pin & 31u); }
constexpr uint32_t kOutput = 0x3;  // direction out, input buffer off
constexpr uint32_t kInput = 0x0;
}  // namespace gpio

// ARMv7-M Architecture Reference Manual B3 (system control space), C1.8 (DWT).
namespace core {
constexpr uint32_t kSysTickControl = 0xe000e010;
constexpr uint32_t kIrqEnable = 0xe000e100;
constexpr uint32_t kIrqDisable = 0xe000e180;
constexpr uint32_t kIrqClearPending = 0xe000e280;
constexpr uint32_t kVtor = 0xe000ed08;
constexpr uint32_t kAircr = 0xe000ed0c;
constexpr uint32_t kResetRequest = 0x05fa0004;
constexpr uint32_t kCfsr = 0xe000ed28;
constexpr uint32_t kBfar = 0xe000ed38;
constexpr uint32_t kCpacr = 0xe000ed88;
constexpr uint32_t kMpuControl = 0xe000ed94;
constexpr uint32_t kDemcr = 0xe000edfc;
constexpr uint32_t kTraceEnable = 1u << 24;
constexpr uint32_t kDwtControl = 0xe0001000;
constexpr uint32_t kDwtCycles = 0xe0001004;
}  // namespace core

}  // namespace jatai
