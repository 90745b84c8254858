#include "src/package/keyword_host.h"

#include <algorithm>
#include <cstring>

#include "device/apps/keyword.h"
#include "device/apps/keyword_words.h"
#include "src/base/error.h"
#include "src/graph/ops/kernels.h"
#include "src/package/keyword_words.h"

namespace jatai {

// A board made of memory: its clock is the sound, its serial line a string, its microphone a copy.
struct KeywordHost::Board {
    struct alignas(16) Block {
        std::uint8_t bytes[16];
    };
    std::unique_ptr<Block[]> package;
    std::unique_ptr<Block[]> memory;
    Port port{};
    KeywordApp app;
    MicrophoneRing* ring = nullptr;
    std::vector<std::int16_t> waiting;  // less than a hop
    std::uint64_t given = 0;            // samples
    std::uint64_t awake_us = 0;
    std::string lines;
    bool keep_text = true;

    explicit Board(bool keep);
    void give(std::span<const std::int16_t> block);
};

KeywordHost::Board::Board(bool keep) : keep_text(keep) {
    port.context = this;
    port.now_us = [](void* context) -> std::uint64_t {
        const auto* board = static_cast<Board*>(context);
        return board->ring ? board->given * 1'000'000 / board->ring->sample_rate_hz : 0;
    };
    port.cycles = [](void*) -> std::uint32_t { return 0; };
    // All the time of the block was spent waiting for it: this computer takes no time the board knows of.
    port.sleep_while = [](void* context, const volatile std::uint32_t* counter, std::uint32_t seen) {
        CHECK(*counter != seen);  // hear() steps only when a block is there
        auto* board = static_cast<Board*>(context);
        const std::uint64_t now = board->port.now_us(context), slept = now - board->awake_us;
        board->awake_us = now;
        return static_cast<std::uint32_t>(slept);
    };
    port.pause_us = [](void*, std::uint32_t) {};
    port.set_lights = [](void*, std::uint8_t) {};
    port.write = [](void* context, const char* words, std::uint32_t bytes) {
        auto* board = static_cast<Board*>(context);
        if (board->keep_text) board->lines.append(words, bytes);
    };
    port.start_microphone = [](void* context, MicrophoneRing* ring) {
        ring->produced = 0;
        static_cast<Board*>(context)->ring = ring;
        return true;
    };
}

void KeywordHost::Board::give(std::span<const std::int16_t> block) {
    const std::uint32_t produced = ring->produced;
    std::memcpy(ring->samples + produced % ring->block_count * ring->block_samples, block.data(),
                block.size() * sizeof(std::int16_t));
    given += block.size();
    ring->produced = produced + 1;
}

KeywordHost::KeywordHost(ByteView package, const std::string& place, KeywordHostOptions options)
    : board_(std::make_unique<Board>(options.keep_text)) {
    using Block = Board::Block;
    board_->package = std::make_unique<Block[]>(package.size() / sizeof(Block) + 1);
    std::memcpy(board_->package.get(), package.data(), package.size());
    board_->memory = std::make_unique<Block[]>(options.memory_bytes / sizeof(Block) + 1);
    const ConstSpan bytes{board_->package.get(), static_cast<std::uint32_t>(package.size())};
    const Span memory{board_->memory.get(), static_cast<std::uint32_t>(options.memory_bytes)};
    KeywordStatus status = board_->app.open(board_->port, bytes, memory, host_kernels());
    if (status == KeywordStatus::Ok) {
        describe_package(board_->port, board_->app);
        status = board_->app.start();
    }
    if (status == KeywordStatus::Ok) return;
    throw Error{
        jatai::text("{}: {}, expected a package of a keyword model", place,
                    keyword_status_text(status, board_->app.package_status(), board_->app.feature_status())),
        jatai::text("make it anew: jatai train, then jatai compile")};
}

KeywordHost::~KeywordHost() = default;
KeywordHost::KeywordHost(KeywordHost&&) noexcept = default;

std::vector<KeywordAnswer> KeywordHost::hear(std::span<const std::int16_t> samples,
                                             const Progress& progress) {
    std::vector<KeywordAnswer> answers;
    const std::size_t hop = board_->ring->block_samples;
    const std::size_t label_count = board_->app.settings().label_count;
    std::vector<std::int16_t>& block = board_->waiting;
    for (std::size_t at = 0; at < samples.size();) {
        const std::size_t taken = std::min(hop - block.size(), samples.size() - at);
        block.insert(block.end(), samples.begin() + at, samples.begin() + at + taken);
        at += taken;
        if (block.size() < hop) break;
        board_->give(block);
        block.clear();
        const KeywordStep step = board_->app.step();
        if (!step.answered) continue;
        answers.push_back({board_->app.milliseconds() / 1000.0,
                           {step.scores, step.scores + label_count},
                           step.label,
                           step.percent / 100.0,
                           step.announced});
        if (answers.size() % 64 == 0) report(progress, at, samples.size(), jatai::text("listening"));
    }
    return answers;
}

std::string KeywordHost::text() const { return board_->lines; }

std::vector<std::string> KeywordHost::labels() const {
    std::vector<std::string> names;
    const KeywordSettings& settings = board_->app.settings();
    for (std::uint32_t i = 0; i < settings.label_count; ++i) names.emplace_back(settings.labels()[i].name);
    return names;
}

std::uint32_t KeywordHost::sample_rate_hz() const { return board_->app.sample_rate_hz(); }

}  // namespace jatai
