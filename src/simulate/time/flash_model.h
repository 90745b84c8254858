// flash_model.h: wait cycles of one side (instruction or data) of a flash memory.
//
//     FlashModel model(board.flash_timing.instruction);
//     model.enable_cache(true);
//     cycles += model.access(address);          // 0 on a hit
//
// A set-associative cache with least-recently-used replacement, or a single line buffer when the cache is off
// or there is none. Sequential misses may be hidden in part by prefetch. All parameters come from board.json.
#pragma once

#include <cstdint>
#include <vector>

#include "src/base/board.h"

namespace jatai::simulate {

class FlashModel {
  public:
    explicit FlashModel(const FlashSide& side);

    bool has_wait() const { return has_wait_; }
    std::uint32_t line_bytes() const { return 1u << line_shift_; }
    void enable_cache(bool on);  // empties it
    void reset(bool cache_on) { enable_cache(cache_on); }

    std::uint32_t access(std::uint32_t address) {
        const std::uint32_t line = address >> line_shift_;
        if (line == last_line_) return 0;
        if (cache_on_ && tags_[(line & set_mask_) * ways_] == line) {  // the one used last in its set
            last_line_ = line;
            return 0;
        }
        return access_line(line);
    }

  private:
    std::uint32_t access_line(std::uint32_t line);
    bool lookup(std::uint32_t line);

    bool has_wait_;
    bool cache_on_ = false;
    unsigned line_shift_;
    std::uint32_t set_mask_, ways_;
    std::uint32_t wait_cached_, wait_uncached_, prefetch_;
    std::uint32_t last_line_;
    std::vector<std::uint32_t> tags_;  // per set, most recently used first
};

}  // namespace jatai::simulate
