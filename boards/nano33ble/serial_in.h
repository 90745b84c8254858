// serial_in.h: the serial line of the Nano 33 BLE Sense as a byte pipe, both ways.
//
//     const jatai::BytePipe pipe = jatai::start_pipe(port);            // RX on header pin 2
//
// One character a transfer, begun anew by the UARTE itself, so a character is lost only when the processor
// looks away for longer than 87 us; who asks before it listens loses nothing. 512 bytes wait at most. Source:
// nRF52840 Product Specification v1.7, 6.34.6 "Reception".
#pragma once

#include "device/port.h"
#include "device/update/link.h"

namespace jatai {

BytePipe start_pipe(const Port& port);

}  // namespace jatai
