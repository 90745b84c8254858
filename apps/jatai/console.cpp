#include "apps/jatai/console.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "src/data/files.h"
#include "src/report/terminal.h"

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

// An answer that nobody can read is not an answer: a full disk behind a redirection is an error too.
void print(const std::string& line) {
    if (std::fputs((line + "\n").c_str(), stdout) == EOF || std::fflush(stdout) != 0) {
        fail_to_write("stdout", errno);
    }
}

}  // namespace

Console::Console(bool json) : json_(json) {
    if (::isatty(STDERR_FILENO) != 0) bar_ = std::make_unique<ProgressBar>(stderr);
}

Console::~Console() { clear_bar(); }

void Console::clear_bar() {
    if (bar_) bar_->finish();
}

void Console::say(const std::string& line) {
    clear_bar();
    if (json_) return;
    print(line);
}

void Console::note(const std::string& line) {
    clear_bar();
    std::fputs((line + "\n").c_str(), stderr);
}

void Console::result(const nlohmann::ordered_json& answer) {
    clear_bar();
    if (!json_) return;
    print(answer.dump(2));
}

Progress Console::progress() { return bar_ ? bar_->progress() : Progress{}; }

const std::atomic<bool>& Console::interrupted() { return interrupt_seen; }

void Console::watch_interrupt() { std::signal(SIGINT, on_interrupt); }

}  // namespace jatai
