// keyword_host.h: the keyword application of device/apps on this computer: as fast as it goes, same answers.
//
//     KeywordHost host(package, "model.jpk");
//     for (const KeywordAnswer& answer : host.hear(samples)) ...     // may be called again and again
//     host.text();                                                   // the lines a board would send
//
// Keeps   Scores, announcements and their times are those of a board that hears the same samples from the
// start and
//         loses none: it is the same code, fed from memory.
// Fails with  Error when the application refuses the package, with its reason.
// Memory  A hop of samples is held over from one hear() to the next.
// Threads One host, one thread; several side by side.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/progress.h"

namespace jatai {

struct KeywordAnswer {
    double time_s = 0;                // end of the window, since the first sample
    std::vector<std::int8_t> scores;  // the model's output, one per label
    std::size_t label = 0;            // the one the smoothed scores favour
    double score = 0;                 // its smoothed probability
    bool announced = false;           // the board lit its light and sent its line
};

struct KeywordHostOptions {
    std::size_t memory_bytes = std::size_t{1} << 20;  // what the application shares out
    bool keep_text = true;                            // false for hours of sound
};

class KeywordHost {
  public:
    KeywordHost(ByteView package, const std::string& place, KeywordHostOptions options = {});
    ~KeywordHost();
    KeywordHost(KeywordHost&&) noexcept;

    // The answers that `samples` brought, after those heard before.
    std::vector<KeywordAnswer> hear(std::span<const std::int16_t> samples, const Progress& progress = {});

    std::string text() const;
    std::vector<std::string> labels() const;
    std::uint32_t sample_rate_hz() const;

  private:
    struct Board;
    std::unique_ptr<Board> board_;
};

}  // namespace jatai
