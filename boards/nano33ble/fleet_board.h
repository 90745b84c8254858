// fleet_board.h: what the Nano 33 BLE Sense gives an application of a fleet: flash, serial line, crash
// record, deepest stack, powers.
//
//     int main() {
//         paint_stack();                              // first thing: what it overwrites later is counted
//         FleetParts parts = start_fleet_board();
//         FleetApp& device = *new (app) FleetApp;     // app: bytes of its size and alignment
#pragma once

#include <stddef.h>

#include "device/apps/fleet_parts.h"

// A firmware runs no static constructors: main() builds its application.
inline void* operator new(size_t, void* at) noexcept { return at; }

namespace jatai {

void paint_stack();
FleetParts start_fleet_board();

}  // namespace jatai
