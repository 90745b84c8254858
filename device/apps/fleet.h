// fleet.h: a device of a fleet: runs a model, watches it, takes updates and hands over reports through a byte
// pipe.
//
//     static jatai::FleetApp app;
//     app.open(parts);                               // agent, model, link
//     for (;;) app.step();                           // one run of the model; news and reports when it is
//     their time
//
// The input is the zero point of every input tensor until the board calls step(fill): a sensor of yours.
// Consents for health and statistics are off at every start; who holds the other end of the pipe gives them
// (Ask 4), together with how often to report. Energy is an estimate: busy and idle time times the powers the
// board states.
//
// A model that is to run beside (shadow.h) gets the same inputs at each run.
//
// Keeps    A new model is confirmed after kRunsToConfirm runs; until then each start counts against it.
// Memory   Nothing is allocated. Threads  Main loop of one board. Cost  small mode: under 400 bytes a day.
#pragma once

#include <stdint.h>

#include "device/apps/fleet_parts.h"
#include "device/apps/shadow.h"
#include "device/engine.h"

namespace jatai {

class FleetApp {
  public:
    static constexpr uint32_t kRunsToConfirm = 3, kReportBytes = 400;
    static constexpr uint32_t kDay_s = 86400, kRunEvery_ms = 1000;

    Reason open(const FleetParts& parts);
    void step() { step(nullptr); }
    void step(void (*fill)(Engine& engine));

    const Agent& agent() const { return agent_; }
    const Observer& observer() const { return observer_; }
    const Observer& beside_observer() const { return shadow_.observer(); }
    bool has_model() const { return opened_; }

  private:
    void open_model();
    void run_model(void (*fill)(Engine& engine));
    void open_shadow();
    bool feed_shadow();
    void obey(Asked asked);
    void look_for_news(Use use);
    void change(bool done);
    void send_reports();
    void tell_description();
    void tell_update();
    HealthContext context();

    FleetParts parts_;
    Agent agent_;
    Engine engine_;
    Observer observer_;
    Shadow shadow_;
    Link link_;
    bool opened_, to_describe_, to_tell_;
    uint32_t runs_of_model_;
    uint32_t report_every_s_, next_report_s_;
    uint64_t busy_us_;
};

}  // namespace jatai
