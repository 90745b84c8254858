#include "src/fleet/alert_sender.h"

#include "src/base/error.h"
#include "src/fleet/connection.h"
#include "src/fleet/http_client.h"
#include "src/fleet/records_json.h"

namespace jatai::fleet {
namespace {

constexpr std::size_t kMostWaiting = 100;
constexpr int kPauses_s[] = {1, 10, 0};

}  // namespace

AlertSender::AlertSender(MailServer mail, Post post) : mail_(std::move(mail)), post_(std::move(post)) {
    thread_ = std::thread([this] { work(); });
}

AlertSender::~AlertSender() {
    {
        std::lock_guard lock(mutex_);
        ending_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

void AlertSender::send(const Alert& alert, const std::string& webhook, const std::vector<std::string>& emails,
                       Done done) {
    std::lock_guard lock(mutex_);
    if (queue_.size() >= kMostWaiting) return done("too many alerts wait", "too many alerts wait");
    queue_.push_back({alert, webhook, emails, std::move(done)});
    wake_.notify_one();
}

void AlertSender::work() {
    while (true) {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return ending_ || !queue_.empty(); });
        if (ending_) return;
        const Letter letter = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        const std::string web = letter.webhook.empty() ? "" : try_often([&] { post_web(letter); });
        const std::string mail = letter.emails.empty() ? "" : try_often([&] { write_mail(letter); });
        post_([done = letter.done, web, mail] { done(web, mail); });
    }
}

// "sent", or why not.
std::string AlertSender::try_often(const std::function<void()>& once) {
    std::string why;
    for (const int pause_s : kPauses_s) {
        try {
            once();
            return "sent";
        } catch (const Error& error) {
            why = error.what();
        }
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, std::chrono::seconds(pause_s), [this] { return ending_; });
        if (ending_) break;
    }
    return why;
}

// "text" is what chat programs show; the rest is for programs.
void AlertSender::post_web(const Letter& letter) const {
    Json body = letter.alert;
    body.erase("webhook");
    body.erase("email");
    body["text"] = "Jataí: " + letter.alert.what;
    const UrlParts parts = parse_url(letter.webhook);
    HttpClient client(letter.webhook, "", "", 20);
    const HttpAnswer answer = client.send("POST", parts.path.empty() ? "/" : parts.path, body.dump());
    if (answer.status < 200 || answer.status > 299)
        throw Error{text("{}: answered {}", letter.webhook, answer.status)};
}

void AlertSender::write_mail(const Letter& letter) const {
    if (mail_.url.empty()) throw Error{text("no mail server: jatai serve --smtp names one")};
    const Alert& alert = letter.alert;
    std::string words = alert.what + "\n\nkind: " + alert.kind + "\ntenant: " + alert.tenant +
                        "\nabout: " + alert.target + "\n";
    if (alert.unsent_before > 0)
        words += std::to_string(alert.unsent_before) + " alerts before this one were not sent: too many.\n";
    send_mail(mail_, {letter.emails, "[jatai] " + alert.what.substr(0, 120), words});
}

}  // namespace jatai::fleet
