// keyword_fleet_main.cpp: the keyword application in a fleet: hears words, and takes updates and hands over
// reports through the serial line (docs/reference/keyword_app.md#in-a-fleet). At the other end: jatai
// gateway.
#include "boards/nano33ble/fleet_board.h"
#include "boards/nano33ble/port.h"
#include "device/apps/keyword_fleet.h"
#include "device/apps/keyword_words.h"

extern "C" int main();

namespace {
alignas(jatai::KeywordFleet) uint8_t app[sizeof(jatai::KeywordFleet)];
}  // namespace

int main() {
    using namespace jatai;
    paint_stack();
    const FleetParts parts = start_fleet_board();
    KeywordFleet& device = *new (app) KeywordFleet;
    device.open(parts, stop_nano33ble_microphone);
    for (;;) {
        device.step();
        if (!device.hears()) parts.port->set_lights(parts.port->context, kLightRed);
    }
}
