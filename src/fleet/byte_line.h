// byte_line.h: a line that carries bytes both ways: a serial port, a pseudo terminal, a socket, a pair of
// pipes.
//
//     ByteLine line("/dev/ttyACM0");                // or a Unix socket, or NAME for the pipes NAME.in and
//     NAME.out std::string came = line.read();               // what is there now line.write(answer);
//
// A serial port is set to 115,200 baud, 8N1, raw. NAME.in is what we write, NAME.out what we read, as the
// emulators have it. A line that goes away is opened again at most once a second. Fails with  nothing after
// the first opening: is_open() and trouble() say how it is.
#pragma once

#include <chrono>
#include <string>

namespace jatai::fleet {

class ByteLine {
  public:
    explicit ByteLine(std::string path);  // Error when it cannot be opened now
    ~ByteLine();
    ByteLine(ByteLine&& other) noexcept;

    bool is_open() const { return in_ >= 0; }
    int handle() const { return in_; }  // for poll(); -1: closed
    const std::string& path() const { return path_; }

    std::string read();
    void write(std::string_view bytes);
    void reopen();  // when it is closed and a second has passed

  private:
    bool open();
    void close();
    std::string path_;
    int in_ = -1, out_ = -1;
    std::chrono::steady_clock::time_point tried_{};
};

}  // namespace jatai::fleet
