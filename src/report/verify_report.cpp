// verify_report.cpp: what must hold before a page is drawn, so that drawing needs no checks.
#include <cmath>

#include "src/base/error.h"
#include "src/report/report_data.h"

namespace jatai::page {
namespace {

void expect(bool holds, std::string what) {
    if (!holds) throw Error{std::move(what), text("the file was changed by hand or cut; make it again")};
}

void expect_number(double value, const char* where) {
    expect(std::isfinite(value), text("report: {}: found a value that is not a number", where));
}

void expect_number(const std::optional<double>& value, const char* where) {
    if (value) expect_number(*value, where);
}

void expect_band(const std::optional<Band>& band, const char* where) {
    if (!band) return;
    expect_number(band->value, where);
    expect_number(band->low, where);
    expect_number(band->high, where);
}

void expect_span(double start_s, double end_s, const char* where) {
    expect_number(start_s, where);
    expect_number(end_s, where);
    expect(start_s >= 0 && start_s <= end_s,
           text("report: {}: found {} to {} s, expected a start before an end", where, start_s, end_s));
}

void expect_share(std::uint64_t right, std::uint64_t n, const std::string& where) {
    expect(right <= n,
           text("report: {}: found {} right of {}, expected no more than asked", where, right, n));
}

void verify_sound(const Sound& sound, const char* where) {
    expect(sound.rate_hz >= 1000 && sound.rate_hz <= 384000,
           text("report: {}: found {} Hz, expected 1000 to 384000", where, sound.rate_hz));
}

void verify_image(const std::optional<FeatureImage>& image, const char* where) {
    if (!image) return;
    const bool sized =
        image->frames >= 0 && image->bins >= 0 && image->frames <= 65536 && image->bins <= 65536;
    expect(sized && image->values.size() == static_cast<std::size_t>(image->frames) * image->bins,
           text("report: {}: found {} values, expected {} frames of {}", where, image->values.size(),
                image->frames, image->bins));
}

void verify_summary(const Summary& summary) {
    expect_number(summary.inferences_per_second, "summary");
    expect_number(summary.cpu_load, "summary");
    expect_band(summary.inference_ms, "summary");
    expect_band(summary.inference_uj, "summary");
    expect_band(summary.average_mw, "summary");
    expect_band(summary.battery_hours, "summary");
}

void verify_scores(const Scores& scores) {
    expect(scores.values.size() == scores.labels.size(),
           text("report: scores: found {} curves, expected {}", scores.values.size(), scores.labels.size()));
    for (const auto& curve : scores.values) {
        expect(curve.size() == scores.times_s.size(),
               text("report: scores: found {} values, expected {}", curve.size(), scores.times_s.size()));
        for (const double value : curve) expect_number(value, "scores");
    }
    for (const double time_s : scores.times_s) expect_number(time_s, "scores");
    expect_number(scores.threshold, "scores");
}

void verify_track(const Track& track) {
    verify_sound(track.sound, "track");
    for (const Word& word : track.words) expect_span(word.start_s, word.end_s, "words");
    for (const LedSpan& led : track.leds) expect_span(led.start_s, led.end_s, "leds");
    for (const Detection& detection : track.detections) {
        expect_number(detection.time_s, "detections");
        expect_number(detection.score, "detections");
        expect_number(detection.delay_ms, "detections");
    }
    for (const std::size_t word : track.missed)
        expect(word < track.words.size(),
               text("report: missed: found word {} of {}", word, track.words.size()));
    verify_scores(track.scores);
}

void verify_split(const Split& split) {
    const auto expect_right = [&](const std::optional<std::uint64_t>& right, std::uint64_t n) {
        if (right) expect_share(*right, n, split.name);
    };
    expect_right(split.float_right, split.n);
    expect_right(split.int8_right, split.n);
    expect_right(split.chip_right, split.chip_n.value_or(split.n));
    for (const GroupResult& group : split.groups) expect_share(group.right, group.n, group.name);
}

void verify_confusion(const Confusion& confusion) {
    const std::size_t n = confusion.labels.size();
    expect(confusion.counts.size() == n,
           text("report: confusion: found {} rows, expected {}", confusion.counts.size(), n));
    for (const auto& row : confusion.counts)
        expect(row.size() == n, text("report: confusion: found {} columns, expected {}", row.size(), n));
}

void verify_arena(const Arena& arena) {
    const int steps = static_cast<int>(arena.steps.size());
    for (const ArenaTensor& tensor : arena.tensors) {
        expect(tensor.offset <= arena.bytes && tensor.bytes <= arena.bytes - tensor.offset,
               text("report: arena: {}: found bytes {} to {}, expected below {}", tensor.name, tensor.offset,
                    tensor.offset + tensor.bytes, arena.bytes));
        expect(0 <= tensor.first && tensor.first <= tensor.last && tensor.last < steps,
               text("report: arena: {}: found steps {} to {}, expected below {}", tensor.name, tensor.first,
                    tensor.last, steps));
    }
}

void verify_history(const std::vector<Epoch>& history) {
    for (const Epoch& epoch : history) {
        expect_number(epoch.loss, "history");
        expect_number(epoch.val_loss, "history");
        expect_number(epoch.accuracy, "history");
        expect_number(epoch.val_accuracy, "history");
    }
}

}  // namespace

void verify_report(const ReportData& data) {
    verify_summary(data.summary);
    if (data.track) verify_track(*data.track);
    for (const Split& split : data.splits) verify_split(split);
    for (const Confusion& confusion : data.confusions) verify_confusion(confusion);
    if (data.false_accepts) {
        expect(
            std::isfinite(data.false_accepts->hours) && data.false_accepts->hours > 0,
            text("report: false accepts: found {} hours, expected more than 0", data.false_accepts->hours));
    }
    for (const Mistake& mistake : data.mistakes) {
        expect_number(mistake.score, "mistakes");
        verify_sound(mistake.sound, "mistakes");
        verify_image(mistake.features, "mistakes");
    }
    for (const Example& example : data.examples) {
        verify_sound(example.sound, "examples");
        verify_image(example.features, "examples");
    }
    verify_history(data.history);
    if (data.arena) verify_arena(*data.arena);
}

}  // namespace jatai::page
