#include "src/simulate/devices/nrf52840/record.h"

#include "src/base/text.h"

namespace jatai::simulate {

std::vector<std::string> BoardRecord::describe_unknown() const {
    std::vector<std::string> sentences;
    for (const auto& [place, use] : unknown) {
        const std::string address = fmt::format("0x{:08x}", place.second);
        sentences.push_back(text("{} at {} is not modelled: read {} times as 0, written {} times, last {}",
                                 place.first, address, use.reads, use.writes,
                                 fmt::format("0x{:08x}", use.last_value)));
    }
    return sentences;
}

}  // namespace jatai::simulate
