// test_sinks.h: a web address and a mail server that keep what they are sent: for the tests of alerts.
//
//     MailSink mail;  send_mail({.url = mail.url(), .from = "a@b"}, …);  mail.letters()
#pragma once

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "src/base/bytes.h"

namespace jatai::fleet {

// Listens on a port of its own; `talk` is called with each connection, one after another.
class Sink {
  public:
    explicit Sink(std::function<void(int)> talk) : talk_(std::move(talk)) {
        socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ::bind(socket_, reinterpret_cast<sockaddr*>(&at), sizeof at);
        ::listen(socket_, 16);
        socklen_t length = sizeof at;
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &length);
        port_ = ntohs(at.sin_port);
        thread_ = std::thread([this] { work(); });
    }
    ~Sink() {
        ending_ = true;
        thread_.join();
        ::close(socket_);
    }
    int port() const { return port_; }

  private:
    void work() {
        while (!ending_) {
            pollfd one{socket_, POLLIN, 0};
            if (::poll(&one, 1, 50) <= 0) continue;
            const int line = ::accept(socket_, nullptr, nullptr);
            const timeval limit{2, 0};
            ::setsockopt(line, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
            talk_(line);
            ::close(line);
        }
    }
    std::function<void(int)> talk_;
    int socket_ = -1, port_ = 0;
    std::atomic<bool> ending_{false};
    std::thread thread_;
};

// Reads up to `end`; what came, or "" when nothing more comes.
inline std::string read_to(int line, std::string& ahead, const std::string& end) {
    while (ahead.find(end) == std::string::npos) {
        char part[4096];
        const auto got = ::recv(line, part, sizeof part, 0);
        if (got <= 0) return {};
        ahead.append(part, static_cast<std::size_t>(got));
    }
    const std::size_t at = ahead.find(end) + end.size();
    const std::string out = ahead.substr(0, at);
    ahead.erase(0, at);
    return out;
}

// A connection to a port of this computer; -1: refused.
inline int line_to(int port) {
    const int line = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(static_cast<std::uint16_t>(port));
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(line, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0) return line;
    ::close(line);
    return -1;
}

class Kept {
  public:
    void add(const std::string& one) {
        std::lock_guard lock(mutex_);
        all_.push_back(one);
    }
    // What has come, once there are so many, or after five seconds.
    std::vector<std::string> wait_for(std::size_t count) const {
        for (int i = 0; i < 250; ++i) {
            {
                std::lock_guard lock(mutex_);
                if (all_.size() >= count) return all_;
            }
            ::usleep(20000);
        }
        std::lock_guard lock(mutex_);
        return all_;
    }

  private:
    mutable std::mutex mutex_;
    std::vector<std::string> all_;
};

class WebSink {
  public:
    explicit WebSink(int status = 200)
        : status_(status), sink_([this](int line) {
              std::string ahead;
              const std::string head = read_to(line, ahead, "\r\n\r\n");
              const std::size_t at = head.find("Content-Length: ");
              if (at == std::string::npos) return;
              const std::size_t bytes = std::stoul(head.substr(at + 16));
              while (ahead.size() < bytes) {
                  char part[4096];
                  const auto got = ::recv(line, part, sizeof part, 0);
                  if (got <= 0) return;
                  ahead.append(part, static_cast<std::size_t>(got));
              }
              kept_.add(head.substr(0, head.find("\r\n")) + "\n" + ahead);
              const std::string answer = "HTTP/1.1 " + std::to_string(status_) +
                                         " x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
              ::send(line, answer.data(), answer.size(), MSG_NOSIGNAL);
          }) {}
    std::string url() const { return "http://127.0.0.1:" + std::to_string(sink_.port()) + "/hook"; }
    std::vector<std::string> wait_for(std::size_t count) const { return kept_.wait_for(count); }

  private:
    Kept kept_;
    int status_;
    Sink sink_;  // last: it ends first
};

// One end of a connection, in TLS from the moment on that is asked for.
class SinkLine {
  public:
    explicit SinkLine(int line) : line_(line) {}
    ~SinkLine() { SSL_free(tls_); }
    bool start_tls(SSL_CTX* context) {
        tls_ = SSL_new(context);
        SSL_set_fd(tls_, line_);
        return SSL_accept(tls_) == 1;
    }
    bool has_tls() const { return tls_ != nullptr; }
    void say(const std::string& words) {
        const std::string line = words + "\r\n";
        if (tls_ != nullptr)
            SSL_write(tls_, line.data(), static_cast<int>(line.size()));
        else
            ::send(line_, line.data(), line.size(), MSG_NOSIGNAL);
    }
    // Up to `end`; "" when nothing more comes.
    std::string hear(const std::string& end) {
        std::size_t at = 0;
        while ((at = ahead_.find(end)) == std::string::npos) {
            char part[4096];
            const auto got =
                tls_ != nullptr ? SSL_read(tls_, part, sizeof part) : ::recv(line_, part, sizeof part, 0);
            if (got <= 0) return {};
            ahead_.append(part, static_cast<std::size_t>(got));
        }
        const std::string out = ahead_.substr(0, at + end.size());
        ahead_.erase(0, at + end.size());
        return out;
    }

  private:
    int line_;
    SSL* tls_ = nullptr;
    std::string ahead_;
};

struct MailManners {
    std::string proof = {};            // the only one taken, in the form of AUTH PLAIN
    fs::path cert = {}, key = {};      // offers STARTTLS
    bool login = false;                // offers AUTH LOGIN alone: user and password
    std::string user = {}, word = {};  // in base64
};

// Speaks as much SMTP as a letter needs.
class MailSink {
  public:
    explicit MailSink(MailManners manners = {})
        : manners_(std::move(manners)), sink_([this](int line) { talk(line); }) {}
    explicit MailSink(const std::string& proof) : MailSink(MailManners{.proof = proof}) {}
    std::string url(const std::string& user = {}) const {
        return "smtp://" + (user.empty() ? "" : user + "@") + "127.0.0.1:" + std::to_string(sink_.port());
    }
    // Commands and letter of each whole talk; those heard in TLS begin with "TLS ".
    std::vector<std::string> wait_for(std::size_t count) const { return kept_.wait_for(count); }

  private:
    void talk(int socket) {
        SinkLine line(socket);
        std::string all;
        line.say("220 sink");
        while (true) {
            const std::string words = line.hear("\r\n");
            if (words.empty()) return;
            all += (line.has_tls() ? "TLS " : "") + words;
            if (words.rfind("STARTTLS", 0) == 0) {
                if (!start_tls(line)) return;
            } else if (words.rfind("DATA", 0) == 0) {
                line.say("354 go on");
                all += line.hear("\r\n.\r\n");
                line.say("250 kept");
                kept_.add(all);
            } else if (words.rfind("QUIT", 0) == 0) {
                return line.say("221 bye");
            } else {
                answer(line, words);
            }
        }
    }

    // What was said before TLS and after STARTTLS must not count: a client that believes it is lost.
    bool start_tls(SinkLine& line) const {
        line.say("220 go on\r\n250-sink\r\n250 AUTH NOTHING");
        SSL_CTX* context = SSL_CTX_new(TLS_server_method());
        SSL_CTX_use_certificate_chain_file(context, manners_.cert.c_str());
        SSL_CTX_use_PrivateKey_file(context, manners_.key.c_str(), SSL_FILETYPE_PEM);
        const bool well = line.start_tls(context);
        SSL_CTX_free(context);
        return well;
    }

    void answer(SinkLine& line, const std::string& words) {
        const bool closed = !manners_.cert.empty() && !line.has_tls();
        if (words.rfind("EHLO", 0) == 0) {
            line.say(closed           ? "250-sink\r\n250 STARTTLS"
                     : manners_.login ? "250-sink\r\n250-auth login\r\n250 8BITMIME"
                                      : "250-sink\r\n250-AUTH CRAM-MD5 PLAIN\r\n250 8BITMIME");
        } else if (closed) {
            line.say("530 STARTTLS first");
        } else if (words == "AUTH LOGIN\r\n" && manners_.login) {
            line.say("334 VXNlcm5hbWU6");
            const bool user = line.hear("\r\n") == manners_.user + "\r\n";
            line.say("334 UGFzc3dvcmQ6");
            const bool word = line.hear("\r\n") == manners_.word + "\r\n";
            line.say(user && word ? "235 come in" : "535 not you");
        } else if (words.rfind("AUTH", 0) == 0) {
            line.say(words == "AUTH PLAIN " + manners_.proof + "\r\n" ? "235 come in" : "535 not you");
        } else {
            line.say("250 well");
        }
    }

    MailManners manners_;
    Kept kept_;
    Sink sink_;
};

}  // namespace jatai::fleet
