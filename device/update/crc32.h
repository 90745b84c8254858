// crc32.h: the checksum of records, frames and payload headers (IEEE 802.3, reflected, 0xEDB88320).
//
//     uint32_t crc = jatai::crc32(header, sizeof header);
//     crc = jatai::crc32(body, body_bytes, crc);           // goes on where the first call ended
//
// Against accidents, never against people. Cost  8 steps a byte: no table, as it covers short records only.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace jatai {

inline uint32_t crc32(const void* bytes, size_t size, uint32_t crc = 0) {
    const uint8_t* p = static_cast<const uint8_t*>(bytes);
    crc = ~crc;
    for (size_t i = 0; i < size; ++i) {
        crc ^= p[i];
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (0xEDB88320u & (0u - (crc & 1u)));
    }
    return ~crc;
}

}  // namespace jatai
