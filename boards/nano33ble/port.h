// port.h: the Arduino Nano 33 BLE Sense as a Port.
//
//     const jatai::Port& port = jatai::start_nano33ble();
//     port.write(port.context, "hello\n", 6);
//
// Clock         64 MHz from the crystal (HFXO); TIMER0 counts microseconds.
// Microphone    MP34DT05 on PDM, 1.280 MHz / 80 = 16,000 Hz exactly, one channel, +20 dB.
// Serial        UARTE0, 115200 8N1, TX on header pin 1 (P1.03). DMA from a queue of 2,048 bytes.
// Threads       Main loop only; the interrupt handlers are this file's own.
// Memory        One board, one set of statics.
#pragma once

#include "device/port.h"

namespace jatai {

// Starts the crystal, flash cache, DC/DC converter, timer and serial line. Call once, first thing in main().
const Port& start_nano33ble();

// From its return on nothing writes into the ring any more. It may be started again.
void stop_nano33ble_microphone();

// Called in the serial line's interrupt, for who receives as well: serial_in.h.
void on_serial_interrupt(void (*work)());

}  // namespace jatai
