#include "device/update/frame.h"

#include <string.h>

#include "device/update/crc32.h"

namespace jatai {
namespace {

constexpr uint8_t kLongest = 0xFF;  // a code that stands for 254 bytes and no zero

// Stuffs byte after byte.
struct Stuffer {
    uint8_t* line;
    uint32_t code_at = 0, end = 1;

    void push(uint8_t byte) {
        if (byte != 0) line[end++] = byte;
        if (byte == 0 || end - code_at == kLongest) close();
    }
    void close() {
        line[code_at] = static_cast<uint8_t>(end - code_at);
        code_at = end++;
    }
};

}  // namespace

uint32_t write_frame(uint8_t line[kFrameRoom], FrameType type, const uint8_t* body, uint32_t body_bytes) {
    if (body_bytes > kMaxBodyBytes) return 0;
    const uint8_t head = static_cast<uint8_t>(type);
    const uint32_t crc = crc32(body, body_bytes, crc32(&head, 1));
    Stuffer stuffer = {line};
    stuffer.push(head);
    for (uint32_t i = 0; i < body_bytes; ++i) stuffer.push(body[i]);
    for (uint32_t i = 0; i < 4; ++i) stuffer.push(static_cast<uint8_t>(crc >> (8 * i)));
    stuffer.close();
    line[stuffer.code_at] = 0;
    return stuffer.code_at + 1;
}

bool FrameReader::push(uint8_t byte) {
    if (finished_) {
        count_ = 0;
        finished_ = false;
    }
    if (byte == 0) {
        finished_ = finish();
        if (!finished_) count_ = 0;
        left_ = 0;
        zero_next_ = dropped_ = false;
        return finished_;
    }
    if (dropped_) return false;
    if (left_ > 0) {
        --left_;
        dropped_ = count_ == kMaxFrameBytes;
        if (!dropped_) bytes_[count_++] = byte;
        return false;
    }
    if (zero_next_) {
        dropped_ = count_ == kMaxFrameBytes;
        if (!dropped_) bytes_[count_++] = 0;
    }
    left_ = static_cast<uint8_t>(byte - 1);
    zero_next_ = byte != kLongest;
    return false;
}

bool FrameReader::finish() {
    if (dropped_ || left_ != 0 || count_ < 5) return false;
    const uint8_t* end = bytes_ + count_ - 4;
    const uint32_t crc = static_cast<uint32_t>(end[0]) | static_cast<uint32_t>(end[1]) << 8 |
                         static_cast<uint32_t>(end[2]) << 16 | static_cast<uint32_t>(end[3]) << 24;
    return crc == crc32(bytes_, count_ - 4);
}

}  // namespace jatai
