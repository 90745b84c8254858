#include "src/simulate/devices/devices.h"

#include "src/base/error.h"
#include "src/base/suggest.h"

namespace jatai::simulate {

std::shared_ptr<BoardRecord> attach_devices(Machine& machine, Track microphone, PowerCut power_cut) {
    auto record = std::make_shared<BoardRecord>();
    for (const std::string& name : machine.board().devices) {
        if (name != "nrf52840") {
            throw Error{text("board {}: {} is not a modelled device", machine.board().id, name),
                        did_you_mean(name, {"nrf52840"})};
        }
        record = attach_nrf52840(machine, {.microphone = std::move(microphone), .power_cut = power_cut});
    }
    return record;
}

}  // namespace jatai::simulate
