// smtp_reply.h: what a mail server answers, line by line (RFC 5321 §4.2.1).
//
//     MailReply reply;
//     while (!reply.take(bytes)) bytes = more();      // "250-mail.example\r\n250 STARTTLS\r\n"
//     reply.code();  reply.offers("STARTTLS");  reply.line()      // 250, true, "250 STARTTLS"
//
// What comes after the last line of an answer is let go: nothing that was said before TLS counts after it.
// Fails with  Error: no answer of this form, or longer than 16 KB.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace jatai::fleet {

class MailReply {
  public:
    bool take(std::string_view bytes);  // true: it is whole
    int code() const { return code_; }
    bool offers(std::string_view word) const;  // in a line of an answer to EHLO, as its first word
    bool offers(std::string_view word, std::string_view with) const;  // "AUTH … PLAIN"
    std::string line() const;                                         // the last, fit to be shown

  private:
    bool take_line(std::string_view line);
    static constexpr std::size_t kLongest = 16384;
    std::size_t heard_bytes_ = 0;
    int code_ = 0;
    std::string ahead_;
    std::vector<std::string> lines_;  // without their codes
};

}  // namespace jatai::fleet
