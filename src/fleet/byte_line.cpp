#include "src/fleet/byte_line.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "src/base/error.h"

namespace jatai::fleet {
namespace {

constexpr int kPatience_ms = 2000;  // for a line that takes no more bytes

int open_socket(const std::string& path) {
    sockaddr_un end{};
    end.sun_family = AF_UNIX;
    if (path.size() >= sizeof end.sun_path) return -1;
    std::memcpy(end.sun_path, path.c_str(), path.size() + 1);
    const int line = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (line >= 0 && ::connect(line, reinterpret_cast<const sockaddr*>(&end), sizeof end) == 0) {
        ::fcntl(line, F_SETFL, O_NONBLOCK);
        return line;
    }
    if (line >= 0) ::close(line);
    return -1;
}

int open_device(const std::string& path) {
    const int line = ::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    termios settings{};
    if (line < 0 || !::isatty(line) || ::tcgetattr(line, &settings) != 0) return line;
    ::cfmakeraw(&settings);
    ::cfsetspeed(&settings, B115200);
    settings.c_cflag |= CLOCAL | CREAD;
    ::tcsetattr(line, TCSANOW, &settings);
    return line;
}

}  // namespace

ByteLine::ByteLine(std::string path) : path_(std::move(path)) {
    if (!open())
        throw Error{text("{}: cannot be opened: {}", path_, std::string(std::strerror(errno))),
                    text("expected a serial port, a socket, or the two pipes {0}.in and {0}.out", path_)};
}

ByteLine::ByteLine(ByteLine&& other) noexcept
    : path_(std::move(other.path_)),
      in_(std::exchange(other.in_, -1)),
      out_(std::exchange(other.out_, -1)),
      tried_(other.tried_) {}

ByteLine::~ByteLine() { close(); }

bool ByteLine::open() {
    tried_ = std::chrono::steady_clock::now();
    struct stat facts {};
    if (::stat((path_ + ".out").c_str(), &facts) == 0 && S_ISFIFO(facts.st_mode)) {
        in_ = ::open((path_ + ".out").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        out_ = ::open((path_ + ".in").c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    } else {
        const bool socket = ::stat(path_.c_str(), &facts) == 0 && S_ISSOCK(facts.st_mode);
        in_ = out_ = socket ? open_socket(path_) : open_device(path_);
    }
    if (in_ < 0 || out_ < 0) close();
    return in_ >= 0;
}

void ByteLine::close() {
    if (out_ >= 0 && out_ != in_) ::close(out_);
    if (in_ >= 0) ::close(in_);
    in_ = out_ = -1;
}

void ByteLine::reopen() {
    if (!is_open() && std::chrono::steady_clock::now() - tried_ >= std::chrono::seconds(1)) open();
}

std::string ByteLine::read() {
    std::string bytes;
    char piece[4096];
    while (is_open() && bytes.size() < 64 * 1024) {
        const ssize_t got = ::read(in_, piece, sizeof piece);
        if (got > 0) {
            bytes.append(piece, static_cast<std::size_t>(got));
            continue;
        }
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) break;
        close();  // it ended
    }
    return bytes;
}

void ByteLine::write(std::string_view bytes) {
    while (is_open() && !bytes.empty()) {
        const ssize_t sent = ::write(out_, bytes.data(), bytes.size());
        if (sent > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(sent));
            continue;
        }
        pollfd waiting{out_, POLLOUT, 0};
        const bool later = sent < 0 && (errno == EAGAIN || errno == EINTR);
        if (!later || ::poll(&waiting, 1, kPatience_ms) <= 0) return close();
    }
}

}  // namespace jatai::fleet
