#include "src/graph/printable.h"

#include <cstddef>

namespace jatai {

std::string printable(std::string name) {
    for (std::size_t i = 0; i < name.size();) {
        const auto lead = static_cast<unsigned char>(name[i]);
        const std::size_t length = lead < 0x80   ? 1
                                   : lead < 0xC2 ? 0
                                   : lead < 0xE0 ? 2
                                   : lead < 0xF0 ? 3
                                   : lead < 0xF5 ? 4
                                                 : 0;
        std::size_t good = length == 1 && (lead < 0x20 || lead == 0x7F) ? 0 : length;
        for (std::size_t k = 1; k < length; ++k) {
            if (i + k >= name.size() || (static_cast<unsigned char>(name[i + k]) & 0xC0) != 0x80) good = 0;
        }
        if (good == 0) name[i] = '?';
        i += good ? good : 1;
    }
    return name;
}

}  // namespace jatai
