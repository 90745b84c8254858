// fleet_load: does one server hold a large fleet? How long do devices wait, and how much memory does it take?
//
//     build/release/tests/bench/fleet_load/fleet_load build/release/jatai [--devices 100000] [--seconds 120]
//     … --tls-cert cert.pem --tls-key key.pem [--tickets]
//
// With TLS every connection proves itself anew, unless --tickets: then devices come back with the ticket of
// the connection before, as those do that keep it. Every device polls once in five minutes and reports once
// an hour, each time over a connection of its own, as devices do. Requests leave when their moment has come,
// whether or not earlier ones were answered in time; a device's wait counts from that moment. The load and
// the server share the machine. Prints one JSON document.
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "src/base/error.h"
#include "src/base/rng.h"
#include "src/fleet/http_client.h"
#include "src/telemetry/cbor.h"
#include "tests/faults/serve_process.h"

namespace {

using namespace jatai;
using Json = nlohmann::json;
using Moment = std::chrono::steady_clock;
using fleet::HttpClient;
constexpr double kPollEvery_s = 300, kReportEvery_s = 3600;
constexpr std::size_t kEnrolAtOnce = 10000;

struct Load {
    std::string program, cert, key;
    std::uint32_t devices = 100000, seconds = 120, senders = 32;
    bool tickets = false;
};

double ms_since(Moment::time_point start) {
    return std::chrono::duration<double, std::milli>(Moment::now() - start).count();
}

std::string device_id(std::size_t number) { return fmt::format("load-{:06}", number); }

std::vector<std::string> enrol(const std::string& url, const std::string& key, const Load& load) {
    HttpClient desk(url, "Bearer " + key, load.cert, 120);
    std::vector<std::string> tokens;
    while (tokens.size() < load.devices) {
        Json list = Json::array();
        const std::size_t end = std::min<std::size_t>(load.devices, tokens.size() + kEnrolAtOnce);
        for (std::size_t i = tokens.size(); i < end; ++i) {
            list.push_back({{"id", device_id(i)},
                            {"board", "nano33ble"},
                            {"consent_health", true},
                            {"consent_statistics", true}});
        }
        const auto answer = desk.send("POST", "/api/v1/devices", Json{{"devices", list}}.dump());
        if (answer.status >= 300) throw Error{answer.body};
        const Json said = Json::parse(answer.body);
        for (const Json& item : said.at("items")) tokens.push_back(item.at("token"));
    }
    return tokens;
}

// What a device says once an hour: its description and its health.
std::string hourly_report(Rng& rng) {
    const auto n = [](std::uint64_t value) { return Cbor::number(value); };
    const Cbor health =
        Cbor::map({{n(0), n(1)},
                   {n(1), n(2)},
                   {n(2), Cbor::word("nano33ble")},
                   {n(11), Cbor::array({n(1 + rng.below(4000)), n(rng.below(1u << 30)), n(900)})},
                   {n(14), Cbor::array({n(1), n(0)})}});
    const Cbor numbered = Cbor::array({n(rng.below(65536)), Cbor::bytes(write_cbor(health))});
    return write_cbor(Cbor::array({numbered}));
}

struct Waits {
    std::vector<double> ms;
    std::uint64_t refused = 0, polls = 0, reports = 0;

    void add(const Waits& other) {
        ms.insert(ms.end(), other.ms.begin(), other.ms.end());
        refused += other.refused;
        polls += other.polls;
        reports += other.reports;
    }
    double percentile(double share) const {
        if (ms.empty()) return 0;
        return ms[std::min(ms.size() - 1, static_cast<std::size_t>(share * static_cast<double>(ms.size())))];
    }
};

// One of several senders: its share of the fleet's requests, evenly random in time (a Poisson stream).
class Sender {
  public:
    Sender(std::string url, const Load& load, const std::vector<std::string>& tokens, std::uint64_t seed)
        : client_(url, "", load.cert, 30), load_(load), tokens_(tokens), rng_(seed) {}

    Waits run() {
        const double rate =
            load_.devices * (1 / kPollEvery_s + 1 / kReportEvery_s) / static_cast<double>(load_.senders);
        const auto start = Moment::now();
        double due_s = 0;
        while (true) {
            due_s += -std::log(1.0f - rng_.uniform()) / rate;
            if (due_s > load_.seconds) return waits_;
            const auto due =
                start + std::chrono::duration_cast<Moment::duration>(std::chrono::duration<double>(due_s));
            std::this_thread::sleep_until(due);
            send_one();
            waits_.ms.push_back(ms_since(due));
        }
    }

  private:
    void send_one() {
        const std::size_t device = rng_.below(load_.devices);
        const std::string path = "/default/controller/v1/" + device_id(device);
        const std::map<std::string, std::string> token = {
            {"Authorization", "TargetToken " + tokens_[device]}};
        const bool reports = rng_.uniform() < kPollEvery_s / (kPollEvery_s + kReportEvery_s);
        const auto answer =
            reports ? client_.send("POST", path + "/reports", hourly_report(rng_), "application/cbor", token)
                    : client_.send("GET", path, "", "", token);
        client_.drop();
        if (!load_.tickets) client_.forget_ticket();
        ++(reports ? waits_.reports : waits_.polls);
        waits_.refused += answer.status >= 300 ? 1 : 0;
    }

    HttpClient client_;
    const Load& load_;
    const std::vector<std::string>& tokens_;
    Rng rng_;
    Waits waits_;
};

Waits run_senders(const std::string& url, const Load& load, const std::vector<std::string>& tokens) {
    Waits all;
    std::mutex mutex;
    std::string trouble;
    std::vector<std::thread> threads;
    for (std::uint32_t s = 0; s < load.senders; ++s) {
        threads.emplace_back([&, s] {
            try {
                const Waits waits = Sender(url, load, tokens, s + 1).run();
                std::lock_guard lock(mutex);
                all.add(waits);
            } catch (const Error& error) {
                std::lock_guard lock(mutex);
                trouble = error.what();
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    if (!trouble.empty()) throw Error{trouble};
    std::sort(all.ms.begin(), all.ms.end());
    return all;
}

void measure(const Load& load) {
    const auto folder = std::filesystem::temp_directory_path() / fmt::format("fleet_load_{}", ::getpid());
    std::vector<std::string> more;
    if (!load.cert.empty()) more = {"--tls-cert", load.cert, "--tls-key", load.key};
    const auto port = static_cast<std::uint16_t>(12000 + ::getpid() % 20000);
    const auto started = Moment::now();
    ServeProcess server(load.program, folder, port, more);
    const double first_start_ms = ms_since(started);
    const auto before = Moment::now();
    const std::vector<std::string> tokens = enrol(server.url(), server.admin_key(), load);
    const double enrol_s = ms_since(before) / 1000, cpu_before = server.cpu_seconds();
    const Waits waits = run_senders(server.url(), load, tokens);
    fmt::print("{}\n", Json{{"devices", load.devices},
                            {"seconds", load.seconds},
                            {"tls", load.cert.empty() ? "no"
                                    : load.tickets    ? "tickets"
                                                      : "anew"},
                            {"first_start_ms", first_start_ms},
                            {"enrol_seconds", enrol_s},
                            {"polls", waits.polls},
                            {"reports", waits.reports},
                            {"refused", waits.refused},
                            {"p50_ms", waits.percentile(0.50)},
                            {"p99_ms", waits.percentile(0.99)},
                            {"most_ms", waits.percentile(1)},
                            {"memory_mb", server.most_memory_mb()},
                            {"cpu_percent", 100 * (server.cpu_seconds() - cpu_before) / load.seconds}}
                           .dump(2));
    server.end(SIGTERM);
    std::filesystem::remove_all(folder);
}

}  // namespace

int main(int argc, char** argv) {
    Load load;
    CLI::App app("How a server holds a large fleet");
    app.add_option("jatai", load.program, "the program")->required();
    app.add_option("--devices", load.devices);
    app.add_option("--seconds", load.seconds);
    app.add_option("--senders", load.senders);
    app.add_option("--tls-cert", load.cert, "a PEM certificate for 127.0.0.1, trusted too");
    app.add_option("--tls-key", load.key);
    app.add_flag("--tickets", load.tickets, "devices come back with the ticket they were given");
    CLI11_PARSE(app, argc, argv);
    ::signal(SIGPIPE, SIG_IGN);
    try {
        measure(load);
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}\n", error.what());
        return 1;
    }
    return 0;
}
