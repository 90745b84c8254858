// alert_sender.h: carries alerts out, on a thread of its own: to a web address, and by e-mail.
//
//     AlertSender sender(mail_server, post);
//     sender.send(alert, webhook, emails, [](const std::string& webhook, const std::string& email) { … });
//
// Each way is tried three times, a second and ten apart. `done` runs on the deciding thread: "sent", why not,
// or "" where nothing was to be sent.
// Memory   100 alerts wait at most; more are refused, which `done` hears.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "src/fleet/jobs.h"
#include "src/fleet/smtp.h"

namespace jatai::fleet {

class AlertSender {
  public:
    using Done = std::function<void(const std::string& webhook, const std::string& email)>;
    AlertSender(MailServer mail, Post post);
    ~AlertSender();
    void send(const Alert& alert, const std::string& webhook, const std::vector<std::string>& emails,
              Done done);
    bool has_mail() const { return !mail_.url.empty(); }

  private:
    struct Letter {
        Alert alert;
        std::string webhook;
        std::vector<std::string> emails;
        Done done;
    };
    void work();
    std::string try_often(const std::function<void()>& once);
    void post_web(const Letter& letter) const;
    void write_mail(const Letter& letter) const;

    MailServer mail_;
    Post post_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Letter> queue_;
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace jatai::fleet
