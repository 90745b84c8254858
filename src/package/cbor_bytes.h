// cbor_bytes.h: CBOR items as strings of bytes that are put together.
//
//     Bytes item = cbor_map({cbor(1), cbor(-8)});            // key, value, key, value
//     Bytes wrapped = cbor_bytes(item);                      // << {1: -8} >>
#pragma once

#include <initializer_list>

#include "src/base/bytes.h"

namespace jatai {

inline Bytes cbor_head(unsigned major, std::uint64_t value) {
    const auto top = static_cast<std::uint8_t>(major << 5);
    if (value < 24) return {static_cast<std::uint8_t>(top | value)};
    unsigned log2 = 0;
    while (log2 < 3 && value >> (8u << log2) != 0) ++log2;
    Bytes bytes{static_cast<std::uint8_t>(top | (24 + log2))};
    for (unsigned i = 1u << log2; i-- > 0;) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    return bytes;
}

inline Bytes joined(Bytes first, ByteView second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

inline Bytes cbor(std::int64_t value) {
    return value < 0 ? cbor_head(1, static_cast<std::uint64_t>(-1 - value))
                     : cbor_head(0, static_cast<std::uint64_t>(value));
}
inline Bytes cbor_bytes(ByteView bytes) { return joined(cbor_head(2, bytes.size()), bytes); }
inline Bytes cbor_tag(std::uint64_t tag, ByteView item) { return joined(cbor_head(6, tag), item); }
inline Bytes cbor_null() { return {0xF6}; }

inline Bytes cbor_items(unsigned major, std::uint64_t count, const std::vector<Bytes>& items) {
    Bytes all = cbor_head(major, count);
    for (const Bytes& item : items) all.insert(all.end(), item.begin(), item.end());
    return all;
}
inline Bytes cbor_array(const std::vector<Bytes>& items) { return cbor_items(4, items.size(), items); }
inline Bytes cbor_map(const std::vector<Bytes>& pairs) { return cbor_items(5, pairs.size() / 2, pairs); }

}  // namespace jatai
