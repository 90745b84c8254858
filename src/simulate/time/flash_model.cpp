#include "src/simulate/time/flash_model.h"

#include <algorithm>
#include <bit>

namespace jatai::simulate {
namespace {

constexpr std::uint32_t kNoLine = 0xFFFFFFFE;  // beyond every line, and before none

std::uint32_t whole(const Fact& fact) { return static_cast<std::uint32_t>(fact.value); }

}  // namespace

FlashModel::FlashModel(const FlashSide& side)
    : has_wait_(side.has_wait()),
      line_shift_(static_cast<unsigned>(std::countr_zero(std::max(4u, whole(side.line_bytes))))),
      set_mask_(std::max(1u, whole(side.lines) / std::max(1u, whole(side.ways))) - 1),
      ways_(whole(side.lines) == 0 ? 0 : std::max(1u, whole(side.ways))),
      wait_cached_(whole(side.wait_states)),
      wait_uncached_(whole(side.wait_states_uncached)),
      prefetch_(whole(side.prefetch_cycles)),
      last_line_(kNoLine),
      tags_(std::size_t{set_mask_ + 1} * ways_, kNoLine) {}

void FlashModel::enable_cache(bool on) {
    cache_on_ = on && ways_ > 0;
    last_line_ = kNoLine;
    std::fill(tags_.begin(), tags_.end(), kNoLine);
}

// Moves the line to the front of its set; false when it had to be brought in.
bool FlashModel::lookup(std::uint32_t line) {
    const auto first = tags_.begin() + static_cast<std::ptrdiff_t>((line & set_mask_) * ways_),
               last = first + ways_;
    const auto found = std::find(first, last, line);
    const bool hit = found != last;
    std::rotate(first, hit ? found : last - 1, hit ? found + 1 : last);
    *first = line;
    return hit;
}

std::uint32_t FlashModel::access_line(std::uint32_t line) {
    const bool sequential = line == last_line_ + 1;
    last_line_ = line;
    if (cache_on_ && lookup(line)) return 0;
    const std::uint32_t wait = cache_on_ ? wait_cached_ : wait_uncached_;
    return sequential ? wait - std::min(wait, prefetch_) : wait;
}

}  // namespace jatai::simulate
