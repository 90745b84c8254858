// trace.h: the event trace of a run as a file: VCD for a wave viewer, JSON lines for programs.
//
//     VcdTrace trace(board.clock_hz.value);
//     Machine machine(board, {.trace = &trace});
//     machine.run(limit);
//     write_text("run.vcd", trace.text());
//
// Memory  One record of 24 bytes per event until it is written.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "src/simulate/device.h"

namespace jatai::simulate {

// Keeps every event in order; a signal is a device and a name.
class TraceRecorder : public TraceSink {
  public:
    void record(Cycle when, std::string_view device, std::string_view signal, std::int64_t value) override;
    std::size_t events() const { return events_.size(); }

  protected:
    struct Event {
        Cycle when = 0;
        std::size_t signal = 0;
        std::int64_t value = 0;
    };
    std::vector<std::pair<std::string, std::string>> signals_;  // device, name
    std::vector<Event> events_;

  private:
    std::map<std::pair<std::string, std::string>, std::size_t> numbers_;
};

// Value change dump (IEEE 1364-2001, chapter 18), time in nanoseconds, every signal a 64-bit vector.
class VcdTrace : public TraceRecorder {
  public:
    explicit VcdTrace(double clock_hz) : clock_hz_(clock_hz) {}
    std::string text() const;

  private:
    double clock_hz_;
};

// One object a line: {"cycle":12,"us":0.188,"device":"gpio","signal":"p0.24","value":1}
class JsonTrace : public TraceRecorder {
  public:
    explicit JsonTrace(double clock_hz) : clock_hz_(clock_hz) {}
    std::string text() const;

  private:
    double clock_hz_;
};

}  // namespace jatai::simulate
