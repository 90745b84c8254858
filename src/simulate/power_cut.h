// power_cut.h: where a simulated board loses its supply: at one of its writes or erases of flash.
//
//     attach_devices(machine, {}, {.operation = 1200, .way = PowerCut::Way::HalfDone});
//
// Every word written and every page erased counts as one operation, from 0. After the cut RAM holds noise and
// the chip starts anew; the run goes on.
#pragma once

#include <cstdint>
#include <limits>

namespace jatai::simulate {

struct PowerCut {
    enum class Way : std::uint8_t {
        Before,    // nothing of the operation has happened
        HalfDone,  // some of its bits have changed
        Unstable,  // its bits read now so, now so, until they are erased or programmed
    };
    static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

    std::uint64_t operation = kNever;
    Way way = Way::HalfDone;
};

// What became of a board's flash.
struct FlashUse {
    std::uint64_t writes = 0;  // words
    std::uint64_t erases = 0;  // pages
    std::uint64_t overwritten_words =
        0;  // written more than twice between two erases: not allowed on the chip
    std::uint64_t power_cuts = 0;
};

}  // namespace jatai::simulate
