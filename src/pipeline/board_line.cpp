#include "src/pipeline/board_line.h"

#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "src/base/error.h"
#include "src/simulate/devices/devices.h"

namespace jatai {
namespace {

constexpr double kSlice_s = 0.002;
constexpr std::size_t kMostWaiting = 64 * 1024;

// A pseudo terminal under a name of the user's.
class Terminal {
  public:
    explicit Terminal(const fs::path& port)
        : port_(port), line_(::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK)) {
        const char* name = nullptr;
        if (line_ >= 0 && ::grantpt(line_) == 0 && ::unlockpt(line_) == 0) name = ::ptsname(line_);
        if (name == nullptr) throw Error{text("no pseudo terminal: {}", std::string(std::strerror(errno)))};
        name_ = name;
        keep_open_ = ::open(name, O_RDWR | O_NOCTTY);  // so that the line stays while nobody is there
        termios settings{};
        ::tcgetattr(keep_open_, &settings);
        ::cfmakeraw(&settings);
        ::tcsetattr(keep_open_, TCSANOW, &settings);
        std::error_code failed;
        if (fs::is_symlink(port_)) fs::remove(port_, failed);
        fs::create_symlink(name_, port_, failed);
        if (failed)
            throw Error{text("{}: cannot be made: {}", port_.string(), failed.message()),
                        text("give --serial a name that is free")};
    }
    ~Terminal() {
        std::error_code ignored;
        fs::remove(port_, ignored);
        ::close(keep_open_);
        ::close(line_);
    }
    const std::string& name() const { return name_; }

    std::string read() const {
        char piece[4096];
        const ssize_t got = ::read(line_, piece, sizeof piece);
        return got > 0 ? std::string(piece, static_cast<std::size_t>(got)) : std::string();
    }
    // What nobody takes is lost, as on a wire.
    void write(const std::string& bytes) const {
        const ssize_t ignored = ::write(line_, bytes.data(), bytes.size());
        static_cast<void>(ignored);
    }

  private:
    fs::path port_;
    int line_, keep_open_ = -1;
    std::string name_;
};

double seconds_of(const simulate::Machine& machine) {
    return static_cast<double>(machine.cycles()) / machine.board().clock_hz.value;
}

void exchange(const Terminal& terminal, simulate::SerialPipe& pipe, LineRun& run) {
    if (!pipe.out.empty()) {
        run.sent += pipe.out.size();
        terminal.write(pipe.out);
        pipe.out.clear();
    }
    if (pipe.in.size() > kMostWaiting) return;
    const std::string came = terminal.read();
    pipe.in.insert(pipe.in.end(), came.begin(), came.end());
}

}  // namespace

LineRun run_on_line(const Board& board, ByteView elf, const std::string& place, const LineRequest& request,
                    const std::function<bool()>& should_end) {
    simulate::Machine machine(board, {});
    const auto record = simulate::attach_devices(machine, {}, request.power_cut);
    machine.load(simulate::read_firmware(elf, place));
    record->pipe.is_open = true;
    const Terminal terminal(request.port);
    if (request.on_open) request.on_open(terminal.name());
    LineRun run;
    const auto start = std::chrono::steady_clock::now();
    auto stop = simulate::Stop::CycleLimit;
    while (stop == simulate::Stop::CycleLimit && !should_end()) {
        if (request.seconds > 0 && seconds_of(machine) >= request.seconds) break;
        stop = machine.advance_to(simulate::seconds(seconds_of(machine) + kSlice_s, board));
        exchange(terminal, record->pipe, run);
        std::this_thread::sleep_until(start + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                                                  std::chrono::duration<double>(seconds_of(machine))));
    }
    run.run = machine.result();
    run.flash = record->flash;
    run.seconds = seconds_of(machine);
    run.received = record->pipe.received;
    run.overrun = record->pipe.overrun;
    return run;
}

}  // namespace jatai
