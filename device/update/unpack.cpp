#include "device/update/unpack.h"

#include <string.h>

namespace jatai {
namespace {

constexpr uint32_t kBottom = 1u << 24;
constexpr uint32_t kRate = 5;
constexpr uint32_t kBlockHead = 4;

}  // namespace

void Unpacker::start(const PayloadHeader& header, const UnpackPort& port) {
    memset(this, 0, sizeof *this);
    port_ = port;
    target_bytes_ = header.target_bytes;
    payload_bytes_ = header.payload_bytes;
    coding_ = header.coding;
    block_log2_ = header.block_log2;
}

void Unpacker::resume_at(uint32_t payload_offset, uint32_t target_offset) {
    taken_ = payload_offset;
    produced_ = target_offset;
    in_block_ = false;
    in_at_ = in_end_ = out_count_ = left_ = 0;
}

// ---- bytes in --------------------------------------------------------------------------------------------

Reason Unpacker::feed(const uint8_t* bytes, uint32_t count) {
    if (count > payload_bytes_ - taken_) return Reason::BadPayload;
    if (coding_ == kStored) return feed_stored(bytes, count);
    while (count > 0) {
        memmove(in_, in_ + in_at_, buffered());
        in_end_ -= in_at_;
        in_at_ = 0;
        const uint32_t take = count < kInBytes - in_end_ ? count : kInBytes - in_end_;
        memcpy(in_ + in_end_, bytes, take);
        in_end_ += take;
        taken_ += take;
        bytes += take;
        count -= take;
        const Reason reason = pump();
        if (reason != Reason::Ok) return reason;
    }
    return Reason::Ok;
}

Reason Unpacker::feed_stored(const uint8_t* bytes, uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) {
        ++taken_;
        const Reason reason = emit(bytes[i]);
        if (reason != Reason::Ok) return reason;
        if (produced_ == block_end() || produced_ == target_bytes_) {
            const Reason ended = end_block();
            if (ended != Reason::Ok) return ended;
        }
    }
    return Reason::Ok;
}

// Steps as long as the bytes of one step are there, or the rest of the block is.
Reason Unpacker::pump() {
    for (;;) {
        if (!in_block_) {
            if (produced_ == target_bytes_) return buffered() == 0 ? Reason::Ok : Reason::BadPayload;
            if (buffered() < kBlockHead) break;
            if (!begin_block()) return Reason::BadPayload;
        }
        if (buffered() < kStepBytes && buffered() < block_left_) break;
        if (range_ == 0) begin_coder();
        const Reason reason = step();
        if (reason != Reason::Ok) return reason;
    }
    return taken_ == payload_bytes_ ? Reason::BadPayload
                                    : Reason::Ok;  // nothing more comes, and it is not whole
}

bool Unpacker::begin_block() {
    memcpy(&block_left_, in_ + in_at_, kBlockHead);
    in_at_ += kBlockHead;
    if (block_left_ > buffered() + (payload_bytes_ - taken_)) return false;
    in_block_ = true;
    range_ = 0;
    cursor_ = produced_;
    left_ = 0;
    command_ = Command::Literal;
    last_byte_ = history_ = sign_ = size_ = 0;
    reset(models_);
    return true;
}

// A block's bytes are used up exactly, or it was not made by our encoder.
Reason Unpacker::end_block() {
    if (coding_ == kCoded && block_left_ != 0) return Reason::BadPayload;
    const Reason reason = flush();
    if (reason != Reason::Ok) return reason;
    in_block_ = false;
    if (!port_.block_done(port_.context, taken_ - buffered(), produced_)) return Reason::FlashFailed;
    return Reason::Ok;
}

uint32_t Unpacker::block_end() const {
    if (block_log2_ == 0) return target_bytes_;
    const uint64_t end = ((uint64_t{produced_ - 1} >> block_log2_) + 1) << block_log2_;
    return end < target_bytes_ ? static_cast<uint32_t>(end) : target_bytes_;
}

// ---- the coder -------------------------------------------------------------------------------------------

uint32_t Unpacker::take_byte() {
    if (block_left_ == 0 || in_at_ == in_end_) return 0;
    --block_left_;
    return in_[in_at_++];
}

void Unpacker::begin_coder() {
    range_ = 0xFFFFFFFFu;
    code_ = 0;
    for (int i = 0; i < 4; ++i) code_ = code_ << 8 | take_byte();
}

uint32_t Unpacker::decide(Probability& p) {
    const uint32_t bound = (range_ >> 15) * (p >> 1);
    uint32_t bit = 0;
    if (code_ < bound) {
        range_ = bound;
        p = static_cast<Probability>(p + ((0x10000u - p) >> kRate));
    } else {
        code_ -= bound;
        range_ -= bound;
        p = static_cast<Probability>(p - (p >> kRate));
        bit = 1;
    }
    while (range_ < kBottom) {
        range_ <<= 8;
        code_ = code_ << 8 | take_byte();
    }
    return bit;
}

uint32_t Unpacker::raw_bits(uint32_t count) {
    uint32_t bits = 0;
    for (; count > 0; --count) {
        range_ >>= 1;
        const uint32_t bit = code_ >= range_ ? 1 : 0;
        if (bit != 0) code_ -= range_;
        bits = bits << 1 | bit;
        while (range_ < kBottom) {
            range_ <<= 8;
            code_ = code_ << 8 | take_byte();
        }
    }
    return bits;
}

uint32_t Unpacker::tree(Probability* p, uint32_t bits) {
    uint32_t node = 1;
    for (uint32_t i = 0; i < bits; ++i) node = node << 1 | decide(p[node]);
    return node - (1u << bits);
}

uint32_t Unpacker::number(NumberModel& model) {
    const uint32_t bits = tree(model.length, 5);
    if (bits > 3) return 1u << bits | raw_bits(bits);
    uint32_t value = 1;
    for (uint32_t i = 0; i < bits; ++i) value = value << 1 | decide(model.bits[(1u << bits) + value - 1]);
    return value;
}

int32_t Unpacker::place() {
    const uint32_t folded = number(models_.place);
    const int32_t half = static_cast<int32_t>(folded >> 1);
    return (folded & 1) != 0 ? half : -half;
}

// What is added to a byte of the source, modulo 256.
uint32_t Unpacker::difference() {
    const uint32_t nonzero = decide(models_.nonzero[history_]);
    history_ = static_cast<uint8_t>(history_ << 1 | nonzero);
    if (nonzero == 0) return 0;
    const uint32_t negative = decide(models_.negative[sign_]);
    sign_ = static_cast<uint8_t>(negative + 1);
    uint32_t bits = 0;
    while (bits < 7 && decide(models_.magnitude[size_][bits]) != 0) ++bits;
    size_ = static_cast<uint8_t>(bits < 2 ? bits : 2);
    uint32_t value = 1;
    for (uint32_t i = 0; i < bits; ++i)
        value = value << 1 | decide(models_.mantissa[(1u << bits) + value - 1]);
    return negative != 0 ? 0u - value : value;
}

// ---- commands --------------------------------------------------------------------------------------------

Reason Unpacker::step() {
    const uint32_t before = produced_;
    const Reason reason = left_ == 0 ? begin_command() : go_on();
    if (reason != Reason::Ok || produced_ == before || produced_ != block_end()) return reason;
    return left_ == 0 ? end_block() : Reason::BadPayload;
}

Reason Unpacker::begin_command() {
    const uint32_t last = static_cast<uint32_t>(command_);
    if (decide(models_.is_command[last]) == 0) {
        command_ = Command::Literal;
        return emit(static_cast<uint8_t>(tree(models_.literal[last_byte_ >> 7], 8)));
    }
    if (decide(models_.is_source[last]) == 0) {
        command_ = Command::Match;
        left_ = number(models_.match_length);
        from_ = number(models_.distance);
        return from_ <= produced_ && left_ <= target_bytes_ - produced_ ? Reason::Ok : Reason::BadPayload;
    }
    const bool residual = decide(models_.is_residual[last]) != 0;
    command_ = residual ? Command::Residual : Command::Copy;
    left_ = number(residual ? models_.residual_length : models_.copy_length);
    from_ = cursor_ + static_cast<uint32_t>(place());
    if (from_ > port_.source_bytes || left_ > port_.source_bytes - from_ || left_ > target_bytes_ - produced_)
        return Reason::BadPayload;
    cursor_ = from_ + left_;
    return Reason::Ok;
}

Reason Unpacker::go_on() {
    --left_;
    if (command_ == Command::Match) return emit(written_byte(produced_ - from_));
    const uint32_t byte = port_.source[from_++];
    return emit(static_cast<uint8_t>(command_ == Command::Copy ? byte : byte + difference()));
}

Reason Unpacker::emit(uint8_t byte) {
    out_[out_count_++] = byte;
    last_byte_ = byte;
    ++produced_;
    return out_count_ == kOutBytes ? flush() : Reason::Ok;
}

Reason Unpacker::flush() {
    if (out_count_ == 0) return Reason::Ok;
    const uint32_t count = out_count_;
    out_count_ = 0;
    return port_.write(port_.context, produced_ - count, out_, count) ? Reason::Ok : Reason::FlashFailed;
}

uint8_t Unpacker::written_byte(uint32_t offset) {
    const uint32_t flushed = produced_ - out_count_;
    if (offset >= flushed) return out_[offset - flushed];
    uint8_t byte;
    port_.recall(port_.context, offset, &byte, 1);
    return byte;
}

}  // namespace jatai
