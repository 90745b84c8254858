#include "device/apps/keyword_fleet.h"

namespace jatai {

Reason KeywordFleet::open(const FleetParts& parts, void (*stop_microphone)()) {
    parts_ = parts;
    parts_.agent.try_model = try_keyword;
    parts_.agent.context = this;
    stop_microphone_ = stop_microphone;
    observer_ = Observer();
    shadow_ = Shadow();
    report_every_s_ = kDay_s;
    next_report_s_ = next_post_s_ = 0;
    slept_us_ = application_bytes_ = 0;
    const Reason reason = agent_.open(parts_.agent);
    link_.open(parts_.pipe, agent_);
    link_.hello(parts_.agent.board);
    owed_ = reason == Reason::Returned ? Description | Update : Description;
    start_hearing();
    return reason;
}

// Without a keyword model that fits, only the line is heard.
void KeywordFleet::start_hearing() {
    const ActiveModel model = agent_.active();
    answers_of_model_ = 0;
    status_ = app_.open(*parts_.port, {model.bytes, model.size}, memory(), *parts_.arena.kernels);
    tell_application();
    open_shadow();
    if (hears()) status_ = app_.start();
    if (hears()) observer_.watch(agent_.state().active_digest, app_.engine().blob("reference"));
}

// Features, sound and rows: who plans a shadow has to know.
void KeywordFleet::tell_application() {
    const uint32_t bytes = hears() ? memory().bytes - app_.arena_bytes() : 0;
    if (bytes != application_bytes_) owed_ |= Description;
    application_bytes_ = bytes;
    agent_.tell_application(bytes);
}

// While nothing is heard yet: how long it takes is tried out here.
void KeywordFleet::open_shadow() {
    shadow_.close();
    windows_without_ = 0;
    if (!hears()) return;
    const Span spare = app_.spare();
    bool given_up = shadow_.open(agent_, app_.engine(), {spare.data, spare.bytes, parts_.arena.kernels});
    if (shadow_.is_open() && !app_.takes_windows(shadow_.engine()))
        given_up = shadow_.give_up(agent_, Reason::Unsupported);
    if (given_up) owed_ |= Update;
    if (shadow_.is_open()) shadow_.try_out(parts_);
}

void KeywordFleet::run_shadow() {
    if (shadow_.longest_us() > app_.spare_us()) {
        if (++windows_without_ == kWindowsWithout && shadow_.give_up(agent_, Reason::TooSlow))
            owed_ |= Update;
        return;
    }
    windows_without_ = 0;
    app_.copy_window(shadow_.engine().input().data);
    shadow_.run(parts_, agent_);
}

void KeywordFleet::drop_shadow() {
    shadow_.close();
    agent_.drop_beside(Reason::Ok);
    owed_ = static_cast<uint8_t>((owed_ & ~Beside) | Update);
}

// The microphone is still: its ring lies in this memory.
Verdict KeywordFleet::try_keyword(void* self, const uint8_t* package, uint32_t bytes) {
    KeywordFleet& fleet = *static_cast<KeywordFleet*>(self);
    const Verdict verdict = try_model(&fleet.parts_.arena, package, bytes);
    if (verdict.reason != Reason::Ok) return verdict;
    const KeywordStatus status =
        fleet.app_.open(*fleet.parts_.port, {package, bytes}, fleet.memory(), *fleet.parts_.arena.kernels);
    if (status == KeywordStatus::Ok) return {Reason::Ok, 0};
    return {Reason::Unsupported, static_cast<uint8_t>(status)};
}

KeywordStep KeywordFleet::step() {
    agent_.tell_uptime(uptime_s(parts_));
    KeywordStep step{};
    if (hears()) {
        step = app_.step();
        slept_us_ += step.slept_us;
        if (step.answered) observe(step);
        if (step.answered && shadow_.is_open()) run_shadow();
        obey(link_.poll());
    } else {
        const uint64_t from_us = parts_.port->now_us(parts_.port->context);
        obey(link_.poll());
        parts_.port->pause_us(parts_.port->context, kDeafWait_ms * 1000);
        slept_us_ += parts_.port->now_us(parts_.port->context) - from_us;
    }
    tell();
    return step;
}

void KeywordFleet::observe(const KeywordStep& step) {
    const ConstSpan rows = app_.rows();
    observer_.run_done(step.answer_us);
    observer_.input(rows.data, rows.bytes);
    observer_.see_output(app_.engine());
    ++answers_of_model_;
    const bool on_trial = agent_.active().phase == Phase::Trial;
    if (on_trial && answers_of_model_ == kAnswersToConfirm && agent_.confirm().reason == Reason::Ok)
        owed_ |= Update;
}

// ---- what is asked of it ----

// What came of one look is told before the next, unless the line takes nothing: who still wants one asks
// again.
bool KeywordFleet::owes_result() const {
    if (!link_.is_waiting()) return (owed_ & Update) != 0;
    return patience_s_ <= kResultPatience_s && ((owed_ & Update) != 0 || posted_ == Update);
}

void KeywordFleet::obey(Asked asked) {
    if (asked == Asked::Look && !owes_result()) look_for_news(Use::Instead);
    if (asked == Asked::LookBeside && !owes_result()) look_for_news(Use::Beside);
    if (asked == Asked::DropBeside) drop_shadow();
    if (asked == Asked::Confirm && agent_.confirm().reason == Reason::Ok) owed_ |= Update;
    if (asked == Asked::GiveBack) give_back();
    if (asked == Asked::Describe) owed_ |= Description;
    if (asked == Asked::Consent) take_consent();
}

void KeywordFleet::take_consent() {
    const uint8_t consents = link_.consents();
    observer_.consent(consents);
    shadow_.observer().consent(consents);
    const uint8_t allowed = Description | Update | ((consents & kHealth) != 0 ? Health : 0) |
                            ((consents & kStatistics) != 0 ? Statistics | Beside : 0);
    owed_ &= allowed;
    if ((posted_ & allowed) == 0) link_.withdraw();
    report_every_s_ = link_.report_every_s() != 0 ? link_.report_every_s() : kDay_s;
    next_report_s_ = uptime_s(parts_) + report_every_s_;
}

// One that proved itself and yet cannot be heard with here goes back at once. Who asked for a model beside is
// told how that stands, whatever came.
void KeywordFleet::look_for_news(Use use) {
    stop_microphone_();
    const NewsBefore before = news_before(agent_);
    const Verdict verdict = run_session(agent_, link_.source(), use);
    if (is_news(agent_, before, verdict) || use == Use::Beside) owed_ |= Update;
    start_hearing();
    if (!hears() && agent_.active().phase == Phase::Trial) give_back();
}

void KeywordFleet::give_back() {
    stop_microphone_();
    if (agent_.give_back().reason == Reason::Ok) owed_ |= Update;
    start_hearing();
}

// ---- what it tells ----

void KeywordFleet::tell() {
    const uint32_t now_s = uptime_s(parts_);
    if (observer_.consents() != 0 && now_s >= next_report_s_) {
        next_report_s_ = now_s + report_every_s_;
        owed_ |= Health | Statistics | Beside;
    }
    if (!link_.is_waiting()) return tell_next();
    if (now_s < next_post_s_) return;
    patience_s_ = patience_s_ < kMostPatience_s ? patience_s_ * 2 : kMostPatience_s;
    next_post_s_ = now_s + patience_s_;
    link_.post(report_, report_bytes_);
}

// Written now, as things stand; what happens later is owed anew.
void KeywordFleet::tell_next() {
    if (owed_ == 0) return;
    posted_ = static_cast<Owed>(owed_ & (~owed_ + 1));
    owed_ = static_cast<uint8_t>(owed_ & ~posted_);
    report_bytes_ = write_report(posted_);
    patience_s_ = kFirstPatience_s;
    next_post_s_ = uptime_s(parts_) + patience_s_;
    link_.post(report_, report_bytes_);
}

uint32_t KeywordFleet::write_report(Owed what) {
    switch (what) {
        case Description:
            return description_report(report_, sizeof report_, context(), parts_.agent);
        case Update:
            return update_report(report_, sizeof report_, context());
        case Health:
            return observer_.health_report(report_, sizeof report_, context());
        case Statistics:
            return observer_.statistics_report(report_, sizeof report_, agent_.state().active_digest);
        case Beside:
            return shadow_.statistics_report(report_, sizeof report_, agent_);
    }
    return 0;
}

HealthContext KeywordFleet::context() const {
    const uint64_t up_us = parts_.port->now_us(parts_.port->context);
    HealthContext about = describe_device(parts_, agent_, up_us > slept_us_ ? up_us - slept_us_ : 0);
    about.arena_bytes = (hears() ? app_.engine().header().arena_bytes : 0) + shadow_.arena_bytes();
    about.runs_beside = true;
    about.application_bytes = application_bytes_;
    return about;
}

}  // namespace jatai
