#include "src/report/terminal.h"

#include <algorithm>
#include <cmath>

#include "src/base/text.h"

namespace jatai {
namespace {

constexpr const char* kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
constexpr const char* kHeights[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

std::uint32_t next_code_point(std::string_view utf8, std::size_t& at) {
    const auto first = static_cast<unsigned char>(utf8[at++]);
    const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
    std::uint32_t code = more == 0 ? first : first & (0x3Fu >> more);
    for (int i = 0; i < more && at < utf8.size() && (utf8[at] & 0xC0) == 0x80; ++i)
        code = code << 6 | static_cast<std::uint32_t>(utf8[at++] & 0x3F);
    return code;
}

int columns_of(std::uint32_t code) {
    if ((code >= 0x300 && code < 0x370) || code == 0x200B || code == 0x200D || code == 0xFE0F) return 0;
    const bool wide = (code >= 0x1100 && code < 0x1160) || (code >= 0x2E80 && code < 0xA4D0) ||
                      (code >= 0xAC00 && code < 0xD7A4) || (code >= 0xF900 && code < 0xFB00) ||
                      (code >= 0xFF00 && code < 0xFF61) || (code >= 0x1F300 && code < 0x1FB00);
    return wide ? 2 : 1;
}

std::string pad(std::string_view cell, int columns, bool to_the_right) {
    const std::string space(static_cast<std::size_t>(std::max(0, columns - count_columns(cell))), ' ');
    return to_the_right ? space + std::string(cell) : std::string(cell) + space;
}

std::string cut(std::string_view utf8, int columns) {
    if (count_columns(utf8) <= columns) return std::string(utf8);
    std::size_t at = 0, end = 0;
    for (int used = 0; at < utf8.size(); end = at) {
        used += columns_of(next_code_point(utf8, at));
        if (used > columns - 1) break;
    }
    return std::string(utf8.substr(0, end)) + "…";
}

std::string trim_right(std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

}  // namespace

int count_columns(std::string_view utf8) {
    int columns = 0;
    for (std::size_t at = 0; at < utf8.size();) columns += columns_of(next_code_point(utf8, at));
    return columns;
}

std::string draw_bar(double share, int columns) {
    const int eighths = static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * columns * 8));
    std::string out;
    for (int i = 0; i < eighths / 8; ++i) out += "█";
    out += kEighths[eighths % 8];
    return pad(out, columns, false);
}

std::string draw_sparkline(const std::vector<double>& values, int max_columns) {
    if (values.empty()) return {};
    const std::size_t columns = std::min(values.size(), static_cast<std::size_t>(std::max(1, max_columns)));
    std::vector<double> means(columns);
    for (std::size_t i = 0; i < columns; ++i) {
        const std::size_t from = i * values.size() / columns, to = (i + 1) * values.size() / columns;
        for (std::size_t k = from; k < to; ++k) means[i] += values[k] / static_cast<double>(to - from);
    }
    const auto [low, high] = std::minmax_element(means.begin(), means.end());
    std::string out;
    for (const double mean : means)
        out += kHeights[*high > *low ? std::lround((mean - *low) / (*high - *low) * 7) : 3];
    return out;
}

std::string draw_table(const std::vector<std::vector<std::string>>& rows) {
    std::vector<int> widths;
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (i == widths.size()) widths.push_back(0);
            widths[i] = std::max(widths[i], count_columns(row[i]));
        }
    std::string out, line;
    int columns = static_cast<int>(2 * widths.size()) - 2;
    for (const int width : widths) columns += width;
    for (int i = 0; i < columns; ++i) line += "─";
    for (std::size_t r = 0; r < rows.size(); ++r) {
        std::string cells;
        for (std::size_t i = 0; i < rows[r].size(); ++i)
            cells += (i > 0 ? "  " : "") + pad(rows[r][i], widths[i], i > 0);
        out += trim_right(cells) + "\n";
        if (r == 0) out += line + "\n";
    }
    return out;
}

Progress ProgressBar::progress() {
    return [this](std::uint64_t done, std::uint64_t total, std::string_view doing) {
        update(done, total, doing);
    };
}

void ProgressBar::finish() {
    const std::lock_guard lock(mutex_);
    if (shown_) std::fputs("\r\x1b[2K", terminal_);
    if (shown_) std::fflush(terminal_);
    shown_ = false;
    doing_.clear();
}

std::string ProgressBar::draw_line(std::string_view doing, double share, double left_s, int columns) {
    std::string tail = fmt::format(" {:3.0f} %", std::clamp(share, 0.0, 1.0) * 100);
    if (left_s >= 0) {
        const int seconds = static_cast<int>(std::min(left_s + 0.5, 359999.0));
        tail += "  " + text("{} left", fmt::format("{}:{:02}", seconds / 60, seconds % 60));
    }
    const int bar = std::clamp(columns - count_columns(tail) - 26 - 3, 4, 40);
    const int name = std::clamp(columns - count_columns(tail) - bar - 3, 4, 40);
    return pad(cut(doing, name), std::min(name, 26), false) + " ▕" + draw_bar(share, bar) + "▏" + tail;
}

void ProgressBar::update(std::uint64_t done, std::uint64_t total, std::string_view doing) {
    const std::lock_guard lock(mutex_);
    const auto now = Clock::now();
    if (doing != doing_) {
        doing_ = doing;
        started_ = now;
    } else if (now - drawn_ < std::chrono::milliseconds(100) && done < total) {
        return;
    }
    drawn_ = now;
    const double share = total == 0 ? 0 : static_cast<double>(done) / static_cast<double>(total);
    const double spent_s = std::chrono::duration<double>(now - started_).count();
    const double left_s = share > 0.01 && spent_s > 1 ? spent_s / share - spent_s : -1;
    std::fputs(("\r\x1b[2K" + draw_line(doing_, share, left_s, columns_)).c_str(), terminal_);
    std::fflush(terminal_);
    shown_ = true;
}

}  // namespace jatai
