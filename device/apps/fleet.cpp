#include "device/apps/fleet.h"

#include <string.h>

namespace jatai {
namespace {

// The best of the first output's int8 values, and its share of 1 as 0 to 65535: a softmax has 256 steps.
uint32_t best_label(const TensorView& view, uint16_t& share) {
    const signed char* values = static_cast<const signed char*>(view.data);
    uint32_t best = 0;
    for (uint32_t i = 1; i < view.bytes; ++i)
        if (values[i] > values[best]) best = i;
    share = static_cast<uint16_t>((values[best] + 128) << 8);
    return best;
}

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
}

uint32_t FleetApp::uptime_s() const {
    return static_cast<uint32_t>(parts_.port->now_us(parts_.port->context) / 1000000);
}

void FleetApp::step(void (*fill)(Engine& engine)) {
    agent_.tell_uptime(uptime_s());
    if (opened_) run_model(fill != nullptr ? fill : fill_zero_points);
    obey(link_.listen(kRunEvery_ms));
    if (to_describe_) tell_description();
    if (to_tell_) tell_update();
    if (observer_.consents() != 0 && uptime_s() >= next_report_s_) send_reports();
}

void FleetApp::run_model(void (*fill)(Engine& engine)) {
    engine_.reset();
    fill(engine_);
    if (engine_.input_count() > 0 && engine_.input(0).type == Type::Int8)
        observer_.input(engine_.input(0).data, engine_.input(0).bytes);
    const uint32_t from = parts_.port->cycles(parts_.port->context);
    engine_.run();
    observe(parts_.port->cycles(parts_.port->context) - from);
    ++runs_of_model_;
    const bool on_trial = agent_.active().phase == Phase::Trial;
    if (on_trial && runs_of_model_ == kRunsToConfirm && agent_.confirm().reason == Reason::Ok)
        to_tell_ = true;
}

void FleetApp::observe(uint32_t cycles) {
    const uint32_t us = cycles / parts_.cycles_per_us;
    busy_us_ += us;
    observer_.run_done(us);
    const TensorView view = engine_.output(0);
    if (view.type != Type::Int8 || view.bytes == 0) return;
    uint16_t share = 0;
    const uint32_t label = best_label(view, share);
    observer_.output(label, share);
}

void FleetApp::obey(Asked asked) {
    if (asked == Asked::Look) look_for_news();
    if (asked == Asked::Confirm && agent_.confirm().reason == Reason::Ok) to_tell_ = true;
    if (asked == Asked::GiveBack && agent_.give_back().reason == Reason::Ok) {
        open_model();
        to_tell_ = true;
    }
    if (asked == Asked::Describe) to_describe_ = true;
    if (asked == Asked::Consent) {
        observer_.consent(link_.consents());
        report_every_s_ = link_.report_every_s() != 0 ? link_.report_every_s() : kDay_s;
        next_report_s_ = uptime_s() + report_every_s_;
    }
}

// A session that installed something leaves another model active, and its trial begins.
void FleetApp::look_for_news() {
    const uint64_t before = agent_.state().last_sequence;
    const Verdict verdict = run_session(agent_, link_.source());
    const bool runs_already =
        verdict.reason == Reason::Replayed && agent_.refusal().sequence == agent_.state().active_sequence;
    const bool refused = verdict.reason != Reason::Ok && !runs_already;
    if (agent_.state().last_sequence != before || refused) to_tell_ = true;
    open_model();
}

HealthContext FleetApp::context() {
    HealthContext about = {};
    about.board = parts_.agent.board;
    about.set_hash = parts_.set_hash;
    about.agent = &agent_;
    about.crash = parts_.crash;
    about.uptime_s = uptime_s();
    about.arena_bytes = opened_ ? engine_.header().arena_bytes : 0;
    about.stack_bytes = parts_.deepest_stack != nullptr ? parts_.deepest_stack() : 0;
    const uint64_t up_us = parts_.port->now_us(parts_.port->context);
    const uint64_t idle_us = up_us > busy_us_ ? up_us - busy_us_ : 0;
    about.energy_uj = busy_us_ / 1000 * parts_.busy_uw / 1000 + idle_us / 1000 * parts_.idle_uw / 1000;
    about.starts = parts_.starts;
    about.start_reason = parts_.start_reason;
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
    next_report_s_ = uptime_s() + report_every_s_;
    uint8_t report[kReportBytes];
    uint32_t bytes = observer_.health_report(report, sizeof report, context());
    if (bytes != 0 && !link_.deliver(report, bytes)) return;
    bytes = observer_.statistics_report(report, sizeof report, agent_.state().active_digest);
    if (bytes != 0) link_.deliver(report, bytes);
}

}  // namespace jatai
