#include "device/apps/keyword.h"

#include <string.h>

#include "device/package_hash.h"

namespace jatai {
namespace {

constexpr char kFeatures[] = "features";
constexpr uint32_t kStatusEveryMs = 1000;

// Cuts `bytes` off the front, the rest stays at a multiple of 16. Null when there is not so much.
void* carve(Span& memory, uint32_t bytes) {
    const uint32_t rounded = (bytes + 15u) & ~15u;
    if (bytes > memory.bytes || rounded > memory.bytes) {
        return nullptr;
    }
    void* piece = memory.data;
    memory.data = static_cast<uint8_t*>(memory.data) + rounded;
    memory.bytes -= rounded;
    return piece;
}

bool ends_in_zero(const char* name, uint32_t bytes) { return name[0] != '\0' && name[bytes - 1] == '\0'; }

}  // namespace

// ---- open ----

// The sections lie in the package, but who they are for is known only once the engine has proved it; and the
// arena is what the features leave over. So the engine opens twice: on everything, then on what is left.
KeywordStatus KeywordApp::open(const Port& port, ConstSpan package, Span memory, const KernelSet& kernels) {
    port_ = &port;
    package_status_ = check_hash(package.data, package.bytes);
    if (package_status_ != Status::Ok) {
        return KeywordStatus::PackageRefused;
    }
    KeywordStatus status = open_package(package, memory, kernels);
    if (status == KeywordStatus::Ok) {
        status = open_sections(memory);
    }
    if (status == KeywordStatus::Ok) {
        status = open_package(package, memory, kernels);
    }
    if (status == KeywordStatus::Ok) {
        status = check_model();
    }
    if (status != KeywordStatus::Ok) {
        return status;
    }
    arena_ = memory;
    reset();
    return KeywordStatus::Ok;
}

KeywordStatus KeywordApp::open_package(ConstSpan package, Span memory, const KernelSet& kernels) {
    package_status_ = engine_.open(package.data, package.bytes, memory.data, memory.bytes, kernels);
    return package_status_ == Status::Ok ? KeywordStatus::Ok : KeywordStatus::PackageRefused;
}

bool KeywordApp::settings_ok(uint32_t bytes) const {
    if (bytes < sizeof(KeywordSettings) || settings_->magic != kKeywordMagic) {
        return false;
    }
    const uint32_t labels = settings_->label_count;
    if (labels == 0 || labels > kMaxKeywordLabels) {
        return false;
    }
    if (bytes < sizeof(KeywordSettings) + labels * sizeof(KeywordLabel)) {
        return false;
    }
    if (settings_->hops_per_answer == 0 || settings_->hops_per_answer > 100) {
        return false;
    }
    if (settings_->smoothing == 0 || settings_->smoothing > kMaxKeywordSmoothing) {
        return false;
    }
    for (uint32_t i = 0; i < labels; ++i) {
        if (!ends_in_zero(settings_->labels()[i].name, kLabelBytes)) {
            return false;
        }
    }
    return true;
}

KeywordStatus KeywordApp::open_sections(Span& memory) {
    const BlobView keyword = engine_.blob(kKeywordSection);
    if (keyword.data == nullptr) {
        return KeywordStatus::NoKeywordSection;
    }
    settings_ = reinterpret_cast<const KeywordSettings*>(keyword.data);
    if (!settings_ok(keyword.bytes)) {
        return KeywordStatus::SettingsRefused;
    }

    const BlobView blob = engine_.blob(kFeatures);
    if (blob.data == nullptr) {
        return KeywordStatus::NoFeaturesSection;
    }
    feature_status_ = FeatureStatus::NotFeatures;
    if (blob.bytes < sizeof(FeatureConfig)) {
        return KeywordStatus::FeaturesRefused;
    }
    const FeatureConfig& config = *reinterpret_cast<const FeatureConfig*>(blob.data);
    const uint32_t scratch_bytes = static_cast<uint32_t>(feature_scratch_bytes(config));
    void* scratch = carve(memory, scratch_bytes);
    feature_status_ = features_.open(blob.data, blob.bytes, scratch, scratch == nullptr ? 0 : scratch_bytes);
    if (feature_status_ == FeatureStatus::ScratchTooSmall) {
        return KeywordStatus::MemoryTooSmall;
    }
    if (feature_status_ != FeatureStatus::Ok) {
        return KeywordStatus::FeaturesRefused;
    }

    // Two answers' worth of sound and a little: while the model runs, sound waits here.
    ring_.sample_rate_hz = config.sample_rate_hz;
    ring_.block_samples = config.hop_samples;
    ring_.block_count = 2u * settings_->hops_per_answer + 4u;
    ring_.samples = static_cast<int16_t*>(carve(memory, ring_.block_count * ring_.block_samples * 2u));
    rows_ = static_cast<int8_t*>(carve(memory, uint32_t(config.frames) * config.coefficients));
    const bool enough = ring_.samples != nullptr && rows_ != nullptr;
    return enough ? KeywordStatus::Ok : KeywordStatus::MemoryTooSmall;
}

KeywordStatus KeywordApp::check_model() const {
    const FeatureConfig& config = features_.config();
    const uint32_t input_bytes = uint32_t(config.frames) * config.coefficients;
    if (engine_.input_count() != 1 || input_bytes == 0) {
        return KeywordStatus::InputDiffers;
    }
    const TensorView input = engine_.input();
    if (input.type != Type::Int8 || input.bytes != input_bytes) {
        return KeywordStatus::InputDiffers;
    }
    if (input.zero_point != static_cast<signed char>(config.zero_point)) {
        return KeywordStatus::InputDiffers;
    }
    uint32_t scale_bits;
    memcpy(&scale_bits, &input.scale, sizeof scale_bits);
    if (scale_bits != config.scale_bits) {
        return KeywordStatus::InputDiffers;
    }

    if (engine_.output_count() != 1) {
        return KeywordStatus::OutputDiffers;
    }
    const TensorView output = engine_.output();
    const bool probability = output.scale == 1.0f / 256.0f && output.zero_point == -128;
    const bool fits = output.type == Type::Int8 && output.bytes == settings_->label_count;
    return fits && probability ? KeywordStatus::Ok : KeywordStatus::OutputDiffers;
}

void KeywordApp::reset() {
    smoother_.open(settings_->label_count, settings_->smoothing);
    features_.reset();
    counts_ = KeywordCounts{};
    interval_ = Interval{};
    row_at_ = rows_held_ = next_block_ = longest_hop_us_ = 0;
    hops_until_answer_ = 0;
    lit_ = held_ = false;
    light_off_sample_ = quiet_until_sample_ = 0;
}

KeywordStatus KeywordApp::start() {
    interval_.from_us = port_->now_us(port_->context);
    const bool started = port_->start_microphone(port_->context, &ring_);
    return started ? KeywordStatus::Ok : KeywordStatus::MicrophoneRefused;
}

// ---- one hop ----

KeywordStep KeywordApp::step() {
    KeywordStep step{};
    step.slept_us = wait_for_block();
    hear_block(step);
    update_light();
    const uint64_t every = uint64_t(ring_.sample_rate_hz) * kStatusEveryMs / 1000;
    if (counts_.samples + counts_.lost_samples - interval_.from_sample >= every) {
        send_status();
    }
    return step;
}

uint32_t KeywordApp::wait_for_block() {
    const uint32_t slept_us = port_->sleep_while(port_->context, &ring_.produced, next_block_);
    interval_.slept_us += slept_us;
    // A block may be overwritten from the moment the microphone is a whole ring ahead. Two more are given up,
    // so that there is time to hear the next.
    if (!block_is_whole()) {
        lose(ring_.produced - next_block_ - ring_.block_count + 3);
    }
    return slept_us;
}

// The rows held no longer join up with what comes: start again with a full window.
void KeywordApp::lose(uint32_t blocks) {
    counts_.lost_samples += uint64_t(blocks) * ring_.block_samples;
    next_block_ += blocks;
    features_.reset();
    smoother_.reset();
    rows_held_ = 0;
    hops_until_answer_ = 0;
}

void KeywordApp::hear_block(KeywordStep& step) {
    const int16_t* samples = ring_.samples + next_block_ % ring_.block_count * ring_.block_samples;
    const uint64_t from_us = port_->now_us(port_->context);
    bool row_ended = false;
    for (size_t used = 0; used < ring_.block_samples;) {
        used += features_.push(samples + used, ring_.block_samples - used);
        if (features_.hop_ready()) {
            take_row();
            row_ended = true;
        }
    }
    const uint32_t hop_us = static_cast<uint32_t>(port_->now_us(port_->context) - from_us);
    interval_.features_us += hop_us;
    if (hop_us > longest_hop_us_) longest_hop_us_ = hop_us;
    if (!block_is_whole()) {
        return lose(1);
    }
    ++next_block_;
    counts_.samples += ring_.block_samples;
    if (!row_ended || rows_held_ < features_.config().frames) {
        return;
    }
    if (hops_until_answer_ == 0) {
        answer(step);
        hops_until_answer_ = settings_->hops_per_answer;
    }
    --hops_until_answer_;
}

void KeywordApp::take_row() {
    const FeatureConfig& config = features_.config();
    features_.hop(rows_ + row_at_ * config.coefficients);
    row_at_ = row_at_ + 1 == config.frames ? 0 : row_at_ + 1;
    if (rows_held_ < config.frames) {
        ++rows_held_;
    }
    ++interval_.rows;
}

// ---- an answer ----

// Oldest row first: the ring from row_at_ on, then its beginning.
void KeywordApp::copy_window(void* rows) const {
    int8_t* input = static_cast<int8_t*>(rows);
    const uint32_t row_bytes = features_.config().coefficients;
    const uint32_t older_bytes = (features_.config().frames - row_at_) * row_bytes;
    memcpy(input, rows_ + row_at_ * row_bytes, older_bytes);
    memcpy(input + older_bytes, rows_, row_at_ * row_bytes);
}

void KeywordApp::answer(KeywordStep& step) {
    const uint64_t from_us = port_->now_us(port_->context);
    copy_window(engine_.input().data);
    engine_.run();
    step.answered = true;
    step.scores = static_cast<const int8_t*>(engine_.output().data);
    smoother_.add(step.scores);
    step.label = smoother_.best();
    step.percent = smoother_.percent(step.label);
    step.announced = announce(step);
    step.answer_us = static_cast<uint32_t>(port_->now_us(port_->context) - from_us);
    interval_.model_us += step.answer_us;
    ++interval_.answers;
    ++counts_.answers;
    // Due before the next window's last block is whole.
    if (ring_.produced - next_block_ >= settings_->hops_per_answer) {
        ++counts_.missed_deadlines;
    }
    if ((settings_->flags & kPrintAnswers) != 0) {
        send_scores(step);
    }
}

// ---- a model beside this one ----

Span KeywordApp::spare() const {
    const uint32_t taken = (engine_.header().arena_bytes + 15u) & ~15u;
    if (taken >= arena_.bytes) return {nullptr, 0};
    return {static_cast<uint8_t*>(arena_.data) + taken, arena_.bytes - taken};
}

bool KeywordApp::takes_windows(const Engine& other) const {
    const BlobView ours = engine_.blob(kFeatures), theirs = other.blob(kFeatures);
    return theirs.data != nullptr && theirs.bytes == ours.bytes &&
           memcmp(theirs.data, ours.data, ours.bytes) == 0;
}

// The block that is being filled may be as good as full.
uint32_t KeywordApp::spare_us() const {
    const uint32_t blocks =
        next_block_ + hops_until_answer_ - ring_.produced;  // before the last of the window
    if (blocks > hops_until_answer_) return 0;              // it is whole already
    const uint64_t block_us = uint64_t{ring_.block_samples} * 1000000 / ring_.sample_rate_hz;
    const uint64_t hops_us = uint64_t{hops_until_answer_} * longest_hop_us_;
    return blocks * block_us > hops_us ? static_cast<uint32_t>(blocks * block_us - hops_us) : 0;
}

uint64_t KeywordApp::sample_after(uint32_t milliseconds) const {
    return counts_.samples + counts_.lost_samples + uint64_t(ring_.sample_rate_hz) * milliseconds / 1000;
}

void KeywordApp::update_light() {
    if (!lit_ || sample_after(0) < light_off_sample_) {
        return;
    }
    lit_ = false;
    port_->set_lights(port_->context, 0);
}

}  // namespace jatai
