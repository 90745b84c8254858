// frame.h: records over a pipe that carries bytes and nothing else: COBS, ended by a zero, with a CRC.
//
//     uint8_t line[jatai::kFrameRoom];
//     const uint32_t bytes = jatai::write_frame(line, jatai::FrameType::Want, body, body_bytes);
//     FrameReader reader;
//     if (reader.push(byte)) { handle(reader.type(), reader.body(), reader.body_bytes()); }
//
// Types and bodies: docs/reference/update.md#byte-pipe. A damaged frame is dropped without a word: the chip
// asks again. COBS: Cheshire and Baker, "Consistent Overhead Byte Stuffing", 1999.
//
// Keeps    After a zero byte, whatever came before, the next whole frame is read.
// Memory   A reader is 300 bytes.
#pragma once

#include <stdint.h>

namespace jatai {

enum class FrameType : uint8_t { Hello = 1, Want = 2, Data = 3, Report = 4, Taken = 5, Ask = 6 };

constexpr uint32_t kMaxFrameBytes = 288;  // type, body and CRC, before COBS
constexpr uint32_t kMaxBodyBytes = kMaxFrameBytes - 5;
constexpr uint32_t kFrameRoom = kMaxFrameBytes + 2 + 2;  // a byte for each 254, and the zero

// Bytes written; 0: the body is too long.
uint32_t write_frame(uint8_t line[kFrameRoom], FrameType type, const uint8_t* body, uint32_t body_bytes);

class FrameReader {
  public:
    // True when this byte ended a good frame; it stays readable until the next push().
    bool push(uint8_t byte);

    FrameType type() const { return static_cast<FrameType>(bytes_[0]); }
    const uint8_t* body() const { return bytes_ + 1; }
    uint32_t body_bytes() const { return count_ - 5; }

  private:
    bool finish();

    uint8_t bytes_[kMaxFrameBytes];
    uint32_t count_ = 0;
    uint8_t left_ = 0;        // bytes until the next code
    bool zero_next_ = false;  // the run that ends now stands for a zero
    bool dropped_ = false;    // too long or malformed: wait for a zero
    bool finished_ = false;
};

}  // namespace jatai
