#include "device/apps/fleet.h"

#include <string.h>

namespace jatai {
namespace {

void fill_zero_points(Engine& engine) {
    for (uint32_t i = 0; i < engine.input_count(); ++i) {
        const TensorView view = engine.input(i);
        memset(view.data, view.type == Type::Int8 ? static_cast<int>(view.zero_point) : 0, view.bytes);
    }
}

}  // namespace

Reason FleetApp::open(const FleetParts& parts) {
    parts_ = parts;
    parts_.agent.try_model = try_model;
    parts_.agent.context = &parts_.arena;
    observer_ = Observer();
    shadow_ = Shadow();
    report_every_s_ = kDay_s;
    next_report_s_ = 0;
    busy_us_ = 0;
    const Reason reason = agent_.open(parts_.agent);
    link_.open(parts_.pipe, agent_);
    link_.hello(parts_.agent.board);
    to_describe_ = true;
    to_tell_ = reason == Reason::Returned;
    open_model();
    return reason;
}

void FleetApp::open_model() {
    const ActiveModel model = agent_.active();
    const ModelTrial& at = parts_.arena;
    runs_of_model_ = 0;
    opened_ = model.bytes != nullptr &&
              engine_.open(model.bytes, model.size, at.arena, at.arena_bytes, *at.kernels) == Status::Ok;
    if (opened_) observer_.watch(agent_.state().active_digest, engine_.blob("reference"));
    open_shadow();
}

// Its arena begins behind the active one's.
void FleetApp::open_shadow() {
    shadow_.close();
    if (!opened_) return;
    const ModelTrial& at = parts_.arena;
    const uint32_t taken = agent_.arena_of_active();
    change(shadow_.open(agent_, engine_,
                        {static_cast<uint8_t*>(at.arena) + taken, at.arena_bytes - taken, at.kernels}));
}

void FleetApp::step(void (*fill)(Engine& engine)) {
    agent_.tell_uptime(uptime_s(parts_));
    if (opened_) run_model(fill != nullptr ? fill : fill_zero_points);
    obey(link_.listen(kRunEvery_ms));
    if (to_describe_) tell_description();
    if (to_tell_) tell_update();
    if (observer_.consents() != 0 && uptime_s(parts_) >= next_report_s_) send_reports();
}

void FleetApp::run_model(void (*fill)(Engine& engine)) {
    engine_.reset();
    fill(engine_);
    observer_.see_input(engine_);
    const bool beside = feed_shadow();  // before the run: inputs share the arena with what comes later
    const uint32_t from = parts_.port->cycles(parts_.port->context);
    engine_.run();
    const uint32_t us = (parts_.port->cycles(parts_.port->context) - from) / parts_.cycles_per_us;
    busy_us_ += us;
    observer_.run_done(us);
    observer_.see_output(engine_);
    ++runs_of_model_;
    const bool on_trial = agent_.active().phase == Phase::Trial;
    if (on_trial && runs_of_model_ == kRunsToConfirm) change(agent_.confirm().reason == Reason::Ok);
    if (beside) busy_us_ += shadow_.run(parts_, agent_);
}

bool FleetApp::feed_shadow() {
    if (!shadow_.is_open()) return false;
    Engine& beside = shadow_.engine();
    beside.reset();
    for (uint32_t i = 0; i < engine_.input_count(); ++i)
        memcpy(beside.input(i).data, engine_.input(i).data, engine_.input(i).bytes);
    return true;
}

// Something about the models changed: it is told.
void FleetApp::change(bool done) { to_tell_ = to_tell_ || done; }

void FleetApp::obey(Asked asked) {
    if (asked == Asked::Look) look_for_news(Use::Instead);
    if (asked == Asked::LookBeside) look_for_news(Use::Beside);
    if (asked == Asked::Confirm) change(agent_.confirm().reason == Reason::Ok);
    if (asked == Asked::GiveBack || asked == Asked::DropBeside) {
        const bool back = asked == Asked::GiveBack;
        change(back ? agent_.give_back().reason == Reason::Ok : agent_.drop_beside(Reason::Ok));
        open_model();
    }
    if (asked == Asked::Describe) to_describe_ = true;
    if (asked == Asked::Consent) {
        observer_.consent(link_.consents());
        shadow_.observer().consent(link_.consents());
        report_every_s_ = link_.report_every_s() != 0 ? link_.report_every_s() : kDay_s;
        next_report_s_ = uptime_s(parts_) + report_every_s_;
    }
}

// A session that installed something leaves another model active, and its trial begins. Who asked for a model
// beside is told how that stands, whatever came.
void FleetApp::look_for_news(Use use) {
    const NewsBefore before = news_before(agent_);
    const Verdict verdict = run_session(agent_, link_.source(), use);
    change(is_news(agent_, before, verdict) || use == Use::Beside);
    open_model();
}

HealthContext FleetApp::context() {
    HealthContext about = describe_device(parts_, agent_, busy_us_);
    about.arena_bytes = (opened_ ? engine_.header().arena_bytes : 0) + shadow_.arena_bytes();
    about.runs_beside = true;
    return about;
}

void FleetApp::tell_description() {
    uint8_t report[kReportBytes];
    const uint32_t bytes = description_report(report, sizeof report, context(), parts_.agent);
    to_describe_ = !link_.deliver(report, bytes);
}

void FleetApp::tell_update() {
    uint8_t report[kReportBytes];
    to_tell_ = !link_.deliver(report, update_report(report, sizeof report, context()));
}

// What cannot be handed over now is counted on, and told next time.
void FleetApp::send_reports() {
    next_report_s_ = uptime_s(parts_) + report_every_s_;
    uint8_t report[kReportBytes];
    uint32_t bytes = observer_.health_report(report, sizeof report, context());
    if (bytes != 0 && !link_.deliver(report, bytes)) return;
    bytes = observer_.statistics_report(report, sizeof report, agent_.state().active_digest);
    if (bytes != 0) link_.deliver(report, bytes);
    bytes = shadow_.statistics_report(report, sizeof report, agent_);
    if (bytes != 0) link_.deliver(report, bytes);
}

}  // namespace jatai
