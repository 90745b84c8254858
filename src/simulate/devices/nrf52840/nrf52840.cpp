#include "src/simulate/devices/nrf52840/nrf52840.h"

#include <algorithm>

#include "boards/nano33ble/pins.h"
#include "src/simulate/devices/nrf52840/clock_power.h"
#include "src/simulate/devices/nrf52840/gpio.h"
#include "src/simulate/devices/nrf52840/nvmc.h"
#include "src/simulate/devices/nrf52840/timer.h"
#include "src/simulate/devices/nrf52840/uarte.h"

namespace jatai::simulate {
namespace {

// A device that is its own piece of the address space and keeps the record alive with the machine.
class RecordKeeper : public Unmodelled {
  public:
    RecordKeeper(AddressRange range, std::shared_ptr<BoardRecord> record)
        : Unmodelled(range, *record), record_(std::move(record)) {}
    void reset() override {
        if (host().now() == 0) record_->clear();  // a new firmware; a reset of the chip keeps what was seen
    }

  private:
    std::shared_ptr<BoardRecord> record_;
};

std::vector<Light> lights() {
    return {{"red", pins::kRed, false},
            {"green", pins::kGreen, false},
            {"blue", pins::kBlue, false},
            {"board", pins::kBoard, true},
            {"power", pins::kPowerLed, true}};
}

constexpr std::uint32_t kPage = 0x1000;
constexpr std::uint32_t kTimers[5] = {0x40008000, 0x40009000, 0x4000a000, 0x4001a000, 0x4001b000};
constexpr std::uint32_t kFirstPeripheral = 0x40000000, kEndPeripheral = 0x40030000;

bool is_modelled(std::uint32_t page) {
    for (const std::uint32_t base : {0x40000000u, 0x40002000u, 0x4001d000u, 0x4001e000u}) {
        if (page == base) return true;
    }
    return std::find(std::begin(kTimers), std::end(kTimers), page) != std::end(kTimers);
}

// The pages between the models.
void attach_rest(Machine& machine, const std::shared_ptr<BoardRecord>& record) {
    for (std::uint32_t page = kFirstPeripheral; page < kEndPeripheral; page += kPage) {
        if (is_modelled(page)) continue;
        std::uint32_t end = page + kPage;
        while (end < kEndPeripheral && !is_modelled(end)) end += kPage;
        machine.attach(std::make_unique<RecordKeeper>(AddressRange{page, end - page}, record));
        page = end - kPage;
    }
}

}  // namespace

std::shared_ptr<BoardRecord> attach_nrf52840(Machine& machine, Nrf52840Options options) {
    auto record = std::make_shared<BoardRecord>();
    const EnergyFacts& energy = machine.board().energy;
    attach_rest(machine, record);
    machine.attach(std::make_unique<ClockPower>(*record));
    machine.attach(std::make_unique<Nvmc>(*record, machine.board().ram, options.power_cut));
    auto& gpio =
        static_cast<Gpio&>(machine.attach(std::make_unique<Gpio>(lights(), energy.led_ua.value, *record)));
    machine.attach(std::make_unique<Uarte>("uart", 0x40002000, energy.serial_ua.value, *record));
    for (unsigned i = 0; i < 5; ++i) {
        const std::string name = "timer" + std::to_string(i);
        machine.attach(std::make_unique<Timer>(name, kTimers[i], i < 3 ? 4 : 6, *record));
    }
    const PdmWiring wiring{pins::kMicrophoneClock, pins::kMicrophoneData, pins::kMicrophonePower};
    machine.attach(std::make_unique<Pdm>(wiring, gpio, std::move(options.microphone),
                                         energy.microphone_ua.value, *record));
    return record;
}

}  // namespace jatai::simulate
