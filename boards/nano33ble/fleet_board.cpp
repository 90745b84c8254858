#include "boards/nano33ble/fleet_board.h"

#include "boards/nano33ble/crash.h"
#include "boards/nano33ble/flash.h"
#include "boards/nano33ble/nrf52840.h"
#include "boards/nano33ble/port.h"
#include "boards/nano33ble/serial_in.h"
#include "device/manifest.h"
#include "device/update/anchor.h"

extern "C" {
extern uint8_t __arena_start[], __arena_end[], __stack_bottom[];
}

namespace jatai {
namespace {

// board.json: 52 uA per MHz at 64 MHz, 3 uA asleep, 3.3 V; modelled, not measured.
constexpr uint32_t kBusyMicrowatt = 10982, kIdleMicrowatt = 10, kCyclesPerMicrosecond = 64;
constexpr uint8_t kPaint = 0xA5;

FlashPort flash;

uint32_t deepest_stack() {
    const volatile uint8_t* at = __stack_bottom;
    while (*at == kPaint) ++at;
    return static_cast<uint32_t>(__stack_bottom + 8192 - const_cast<const uint8_t*>(at));
}

FleetParts make_parts(const Port& port, const Manifest& manifest) {
    FleetParts parts = {};
    parts.port = &port;
    parts.pipe = start_pipe(port);
    parts.agent.flash = &flash;
    parts.agent.anchor = &linked_anchor();
    parts.agent.board = manifest.board;
    parts.agent.kernels = manifest.keys();
    parts.agent.kernel_count = manifest.kernel_count;
    parts.agent.family = manifest.family;
    parts.arena = {__arena_start, static_cast<uint32_t>(__arena_end - __arena_start), &linked_kernels()};
    parts.agent.arena_bytes = parts.arena.arena_bytes;
    parts.set_hash = manifest.set_hash;
    parts.crash = &kept_crash();
    parts.deepest_stack = deepest_stack;
    parts.busy_uw = kBusyMicrowatt;
    parts.idle_uw = kIdleMicrowatt;
    parts.cycles_per_us = kCyclesPerMicrosecond;
    return parts;
}

}  // namespace

void paint_stack() {
    uint32_t top;
    __asm volatile("mov %0, sp" : "=r"(top));
    for (volatile uint8_t* at = __stack_bottom; address_of(at) < top - 64; ++at) *at = kPaint;
}

FleetParts start_fleet_board() {
    const StartReason reason = why_started();
    const Port& port = start_nano33ble();
    const Manifest& manifest = linked_manifest();
    flash = nano33ble_flash(manifest.package_start, manifest.package_end);
    FleetParts parts = make_parts(port, manifest);
    parts.start_reason = reason;
    parts.starts = starts_since_power();
    return parts;
}

}  // namespace jatai
