// keyword.h: the keyword application: microphone, features, model, smoothing, light and a line of text.
//
//     static jatai::KeywordApp app;
//     KeywordStatus status = app.open(port, {package, package_bytes}, {memory, memory_bytes}, kernels);
//     if (status == KeywordStatus::Ok) { status = app.start(); }
//     if (status != KeywordStatus::Ok) { explain_refusal(port, app, status); }      // keyword_words.h
//     for (;;) { app.step(); }                     // one hop of sound each
//
// The package (device/package.h) brings everything: the model, a "features" section (device/features) and a
// "keyword" section (keyword_settings.h). Lines it sends: docs/reference/keyword_app.md.
//
// Deadline  An answer is due before the last sample of the next window has arrived; later is a missed
// deadline.
//           Sound that the microphone overwrote before it was heard is counted in lost samples. Never hidden:
//           both stand in the status line.
// Keeps     Answers depend on the samples alone (unless samples were lost): board, simulator and host agree
// bit
//           for bit. Times are counted in samples since the microphone started.
// Memory    Nothing is allocated. `memory` is carved into features, microphone ring and arena.
// Threads   Main loop of one board.
#pragma once

#include <stdint.h>

#include "device/apps/keyword_settings.h"
#include "device/apps/score_smoother.h"
#include "device/apps/text_line.h"
#include "device/engine.h"
#include "device/features/feature_stream.h"
#include "device/port.h"

namespace jatai {

// Numbered for telemetry; numbers are never reused.
enum class KeywordStatus : uint8_t {
    Ok = 0,
    PackageRefused = 1,     // package_status() says why
    NoKeywordSection = 2,   // the package is not a keyword model
    NoFeaturesSection = 3,  //
    SettingsRefused = 4,    // a number of the keyword section is out of range
    FeaturesRefused = 5,    // feature_status() says why
    InputDiffers = 6,       // the model's input is not the features' rows, int8
    OutputDiffers = 7,      // the model's output is not one int8 probability per label
    MemoryTooSmall = 8,     //
    MicrophoneRefused = 9,  // the board cannot record like that
};

struct Span {
    void* data;
    uint32_t bytes;
};
struct ConstSpan {
    const void* data;
    uint32_t bytes;
};

// What one step did.
struct KeywordStep {
    bool answered;         // the model ran
    bool announced;        // and a label was announced
    uint32_t label;        // the one the smoothed scores favour
    uint32_t percent;      // its smoothed probability
    const int8_t* scores;  // the model's raw output of this answer, one per label
    uint32_t answer_us;    // what the answer took
    uint32_t slept_us;     // of the wait for this hop
};

// What happened since open().
struct KeywordCounts {
    uint64_t samples;       // heard
    uint64_t lost_samples;  // overwritten before they were heard
    uint32_t answers;
    uint32_t missed_deadlines;
    uint32_t announcements;
};

class KeywordApp {
  public:
    // Proves the package, its hash included. `memory` lies at a multiple of 16.
    KeywordStatus open(const Port& port, ConstSpan package, Span memory, const KernelSet& kernels);

    // Starts the microphone. Only after open() answered Ok.
    KeywordStatus start();

    // Waits for one hop of sound and works on it. Only after start() answered Ok.
    KeywordStep step();

    Status package_status() const { return package_status_; }
    FeatureStatus feature_status() const { return feature_status_; }
    uint32_t refused_record() const { return engine_.refused_record(); }
    const KeywordCounts& counts() const { return counts_; }
    const KeywordSettings& settings() const { return *settings_; }
    const Engine& engine() const { return engine_; }
    // What the model saw in the last answer, as a ring: until the next step, in no order.
    ConstSpan rows() const {
        const FeatureConfig& config = features_.config();
        return {rows_, uint32_t(config.frames) * config.coefficients};
    }
    uint32_t arena_bytes() const { return arena_.bytes; }

    // For a model that runs beside this one on the same windows. What this one leaves of its arena; whether
    // the other takes the same features; the window of the last answer, oldest row first; and how long it may
    // run now, at least: until the last sample of the next window, less what the hops before it cost.
    Span spare() const;
    bool takes_windows(const Engine& other) const;
    void copy_window(void* rows) const;
    uint32_t spare_us() const;
    uint32_t milliseconds() const;  // of sound, heard and lost
    uint32_t sample_rate_hz() const { return ring_.sample_rate_hz; }
    uint32_t answer_samples() const { return ring_.block_samples * settings_->hops_per_answer; }

  private:
    KeywordStatus open_package(ConstSpan package, Span memory, const KernelSet& kernels);
    KeywordStatus open_sections(Span& memory);
    KeywordStatus check_model() const;
    bool settings_ok(uint32_t bytes) const;
    void reset();
    uint32_t wait_for_block();
    bool block_is_whole() const { return ring_.produced - next_block_ < ring_.block_count; }
    void lose(uint32_t blocks);
    void hear_block(KeywordStep& step);
    void take_row();
    void answer(KeywordStep& step);
    bool announce(const KeywordStep& step);
    void update_light();
    uint64_t sample_after(uint32_t milliseconds) const;
    void send_status();
    void send_scores(const KeywordStep& step);
    TextLine stamped() const;
    void send(TextLine& line);

    const Port* port_ = nullptr;
    Engine engine_;
    FeatureStream features_;
    ScoreSmoother smoother_;
    MicrophoneRing ring_{};
    const KeywordSettings* settings_ = nullptr;
    Status package_status_ = Status::Ok;
    FeatureStatus feature_status_ = FeatureStatus::Ok;
    KeywordCounts counts_{};

    int8_t* rows_ = nullptr;  // the last `frames` rows, a ring
    uint32_t row_at_ = 0;     // where the next row goes
    uint32_t rows_held_ = 0;  // since the start or the last gap, at most `frames`
    uint32_t hops_until_answer_ = 0;
    uint32_t next_block_ = 0;      // of the microphone's, the next to hear
    uint32_t longest_hop_us_ = 0;  // its features
    Span arena_{};                 // what features, ring and rows left

    bool lit_ = false;
    uint64_t light_off_sample_ = 0;
    uint64_t quiet_until_sample_ = 0;
    bool held_ = false;  // the last label announced has not been below its threshold since
    uint32_t held_label_ = 0;

    // Since the last status line.
    struct Interval {
        uint64_t from_us;
        uint64_t slept_us;
        uint64_t model_us;
        uint64_t features_us;
        uint64_t from_sample;
        uint32_t answers;
        uint32_t rows;
    } interval_{};
};

}  // namespace jatai
