// pins.h: what is soldered to which pin of the nRF52840 on the Arduino Nano 33 BLE Sense.
//
//     reg(gpio::out_clear(pins::kGreen)) = gpio::bit(pins::kGreen);     // green on
//
// Source: Arduino Nano 33 BLE Sense (ABX00031) schematic and pin table; TX and RX are the header pins 1
// and 2.
#pragma once

#include <stdint.h>

namespace jatai {
namespace pins {

constexpr uint32_t kRed = 24;              // RGB LED, lit by 0
constexpr uint32_t kGreen = 16;            // RGB LED, lit by 0
constexpr uint32_t kBlue = 6;              // RGB LED, lit by 0
constexpr uint32_t kBoard = 13;            // orange LED beside the USB socket, lit by 1
constexpr uint32_t kPowerLed = 32 + 9;     // green LED beside the USB socket, lit by 1
constexpr uint32_t kTx = 32 + 3;           // serial line, header pin 1
constexpr uint32_t kRx = 32 + 10;          // serial line, header pin 2
constexpr uint32_t kMicrophonePower = 17;  // MP34DT05 supply
constexpr uint32_t kMicrophoneClock = 26;
constexpr uint32_t kMicrophoneData = 25;

}  // namespace pins
}  // namespace jatai
