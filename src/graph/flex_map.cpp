#include "src/graph/flex_map.h"

#include <flatbuffers/flexbuffers.h>

#include <cstring>
#include <limits>

#include "src/base/error.h"

namespace jatai {
namespace {

// Values end the buffer: ... root, its packed type, its width. A packed type is kind * 4 + log2 of a width.
// An offset counts backwards from where it stands.
enum Kind : std::uint8_t {
    kInt = 1,
    kUInt = 2,
    kFloat = 3,
    kIndirectInt = 6,
    kIndirectUInt = 7,
    kIndirectFloat = 8,
    kMap = 9,
    kBool = 26,
};

// Where a value stands, and how wide it is: 1, 2, 4 or 8 bytes.
struct Place {
    std::size_t at;
    std::size_t width;
};

class FlexReader {
  public:
    FlexReader(ByteView bytes, const std::string& place) : bytes_(bytes), place_(place) {}

    FlexMap read() {
        if (bytes_.empty()) return {};
        if (bytes_.size() < 3) damaged();
        const std::size_t width = bytes_[bytes_.size() - 1];
        const std::uint8_t packed = bytes_[bytes_.size() - 2];
        if (width != 1 && width != 2 && width != 4 && width != 8) damaged();
        if (bytes_.size() < 2 + width) damaged();
        if (packed >> 2 != kMap) {
            throw Error{text("{}: found settings that are no map", place_),
                        text("the file is damaged, or was written by a faulty converter")};
        }
        return read_map({follow({bytes_.size() - 2 - width, width}), std::size_t{1} << (packed & 3)});
    }

  private:
    [[noreturn]] void damaged() const {
        throw Error{text("{}: found settings that point outside themselves", place_),
                    text("the file is damaged")};
    }

    std::uint64_t number(Place from) const {
        if (from.at > bytes_.size() || bytes_.size() - from.at < from.width) damaged();
        std::uint64_t value = 0;
        std::memcpy(&value, bytes_.data() + from.at, from.width);
        return value;
    }
    std::int64_t whole(Place from) const {
        const unsigned unused = 64 - 8 * static_cast<unsigned>(from.width);
        return static_cast<std::int64_t>(number(from) << unused) >> unused;
    }
    double fraction(Place from) const {
        const std::uint64_t bits = number(from);
        if (from.width == 4) {
            float value = 0;
            std::memcpy(&value, &bits, sizeof value);
            return value;
        }
        if (from.width != 8) damaged();
        double value = 0;
        std::memcpy(&value, &bits, sizeof value);
        return value;
    }
    // What an offset points at.
    std::size_t follow(Place offset) const {
        const std::uint64_t back = number(offset);
        if (back > offset.at) damaged();
        return offset.at - static_cast<std::size_t>(back);
    }

    // Before the first value: offset and width of the keys, number of values. Behind the last: packed types.
    FlexMap read_map(Place values) const {
        const std::size_t width = values.width;
        if (values.at < 3 * width) damaged();
        const std::uint64_t count = number({values.at - width, width});
        if (count > kMaxFlexEntries) {
            throw Error{text("{}: found {} settings, expected at most {}", place_, count, kMaxFlexEntries)};
        }
        const std::uint64_t key_width = number({values.at - 2 * width, width});
        if (key_width != 1 && key_width != 2 && key_width != 4 && key_width != 8) damaged();
        const Place keys{follow({values.at - 3 * width, width}), static_cast<std::size_t>(key_width)};
        FlexMap map;
        for (std::size_t i = 0; i < count; ++i) {
            const std::string key = read_key({keys.at + i * keys.width, keys.width});
            const auto packed = static_cast<std::uint8_t>(number({values.at + count * width + i, 1}));
            map.emplace_back(key, read_value({values.at + i * width, width}, packed, key));
        }
        return map;
    }

    std::string read_key(Place offset) const {
        std::string key;
        for (std::size_t at = follow(offset);; ++at) {
            const auto letter = static_cast<char>(number({at, 1}));
            if (letter == 0) return key;
            if (letter <= ' ' || letter > '~' || key.size() == kMaxFlexKey) damaged();
            key += letter;
        }
    }

    Value read_value(Place at, std::uint8_t packed, const std::string& key) const {
        const std::size_t pointed_width = std::size_t{1} << (packed & 3);
        switch (packed >> 2) {
            case kInt:
                return whole(at);
            case kUInt:
                return unsigned_value(at, key);
            case kFloat:
                return fraction(at);
            case kBool:
                return number(at) != 0;
            case kIndirectInt:
                return whole({follow(at), pointed_width});
            case kIndirectUInt:
                return unsigned_value({follow(at), pointed_width}, key);
            case kIndirectFloat:
                return fraction({follow(at), pointed_width});
        }
        throw Error{text("{}: found {} of a kind {}, expected a number", place_, key, packed >> 2)};
    }
    Value unsigned_value(Place at, const std::string& key) const {
        const std::uint64_t value = number(at);
        if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            throw Error{text("{}: found {} of {}, expected 63 bits", place_, key, value)};
        return static_cast<std::int64_t>(value);
    }

    ByteView bytes_;
    const std::string& place_;
};

}  // namespace

FlexMap read_flex_map(ByteView bytes, const std::string& place) { return FlexReader(bytes, place).read(); }

Bytes write_flex_map(const FlexMap& map) {
    flexbuffers::Builder out;
    out.Map([&] {
        for (const auto& [key, value] : map) {
            if (const auto* whole = std::get_if<std::int64_t>(&value)) out.Int(key.c_str(), *whole);
            if (const auto* fraction = std::get_if<double>(&value)) out.Double(key.c_str(), *fraction);
            if (const auto* flag = std::get_if<bool>(&value)) out.Bool(key.c_str(), *flag);
        }
    });
    out.Finish();
    return out.GetBuffer();
}

}  // namespace jatai
