// device.h: what a peripheral is to the simulated board, and what the board gives to a peripheral.
//
//     class Uart : public Device {
//         std::string_view name() const override { return "uart"; }
//         AddressRange range() const override { return {0x40002000, 0x1000}; }
//         std::uint32_t read(std::uint32_t offset, unsigned bytes) override;
//         void write(std::uint32_t offset, unsigned bytes, std::uint32_t value) override;
//         Cycle next_event() const override { return done_at_; }     // when time alone changes something
//         void advance() override { host().raise_interrupt(2); }     // called once now() >= next_event()
//     };
//
// Keeps    Everything happens on the board's cycle clock: the same inputs give the same bytes and cycles. A
//          device may call host() only from reset(), read(), write(), write_flash() and advance().
// Threads  One board, one thread.
// Cost     next_event() is asked after every access to any device: keep it a stored number.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace jatai::simulate {

using Cycle = std::uint64_t;
constexpr Cycle kNever = std::numeric_limits<Cycle>::max();

struct AddressRange {
    std::uint32_t base = 0;
    std::uint32_t bytes = 0;
};

// The board, seen from a device.
class Host {
  public:
    virtual ~Host() = default;

    virtual Cycle now() const = 0;
    virtual std::uint32_t clock_hz() const = 0;

    // The interrupt line of external interrupt `number` (0 is the first after the system exceptions). The
    // line is a level: while it is raised the interrupt becomes pending again after its handler returns.
    virtual void raise_interrupt(unsigned number) = 0;
    virtual void lower_interrupt(unsigned number) = 0;

    // Direct memory access, RAM and flash (writes: RAM only). False when any byte lies outside.
    virtual bool read_memory(std::uint32_t address, std::span<std::uint8_t> bytes) const = 0;
    virtual bool write_memory(std::uint32_t address, std::span<const std::uint8_t> bytes) = 0;

    // For flash controllers: put bytes into flash (the image becomes this board's own). False when outside.
    virtual bool program_flash(std::uint32_t address, std::span<const std::uint8_t> bytes) = 0;
    // For flash controllers: the instruction cache goes on or off (empty) from now on.
    virtual void enable_flash_cache(bool on) = 0;

    // The core stands still for `cycles` (flash erase), as if a slow access were being made.
    virtual void stall(Cycle cycles) = 0;

    // Energy: from now on `cause` draws `microamps` at the supply (0 to stop); or a one-off charge.
    virtual void draw(std::string_view cause, double microamps) = 0;
    virtual void spend(std::string_view cause, double microjoules) = 0;

    // One line of the event trace: `signal` of this device took `value` now.
    virtual void trace(std::string_view device, std::string_view signal, std::int64_t value) = 0;

    // The run ends after this instruction, with the device's reason in words.
    virtual void stop(std::string_view reason) = 0;
    // The chip resets after this instruction (watchdog, soft reset).
    virtual void reset_board() = 0;
};

class Device {
  public:
    Device() = default;
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;
    virtual ~Device() = default;

    virtual std::string_view name() const = 0;
    // A multiple of 4 bytes at a multiple of 4. Several ranges: attach several devices that share their
    // state.
    virtual AddressRange range() const = 0;

    // `offset` from range().base, a multiple of `bytes`, which is 1, 2 or 4.
    virtual std::uint32_t read(std::uint32_t offset, unsigned bytes) = 0;
    virtual void write(std::uint32_t offset, unsigned bytes, std::uint32_t value) = 0;

    // The cycle at which advance() must be called, or kNever.
    virtual Cycle next_event() const { return kNever; }
    virtual void advance() {}

    // Power-up values. Called by Machine::load and on every reset of the chip.
    virtual void reset() {}

    // A store of the core into flash, offered to every device in turn until one takes it; when none does the
    // store is a bus fault. `address` is absolute.
    virtual bool write_flash(std::uint32_t /*address*/, unsigned /*bytes*/, std::uint32_t /*value*/) {
        return false;
    }

    void attach(Host& host) { host_ = &host; }

  protected:
    Host& host() const { return *host_; }

  private:
    Host* host_ = nullptr;
};

// Receives the event trace; see trace.h for the VCD and JSON writers.
class TraceSink {
  public:
    virtual ~TraceSink() = default;
    virtual void record(Cycle when, std::string_view device, std::string_view signal, std::int64_t value) = 0;
};

}  // namespace jatai::simulate
