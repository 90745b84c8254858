#include "device/update/link.h"

#include <string.h>

namespace jatai {
namespace {

constexpr uint32_t kDataHead = 9, kReportHead = 6;
constexpr uint32_t kMostData = kMaxBodyBytes - kDataHead, kMostPiece = kMaxBodyBytes - kReportHead;

void put_u16(uint8_t* at, uint32_t value) {
    at[0] = static_cast<uint8_t>(value);
    at[1] = static_cast<uint8_t>(value >> 8);
}
void put_u32(uint8_t* at, uint32_t value) {
    put_u16(at, value);
    put_u16(at + 2, value >> 16);
}
uint32_t get_u16(const uint8_t* at) { return at[0] | static_cast<uint32_t>(at[1]) << 8; }
uint32_t get_u32(const uint8_t* at) { return get_u16(at) | get_u16(at + 2) << 16; }

}  // namespace

void Link::open(const BytePipe& pipe, Agent& agent) {
    pipe_ = pipe;
    agent_ = &agent;
    in_count_ = in_at_ = 0;
    patience_ = kVainBytes;
    number_ = 0;
    waiting_ = false;
    asked_ = Asked::Nothing;
    consents_ = 0;
    report_every_s_ = 0;
}

// A zero first ends whatever noise the other side has collected.
void Link::send(FrameType type, const uint8_t* body, uint32_t bytes) {
    uint8_t line[1 + kFrameRoom];
    line[0] = 0;
    pipe_.write(pipe_.context, line, 1 + write_frame(line + 1, type, body, bytes));
}

void Link::hear_ask() {
    const uint8_t* body = reader_.body();
    const uint32_t bytes = reader_.body_bytes();
    const uint8_t consent = static_cast<uint8_t>(Asked::Consent);
    if (bytes == 1 && body[0] <= static_cast<uint8_t>(Asked::DropBeside) && body[0] != consent)
        asked_ = static_cast<Asked>(body[0]);
    if (bytes != 6 || body[0] != consent) return;
    asked_ = Asked::Consent;
    consents_ = body[1];
    report_every_s_ = get_u32(body + 2);
}

// True: a good frame is in the reader. An Ask is remembered on the way, whatever was waited for.
bool Link::next_frame(uint32_t wait_ms) {
    for (;;) {
        while (in_at_ < in_count_) {
            if (!reader_.push(in_[in_at_++])) continue;
            if (reader_.type() == FrameType::Ask) hear_ask();
            return true;
        }
        in_at_ = in_count_ = 0;
        if (patience_ == 0) return false;
        in_count_ = static_cast<uint8_t>(pipe_.read(pipe_.context, in_, sizeof in_, wait_ms));
        if (in_count_ == 0) return false;
        patience_ -= in_count_ < patience_ ? in_count_ : patience_;
    }
}

void Link::hello(const char* board) {
    uint8_t body[32];
    const uint32_t length = length_of(board);
    const uint32_t bytes = length < sizeof body ? length : sizeof body;
    memcpy(body, board, bytes);
    send(FrameType::Hello, body, bytes);
}

void Link::want(What what, uint32_t offset, uint32_t room) {
    uint8_t body[7 + 16];
    body[0] = static_cast<uint8_t>(what);
    put_u32(body + 1, offset);
    put_u16(body + 5, room < kMostData ? room : kMostData);
    if (what == What::Payload) {
        memcpy(body + 7, agent_->payload_digest(), 8);
        memcpy(body + 15, agent_->state().active_digest, 8);
    }
    send(FrameType::Want, body, what == What::Payload ? 23 : 7);
}

uint32_t Link::fetch(void* self, What what, uint32_t offset, uint8_t* bytes, uint32_t room) {
    Link& link = *static_cast<Link*>(self);
    for (uint32_t attempt = 0; attempt < kTries; ++attempt) {
        link.want(what, offset, room);
        link.patience_ = kVainBytes;
        while (link.next_frame(kAnswerMs)) {
            const uint8_t* body = link.reader_.body();
            const uint32_t size = link.reader_.body_bytes();
            const bool mine = link.reader_.type() == FrameType::Data && size >= kDataHead &&
                              body[0] == static_cast<uint8_t>(what) && get_u32(body + 1) == offset;
            if (!mine) continue;  // late, or repeated
            const uint32_t total = get_u32(body + 5), count = size - kDataHead;
            if (total <= offset) return 0;  // nothing there, or this was the end
            if (count == 0 || count > room || count > total - offset) break;
            memcpy(bytes, body + kDataHead, count);
            return count;
        }
    }
    return 0;
}

void Link::send_report(const uint8_t* report, uint32_t bytes) {
    uint8_t body[kMaxBodyBytes];
    for (uint32_t offset = 0; offset < bytes;) {
        const uint32_t take = bytes - offset < kMostPiece ? bytes - offset : kMostPiece;
        put_u16(body, number_);
        put_u16(body + 2, bytes);
        put_u16(body + 4, offset);
        memcpy(body + kReportHead, report + offset, take);
        send(FrameType::Report, body, kReportHead + take);
        offset += take;
    }
}

bool Link::hears_taken() const {
    return reader_.type() == FrameType::Taken && reader_.body_bytes() == 2 &&
           get_u16(reader_.body()) == number_;
}

bool Link::deliver(const uint8_t* report, uint32_t bytes) {
    if (bytes == 0 || bytes > 0xFFFF) return false;
    for (uint32_t attempt = 0; attempt < kTries; ++attempt) {
        send_report(report, bytes);
        patience_ = kVainBytes;
        while (next_frame(kAnswerMs)) {
            if (!hears_taken()) continue;
            ++number_;
            return true;
        }
    }
    return false;
}

void Link::post(const uint8_t* report, uint32_t bytes) {
    if (bytes == 0 || bytes > 0xFFFF) return;
    waiting_ = true;
    send_report(report, bytes);
}

// What was sent of it may still come back as taken: the next report has another number.
void Link::withdraw() {
    number_ = static_cast<uint16_t>(number_ + (waiting_ ? 1 : 0));
    waiting_ = false;
}

Asked Link::poll() {
    patience_ = kVainBytes;
    while (asked_ == Asked::Nothing && next_frame(0)) {
        if (!waiting_ || !hears_taken()) continue;
        waiting_ = false;
        ++number_;
    }
    const Asked asked = asked_;
    asked_ = Asked::Nothing;
    return asked;
}

Asked Link::listen(uint32_t wait_ms) {
    patience_ = kVainBytes;
    if (asked_ == Asked::Nothing) next_frame(wait_ms);
    const Asked asked = asked_;
    asked_ = Asked::Nothing;
    return asked;
}

}  // namespace jatai
