// keyword_fleet.h: the keyword application as a device of a fleet: hears words, takes updates, and tells how
// it does once it may.
//
//     static jatai::KeywordFleet app;
//     app.open(parts, stop_microphone);
//     for (;;) app.step();                           // one hop of sound, and whatever the line brought
//
// The line carries the application's text and the fleet's frames side by side
// (docs/reference/update.md#byte-pipe). Nothing waits for the line: a report is posted, and posted again,
// ever less often, until it is taken. Only a look for news stops the listening: the new model proves itself
// in the same memory. Consents are off at every start, as in fleet.h; a report that waits is dropped when its
// consent is withdrawn.
//
// A model beside (shadow.h) gets the windows of the answers. A microphone does not wait: it runs when what it
// took longest so far ends before the last sample of the next window can arrive; else that window goes
// without it. After kWindowsWithout in a row it is given up (TooSlow). Its arena is what the application
// leaves.
//
// Keeps    Answers, deadlines and lines are those of KeywordApp. A new model is confirmed after
//          kAnswersToConfirm answers; a package that is no keyword model is refused before it is installed.
// Memory   Nothing is allocated. Threads  Main loop of one board. Cost
// docs/reference/keyword_app.md#in-a-fleet.
#pragma once

#include <stdint.h>

#include "device/apps/fleet_parts.h"
#include "device/apps/keyword.h"
#include "device/apps/shadow.h"

namespace jatai {

class KeywordFleet {
  public:
    static constexpr uint32_t kAnswersToConfirm = 3, kReportBytes = 400;
    static constexpr uint32_t kDay_s = 86400, kFirstPatience_s = 2, kMostPatience_s = 256,
                              kResultPatience_s = 8, kDeafWait_ms = 1000, kWindowsWithout = 25;

    Reason open(const FleetParts& parts, void (*stop_microphone)());
    KeywordStep step();

    bool hears() const { return status_ == KeywordStatus::Ok; }
    KeywordStatus status() const { return status_; }
    const KeywordApp& app() const { return app_; }
    const Agent& agent() const { return agent_; }
    const Observer& observer() const { return observer_; }
    const Shadow& shadow() const { return shadow_; }

  private:
    enum Owed : uint8_t { Description = 1, Update = 2, Health = 4, Statistics = 8, Beside = 16 };

    static Verdict try_keyword(void* self, const uint8_t* package, uint32_t bytes);
    Span memory() const { return {parts_.arena.arena, parts_.arena.arena_bytes}; }
    void start_hearing();
    void open_shadow();
    void run_shadow();
    void drop_shadow();
    void tell_application();
    void observe(const KeywordStep& step);
    bool owes_result() const;
    void obey(Asked asked);
    void take_consent();
    void look_for_news(Use use);
    void give_back();
    void tell();
    void tell_next();
    uint32_t write_report(Owed what);
    HealthContext context() const;

    FleetParts parts_;
    void (*stop_microphone_)();
    KeywordApp app_;
    Agent agent_;
    Observer observer_;
    Shadow shadow_;
    Link link_;
    KeywordStatus status_;
    uint8_t owed_;  // of Owed: to be told
    Owed posted_;   // what lies in report_ while the link waits for it
    uint32_t answers_of_model_, windows_without_, application_bytes_;
    uint32_t report_every_s_, next_report_s_, next_post_s_, patience_s_;
    uint64_t slept_us_;
    uint32_t report_bytes_;
    uint8_t report_[kReportBytes];
};

}  // namespace jatai
