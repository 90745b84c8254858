// cbor.h: reads CBOR (RFC 8949) in place and in bounded memory, and writes it.
//
//     CborReader in(bytes, size);
//     for (uint32_t pairs = in.map(); pairs > 0 && in.ok(); --pairs)
//         if (in.integer() == 1) { version = in.unsigned_integer(); } else { in.skip(); }
//     if (!in.ok()) return Reason::BadManifest;
//
// Fails once, for good: after a byte that does not fit, ok() is false and every read gives 0 or nothing.
// Definite lengths only; no floats but to skip. Memory   Two pointers. Reads nothing outside what it was
// given.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace jatai {

// Bytes before the zero: a firmware has no C library.
inline uint32_t length_of(const char* words) {
    uint32_t length = 0;
    while (words[length] != 0) ++length;
    return length;
}

struct CborBytes {
    const uint8_t* data;
    uint32_t size;
};

class CborReader {
  public:
    CborReader(const uint8_t* bytes, uint32_t size) : at_(bytes), end_(bytes + size) {}
    explicit CborReader(CborBytes bytes) : CborReader(bytes.data, bytes.size) {}

    bool ok() const { return ok_; }
    bool done() const { return ok_ && at_ == end_; }
    const uint8_t* position() const { return at_; }

    uint32_t map() { return count(5); }    // how many pairs follow
    uint32_t array() { return count(4); }  // how many items follow
    uint64_t unsigned_integer();           // below 2^64
    int64_t integer();                     // from -2^63 to 2^63 - 1
    CborBytes bytes() { return string(2); }
    CborBytes text() { return string(3); }
    void tag(uint64_t expected);
    void null();
    void skip();  // one item of any kind, at most kMaxDepth deep
    bool next_is_array() const { return ok_ && at_ < end_ && (*at_ >> 5) == 4; }
    void fail() { ok_ = false; }

    static constexpr uint32_t kMaxDepth = 8;

  private:
    uint64_t head(uint8_t& major);
    uint64_t expect(uint8_t major);
    uint32_t count(uint8_t major);
    CborBytes string(uint8_t major);

    const uint8_t* at_;
    const uint8_t* end_;
    bool ok_ = true;
};

// Writes into `bytes`; ok() is false when it did not fit.
class CborWriter {
  public:
    CborWriter(uint8_t* bytes, uint32_t room) : start_(bytes), at_(bytes), end_(bytes + room) {}

    bool ok() const { return ok_; }
    uint32_t size() const { return static_cast<uint32_t>(at_ - start_); }

    CborWriter& map(uint32_t pairs) { return head(5, pairs); }
    CborWriter& array(uint32_t items) { return head(4, items); }
    CborWriter& number(uint64_t value) { return head(0, value); }
    CborWriter& integer(int64_t value);
    CborWriter& bytes(const void* data, uint32_t size) { return string(2, data, size); }
    CborWriter& text(const char* words);  // up to the zero
    CborWriter& raw(const void* data, uint32_t size);

  private:
    CborWriter& head(uint8_t major, uint64_t value);
    CborWriter& string(uint8_t major, const void* data, uint32_t size);

    uint8_t* start_;
    uint8_t* at_;
    uint8_t* end_;
    bool ok_ = true;
};

}  // namespace jatai
