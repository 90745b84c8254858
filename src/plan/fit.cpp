#include "src/plan/fit.h"

#include <fmt/ranges.h>

#include "src/base/error.h"

namespace jatai {

namespace {

std::uint64_t over(std::uint64_t need, std::uint64_t limit) { return need > limit ? need - limit : 0; }

std::string broken_limits(const Need& need, const Board& board, const Excess& excess) {
    std::string flash, ram;
    if (excess.flash_bytes > 0) {
        flash = text("{} bytes of flash, expected at most {} ({} too many)", need.flash_bytes,
                     flash_limit_bytes(board), excess.flash_bytes);
    }
    if (excess.ram_bytes > 0) {
        ram = text("{} bytes of RAM, expected at most {} ({} too many)", need.ram_bytes, board.ram.bytes,
                   excess.ram_bytes);
    }
    return flash.empty() ? ram : ram.empty() ? flash : flash + "; " + ram;
}

}  // namespace

std::uint64_t flash_limit_bytes(const Board& board) {
    return board.application_limit_bytes > 0 ? board.application_limit_bytes : board.flash.bytes;
}

Excess excess_over(const Need& need, const Board& board) {
    return {over(need.flash_bytes, flash_limit_bytes(board)), over(need.ram_bytes, board.ram.bytes)};
}

void require_fit(const Need& need, const Board& board, const std::vector<Board>& others) {
    const Excess excess = excess_over(need, board);
    if (excess.fits()) return;
    std::vector<std::string> larger;
    for (const Board& other : others) {
        if (other.id != board.id && excess_over(need, other).fits()) larger.push_back(other.id);
    }
    const std::string what =
        text("{} on {}: needs {}", need.what, board.id, broken_limits(need, board, excess));
    if (!larger.empty()) throw Error{what, text("it fits on: {}", fmt::join(larger, ", "))};
    throw Error{what, text("no board here is large enough: take a smaller network or a smaller input")};
}

}  // namespace jatai
