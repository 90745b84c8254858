// explain.h: where every byte of RAM and flash of a compiled model went, and what its peak waits for.
//
//     const Explanation e = explain(*compiled.plan, compiled.sizes, code_parts(size_elf));
//     e.peak_name;  e.alive;  e.weights;  e.code;      // each list sums up to what it explains
//     to_json(e);
//
// The peak is the layer while which most is alive. A tensor that lies there unused waits for the layer that
// reads it last: run that one earlier, or make it smaller, and the peak falls.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "src/package/sizes.h"
#include "src/plan/plan.h"

namespace jatai {

// A piece of the arena that is alive during the peak.
struct AlivePart {
    std::string name;
    std::uint32_t bytes = 0;
    bool in_use = false;    // the layer of the peak itself reads or writes it
    std::string waits_for;  // the layer that needs it last
};

struct FlashPart {
    std::string name;
    std::uint32_t bytes = 0;
};

struct Explanation {
    std::size_t peak_layer = 0;
    std::string peak_name;
    std::string peak_op;
    std::uint32_t arena_bytes = 0;
    std::uint32_t state_bytes = 0;
    std::vector<AlivePart> alive;  // most bytes first
    std::uint32_t idle_bytes = 0;  // of the arena, that nothing uses during the peak
    std::uint32_t variables_bytes = 0, stack_bytes = 0;
    std::vector<FlashPart> weights;  // by layer that reads them first, most bytes first
    std::uint32_t alignment_bytes = 0;
    std::uint32_t container_bytes = 0;  // of a package: its header, tables and sections
    std::vector<FlashPart> code;        // by function, most bytes first; empty: no compiler was at hand
    std::uint32_t other_code_bytes = 0;
};

// The functions and tables of a linked image, by the names of its symbols; the model itself left out.
std::vector<FlashPart> code_parts(ByteView elf);

Explanation explain(const Plan& plan, const FirmwareSizes& sizes, std::vector<FlashPart> code);

nlohmann::ordered_json to_json(const Explanation& e);

}  // namespace jatai
