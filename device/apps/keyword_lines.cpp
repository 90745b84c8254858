// keyword_lines.cpp: what the application says while it listens. Lines: docs/reference/keyword_app.md.
#include "device/apps/keyword.h"

namespace jatai {

uint32_t KeywordApp::milliseconds() const {
    return static_cast<uint32_t>(sample_after(0) * 1000 / ring_.sample_rate_hz);
}

TextLine KeywordApp::stamped() const {
    TextLine line;
    line.add_fixed(milliseconds(), 3).add(" s ");
    return line;
}

void KeywordApp::send(TextLine& line) {
    line.end();
    port_->write(port_->context, line.text(), line.bytes());
}

// A command whose smoothed score is the highest and reaches its threshold, and none just before. A word stays
// in the window for a while after it was announced, so it is announced again only once its score has been
// lower.
bool KeywordApp::announce(const KeywordStep& step) {
    const KeywordLabel& label = settings_->labels()[step.label];
    if (held_ && !smoother_.reaches(held_label_, settings_->labels()[held_label_].threshold)) {
        held_ = false;
    }
    if (label.command == 0 || sample_after(0) < quiet_until_sample_) {
        return false;
    }
    if (held_ && held_label_ == step.label) {
        return false;
    }
    if (!smoother_.reaches(step.label, label.threshold)) {
        return false;
    }
    held_ = true;
    held_label_ = step.label;
    quiet_until_sample_ = sample_after(settings_->quiet_ms);
    light_off_sample_ = sample_after(settings_->light_ms);
    lit_ = true;
    port_->set_lights(port_->context, label.lights);
    ++counts_.announcements;
    TextLine line = stamped();
    line.add(label.name).add_char(' ').add_fixed(step.percent, 2);
    send(line);
    return true;
}

void KeywordApp::send_scores(const KeywordStep& step) {
    TextLine line = stamped();
    line.add("answer");
    for (uint32_t i = 0; i < settings_->label_count; ++i) {
        line.add_char(' ').add_hex(static_cast<uint8_t>(step.scores[i] + 128));
    }
    send(line);
}

void KeywordApp::send_status() {
    const uint64_t now_us = port_->now_us(port_->context);
    const uint64_t passed_us = now_us - interval_.from_us + (now_us == interval_.from_us ? 1 : 0);
    const uint64_t busy_us = passed_us - interval_.slept_us;
    const uint32_t answers = interval_.answers + (interval_.answers == 0 ? 1 : 0);
    const uint32_t rows = interval_.rows + (interval_.rows == 0 ? 1 : 0);
    TextLine line = stamped();
    const uint64_t per_100_s = (interval_.answers * 100000000ull + passed_us / 2) / passed_us;
    line.add("status ").add_fixed(static_cast<uint32_t>(per_100_s), 2);
    line.add(" answers/s ").add_fixed(static_cast<uint32_t>(busy_us * 1000 / passed_us), 1);
    line.add(" % busy ").add_number(counts_.missed_deadlines);
    line.add(" missed ").add_number(static_cast<uint32_t>(counts_.lost_samples));
    line.add(" lost ").add_fixed(static_cast<uint32_t>(interval_.model_us / answers), 3);
    line.add(" ms/answer ").add_fixed(static_cast<uint32_t>(interval_.features_us / rows), 3);
    line.add(" ms/hop");
    interval_ = Interval{};
    interval_.from_us = now_us;
    interval_.from_sample = sample_after(0);
    send(line);
}

}  // namespace jatai
