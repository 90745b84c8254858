#include "device/update/cbor.h"

#include <string.h>

namespace jatai {

// The initial byte and its argument, RFC 8949 §3.
uint64_t CborReader::head(uint8_t& major) {
    major = 0xFF;
    if (!ok_ || at_ == end_) return fail(), 0;
    const uint8_t first = *at_++;
    const uint8_t info = first & 31u;
    if (info > 27) return fail(), 0;  // reserved, or of indefinite length
    uint64_t value = info;
    if (info >= 24) {
        const uint32_t size = 1u << (info - 24);
        if (static_cast<uint32_t>(end_ - at_) < size) return fail(), 0;
        value = 0;
        for (uint32_t i = 0; i < size; ++i) value = value << 8 | *at_++;
    }
    major = first >> 5;
    return value;
}

uint64_t CborReader::expect(uint8_t major) {
    uint8_t found;
    const uint64_t value = head(found);
    if (found != major) return fail(), 0;
    return value;
}

// No item is shorter than a byte, so a count above what is left is a lie.
uint32_t CborReader::count(uint8_t major) {
    const uint64_t value = expect(major);
    if (value > static_cast<uint32_t>(end_ - at_)) return fail(), 0;
    return static_cast<uint32_t>(value);
}

CborBytes CborReader::string(uint8_t major) {
    const uint32_t size = count(major);
    if (!ok_) return {nullptr, 0};
    const CborBytes result = {at_, size};
    at_ += size;
    return result;
}

uint64_t CborReader::unsigned_integer() { return expect(0); }

int64_t CborReader::integer() {
    uint8_t major;
    const uint64_t value = head(major);
    if (major > 1 || value > 0x7FFFFFFFFFFFFFFFull) return fail(), 0;
    return major == 0 ? static_cast<int64_t>(value) : -1 - static_cast<int64_t>(value);
}

void CborReader::tag(uint64_t expected) {
    if (expect(6) != expected) fail();
}

void CborReader::null() {
    if (expect(7) != 22) fail();
}

void CborReader::skip() {
    uint32_t left[kMaxDepth + 1];  // items still to come, at each depth
    uint32_t depth = 0;
    left[0] = 1;
    for (;;) {
        while (left[depth] == 0) {
            if (depth == 0) return;
            --depth;
        }
        --left[depth];
        uint8_t major;
        const uint64_t value = head(major);
        if (!ok_) return;
        const uint32_t rest = static_cast<uint32_t>(end_ - at_);
        if (major == 2 || major == 3) {
            if (value > rest) return fail();
            at_ += value;
        } else if (major >= 4 && major <= 6) {
            if (value > rest && major != 6) return fail();
            if (depth == kMaxDepth) return fail();
            const uint32_t items = major == 6 ? 1 : static_cast<uint32_t>(value);
            left[++depth] = major == 5 ? 2 * items : items;
        }
    }
}

CborWriter& CborWriter::raw(const void* data, uint32_t size) {
    if (static_cast<uint32_t>(end_ - at_) < size) {
        ok_ = false;
    } else if (ok_ && size > 0) {
        memcpy(at_, data, size);
        at_ += size;
    }
    return *this;
}

CborWriter& CborWriter::head(uint8_t major, uint64_t value) {
    uint8_t bytes[9];
    uint32_t extra = 0;
    const uint8_t top = static_cast<uint8_t>(major << 5);
    if (value < 24) {
        bytes[0] = static_cast<uint8_t>(top | value);
        return raw(bytes, 1);
    }
    uint8_t info = 24;
    for (extra = 1; extra < 8 && (value >> (8 * extra)) != 0; extra *= 2) ++info;
    bytes[0] = static_cast<uint8_t>(top | info);
    for (uint32_t i = 0; i < extra; ++i) bytes[1 + i] = static_cast<uint8_t>(value >> (8 * (extra - 1 - i)));
    return raw(bytes, 1 + extra);
}

CborWriter& CborWriter::integer(int64_t value) {
    return value >= 0 ? head(0, static_cast<uint64_t>(value)) : head(1, static_cast<uint64_t>(-1 - value));
}

CborWriter& CborWriter::string(uint8_t major, const void* data, uint32_t size) {
    return head(major, size).raw(data, size);
}

CborWriter& CborWriter::text(const char* words) { return string(3, words, length_of(words)); }

}  // namespace jatai
