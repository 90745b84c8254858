#include "boards/nano33ble/port.h"

#include <string.h>

#include "boards/nano33ble/nrf52840.h"
#include "boards/nano33ble/pins.h"

extern "C" {
void uarte0_handler();
void timer0_handler();
void pdm_handler();
}

namespace jatai {
namespace {

constexpr uint32_t kQueueBytes = 2048;

// Main loop writes at `head`; the line has sent everything before `tail`. Both count bytes since the start.
struct SerialQueue {
    uint8_t bytes[kQueueBytes];
    volatile uint32_t head;
    volatile uint32_t tail;
    volatile uint32_t sending;  // bytes the DMA is sending now, 0: idle
};

struct Microphone {
    MicrophoneRing* ring;
    volatile uint32_t handed;  // blocks whose address the PDM has been given
};

SerialQueue serial;
void (*serial_work)();
Microphone microphone;
uint32_t timer_last;
uint32_t timer_wraps;

void disable_interrupts() { __asm volatile("cpsid i" ::: "memory"); }
void enable_interrupts() { __asm volatile("cpsie i\n isb" ::: "memory"); }
void wait_for_interrupt() { __asm volatile("dsb\n wfi" ::: "memory"); }

void clear_event(uint32_t event) {
    reg(event) = 0;
    const uint32_t seen = reg(event);  // PS 6.1.8: read back, or the interrupt fires a second time
    static_cast<void>(seen);
}

void enable_irq(uint32_t peripheral) {
    const uint32_t irq = irq_of(peripheral);
    reg(core::kIrqEnable + 4 * (irq >> 5)) = 1u << (irq & 31u);
}

void set_pin(uint32_t pin, bool high) {
    reg(high ? gpio::out_set(pin) : gpio::out_clear(pin)) = gpio::bit(pin);
}

void make_output(uint32_t pin, bool high) {
    set_pin(pin, high);
    reg(gpio::config(pin)) = gpio::kOutput;
}

// ---- clock ----

void start_clocks() {
    reg(clock::kTraceConfig) = 0;  // the bootloader may leave a trace pin driven; it is wired to a pull-up
    reg(power::kDcdcEn) = 1;
    reg(nvmc::kIcacheCnf) = nvmc::kCacheOn;
    reg(clock::kHfclkStarted) = 0;
    reg(clock::kHfclkStart) = 1;
    while (reg(clock::kHfclkStarted) == 0) {
    }
}

void start_timer() {
    reg(timer0::kStop) = 1;
    reg(timer0::kMode) = 0;
    reg(timer0::kBitmode) = timer0::kBits32;
    reg(timer0::kPrescaler) = 4;  // 16 MHz / 2^4
    reg(timer0::kClear) = 1;
    reg(timer0::kStart) = 1;
    reg(core::kDemcr) = reg(core::kDemcr) | core::kTraceEnable;
    reg(core::kDwtCycles) = 0;
    reg(core::kDwtControl) = reg(core::kDwtControl) | 1u;
}

uint32_t read_timer() {
    reg(timer0::kCapture0) = 1;
    return reg(timer0::kCc0);
}

// 32 bits of microseconds wrap after 71 minutes; a listening application asks many times a second.
uint64_t now_us(void*) {
    const uint32_t now = read_timer();
    if (now < timer_last) {
        ++timer_wraps;
    }
    timer_last = now;
    return (static_cast<uint64_t>(timer_wraps) << 32) | now;
}

uint32_t cycles(void*) { return reg(core::kDwtCycles); }

// With interrupts masked, WFI still wakes for one (ARMv7-M ARM B1.5.19), so none slips in between the
// question and the sleep, and the handler's own time is not counted as sleep.
uint32_t sleep_while(void*, const volatile uint32_t* counter, uint32_t seen) {
    uint32_t slept = 0;
    disable_interrupts();
    while (*counter == seen) {
        const uint32_t from = read_timer();
        wait_for_interrupt();
        slept += read_timer() - from;
        enable_interrupts();
        disable_interrupts();
    }
    enable_interrupts();
    return slept;
}

volatile uint32_t alarms;

void pause_us(void* context, uint32_t microseconds) {
    const uint32_t seen = alarms;
    clear_event(timer0::kCompare1);
    reg(timer0::kIntenSet) = timer0::kIntCompare1;
    reg(timer0::kCc1) = read_timer() + microseconds;
    sleep_while(context, &alarms, seen);
}

// ---- lights ----

void set_lights(void*, uint8_t lights) {
    set_pin(pins::kRed, !(lights & kLightRed));
    set_pin(pins::kGreen, !(lights & kLightGreen));
    set_pin(pins::kBlue, !(lights & kLightBlue));
    set_pin(pins::kBoard, (lights & kLightBoard) != 0);
}

void start_lights() {
    make_output(pins::kRed, true);
    make_output(pins::kGreen, true);
    make_output(pins::kBlue, true);
    make_output(pins::kBoard, false);
    make_output(pins::kPowerLed, false);  // it would draw more than the chip
}

// ---- serial line ----

void start_serial() {
    reg(uarte::kEnable) = 0;
    make_output(pins::kTx, true);  // PS 6.34.2: idle level, kept while the UARTE does not drive the pin
    reg(uarte::kPselTxd) = pins::kTx;
    reg(uarte::kPselRxd) = uarte::kNoPin;
    reg(uarte::kPselRts) = uarte::kNoPin;
    reg(uarte::kPselCts) = uarte::kNoPin;
    reg(uarte::kBaudrate) = uarte::kBaud115200;
    reg(uarte::kConfig) = 0;
    reg(uarte::kEnable) = uarte::kEnabled;
    clear_event(uarte::kEndTx);
    reg(uarte::kIntenSet) = uarte::kIntEndTx;
    enable_irq(uarte::kBase);
}

// With interrupts masked: gives the DMA the next run of bytes that do not wrap.
void send_next() {
    const uint32_t waiting = serial.head - serial.tail;
    if (serial.sending != 0 || waiting == 0) {
        return;
    }
    const uint32_t from = serial.tail % kQueueBytes;
    serial.sending = waiting < kQueueBytes - from ? waiting : kQueueBytes - from;
    reg(uarte::kTxdPtr) = address_of(serial.bytes + from);
    reg(uarte::kTxdMaxcnt) = serial.sending;
    reg(uarte::kStartTx) = 1;
}

// Copies as much as the queue takes.
uint32_t queue_text(const char* text, uint32_t bytes) {
    uint32_t room = kQueueBytes - (serial.head - serial.tail);
    const uint32_t to = serial.head % kQueueBytes;
    if (room > kQueueBytes - to) {
        room = kQueueBytes - to;
    }
    const uint32_t taken = bytes < room ? bytes : room;
    memcpy(serial.bytes + to, text, taken);
    disable_interrupts();
    serial.head = serial.head + taken;
    send_next();
    enable_interrupts();
    return taken;
}

void write(void* context, const char* text, uint32_t bytes) {
    while (bytes != 0) {
        const uint32_t tail = serial.tail;
        const uint32_t taken = queue_text(text, bytes);
        text += taken;
        bytes -= taken;
        if (taken == 0) {
            sleep_while(context, &serial.tail, tail);
        }
    }
}

// ---- microphone ----

// The PDM copies SAMPLE.PTR when it starts a block (STARTED), so the next address must be there before that
// block ends: a whole block of time.
void hand_next_block() {
    const MicrophoneRing& ring = *microphone.ring;
    const uint32_t slot = microphone.handed % ring.block_count;
    reg(pdm::kSamplePtr) = address_of(ring.samples + slot * ring.block_samples);
    microphone.handed = microphone.handed + 1;
}

bool start_microphone(void*, MicrophoneRing* ring) {
    if (ring->sample_rate_hz != 16000 || ring->block_count < 3 || ring->block_samples == 0 ||
        ring->block_samples > pdm::kMaxSamples) {
        return false;
    }
    microphone.ring = ring;
    microphone.handed = 0;
    ring->produced = 0;
    make_output(pins::kMicrophonePower, true);
    make_output(pins::kMicrophoneClock, false);  // PS 6.15.6: output, low
    reg(gpio::config(pins::kMicrophoneData)) = gpio::kInput;
    reg(pdm::kPselClk) = pins::kMicrophoneClock;
    reg(pdm::kPselDin) = pins::kMicrophoneData;
    reg(pdm::kClkCtrl) = pdm::kClk1280k;
    reg(pdm::kRatio) = pdm::kRatio80;
    reg(pdm::kMode) = pdm::kMonoLeftFalling;
    reg(pdm::kGainL) = pdm::kGain20dB;
    reg(pdm::kGainR) = pdm::kGain20dB;
    reg(pdm::kSampleMaxcnt) = ring->block_samples;
    hand_next_block();
    clear_event(pdm::kStarted);
    clear_event(pdm::kEnd);
    reg(pdm::kIntenSet) = pdm::kIntStarted | pdm::kIntEnd;
    enable_irq(pdm::kBase);
    reg(pdm::kEnable) = 1;
    reg(pdm::kStart) = 1;
    return true;
}

const Port kPort = {nullptr, now_us, cycles, sleep_while, pause_us, set_lights, write, start_microphone};

}  // namespace

// PS 6.15.3: the block that was begun ends early, with its own END.
void stop_nano33ble_microphone() {
    if (reg(pdm::kEnable) == 0) return;
    reg(pdm::kIntenClear) = pdm::kIntStarted | pdm::kIntEnd;
    clear_event(pdm::kStopped);
    reg(pdm::kStop) = 1;
    while (reg(pdm::kStopped) == 0) {
    }
    reg(pdm::kEnable) = 0;
    set_pin(pins::kMicrophonePower, false);
}

void on_serial_interrupt(void (*work)()) { serial_work = work; }

const Port& start_nano33ble() {
    start_clocks();
    start_timer();
    start_lights();
    start_serial();
    enable_irq(timer0::kBase);
    return kPort;
}

}  // namespace jatai

extern "C" void uarte0_handler() {
    using namespace jatai;
    if (serial_work != nullptr) serial_work();
    if (reg(uarte::kEndTx) == 0) return;
    clear_event(uarte::kEndTx);
    serial.tail = serial.tail + serial.sending;
    serial.sending = 0;
    send_next();
    if (serial.sending == 0) {
        reg(uarte::kStopTx) = 1;
    }  // an idle transmitter would keep its clock running
}

extern "C" void timer0_handler() {
    using namespace jatai;
    clear_event(timer0::kCompare1);
    reg(timer0::kIntenClear) = timer0::kIntCompare1;
    alarms = alarms + 1;
}

extern "C" void pdm_handler() {
    using namespace jatai;
    if (reg(pdm::kEnd) != 0) {
        clear_event(pdm::kEnd);
        microphone.ring->produced = microphone.ring->produced + 1;
    }
    if (reg(pdm::kStarted) != 0) {
        clear_event(pdm::kStarted);
        hand_next_block();
    }
}
