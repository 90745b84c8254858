#include "src/plan/arena.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "device/package.h"
#include "src/base/rng.h"

namespace jatai {

namespace {

using Order = std::vector<std::size_t>;

std::uint32_t round_up(std::uint32_t bytes) { return (bytes + kPlaceAlign - 1) / kPlaceAlign * kPlaceAlign; }

using Pieces = std::vector<Piece>;  // with bytes rounded up

// Offsets that would lay one buffer on another.
struct Taken {
    std::int64_t begin, end;  // both excluded
};

// Which gap a buffer goes into: the tightest that holds it, or the lowest.
enum class Fit : std::uint8_t { Tightest, Lowest };

Pieces pieces_of(const Buffer& buffer) {
    if (buffer.bytes == 0) return {};
    if (buffer.pieces.empty()) return {{0, round_up(buffer.bytes), buffer.first, buffer.last}};
    Pieces pieces = buffer.pieces;
    for (Piece& piece : pieces) piece.bytes = round_up(piece.bytes);
    return pieces;
}

bool overlap_in_time(const Piece& a, const Piece& b) { return a.first <= b.last && b.first <= a.last; }

class Placer {
  public:
    explicit Placer(std::vector<Buffer>& buffers) : buffers_(buffers) {
        for (const Buffer& buffer : buffers) pieces_.push_back(pieces_of(buffer));
        for (std::size_t a = 0; a < buffers.size(); ++a) {
            meets_.emplace_back();
            for (std::size_t b = 0; b < buffers.size(); ++b) {
                if (a != b && buffers[a].first <= buffers[b].last && buffers[b].first <= buffers[a].last)
                    meets_[a].push_back(b);
            }
        }
    }

    // Places buffers in the order given, each in a gap among those alive with it that are placed already.
    // Returns the bytes used; ends early once they are not below `limit`.
    std::uint32_t place(const Order& order, Fit fit, std::uint32_t limit = UINT32_MAX) {
        std::uint32_t used = 0;
        placed_.assign(buffers_.size(), false);
        for (const std::size_t i : order) {
            Buffer& buffer = buffers_[i];
            buffer.offset = best_offset(i, fit);
            placed_[i] = true;
            used = std::max(used, buffer.offset + end_of(i));
            if (used > limit) return used;
        }
        return used;
    }

  private:
    std::uint32_t end_of(std::size_t i) const {
        return pieces_[i].empty() ? 0 : pieces_[i].back().offset + pieces_[i].back().bytes;
    }

    void find_taken(std::size_t i) {
        taken_.clear();
        for (const std::size_t k : meets_[i]) {
            if (!placed_[k]) continue;
            for (const Piece& mine : pieces_[i]) {
                for (const Piece& theirs : pieces_[k]) {
                    if (!overlap_in_time(mine, theirs)) continue;
                    const std::int64_t at =
                        std::int64_t{buffers_[k].offset} + theirs.offset - std::int64_t{mine.offset};
                    taken_.push_back({at - mine.bytes, at + theirs.bytes});
                }
            }
        }
        std::sort(taken_.begin(), taken_.end(),
                  [](const Taken& a, const Taken& b) { return a.begin < b.begin; });
    }

    std::uint32_t best_offset(std::size_t i, Fit fit) {
        find_taken(i);
        std::int64_t cursor = 0, best = 0, best_slack = INT64_MAX;
        for (const Taken& taken : taken_) {
            if (taken.begin >= cursor && taken.begin - cursor < best_slack) {
                best = cursor;
                best_slack = taken.begin - cursor;
                if (fit == Fit::Lowest) break;
            }
            cursor = std::max(cursor, taken.end);
        }
        return static_cast<std::uint32_t>(best_slack == INT64_MAX ? cursor : best);
    }

    std::vector<Buffer>& buffers_;
    std::vector<Pieces> pieces_;
    std::vector<std::vector<std::size_t>> meets_;  // by buffer: those alive at the same time
    std::vector<bool> placed_;
    std::vector<Taken> taken_;
};

// Orders worth a try: largest first; largest total first by length of life; first come; last come.
std::vector<Order> first_orders(const std::vector<Buffer>& buffers) {
    Order base(buffers.size());
    std::iota(base.begin(), base.end(), 0u);
    const auto sorted = [&](auto before) {
        Order order = base;
        // Among equals the first of the graph: the same order with every library.
        std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            return before(buffers[a], buffers[b]) || (!before(buffers[b], buffers[a]) && a < b);
        });
        return order;
    };
    const auto life = [](const Buffer& b) { return std::uint64_t(b.last - b.first + 1) * b.bytes; };
    return {sorted([](const Buffer& a, const Buffer& b) { return a.bytes > b.bytes; }),
            sorted([&](const Buffer& a, const Buffer& b) { return life(a) > life(b); }),
            sorted([](const Buffer& a, const Buffer& b) { return a.first < b.first; }),
            sorted([](const Buffer& a, const Buffer& b) { return a.last > b.last; })};
}

}  // namespace

std::uint32_t live_at(const std::vector<Buffer>& buffers, std::int32_t step) {
    std::uint32_t bytes = 0;
    for (const Buffer& buffer : buffers) {
        if (step < buffer.first || buffer.last < step) continue;
        for (const Piece& piece : pieces_of(buffer)) {
            if (piece.first <= step && step <= piece.last) bytes += piece.bytes;
        }
    }
    return bytes;
}

std::uint32_t live_peak(const std::vector<Buffer>& buffers) {
    std::vector<std::pair<std::int32_t, std::int64_t>> changes;  // at a step, by so many bytes
    for (const Buffer& buffer : buffers) {
        for (const Piece& piece : pieces_of(buffer)) {
            changes.emplace_back(piece.first, piece.bytes);
            changes.emplace_back(piece.last + 1, -std::int64_t{piece.bytes});
        }
    }
    std::sort(changes.begin(), changes.end());  // at one step, first what ends
    std::int64_t live = 0, peak = 0;
    for (const auto& [step, bytes] : changes) peak = std::max(peak, live += bytes);
    return static_cast<std::uint32_t>(peak);
}

namespace {

// Hill climbing: move one buffer to another rank; keep what is no worse. The budget is in buffers placed, so
// that large graphs stay quick.
std::uint32_t climb(Placer& placer, Order& best_order, Fit& best_fit, std::uint32_t best,
                    std::uint32_t bound) {
    Rng rng(1);
    Order order = best_order;
    const std::size_t count = order.size();
    const std::size_t tries = count < 2 ? 0 : 2'000'000 / (count * count) + 50;
    std::uint32_t current = best;
    for (std::size_t t = 0; t < tries && best > bound; ++t) {
        Order next = order;
        const Fit fit = rng.below(2) == 0 ? Fit::Tightest : Fit::Lowest;
        const auto from = rng.below(static_cast<std::uint32_t>(count));
        const auto to = rng.below(static_cast<std::uint32_t>(count));
        const std::size_t moved = next[from];
        next.erase(next.begin() + from);
        next.insert(next.begin() + to, moved);
        const std::uint32_t used = placer.place(next, fit, current);
        if (used > current) continue;
        current = used;
        order = next;
        if (used < best) {
            best = used;
            best_order = next;
            best_fit = fit;
        }
    }
    return best;
}

}  // namespace

std::uint32_t place_buffers(std::vector<Buffer>& buffers) {
    if (buffers.empty()) return 0;
    const std::uint32_t bound = live_peak(buffers);
    Placer placer(buffers);
    std::uint32_t best = UINT32_MAX;
    Order best_order;
    Fit best_fit = Fit::Tightest;
    for (const Order& order : first_orders(buffers)) {
        for (const Fit fit : {Fit::Tightest, Fit::Lowest}) {
            const std::uint32_t used = best == bound ? UINT32_MAX : placer.place(order, fit);
            if (used >= best) continue;
            best = used;
            best_order = order;
            best_fit = fit;
        }
    }
    climb(placer, best_order, best_fit, best, bound);
    return placer.place(best_order, best_fit);
}

}  // namespace jatai
