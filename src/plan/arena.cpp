#include "src/plan/arena.h"

#include <algorithm>
#include <numeric>

#include "device/package.h"
#include "src/base/rng.h"

namespace jatai {

namespace {

using Order = std::vector<std::size_t>;

std::uint32_t round_up(std::uint32_t bytes) { return (bytes + kPlaceAlign - 1) / kPlaceAlign * kPlaceAlign; }

bool overlap_in_time(const Buffer& a, const Buffer& b) { return a.first <= b.last && b.first <= a.last; }

// Places buffers in the order given, each in the tightest gap among those alive with it that are placed
// already. Returns the bytes used.
std::uint32_t place_in_order(std::vector<Buffer>& buffers, const Order& order) {
    std::uint32_t used = 0;
    std::vector<std::size_t> placed;  // by offset
    placed.reserve(order.size());
    for (const std::size_t i : order) {
        Buffer& buffer = buffers[i];
        const std::uint32_t need = round_up(buffer.bytes);
        std::uint32_t best = 0, best_gap = UINT32_MAX, cursor = 0;
        for (const std::size_t k : placed) {
            const Buffer& other = buffers[k];
            if (!overlap_in_time(buffer, other)) continue;
            if (other.offset > cursor && other.offset - cursor >= need && other.offset - cursor < best_gap) {
                best = cursor;
                best_gap = other.offset - cursor;
            }
            cursor = std::max(cursor, other.offset + round_up(other.bytes));
        }
        buffer.offset = best_gap == UINT32_MAX ? cursor : best;
        used = std::max(used, buffer.offset + need);
        const auto at = std::upper_bound(placed.begin(), placed.end(), i, [&](std::size_t a, std::size_t b) {
            return buffers[a].offset < buffers[b].offset;
        });
        placed.insert(at, i);
    }
    return used;
}

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
        if (buffer.first <= step && step <= buffer.last) bytes += round_up(buffer.bytes);
    }
    return bytes;
}

std::uint32_t live_peak(const std::vector<Buffer>& buffers) {
    std::uint32_t peak = 0;
    for (const Buffer& buffer : buffers) peak = std::max(peak, live_at(buffers, buffer.first));
    return peak;
}

std::uint32_t place_buffers(std::vector<Buffer>& buffers) {
    const std::uint32_t bound = live_peak(buffers);
    std::uint32_t best = UINT32_MAX;
    Order best_order;
    for (const Order& order : first_orders(buffers)) {
        const std::uint32_t used = place_in_order(buffers, order);
        if (used < best) {
            best = used;
            best_order = order;
        }
    }
    // Hill climbing: move one buffer to another rank; keep what is no worse. The budget is in buffers placed,
    // so that large graphs stay quick.
    Rng rng(1);
    Order order = best_order;
    const std::size_t tries = buffers.size() < 2 ? 0 : 2'000'000 / (buffers.size() * buffers.size()) + 50;
    std::uint32_t current = best;
    for (std::size_t t = 0; t < tries && best > bound; ++t) {
        Order next = order;
        const auto from = rng.below(static_cast<std::uint32_t>(next.size()));
        const auto to = rng.below(static_cast<std::uint32_t>(next.size()));
        const std::size_t moved = next[from];
        next.erase(next.begin() + from);
        next.insert(next.begin() + to, moved);
        const std::uint32_t used = place_in_order(buffers, next);
        if (used > current) continue;
        current = used;
        order = next;
        if (used < best) {
            best = used;
            best_order = next;
        }
    }
    return buffers.empty() ? 0 : place_in_order(buffers, best_order);
}

}  // namespace jatai
