#include "src/fleet/smtp_reply.h"

#include <algorithm>
#include <sstream>

#include "src/base/error.h"

namespace jatai::fleet {
namespace {

constexpr std::size_t kShown = 200;

[[noreturn]] void fail_form() { throw Error{text("the mail server's answer is not SMTP")}; }

// Servers write these words as they like.
std::string upper(std::string_view word) {
    std::string out(word);
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) {
        return static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    });
    return out;
}

std::vector<std::string> words_of(const std::string& line) {
    std::istringstream rest(upper(line));
    std::vector<std::string> words;
    for (std::string word; rest >> word;) words.push_back(word);
    return words;
}

}  // namespace

bool MailReply::take(std::string_view bytes) {
    heard_bytes_ += bytes.size();
    ahead_ += bytes;
    std::size_t at = 0, end = 0;
    while ((end = ahead_.find('\n', at)) != std::string::npos) {
        std::string_view line(ahead_.data() + at, end - at);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        if (take_line(line)) return true;
        at = end + 1;
    }
    ahead_.erase(0, at);
    if (heard_bytes_ > kLongest) fail_form();
    return false;
}

// "250-more to come", "250 the last", "250".
bool MailReply::take_line(std::string_view line) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (line.size() < 3 || !std::all_of(line.begin(), line.begin() + 3, is_digit)) fail_form();
    const int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    const bool more = line.size() > 3 && line[3] == '-';
    if (line.size() > 3 && !more && line[3] != ' ') fail_form();
    if (code_ != 0 && code != code_) fail_form();
    code_ = code;
    lines_.emplace_back(line.size() > 4 ? line.substr(4) : std::string_view());
    return !more;
}

bool MailReply::offers(std::string_view word) const {
    return std::any_of(lines_.begin(), lines_.end(), [&](const std::string& line) {
        const auto words = words_of(line);
        return !words.empty() && words[0] == word;
    });
}

bool MailReply::offers(std::string_view word, std::string_view with) const {
    return std::any_of(lines_.begin(), lines_.end(), [&](const std::string& line) {
        const auto words = words_of(line);
        return !words.empty() && words[0] == word &&
               std::find(words.begin() + 1, words.end(), with) != words.end();
    });
}

std::string MailReply::line() const {
    std::string out = std::to_string(code_) + " " + (lines_.empty() ? "" : lines_.back().substr(0, kShown));
    std::replace_if(
        out.begin(), out.end(), [](unsigned char c) { return c < 32 || c == 127; }, ' ');
    return out;
}

}  // namespace jatai::fleet
