// terminal.h: small pictures made of letters, for a person at a terminal.
//
//     ProgressBar bar(stderr);
//     generate(options, bar.progress());                    // speaking ▕██████▍      ▏ 53 %  0:12 left
//     bar.finish();
//     draw_table({{"", "float", "chip"}, {"unseen voices", "97.1 %", "96.8 %"}});
//     draw_sparkline(losses);                               // █▆▄▃▂▂▁▁
//
// apps/ decides whether a terminal is attached; without one it makes no bar. Nothing here is used by --json.
// Threads  A bar may be called from several threads.
#pragma once

#include <chrono>
#include <cstdio>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/progress.h"

namespace jatai {

// How many columns a terminal needs for UTF-8 text: one per code point, none for combining marks, two for
// wide East Asian letters and emoji.
int count_columns(std::string_view utf8);

// A bar of `columns` cells, filled to `share` (0..1) in eighths of a cell: "███▍  ".
std::string draw_bar(double share, int columns);

// One letter of ▁▂▃▄▅▆▇█ per value, from the least to the greatest. All equal: the middle. Longer series than
// `max_columns` are averaged.
std::string draw_sparkline(const std::vector<double>& values, int max_columns = 60);

// Columns aligned, the first row a heading with a line below; the first column to the left, the others to the
// right. Rows may be short. Ends with a newline.
std::string draw_table(const std::vector<std::vector<std::string>>& rows);

// One line that redraws itself, at most ten times a second, and is replaced by the next task's.
class ProgressBar {
  public:
    explicit ProgressBar(std::FILE* terminal, int columns = 80) : terminal_(terminal), columns_(columns) {}
    ~ProgressBar() { finish(); }
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

    // What rooms take. Valid as long as the bar lives.
    Progress progress();

    // Takes the line away. More progress may follow.
    void finish();

    // The line itself, without the codes that move the cursor.
    static std::string draw_line(std::string_view doing, double share, double left_s, int columns);

  private:
    using Clock = std::chrono::steady_clock;
    void update(std::uint64_t done, std::uint64_t total, std::string_view doing);

    std::FILE* terminal_;
    int columns_;
    std::mutex mutex_;
    std::string doing_;
    Clock::time_point started_{};
    Clock::time_point drawn_{};
    bool shown_ = false;
};

}  // namespace jatai
