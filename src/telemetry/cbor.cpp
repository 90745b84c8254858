#include "src/telemetry/cbor.h"

#include <cmath>
#include <cstring>

namespace jatai {
namespace {

constexpr int kDeepest = 16;
constexpr int kMostValues = 65536;
constexpr std::uint8_t kIndefinite = 31;

class Reader {
  public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}

    bool value(Cbor& out, int depth = 0) {
        if (depth > kDeepest || ++values_ > kMostValues) return false;
        std::uint8_t major = 0, minor = 0;
        std::uint64_t argument = 0;
        if (!head(major, minor, argument)) return false;
        if (major == 6) return minor != kIndefinite && value(out, depth + 1);
        if (major == 7) return simple(minor, argument, out);
        if (major <= 1) return minor != kIndefinite && integer(major, argument, out);
        if (major <= 3) return string(major, minor, argument, out);
        return minor == kIndefinite ? open_items(major, out, depth) : items(major, argument, out, depth);
    }

    bool ended() const { return at_ == bytes_.size(); }

  private:
    bool byte(std::uint8_t& out) {
        if (at_ >= bytes_.size()) return false;
        out = static_cast<std::uint8_t>(bytes_[at_++]);
        return true;
    }

    bool head(std::uint8_t& major, std::uint8_t& minor, std::uint64_t& argument) {
        std::uint8_t first = 0;
        if (!byte(first)) return false;
        major = first >> 5;
        minor = first & 31;
        argument = minor;
        if (minor < 24 || minor == kIndefinite) return true;
        if (minor > 27) return false;
        argument = 0;
        for (int i = 0; i < 1 << (minor - 24); ++i) {
            std::uint8_t next = 0;
            if (!byte(next)) return false;
            argument = (argument << 8) | next;
        }
        return true;
    }

    static bool integer(std::uint8_t major, std::uint64_t argument, Cbor& out) {
        out = {major == 0 ? Cbor::Type::Unsigned : Cbor::Type::Negative, argument};
        return true;
    }

    bool take(std::uint64_t count, std::string& out) {
        if (count > bytes_.size() - at_) return false;
        out.append(bytes_.substr(at_, count));
        at_ += count;
        return true;
    }

    bool string(std::uint8_t major, std::uint8_t minor, std::uint64_t argument, Cbor& out) {
        out = {major == 2 ? Cbor::Type::Bytes : Cbor::Type::Text};
        if (minor != kIndefinite) return take(argument, out.text);
        while (!at_break()) {
            std::uint8_t part = 0, part_minor = 0;
            if (++values_ > kMostValues || !head(part, part_minor, argument)) return false;
            if (part != major || part_minor == kIndefinite || !take(argument, out.text)) return false;
        }
        return byte(minor);
    }

    bool at_break() const { return at_ < bytes_.size() && static_cast<std::uint8_t>(bytes_[at_]) == 0xFF; }

    bool items(std::uint8_t major, std::uint64_t count, Cbor& out, int depth) {
        out = {major == 4 ? Cbor::Type::Array : Cbor::Type::Map};
        if (count > kMostValues) return false;
        if (major == 5) count *= 2;
        for (std::uint64_t i = 0; i < count; ++i) {
            if (!value(out.items.emplace_back(), depth + 1)) return false;
        }
        return true;
    }

    bool open_items(std::uint8_t major, Cbor& out, int depth) {
        out = {major == 4 ? Cbor::Type::Array : Cbor::Type::Map};
        while (!at_break()) {
            if (!value(out.items.emplace_back(), depth + 1)) return false;
        }
        std::uint8_t end = 0;
        return byte(end) && (major == 4 || out.items.size() % 2 == 0);
    }

    static bool simple(std::uint8_t minor, std::uint64_t argument, Cbor& out) {
        if (minor == 20 || minor == 21)
            out = Cbor::boolean(minor == 21);
        else if (minor == 22 || minor == 23)
            out = {};
        else if (minor == 25)
            out = Cbor::real_number(half(static_cast<std::uint16_t>(argument)));
        else if (minor == 26)
            out = Cbor::real_number(single(static_cast<std::uint32_t>(argument)));
        else if (minor == 27)
            out = Cbor::real_number(wide(argument));
        else
            return false;
        return true;
    }

    static double half(std::uint16_t bits) {
        const int exponent = (bits >> 10) & 31, mantissa = bits & 1023;
        double value = 0;
        if (exponent == 0)
            value = std::ldexp(mantissa, -24);
        else if (exponent < 31)
            value = std::ldexp(mantissa + 1024, exponent - 25);
        else
            value = mantissa == 0 ? HUGE_VAL : std::nan("");
        return (bits & 0x8000) != 0 ? -value : value;
    }

    static double single(std::uint32_t bits) {
        float value = 0;
        std::memcpy(&value, &bits, sizeof value);
        return static_cast<double>(value);
    }

    static double wide(std::uint64_t bits) {
        double value = 0;
        std::memcpy(&value, &bits, sizeof value);
        return value;
    }

    std::string_view bytes_;
    std::size_t at_ = 0;
    int values_ = 0;
};

void put_head(std::string& out, int major, std::uint64_t argument) {
    int length = 0, minor = static_cast<int>(argument);
    if (argument >= 24) {
        length = argument <= 0xFF ? 1 : argument <= 0xFFFF ? 2 : argument <= 0xFFFFFFFF ? 4 : 8;
        minor = length == 1 ? 24 : length == 2 ? 25 : length == 4 ? 26 : 27;
    }
    out += static_cast<char>(major << 5 | minor);
    for (int i = length - 1; i >= 0; --i) out += static_cast<char>(argument >> (8 * i));
}

void put(std::string& out, const Cbor& value) {
    using Type = Cbor::Type;
    switch (value.type) {
        case Type::Unsigned:
            put_head(out, 0, value.number_);
            break;
        case Type::Negative:
            put_head(out, 1, value.number_);
            break;
        case Type::Bytes:
            put_head(out, 2, value.text.size());
            out += value.text;
            break;
        case Type::Text:
            put_head(out, 3, value.text.size());
            out += value.text;
            break;
        case Type::Array:
            put_head(out, 4, value.items.size());
            break;
        case Type::Map:
            put_head(out, 5, value.items.size() / 2);
            break;
        case Type::Bool:
            out += static_cast<char>(value.number_ != 0 ? 0xF5 : 0xF4);
            break;
        case Type::Null:
            out += static_cast<char>(0xF6);
            break;
        case Type::Float: {
            std::uint64_t bits = 0;
            std::memcpy(&bits, &value.real, sizeof bits);
            out += static_cast<char>(0xFB);
            for (int i = 7; i >= 0; --i) out += static_cast<char>(bits >> (8 * i));
        }
    }
    for (const Cbor& item : value.items) put(out, item);
}

}  // namespace

Cbor Cbor::map(const std::vector<std::pair<Cbor, Cbor>>& pairs) {
    Cbor out{Type::Map};
    for (const auto& [key, value] : pairs) {
        out.items.push_back(key);
        out.items.push_back(value);
    }
    return out;
}

const Cbor* Cbor::get(std::int64_t key) const {
    if (type != Type::Map) return nullptr;
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
        const Cbor& k = items[i];
        if (key >= 0 && k.type == Type::Unsigned && k.number_ == static_cast<std::uint64_t>(key))
            return &items[i + 1];
        if (key < 0 && k.type == Type::Negative && k.number_ == static_cast<std::uint64_t>(-1 - key))
            return &items[i + 1];
    }
    return nullptr;
}

const Cbor* Cbor::get(std::string_view key) const {
    if (type != Type::Map) return nullptr;
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
        if (items[i].type == Type::Text && items[i].text == key) return &items[i + 1];
    }
    return nullptr;
}

std::optional<Cbor> read_cbor(std::string_view bytes) {
    Reader reader(bytes);
    Cbor value;
    if (!reader.value(value) || !reader.ended()) return std::nullopt;
    return value;
}

std::string write_cbor(const Cbor& value) {
    std::string out;
    put(out, value);
    return out;
}

}  // namespace jatai
