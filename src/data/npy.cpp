#include "src/data/npy.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <string_view>

#include "src/base/error.h"

namespace jatai {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kMaxHeader = 1u << 16;
constexpr std::size_t kMaxRank = 32;

// "<f4": byte order, kind, bytes of one element.
struct Kind {
    const char* name;
    Type type;
    std::size_t width;
};
constexpr Kind kKinds[] = {
    {"f4", Type::Float32, 4}, {"f8", Type::Float32, 8}, {"f2", Type::Float32, 2}, {"i1", Type::Int8, 1},
    {"u1", Type::UInt8, 1},   {"b1", Type::Bool, 1},    {"i2", Type::Int16, 2},   {"i4", Type::Int32, 4},
    {"u4", Type::UInt32, 4},  {"i8", Type::Int64, 8},   {"u8", Type::UInt64, 8},
};

// The header is a Python dictionary of three entries, in any order.
class Header {
  public:
    Header(std::string_view words, const std::string& place) : words_(words), place_(place) { parse(); }

    std::string descr;
    bool fortran = false;
    std::vector<std::uint64_t> shape;

  private:
    [[noreturn]] void damaged() const {
        throw Error{text("{}: found a damaged header at letter {}, expected descr, fortran_order and shape",
                         place_, at_),
                    text("save the array again with numpy.save")};
    }
    void skip() {
        while (at_ < words_.size() && (words_[at_] == ' ' || words_[at_] == '\n')) ++at_;
    }
    bool take(char letter) {
        skip();
        if (at_ == words_.size() || words_[at_] != letter) return false;
        ++at_;
        return true;
    }
    void need(char letter) {
        if (!take(letter)) damaged();
    }
    std::string quoted() {
        const char mark = take('\'') ? '\'' : '"';
        if (mark == '"') need('"');
        const std::size_t end = words_.find(mark, at_);
        if (end == std::string_view::npos) damaged();
        const std::string word(words_.substr(at_, end - at_));
        at_ = end + 1;
        return word;
    }
    bool yes_or_no() {
        skip();
        for (const auto& [word, value] :
             {std::pair{std::string_view("True"), true}, {std::string_view("False"), false}}) {
            if (words_.substr(at_, word.size()) != word) continue;
            at_ += word.size();
            return value;
        }
        damaged();
    }
    std::uint64_t number() {
        skip();
        std::uint64_t value = 0;
        const std::size_t begin = at_;
        for (; at_ < words_.size() && words_[at_] >= '0' && words_[at_] <= '9'; ++at_) {
            if (value > std::numeric_limits<std::uint64_t>::max() / 10 - 9) damaged();
            value = value * 10 + static_cast<std::uint64_t>(words_[at_] - '0');
        }
        if (at_ == begin) damaged();
        return value;
    }
    void parse_shape() {
        need('(');
        while (!take(')')) {
            if (shape.size() == kMaxRank) damaged();
            shape.push_back(number());
            if (take(')')) return;
            need(',');
        }
    }
    void parse() {
        int seen = 0;
        need('{');
        while (!take('}')) {
            const std::string key = quoted();
            need(':');
            if (key == "descr") {
                descr = quoted(), seen |= 1;
            } else if (key == "fortran_order") {
                fortran = yes_or_no(), seen |= 2;
            } else if (key == "shape") {
                shape.clear();
                parse_shape(), seen |= 4;
            } else {
                damaged();
            }
            if (!take(',')) {
                need('}');
                break;
            }
        }
        if (seen != 7) damaged();
    }

    std::string_view words_;
    const std::string& place_;
    std::size_t at_ = 0;
};

std::optional<Kind> kind_of(std::string_view descr) {
    if (descr.size() < 3 || std::string_view("<>=|").find(descr[0]) == std::string_view::npos)
        return std::nullopt;
    for (const Kind& kind : kKinds) {
        if (descr.substr(1) == kind.name) return kind;
    }
    return std::nullopt;
}

Bytes swapped(Bytes data, std::size_t width) {
    for (std::size_t i = 0; i + width <= data.size(); i += width)
        std::reverse(data.begin() + static_cast<std::ptrdiff_t>(i),
                     data.begin() + static_cast<std::ptrdiff_t>(i + width));
    return data;
}

float from_half(std::uint16_t half) {
    const int exponent = half >> 10 & 0x1F, fraction = half & 0x3FF;
    const float sign = half >> 15 ? -1.0f : 1.0f;
    if (exponent == 31)
        return fraction ? std::numeric_limits<float>::quiet_NaN()
                        : sign * std::numeric_limits<float>::infinity();
    return sign * (exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                                 : std::ldexp(static_cast<float>(fraction + 1024), exponent - 25));
}

template <typename T, typename Convert>
Bytes to_float_bytes(const Bytes& data, const Convert& convert) {
    Bytes to(data.size() / sizeof(T) * sizeof(float));
    for (std::size_t i = 0; i < data.size() / sizeof(T); ++i) {
        T from;
        std::memcpy(&from, data.data() + i * sizeof(T), sizeof(T));
        const float value = convert(from);
        std::memcpy(to.data() + i * sizeof(float), &value, sizeof(float));
    }
    return to;
}

template <typename T>
void append_floats(std::vector<float>& to, const Bytes& data) {
    for (std::size_t i = 0; i + sizeof(T) <= data.size(); i += sizeof(T)) {
        T value;
        std::memcpy(&value, data.data() + i, sizeof(T));
        to.push_back(static_cast<float>(value));
    }
}

std::size_t little_endian(ByteView bytes, std::size_t at, std::size_t width) {
    std::size_t value = 0;
    for (std::size_t i = 0; i < width; ++i) value |= static_cast<std::size_t>(bytes[at + i]) << (8 * i);
    return value;
}

std::string_view header_of(ByteView bytes, const std::string& place) {
    const auto* letters = reinterpret_cast<const char*>(bytes.data());
    if (bytes.size() < 12 || std::string_view(letters, kMagic.size()) != kMagic) {
        throw Error{text("{}: found no NumPy mark, expected an .npy file", place),
                    text("save the array with numpy.save")};
    }
    const std::uint8_t version = bytes[6];
    if (version < 1 || version > 3)
        throw Error{text("{}: found version {} of the format, expected 1 to 3", place, version)};
    const std::size_t width = version == 1 ? 2 : 4, begin = 8 + width;
    const std::size_t length = little_endian(bytes, 8, width);
    if (length > kMaxHeader || length > bytes.size() - begin) {
        throw Error{text("{}: found a header of {} bytes in a file of {}", place, length, bytes.size()),
                    text("copy or download the file again")};
    }
    return {letters + begin, length};
}

// The bytes that the shape asks for; refused when they are not there.
std::size_t bytes_of(const Header& header, std::size_t width, std::size_t left, const std::string& place) {
    std::uint64_t bytes = width;
    for (const std::uint64_t extent : header.shape) {
        if (extent != 0 && bytes > left / extent) bytes = std::numeric_limits<std::uint64_t>::max() / 2;
        if (bytes > left) break;
        bytes *= extent;
    }
    if (bytes != left) {
        throw Error{text("{}: found {} bytes of data, which its shape does not ask for", place, left),
                    text("copy or download the file again")};
    }
    return static_cast<std::size_t>(bytes);
}

}  // namespace

NpyArray parse_npy(ByteView bytes, const std::string& place) {
    const std::string_view words = header_of(bytes, place);
    const Header header(words, place);
    const auto kind = kind_of(header.descr);
    if (!kind) {
        throw Error{text("{}: found elements of {}, expected float, integers or bool", place, header.descr),
                    text("save the array with astype('float32')")};
    }
    if (header.fortran && header.shape.size() > 1) {
        throw Error{text("{}: found Fortran order, expected C order", place),
                    text("save numpy.ascontiguousarray(array)")};
    }
    const std::size_t begin =
        static_cast<std::size_t>(reinterpret_cast<const std::uint8_t*>(words.data()) - bytes.data()) +
        words.size();
    const std::size_t count = bytes_of(header, kind->width, bytes.size() - begin, place);
    NpyArray array;
    array.type = kind->type;
    array.shape = header.shape;
    const ByteView data = bytes.subspan(begin, count);
    array.data.assign(data.begin(), data.end());
    if (header.descr[0] == '>') array.data = swapped(std::move(array.data), kind->width);
    if (kind->type == Type::Float32 && kind->width == 8)
        array.data = to_float_bytes<double>(array.data, [](double x) { return static_cast<float>(x); });
    if (kind->type == Type::Float32 && kind->width == 2)
        array.data = to_float_bytes<std::uint16_t>(array.data, from_half);
    return array;
}

std::vector<float> to_floats(const NpyArray& array) {
    std::vector<float> to;
    to.reserve(array.elements());
    switch (array.type) {
        case Type::Float32:
            append_floats<float>(to, array.data);
            break;
        case Type::Int8:
            append_floats<std::int8_t>(to, array.data);
            break;
        case Type::Int16:
            append_floats<std::int16_t>(to, array.data);
            break;
        case Type::Int32:
            append_floats<std::int32_t>(to, array.data);
            break;
        case Type::Int64:
            append_floats<std::int64_t>(to, array.data);
            break;
        case Type::UInt32:
            append_floats<std::uint32_t>(to, array.data);
            break;
        case Type::UInt64:
            append_floats<std::uint64_t>(to, array.data);
            break;
        default:
            append_floats<std::uint8_t>(to, array.data);
    }
    return to;
}

Bytes make_npy(const NpyArray& array) {
    std::string shape;
    for (const std::uint64_t extent : array.shape) shape += std::to_string(extent) + ",";
    const Kind* kind = std::find_if(std::begin(kKinds), std::end(kKinds),
                                    [&](const Kind& k) { return k.type == array.type; });
    CHECK(kind != std::end(kKinds));
    const char order = kind->width == 1 ? '|' : '<';
    std::string header =
        fmt::format("{{'descr': '{}{}', 'fortran_order': False, 'shape': ({}), }}", order, kind->name, shape);
    header.append(63 - (header.size() + 10) % 64, ' ').push_back('\n');
    Bytes bytes(kMagic.begin(), kMagic.end());
    for (const std::size_t byte : {std::size_t{1}, std::size_t{0}, header.size() & 255, header.size() >> 8})
        bytes.push_back(static_cast<std::uint8_t>(byte));
    bytes.insert(bytes.end(), header.begin(), header.end());
    bytes.insert(bytes.end(), array.data.begin(), array.data.end());
    return bytes;
}

}  // namespace jatai
