// devices.h: the peripherals a board names in board.json, attached to a machine of it.
//
//     auto record = attach_devices(machine, {samples, 16000});
//     machine.load(firmware);
//
// Fails with Error on a name nobody models. Gives an empty record for a board without peripherals.
#pragma once

#include <memory>

#include "src/simulate/devices/nrf52840/nrf52840.h"

namespace jatai::simulate {

// Call before machine.load(). `microphone`: what it hears from the moment it is started.
// `power_cut`: when it loses its supply.
std::shared_ptr<BoardRecord> attach_devices(Machine& machine, Track microphone = {}, PowerCut power_cut = {});

}  // namespace jatai::simulate
