// peripheral.h: what all peripherals of the nRF52840 have in common: tasks, events, and one interrupt.
//
//     class Clock : public Peripheral {
//         Clock(BoardRecord& record) : Peripheral("clock", 0x40000000, record) {}
//         void start_task(std::uint32_t offset) override { if (offset == 0) fire_in(360us...); }
//     };
//
// A write of 1 below 0x100 starts a task; words from 0x100 are events, 1 once fired until the firmware writes
// 0; bit i of INTEN lets event 0x100 + 4 i raise the interrupt, whose number is bits 12-17 of the address.
// Source: nRF52840 Product Specification v1.7, 6.1 "Peripheral interface".
//
// Keeps: a register a model does not know reads 0, ignores writes and is written into the record.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>

#include "src/simulate/devices/nrf52840/record.h"

namespace jatai::simulate {

class Peripheral : public Device {
  public:
    Peripheral(std::string name, std::uint32_t base, BoardRecord& record);

    std::string_view name() const final { return name_; }
    AddressRange range() const override { return {base_, 0x1000}; }
    std::uint32_t read(std::uint32_t offset, unsigned bytes) final;
    void write(std::uint32_t offset, unsigned bytes, std::uint32_t value) final;
    void reset() override;

  protected:
    // A task the model does not know: false.
    virtual bool start_task(std::uint32_t offset) = 0;
    // After a known register (see know()) was written.
    virtual void changed(std::uint32_t /*offset*/) {}
    // Before a known register is read.
    virtual void refresh(std::uint32_t /*offset*/) {}

    // Called from the constructor: the registers, tasks and events aside, with their reset values.
    void know(std::uint32_t offset, std::uint32_t reset_value = 0);
    void know_events(std::initializer_list<std::uint32_t> offsets);

    std::uint32_t& value(std::uint32_t offset) { return registers_.at(offset).value; }
    void fire(std::uint32_t event);
    bool fired(std::uint32_t event) const { return (events_ >> index(event) & 1u) != 0; }
    BoardRecord& record() { return record_; }

  private:
    struct Register {
        std::uint32_t value = 0;
        std::uint32_t reset_value = 0;
    };
    static unsigned index(std::uint32_t event) { return (event - 0x100) / 4; }
    bool is_event(std::uint32_t offset) const;
    bool write_interrupts(std::uint32_t offset, std::uint32_t value);
    void update_interrupt();
    void note_unknown(std::uint32_t offset, const std::uint32_t* written);

    std::string name_;
    std::uint32_t base_;
    BoardRecord& record_;
    std::map<std::uint32_t, Register> registers_;
    std::uint64_t known_events_ = 0;
    std::uint64_t events_ = 0;
    std::uint32_t enabled_ = 0;
};

// Address ranges with peripherals the models leave out: everything is noted, nothing happens.
class Unmodelled : public Device {
  public:
    Unmodelled(AddressRange range, BoardRecord& record) : range_(range), record_(record) {}
    std::string_view name() const override { return "unmodelled"; }
    AddressRange range() const override { return range_; }
    std::uint32_t read(std::uint32_t offset, unsigned bytes) override;
    void write(std::uint32_t offset, unsigned bytes, std::uint32_t value) override;

  private:
    AddressRange range_;
    BoardRecord& record_;
};

}  // namespace jatai::simulate
