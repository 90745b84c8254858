#include "src/simulate/devices/nrf52840/uarte.h"

#include "src/base/text.h"

namespace jatai::simulate {
namespace {

constexpr std::uint32_t kStartRx = 0x000, kStopRx = 0x004, kStartTx = 0x008, kStopTx = 0x00c;
constexpr std::uint32_t kRxdReady = 0x108, kEndRx = 0x110, kRxTimeout = 0x144, kRxStarted = 0x14c;
constexpr std::uint32_t kShorts = 0x200, kEndRxStartRx = 1u << 5, kEndRxStopRx = 1u << 6;
constexpr std::uint32_t kRxdPtr = 0x534, kRxdMaxcnt = 0x538, kRxdAmount = 0x53c;
constexpr std::uint32_t kTxdReady = 0x11c, kEndTx = 0x120, kTxStarted = 0x150, kTxStopped = 0x158;
constexpr std::uint32_t kEnable = 0x500, kPselRts = 0x508, kPselTxd = 0x50c, kPselCts = 0x510,
                        kPselRxd = 0x514;
constexpr std::uint32_t kBaudrate = 0x524, kTxdPtr = 0x544, kTxdMaxcnt = 0x548, kTxdAmount = 0x54c;
constexpr std::uint32_t kConfig = 0x56c;
constexpr std::uint32_t kEnabled = 8;
constexpr std::uint32_t kNoPin = 0xffffffff;
constexpr std::uint32_t kRamFirst = 0x20000000, kRamEnd = 0x40000000;

}  // namespace

Uarte::Uarte(std::string name, std::uint32_t base, double sending_ua, BoardRecord& record)
    : Peripheral(std::move(name), base, record), sending_ua_(sending_ua) {
    know_events({kRxdReady, kEndRx, kTxdReady, kEndTx, kRxTimeout, kRxStarted, kTxStarted, kTxStopped});
    for (const std::uint32_t offset : {kShorts, kRxdPtr, kRxdMaxcnt, kRxdAmount}) know(offset);
    for (const std::uint32_t pin : {kPselRts, kPselTxd, kPselCts, kPselRxd}) know(pin, kNoPin);
    for (const std::uint32_t offset : {kEnable, kTxdPtr, kTxdMaxcnt, kTxdAmount, kConfig}) know(offset);
    know(kBaudrate, 0x04000000);
}

void Uarte::reset() {
    Peripheral::reset();
    if (next_ != kNever) show_sending(false);
    next_ = kNever;
    left_ = sent_ = 0;
    line_open_ = false;
    rx_next_ = kNever;
    receiving_ = false;
}

// The divider of 16 MHz is 2^32 / BAUDRATE, whole: 0x01d60000 gives 115,108 baud, as the specification says.
Cycle Uarte::character_cycles() {
    const std::uint32_t rate = value(kBaudrate) == 0 ? 1 : value(kBaudrate);
    const std::uint64_t divider = (std::uint64_t{1} << 32) / rate;
    return 10 * divider * host().clock_hz() / 16'000'000;
}

void Uarte::show_sending(bool sending) {
    host().trace(name(), "sending", sending);
    host().draw("serial line", sending ? sending_ua_ : 0.0);
}

bool Uarte::start_task(std::uint32_t offset) {
    if (offset == kStartTx) {
        begin();
    } else if (offset == kStopTx) {
        stop();
    } else if (offset == kStartRx) {
        begin_receiving();
    } else if (offset == kStopRx) {
        end_receiving();
    } else {
        return false;
    }
    return true;
}

void Uarte::begin() {
    if (value(kEnable) != kEnabled || value(kPselTxd) == kNoPin) return;
    address_ = value(kTxdPtr);
    left_ = value(kTxdMaxcnt) & 0xffff;
    sent_ = 0;
    if (left_ != 0 && (address_ < kRamFirst || address_ + left_ > kRamEnd)) {
        return host().stop(
            text("{}: sends from {}, expected an address in RAM", name(), fmt::format("0x{:08x}", address_)));
    }
    fire(kTxStarted);
    began_ = host().now();
    show_sending(true);
    next_ = began_ + (left_ == 0 ? 1 : character_cycles());
}

void Uarte::stop() {
    if (next_ != kNever) show_sending(false);
    next_ = kNever;
    value(kTxdAmount) = sent_;
    fire(kTxStopped);
}

// ---- receiving -------------------------------------------------------------------------------------------

void Uarte::begin_receiving() {
    if (value(kEnable) != kEnabled || value(kPselRxd) == kNoPin) return;
    rx_address_ = value(kRxdPtr);
    rx_most_ = value(kRxdMaxcnt) & 0xffff;
    rx_count_ = 0;
    receiving_ = true;
    fire(kRxStarted);
    if (record().pipe.is_open && rx_next_ == kNever) rx_next_ = host().now() + character_cycles();
}

void Uarte::end_receiving() {
    receiving_ = false;
    value(kRxdAmount) = rx_count_;
    fire(kRxTimeout);
}

// One character time has passed: what waits at the other end has arrived.
void Uarte::receive_byte() {
    SerialPipe& pipe = record().pipe;
    rx_next_ = host().now() + character_cycles();
    if (pipe.in.empty()) return;
    const std::uint8_t byte = pipe.in.front();
    pipe.in.pop_front();
    if (!receiving_ || rx_count_ >= rx_most_) {
        ++pipe.overrun;
        return;
    }
    if (!host().write_memory(rx_address_ + rx_count_, {&byte, 1})) {
        return host().stop(text("{}: receives into {}, expected an address in RAM", name(),
                                fmt::format("0x{:08x}", rx_address_ + rx_count_)));
    }
    ++rx_count_;
    ++pipe.received;
    fire(kRxdReady);
    if (rx_count_ < rx_most_) return;
    receiving_ = false;
    value(kRxdAmount) = rx_count_;
    fire(kEndRx);
    if ((value(kShorts) & kEndRxStartRx) != 0) begin_receiving();
    if ((value(kShorts) & kEndRxStopRx) != 0) end_receiving();
}

// ---- sending ---------------------------------------------------------------------------------------------

void Uarte::keep(char c) {
    BoardRecord& kept = record();
    if (kept.pipe.is_open) {
        kept.pipe.out += c;
        return;
    }
    if (!line_open_) {
        line_began_ = began_;
        line_open_ = true;
    }
    if (c != '\n') {
        kept.serial_rest += c;
        return;
    }
    if (!kept.serial_rest.empty() && kept.serial_rest.back() == '\r') kept.serial_rest.pop_back();
    kept.lines.push_back({line_began_, host().now(), kept.serial_rest});
    kept.serial_rest.clear();
    line_open_ = false;
}

void Uarte::send_byte() {
    std::uint8_t byte = 0;
    if (!host().read_memory(address_ + sent_, {&byte, 1})) {
        left_ = 0;
        return host().stop(text("{}: sends from {}, expected an address in RAM", name(),
                                fmt::format("0x{:08x}", address_ + sent_)));
    }
    keep(static_cast<char>(byte));
    ++sent_;
    --left_;
    fire(kTxdReady);
}

void Uarte::advance() {
    if (host().now() >= rx_next_) receive_byte();
    if (host().now() >= next_) advance_sending();
}

void Uarte::advance_sending() {
    if (left_ != 0) {
        send_byte();
        began_ = next_;
    }
    if (left_ != 0) {
        next_ += character_cycles();
        return;
    }
    next_ = kNever;
    value(kTxdAmount) = sent_;
    show_sending(false);
    fire(kEndTx);
}

}  // namespace jatai::simulate
