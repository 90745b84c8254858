// cbor.h: CBOR (RFC 8949) as a value. The one reader of CBOR that comes from outside.
//
//     std::optional<Cbor> value = read_cbor(bytes);             // none: not CBOR, too deep, or bytes left
//     over if (const Cbor* runs = value->get(11)) { ... runs->items ... } Bytes out =
//     write_cbor(Cbor::map({{Cbor::number(0), Cbor::number(1)}}));
//
// Definite and indefinite lengths; tags are dropped; at most 16 deep and 65,536 values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/bytes.h"

namespace jatai {

struct Cbor {
    enum class Type { Unsigned, Negative, Bytes, Text, Array, Map, Bool, Null, Float };
    Type type = Type::Null;
    std::uint64_t number_ = 0;  // Unsigned: itself; Negative: -1 - number_; Bool: 0 or 1
    double real = 0;
    std::string text;         // Bytes and Text
    std::vector<Cbor> items;  // Array; Map: key, value, key, value …

    static Cbor number(std::uint64_t value) { return {Type::Unsigned, value}; }
    static Cbor negative(std::int64_t value) {
        return {Type::Negative, static_cast<std::uint64_t>(-1 - value)};
    }
    static Cbor bytes(std::string value) { return {Type::Bytes, 0, 0, std::move(value)}; }
    static Cbor word(std::string value) { return {Type::Text, 0, 0, std::move(value)}; }
    static Cbor boolean(bool value) { return {Type::Bool, value ? 1u : 0u}; }
    static Cbor real_number(double value) { return {Type::Float, 0, value}; }
    static Cbor array(std::vector<Cbor> values) { return {Type::Array, 0, 0, {}, std::move(values)}; }
    static Cbor map(const std::vector<std::pair<Cbor, Cbor>>& pairs);

    bool is(Type wanted) const { return type == wanted; }
    // The value under a key of a map; null when there is none or this is no map.
    const Cbor* get(std::int64_t key) const;
    const Cbor* get(std::string_view key) const;
    // An unsigned number, or `otherwise`.
    std::uint64_t unsigned_or(std::uint64_t otherwise) const {
        return is(Type::Unsigned) ? number_ : otherwise;
    }
};

std::optional<Cbor> read_cbor(std::string_view bytes);
std::string write_cbor(const Cbor& value);

}  // namespace jatai
