#include "apps/jatai/console.h"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "src/base/text.h"

namespace jatai {
namespace {

std::atomic<bool> interrupt_seen{false};

// The first Ctrl-C asks the work to save and end; a second one ends the program as usual.
void on_interrupt(int) {
    if (interrupt_seen.exchange(true)) {
        std::signal(SIGINT, SIG_DFL);
        std::raise(SIGINT);
    }
}

std::string bar(std::uint64_t done, std::uint64_t total) {
    static const char* const kEighths[] = {" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    constexpr std::uint64_t kCells = 30;
    const std::uint64_t eighths = total == 0 ? 0 : done * kCells * 8 / total;
    std::string cells;
    for (std::uint64_t i = 0; i < kCells; ++i) {
        const std::uint64_t filled = eighths > i * 8 ? std::min<std::uint64_t>(eighths - i * 8, 8) : 0;
        cells += filled == 8 ? "█" : kEighths[filled];
    }
    return cells;
}

}  // namespace

Console::Console(bool json) : json_(json), bars_(::isatty(STDERR_FILENO) != 0) {}

Console::~Console() { clear_bar(); }

void Console::clear_bar() {
    if (bar_shown_) std::fputs("\r\033[K", stderr);
    bar_shown_ = false;
}

void Console::say(const std::string& line) {
    clear_bar();
    if (json_) return;
    std::fputs((line + "\n").c_str(), stdout);
    std::fflush(stdout);
}

void Console::note(const std::string& line) {
    clear_bar();
    std::fputs((line + "\n").c_str(), stderr);
}

void Console::result(const nlohmann::ordered_json& answer) {
    clear_bar();
    if (!json_) return;
    std::fputs((answer.dump(2) + "\n").c_str(), stdout);
    std::fflush(stdout);
}

Progress Console::progress() {
    if (!bars_) return {};
    using Clock = std::chrono::steady_clock;
    return [this, last = Clock::time_point{}](std::uint64_t done, std::uint64_t total,
                                              std::string_view doing) mutable {
        const auto now = Clock::now();
        if (done < total && now - last < std::chrono::milliseconds(80)) return;
        last = now;
        const unsigned percent = total == 0 ? 0 : static_cast<unsigned>(done * 100 / total);
        std::fprintf(stderr, "\r\033[K%s %3u %% %.*s", bar(done, total).c_str(), percent,
                     static_cast<int>(doing.size()), doing.data());
        std::fflush(stderr);
        bar_shown_ = true;
        if (done >= total) clear_bar();
    };
}

const std::atomic<bool>& Console::interrupted() { return interrupt_seen; }

void Console::watch_interrupt() { std::signal(SIGINT, on_interrupt); }

}  // namespace jatai
