// unpack.h: a payload becomes an image, as it comes in, in bounded memory.
//
//     unpacker.start(header, port);                       // or resume_at() a block's end
//     while (!unpacker.done()) { reason = unpacker.feed(bytes, count); if (reason != Reason::Ok) return
//     reason; }
//
// Both codings of device/update/payload.h. Whatever the bytes are, nothing outside source and target is
// touched, and each command gives at least one byte, so it ends.
//
// Needs    A source that stays as it is. A port that takes the target's bytes in order.
// Memory   2.9 KB, no heap. Cost  docs/reference/update.md#budget.
#pragma once

#include <stdint.h>

#include "device/update/payload.h"
#include "device/update/reason.h"

namespace jatai {

struct UnpackPort {
    void* context;
    const uint8_t* source;  // null when source_bytes is 0
    uint32_t source_bytes;
    // The next bytes of the target; `offset` is where they go. False: the flash refused.
    bool (*write)(void* context, uint32_t offset, const uint8_t* bytes, uint32_t count);
    // Bytes of the target written before.
    void (*recall)(void* context, uint32_t offset, uint8_t* bytes, uint32_t count);
    // A place to resume from: so much of the payload is in, so much of the target is written.
    bool (*block_done)(void* context, uint32_t payload_offset, uint32_t target_offset);
};

class Unpacker {
  public:
    void start(const PayloadHeader& header, const UnpackPort& port);
    // As after a block_done() with these numbers. Offsets in the payload count from its header's end.
    void resume_at(uint32_t payload_offset, uint32_t target_offset);

    Reason feed(const uint8_t* bytes, uint32_t count);
    uint32_t payload_offset() const { return taken_; }
    bool done() const { return produced_ == target_bytes_ && taken_ == payload_bytes_ && !in_block_; }

  private:
    static constexpr uint32_t kStepBytes = 48;  // more than one step of the coder can take in
    static constexpr uint32_t kInBytes = 128;
    static constexpr uint32_t kOutBytes = 64;

    Reason feed_stored(const uint8_t* bytes, uint32_t count);
    Reason pump();
    bool begin_block();
    Reason end_block();
    Reason step();
    Reason begin_command();
    Reason go_on();
    uint32_t buffered() const { return in_end_ - in_at_; }
    uint32_t block_end() const;

    uint32_t take_byte();
    void begin_coder();
    uint32_t decide(Probability& p);
    uint32_t raw_bits(uint32_t count);
    uint32_t tree(Probability* p, uint32_t bits);
    uint32_t number(NumberModel& model);
    int32_t place();
    uint32_t difference();
    Reason emit(uint8_t byte);
    Reason flush();
    uint8_t written_byte(uint32_t offset);

    UnpackPort port_;
    uint32_t target_bytes_, payload_bytes_;
    uint8_t coding_, block_log2_;
    bool in_block_;

    uint32_t taken_;       // of the payload, header not counted
    uint32_t produced_;    // of the target
    uint32_t block_left_;  // bytes of this block still to come
    uint32_t range_, code_;
    uint32_t cursor_;  // in the source
    uint32_t left_;    // of the command under way
    uint32_t from_;    // distance of a match; else the place in the source
    Command command_;
    uint8_t last_byte_, history_, sign_, size_;

    uint32_t in_at_, in_end_, out_count_;
    uint8_t in_[kInBytes];
    alignas(4) uint8_t out_[kOutBytes];
    PayloadModels models_;
};

}  // namespace jatai
