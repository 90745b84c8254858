#include "boards/nano33ble/serial_in.h"

#include "boards/nano33ble/nrf52840.h"
#include "boards/nano33ble/pins.h"
#include "boards/nano33ble/port.h"

namespace jatai {
namespace {

constexpr uint32_t kRingBytes = 512;
constexpr uint32_t kNapUs = 500;

struct Ring {
    uint8_t bytes[kRingBytes];
    volatile uint32_t head, tail;  // count bytes since the start
};

Ring ring;
volatile uint8_t arrived[2];  // the UARTE fills one while the other is taken
volatile uint32_t turn;

// The address for the reception after the one that has just begun.
void take_character() {
    if (reg(uarte::kEndRx) != 0) {
        reg(uarte::kEndRx) = 0;
        const uint8_t byte = arrived[turn & 1u];
        turn = turn + 1;
        if (ring.head - ring.tail < kRingBytes) {
            ring.bytes[ring.head % kRingBytes] = byte;
            ring.head = ring.head + 1;
        }
        reg(uarte::kRxdPtr) = address_of(&arrived[(turn + 1) & 1u]);
    }
}

void write(void* context, const uint8_t* bytes, uint32_t count) {
    const Port& port = *static_cast<const Port*>(context);
    port.write(port.context, reinterpret_cast<const char*>(bytes), count);
}

uint32_t read(void* context, uint8_t* bytes, uint32_t room, uint32_t wait_ms) {
    const Port& port = *static_cast<const Port*>(context);
    const uint64_t until = port.now_us(port.context) + uint64_t{wait_ms} * 1000;
    while (ring.head == ring.tail) {
        if (port.now_us(port.context) >= until) return 0;
        port.pause_us(port.context, kNapUs);
    }
    uint32_t taken = 0;
    while (taken < room && ring.head != ring.tail) {
        bytes[taken++] = ring.bytes[ring.tail % kRingBytes];
        ring.tail = ring.tail + 1;
    }
    return taken;
}

}  // namespace

BytePipe start_pipe(const Port& port) {
    on_serial_interrupt(take_character);
    reg(gpio::config(pins::kRx)) = gpio::kInput;
    reg(uarte::kEnable) = 0;
    reg(uarte::kPselRxd) = pins::kRx;
    reg(uarte::kEnable) = uarte::kEnabled;
    reg(uarte::kRxdPtr) = address_of(&arrived[0]);
    reg(uarte::kRxdMaxcnt) = 1;
    reg(uarte::kShorts) = uarte::kEndRxStartRx;
    reg(uarte::kEndRx) = 0;
    reg(uarte::kIntenSet) = uarte::kIntEndRx;
    reg(uarte::kStartRx) = 1;
    reg(uarte::kRxdPtr) = address_of(&arrived[1]);
    return {const_cast<Port*>(&port), write, read};
}

}  // namespace jatai
