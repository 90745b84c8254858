// fleet_board.h: what the Nano 33 BLE Sense gives an application of a fleet: flash, serial line, crash
// record, deepest stack, powers.
//
//     int main() {
//         paint_stack();                              // first thing: what it overwrites later is counted
//         FleetParts parts = start_fleet_board();
#pragma once

#include "device/apps/fleet_parts.h"

namespace jatai {

void paint_stack();
FleetParts start_fleet_board();

}  // namespace jatai
