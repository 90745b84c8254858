// fleet_main.cpp: a board of a fleet: runs its package, takes updates and hands over reports through the
// serial line (docs/reference/fleet_app.md). At the other end: jatai gateway.
#include "boards/nano33ble/fleet_board.h"
#include "device/apps/fleet.h"

extern "C" int main();

namespace {
alignas(jatai::FleetApp) uint8_t app[sizeof(jatai::FleetApp)];
}  // namespace

int main() {
    using namespace jatai;
    paint_stack();
    const FleetParts parts = start_fleet_board();
    const Port& port = *parts.port;
    FleetApp& device = *new (app) FleetApp;
    device.open(parts);
    for (;;) {
        port.set_lights(port.context, device.has_model() ? kLightGreen : kLightRed);
        device.step();
        port.set_lights(port.context, 0);
    }
}
