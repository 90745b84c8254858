#include "src/package/delta_align.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <map>
#include <unordered_map>

#include "device/package.h"

namespace jatai {
namespace {

constexpr std::uint32_t kCell = 64;
constexpr std::size_t kMostShifts = 48;
constexpr std::uint32_t kVoteBytes = 6;
constexpr float kSwitchBits = 36;
constexpr float kWithoutSourceFactor = 0.9f;  // matches make literals cheaper than their own price

// Bits of a difference, roughly as the coder prices them when a part of the weights changed.
float difference_bits(std::uint8_t d) {
    if (d == 0) return 0.25f;
    const unsigned size = d >= 128 ? 256u - d : d;
    return 2.2f + 1.6f * static_cast<float>(std::bit_width(size) - 1);
}

std::uint64_t piece_at(ByteView bytes, std::size_t at) {
    std::uint64_t piece = 0;
    std::memcpy(&piece, bytes.data() + at, kVoteBytes);
    return piece;
}

// Shifts by how many equal pieces of six bytes they explain; pieces that occur often say nothing.
std::vector<std::int64_t> voted_shifts(ByteView target, ByteView source) {
    std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> places;
    for (std::size_t i = 0; i + kVoteBytes <= source.size(); ++i)
        places[piece_at(source, i)].push_back(static_cast<std::uint32_t>(i));
    std::unordered_map<std::int64_t, std::uint32_t> votes;
    for (std::size_t i = 0; i + kVoteBytes <= target.size(); ++i) {
        const auto found = places.find(piece_at(target, i));
        if (found == places.end() || found->second.size() > 4) continue;
        for (const std::uint32_t place : found->second)
            ++votes[std::int64_t{place} - static_cast<std::int64_t>(i)];
    }
    std::vector<std::pair<std::uint32_t, std::int64_t>> ranked;
    for (const auto& [shift, count] : votes)
        if (count >= 4) ranked.emplace_back(count, shift);
    std::sort(ranked.begin(), ranked.end(), std::greater<>());
    std::vector<std::int64_t> shifts;
    for (std::size_t i = 0; i < ranked.size() && i < kMostShifts; ++i) shifts.push_back(ranked[i].second);
    return shifts;
}

// Offsets of the constants of a package by their size, in order; empty when it is none.
std::vector<PlaceRecord> constants_of(ByteView bytes) {
    PackageHeader header;
    if (bytes.size() < sizeof header) return {};
    std::memcpy(&header, bytes.data(), sizeof header);
    const std::uint64_t end =
        std::uint64_t{header.operands.offset} + std::uint64_t{header.operands.count} * 8;
    if (header.magic != kPackageMagic || end > bytes.size()) return {};
    std::vector<PlaceRecord> places;
    for (std::uint32_t i = 0; i < header.operands.count; ++i) {
        PlaceRecord place;
        std::memcpy(&place, bytes.data() + header.operands.offset + 8 * i, sizeof place);
        if (place.where == kAbsent || (place.where & kConstantFlag) == 0 || place.bytes < kCell) continue;
        places.push_back({(place.where & ~kConstantFlag) + header.constants.offset, place.bytes});
    }
    return places;
}

// The tensors of two packages, paired in order where their sizes agree.
std::vector<std::int64_t> table_shifts(ByteView target, ByteView source) {
    const std::vector<PlaceRecord> now = constants_of(target), then = constants_of(source);
    std::vector<std::int64_t> shifts;
    std::size_t next = 0;
    for (const PlaceRecord& place : now) {
        for (std::size_t i = next; i < then.size(); ++i) {
            if (then[i].bytes != place.bytes) continue;
            shifts.push_back(std::int64_t{then[i].where} - place.where);
            next = i + 1;
            break;
        }
    }
    return shifts;
}

std::vector<std::int64_t> candidates(ByteView target, ByteView source) {
    std::vector<std::int64_t> shifts = {
        0, static_cast<std::int64_t>(source.size()) - static_cast<std::int64_t>(target.size())};
    const auto add = [&](const std::vector<std::int64_t>& more) {
        for (const std::int64_t shift : more)
            if (shifts.size() < 2 * kMostShifts &&
                std::find(shifts.begin(), shifts.end(), shift) == shifts.end())
                shifts.push_back(shift);
    };
    add(table_shifts(target, source));
    add(voted_shifts(target, source));
    return shifts;
}

class Aligner {
  public:
    Aligner(ByteView target, ByteView source, const MatchFinder& finder)
        : target_(target), source_(source), finder_(finder), shifts_(candidates(target, source)) {}

    std::vector<Aligned> run() {
        const std::size_t cells = (target_.size() + kCell - 1) / kCell;
        const std::size_t ways = shifts_.size() + 1;  // the last: without the source
        std::vector<float> bits(ways, 0);
        std::vector<std::uint8_t> came(cells * ways);
        for (std::size_t cell = 0; cell < cells; ++cell) {
            const auto best = std::min_element(bits.begin(), bits.end());
            const float switched = *best + kSwitchBits;
            const auto from = static_cast<std::uint8_t>(best - bits.begin());
            for (std::size_t way = 0; way < ways; ++way) {
                const bool stays = bits[way] <= switched;
                came[cell * ways + way] = stays ? static_cast<std::uint8_t>(way) : from;
                bits[way] = (stays ? bits[way] : switched) + cell_bits(cell, way);
            }
        }
        return trace(bits, came, cells);
    }

  private:
    float byte_bits(std::size_t at, std::size_t way) const {
        if (way == shifts_.size())
            return kWithoutSourceFactor * finder_.literal_bits(static_cast<std::uint32_t>(at));
        const std::int64_t place = static_cast<std::int64_t>(at) + shifts_[way];
        if (place < 0 || place >= static_cast<std::int64_t>(source_.size())) return 1000;
        return difference_bits(
            static_cast<std::uint8_t>(target_[at] - source_[static_cast<std::size_t>(place)]));
    }

    float cell_bits(std::size_t cell, std::size_t way) const {
        float bits = 0;
        const std::size_t end = std::min(target_.size(), (cell + 1) * kCell);
        for (std::size_t at = cell * kCell; at < end; ++at) bits += byte_bits(at, way);
        return bits;
    }

    // Where between the two cells' middles the change from one way to the other is cheapest.
    std::size_t boundary(std::size_t near, std::size_t left, std::size_t right) const {
        const std::size_t begin = near - kCell, end = std::min(target_.size(), near + kCell);
        float balance = 0, least = 0;
        std::size_t best = begin;
        for (std::size_t at = begin; at < end; ++at) {
            balance += byte_bits(at, left) - byte_bits(at, right);
            if (balance < least) {
                least = balance;
                best = at + 1;
            }
        }
        return best;
    }

    std::vector<Aligned> trace(const std::vector<float>& bits, const std::vector<std::uint8_t>& came,
                               std::size_t cells) const {
        const std::size_t ways = shifts_.size() + 1;
        std::vector<std::size_t> chosen(cells);
        auto way = static_cast<std::size_t>(std::min_element(bits.begin(), bits.end()) - bits.begin());
        for (std::size_t cell = cells; cell-- > 0;) {
            chosen[cell] = way;
            way = came[cell * ways + way];
        }
        std::vector<Aligned> parts;
        std::size_t begin = 0;
        for (std::size_t cell = 1; cell <= cells; ++cell) {
            if (cell < cells && chosen[cell] == chosen[cell - 1]) continue;
            const std::size_t end =
                cell == cells ? target_.size()
                              : std::max(begin, boundary(cell * kCell, chosen[cell - 1], chosen[cell]));
            if (end > begin) parts.push_back(part(begin, end, chosen[cell - 1]));
            begin = std::max(begin, end);
        }
        return parts;
    }

    Aligned part(std::size_t begin, std::size_t end, std::size_t way) const {
        Aligned aligned{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), -1};
        if (way < shifts_.size()) aligned.source = static_cast<std::int64_t>(begin) + shifts_[way];
        return aligned;
    }

    ByteView target_, source_;
    const MatchFinder& finder_;
    std::vector<std::int64_t> shifts_;
};

}  // namespace

std::vector<Aligned> align(ByteView target, ByteView source, const MatchFinder& finder) {
    return Aligner(target, source, finder).run();
}

}  // namespace jatai
