// test_sinks.h: a web address and a mail server that keep what they are sent: for the tests of alerts.
//
//     MailSink mail;  send_mail({.url = mail.url(), .from = "a@b"}, …);  mail.letters()
#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

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

// Speaks as much SMTP as a letter needs. Takes one password, in the form of AUTH PLAIN.
class MailSink {
  public:
    explicit MailSink(std::string proof = {})
        : proof_(std::move(proof)), sink_([this](int line) { talk(line); }) {}
    std::string url(const std::string& user = {}) const {
        return "smtp://" + (user.empty() ? "" : user + "@") + "127.0.0.1:" + std::to_string(sink_.port());
    }
    // Commands and letter of each whole talk.
    std::vector<std::string> wait_for(std::size_t count) const { return kept_.wait_for(count); }

  private:
    void talk(int line) {
        const auto say = [line](const std::string& words) {
            ::send(line, (words + "\r\n").data(), words.size() + 2, MSG_NOSIGNAL);
        };
        std::string ahead, all;
        say("220 sink");
        while (true) {
            const std::string words = read_to(line, ahead, "\r\n");
            if (words.empty()) return;
            all += words;
            if (words.rfind("EHLO", 0) == 0) {
                say("250-sink\r\n250-AUTH PLAIN\r\n250 8BITMIME");
            } else if (words.rfind("AUTH", 0) == 0) {
                say(words == "AUTH PLAIN " + proof_ + "\r\n" ? "235 come in" : "535 not you");
            } else if (words.rfind("DATA", 0) == 0) {
                say("354 go on");
                all += read_to(line, ahead, "\r\n.\r\n");
                say("250 kept");
                kept_.add(all);
            } else if (words.rfind("QUIT", 0) == 0) {
                return say("221 bye");
            } else {
                say("250 well");
            }
        }
    }
    std::string proof_;
    Kept kept_;
    Sink sink_;
};

}  // namespace jatai::fleet
