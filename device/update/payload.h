// payload.h: the bytes of a payload (.jup) and the statistics its coder keeps, for both ends.
//
//     jatai::PayloadHeader header;
//     if (!jatai::read_header(header, bytes)) return Reason::BadPayload;
//
// The coder. A binary range coder: `range` and `code` of 32 bits; a decision with probability p / 2^16 of
// being 0 splits the range at (range >> 15) * (p >> 1); below 2^24 a byte is taken in. Each probability moves
// towards what came, by a 32nd of the way. It begins with four bytes; past the end of a block the bytes are
// zeros.
//
// A block is a list of commands until its target bytes are there:
//     literal   0                  one byte, by a tree of 8 decisions, one of two by the top bit of the byte
//     before match     1 0                length, distance: bytes of the target, that far back copy      1 1
//     0              length, place: bytes of the source residual  1 1 1              length, place: bytes of
//     the source, each with a difference added
// The place is `cursor` + a signed number; the cursor stands behind what was last taken of the source, and at
// the block's own offset when it begins. A number is its bit length (tree of 5) and the bits below: up to
// three by adaptive decisions, more as they are. Length 1 is written as 1; a distance of 1 as 1; a signed
// number z as 2z + 1 or -2z, so that it is never 0. A difference: not zero? (by the last eight answers),
// negative? (by the last sign), bit length (by the last bit length), the bits below.
#pragma once

#include <stdint.h>
#include <string.h>

#include "device/update/crc32.h"

namespace jatai {

constexpr uint32_t kPayloadMagic = 0x3150554Au;  // "JUP1"
constexpr uint8_t kStored = 0, kCoded = 1;
constexpr uint32_t kSmallestBlockLog2 = 12, kLargestBlockLog2 = 20;

struct PayloadHeader {
    uint32_t magic;
    uint8_t version;  // 1
    uint8_t coding;
    uint8_t block_log2;  // 0: one block
    uint8_t zero;
    uint32_t target_bytes;
    uint32_t source_bytes;
    uint8_t target_digest[8];
    uint8_t source_digest[8];
    uint32_t payload_bytes;  // after this header
    uint32_t crc;            // of the 36 bytes before
};
static_assert(sizeof(PayloadHeader) == 40, "the header is 40 bytes");

inline bool read_header(PayloadHeader& header, const uint8_t bytes[sizeof(PayloadHeader)]) {
    memcpy(&header, bytes, sizeof header);
    const uint32_t log2 = header.block_log2;
    return header.magic == kPayloadMagic && header.version == 1 && header.coding <= kCoded &&
           header.zero == 0 && (log2 == 0 || (log2 >= kSmallestBlockLog2 && log2 <= kLargestBlockLog2)) &&
           header.target_bytes != 0 && header.crc == crc32(bytes, sizeof header - 4) &&
           (header.coding == kCoded || header.payload_bytes == header.target_bytes);
}

using Probability = uint16_t;
constexpr uint32_t kLiteralTrees = 2;
constexpr Probability kEven = 0x8000;

// A number's bit length less one, and the lowest three bits of short ones.
struct NumberModel {
    Probability length[32];
    Probability bits[16];
};

// Everything that adapts. 2.6 KB.
struct PayloadModels {
    Probability is_command[4];  // by the kind of the last command
    Probability is_source[4];
    Probability is_residual[4];
    NumberModel match_length, copy_length, residual_length, distance, place;
    Probability literal[kLiteralTrees][256];
    Probability nonzero[256];
    Probability negative[3];
    Probability magnitude[3][8];
    Probability mantissa[256];
};

enum class Command : uint8_t { Literal = 0, Match = 1, Copy = 2, Residual = 3 };

inline void reset(PayloadModels& models) {
    Probability* p = reinterpret_cast<Probability*>(&models);
    for (uint32_t i = 0; i < sizeof models / sizeof *p; ++i) p[i] = kEven;
}

}  // namespace jatai
