// link.h: the chip's end of a byte pipe: asks for pieces, hands over reports until they are taken, hears what
// is asked of it.
//
//     static jatai::Link link;
//     link.open(pipe, agent);
//     const jatai::Verdict verdict = jatai::run_session(agent, link.source());
//     if (link.deliver(report, bytes)) { … }               // it is stored for good
//     switch (link.listen(1000)) { case Asked::Confirm: … }
//
// Frames and bodies: docs/reference/update.md#byte-pipe. Whatever is lost, damaged, late or repeated is asked
// for again, kTries times; then the link counts as broken, and the next session goes on where this one ended.
// A line that talks without end is listened to for kVainBytes at a time: it holds nobody up for ever.
//
// Memory   360 bytes. Threads  Main loop only; the pipe waits inside read().
#pragma once

#include <stdint.h>

#include "device/update/frame.h"
#include "device/update/session.h"

namespace jatai {

struct BytePipe {
    void* context;
    void (*write)(void* context, const uint8_t* bytes, uint32_t count);
    // Up to `room` bytes; waits at most so long for the first of them. 0: nothing came.
    uint32_t (*read)(void* context, uint8_t* bytes, uint32_t room, uint32_t wait_ms);
};

enum class Asked : uint8_t {
    Nothing = 255,
    Look = 0,
    Confirm = 1,
    GiveBack = 2,
    Describe = 3,
    Consent = 4,
    LookBeside = 5,  // look for a model to run beside the active one
    DropBeside = 6,
};

class Link {
  public:
    static constexpr uint32_t kTries = 6, kAnswerMs = 1500, kVainBytes = 4096;

    void open(const BytePipe& pipe, Agent& agent);
    UpdateSource source() { return {this, fetch}; }

    // "I am here", with the board's id: after a start.
    void hello(const char* board);
    // True once the other side has stored it for good. At most 65,535 bytes.
    bool deliver(const uint8_t* report, uint32_t bytes);
    // The same for who cannot wait: hands it over once. poll() takes in what has come; `is_waiting` until the
    // report is stored for good: until then it is for the caller to post it again, or to withdraw it.
    void post(const uint8_t* report, uint32_t bytes);
    Asked poll();
    bool is_waiting() const { return waiting_; }
    void withdraw();
    // What the other side wants, if it says so within that time.
    Asked listen(uint32_t wait_ms);
    // Of the last Asked::Consent: kHealth and kStatistics, and seconds between two reports (0: a day).
    uint8_t consents() const { return consents_; }
    uint32_t report_every_s() const { return report_every_s_; }

  private:
    static uint32_t fetch(void* self, What what, uint32_t offset, uint8_t* bytes, uint32_t room);
    void want(What what, uint32_t offset, uint32_t room);
    bool next_frame(uint32_t wait_ms);
    bool hears_taken() const;
    void hear_ask();
    void send(FrameType type, const uint8_t* body, uint32_t bytes);
    void send_report(const uint8_t* report, uint32_t bytes);

    BytePipe pipe_;
    Agent* agent_;
    FrameReader reader_;
    uint8_t in_[32];
    uint8_t in_count_, in_at_;
    uint32_t patience_;  // bytes, until what is waited for counts as not coming
    uint16_t number_;
    bool waiting_;  // a posted report is not taken yet
    Asked asked_;
    uint8_t consents_;
    uint32_t report_every_s_;
};

}  // namespace jatai
