#include "src/fleet/smtp.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include "src/base/error.h"
#include "src/fleet/connection.h"
#include "src/fleet/http_server.h"
#include "src/fleet/secrets.h"
#include "src/fleet/smtp_reply.h"

namespace jatai::fleet {
namespace {

constexpr std::size_t kLongestLine = 76;

std::string base64(const std::string& bytes) {
    static const char* letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t three = 0;
        for (std::size_t k = 0; k < 3; ++k)
            three = three << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
        for (std::size_t k = 0; k < 4; ++k)
            out += i + k <= bytes.size() ? letters[three >> (18 - 6 * k) & 63] : '=';
    }
    return out;
}

bool is_plain(const std::string& word) {
    return std::all_of(word.begin(), word.end(), [](unsigned char c) { return c >= 32 && c < 127; });
}

// A header holds no line ends, whoever chose its words.
std::string header_text(std::string word) {
    std::replace_if(
        word.begin(), word.end(), [](unsigned char c) { return c < 32 || c == 127; }, ' ');
    word = word.substr(0, 200);
    return is_plain(word) ? word : "=?UTF-8?B?" + base64(word) + "?=";
}

std::string body_text(const std::string& text) {
    const std::string coded = base64(text);
    std::string out;
    for (std::size_t at = 0; at < coded.size(); at += kLongestLine)
        out += coded.substr(at, kLongestLine) + "\r\n";
    return out;
}

std::string date_now() {
    char out[64];
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::strftime(out, sizeof out, "%a, %d %b %Y %H:%M:%S +0000", &parts);
    return out;
}

// What is said, and what is answered.
class Talk {
  public:
    explicit Talk(const MailServer& server) : server_(server), url_(parse_url(server.url)), line_(place()) {}

    void send(const Mail& mail) {
        line_.open();
        hear(220, "its greeting");
        greet();
        if (heard_.offers("STARTTLS") && !line_.has_tls()) {
            say("STARTTLS", 220);
            line_.start_tls();
            greet();
        }
        log_in();
        say("MAIL FROM:<" + server_.from + ">", 250);
        for (const std::string& to : mail.to) say("RCPT TO:<" + to + ">", 250);
        say("DATA", 354);
        const std::string id = random_word(12) + "@" + server_.from.substr(server_.from.find('@') + 1);
        say(letter_of(server_, mail, date_now(), id) + ".", 250, "the letter");
        say("QUIT", 221);
    }

  private:
    Place place() const {
        if (url_.scheme != "smtp" && url_.scheme != "smtps")
            throw Error{text("{}: expected smtp://HOST:PORT or smtps://HOST:PORT", server_.url)};
        const bool tls = url_.scheme == "smtps";
        const std::string port = !url_.port.empty() ? url_.port : tls ? "465" : "25";
        return {url_.host, port, tls, server_.ca, 20, url_.scheme + "://" + url_.host + ":" + port};
    }

    void greet() { say("EHLO jatai", 250); }

    // The words of a password go out in TLS only, or to this computer.
    void log_in() {
        if (url_.user.empty() || server_.password.empty()) return;
        if (!line_.has_tls() && !is_loopback(url_.host)) line_.fail("offers no TLS: the password stays here");
        if (!heard_.offers("AUTH", "PLAIN") && heard_.offers("AUTH", "LOGIN")) {
            say("AUTH LOGIN", 334);
            say(base64(url_.user), 334, "the user's name");
            return say(base64(server_.password), 235, "AUTH LOGIN");
        }
        const std::string proof = std::string(1, '\0') + url_.user + std::string(1, '\0') + server_.password;
        say("AUTH PLAIN " + base64(proof), 235, "AUTH PLAIN");
    }

    // `shown` stands for it in errors: a password is in no log.
    void say(const std::string& words, int expected, const std::string& shown = {}) {
        if (!line_.write(words + "\r\n")) line_.fail("closed the connection");
        hear(expected, shown.empty() ? words : shown);
    }

    void hear(int expected, const std::string& after) {
        heard_ = {};
        std::string bytes;
        while (!heard_.take(bytes)) {
            bytes.clear();
            if (!line_.read(bytes)) line_.fail("no answer after " + after);
        }
        if (heard_.code() == expected || (expected == 250 && heard_.code() == 251)) return;
        line_.fail(after + ": " + heard_.line());
    }

    const MailServer& server_;
    UrlParts url_;
    Connection line_;
    MailReply heard_;
};

}  // namespace

std::string letter_of(const MailServer& server, const Mail& mail, const std::string& date,
                      const std::string& id) {
    std::string to;
    for (const std::string& one : mail.to) to += (to.empty() ? "" : ", ") + one;
    return "From: Jatai <" + server.from + ">\r\nTo: " + to + "\r\nSubject: " + header_text(mail.subject) +
           "\r\nDate: " + date + "\r\nMessage-ID: <" + id +
           ">\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
           "Content-Transfer-Encoding: base64\r\nAuto-Submitted: auto-generated\r\n\r\n" +
           body_text(mail.text);
}

void send_mail(const MailServer& server, const Mail& mail) {
    if (!is_address(server.from) || !std::all_of(mail.to.begin(), mail.to.end(), is_address) ||
        mail.to.empty())
        throw Error{text("{}: no address of a letter-box", server.from)};
    Talk(server).send(mail);
}

bool is_address(const std::string& word) {
    const std::size_t at = word.find('@');
    return word.size() <= 254 && at != std::string::npos && at > 0 && at + 1 < word.size() &&
           word.find('@', at + 1) == std::string::npos &&
           std::all_of(word.begin(), word.end(), [](unsigned char c) {
               return c > 32 && c < 127 && c != '<' && c != '>' && c != '"' && c != ',' && c != ';' &&
                      c != '(' && c != ')' && c != '\\' && c != ':';
           });
}

}  // namespace jatai::fleet
