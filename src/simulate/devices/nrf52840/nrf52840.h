// nrf52840.h: the peripherals of the Arduino Nano 33 BLE Sense, attached to a simulated board.
//
//     Machine machine(load_board("nano33ble", boards));
//     auto record = attach_nrf52840(machine, {.microphone = {samples, 16000}});
//     machine.load(firmware);
//     machine.run(seconds(5, machine.board()));
//     record->lines.back().text;                    // "5.000 s status ..."
//
// Modelled as registers: CLOCK, POWER (DC/DC), NVMC (cache, writing, erasing), GPIO, UARTE0, TIMER0-4, PDM;
// every other peripheral reads 0 and is named in record->unknown. Memory: the record lives as long as anyone
// holds it; the machine keeps its own share.
#pragma once

#include <memory>

#include "src/simulate/devices/nrf52840/pdm.h"
#include "src/simulate/devices/nrf52840/record.h"
#include "src/simulate/machine.h"

namespace jatai::simulate {

struct Nrf52840Options {
    Track microphone;  // what it hears from the moment it is started
    PowerCut power_cut;
};

// Call before machine.load().
std::shared_ptr<BoardRecord> attach_nrf52840(Machine& machine, Nrf52840Options options = {});

}  // namespace jatai::simulate
