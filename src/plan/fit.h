// fit.h: whether a firmware fits a board, and if not, which limit it breaks, by how much and what would fit.
//
//     require_fit({"kws.tflite", flash_bytes, ram_bytes}, board, all_boards);    // throws Error when it does
//     not
//
// flash_bytes and ram_bytes are those of the linked firmware (src/package/sizes.h), or, before one is built,
// those of the model alone: then the answer "too big" is final and "fits" is not.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/board.h"

namespace jatai {

struct Need {
    std::string what;  // names the model in the sentence
    std::uint64_t flash_bytes = 0;
    std::uint64_t ram_bytes = 0;
};

// Bytes over each limit of the board; 0 when within.
struct Excess {
    std::uint64_t flash_bytes = 0;
    std::uint64_t ram_bytes = 0;
    bool fits() const { return flash_bytes == 0 && ram_bytes == 0; }
};

Excess excess_over(const Need& need, const Board& board);

// The limit on flash: what an application may take, or the whole flash when the board gives no such limit.
std::uint64_t flash_limit_bytes(const Board& board);

// Fails with Error: the limits broken, by how much; hint: the boards of `others` that would hold it, or how
// large the model may be.
void require_fit(const Need& need, const Board& board, const std::vector<Board>& others);

}  // namespace jatai
