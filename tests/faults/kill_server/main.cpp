// kill_server: kill -9 of the server at random moments; nothing it acknowledged may be missing afterwards.
//
//     build/release/tests/faults/kill_server/kill_server build/release/jatai [KILLS [SEED]]
//
// Devices enrol and report, versions are pushed and approved, groups change, all the time. What was
// acknowledged is written down here, and looked for after the restart. Prints one JSON document; exits 1 when
// something was lost.
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <thread>

#include "src/base/error.h"
#include "src/base/rng.h"
#include "src/fleet/http_client.h"
#include "src/fleet/secrets.h"
#include "tests/faults/serve_process.h"

namespace {

using namespace jatai;
using Json = nlohmann::json;
using fleet::HttpAnswer;
using fleet::HttpClient;
constexpr int kWorkers = 4, kLookEvery = 10;

void sleep_ms(std::uint32_t ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

// What the server has said yes to.
struct Acknowledged {
    std::mutex mutex;
    std::set<std::string> devices, approvals, groups;
    std::map<std::string, std::uint32_t> health;  // how often a device said that its model ran

    std::size_t count() const { return devices.size() + approvals.size() + health.size() + groups.size(); }
};

// {0: 1, 1: 2, 11: [runs, 0, 0]}: version 1, health, and how often the model ran.
std::string health_report(std::uint32_t runs) {
    std::string report("\xa3\x00\x01\x01\x02\x0b\x83\x1a", 8);
    for (int shift = 24; shift >= 0; shift -= 8) report += static_cast<char>(runs >> shift & 255);
    return report + std::string(2, '\0');
}

// One client that does everything a fleet does, until its server is gone.
class Worker {
  public:
    Worker(std::string url, std::string key, std::uint64_t seed, Acknowledged& kept)
        : url_(std::move(url)), key_(std::move(key)), rng_(seed), kept_(kept) {}

    void run(const std::atomic<bool>& ending) {
        while (!ending) {
            try {
                HttpClient desk(url_, "Bearer " + key_, "", 10);
                while (!ending) round(desk);
            } catch (const Error&) {
                sleep_ms(20);
            }
        }
    }

  private:
    void round(HttpClient& desk) {
        const std::string name = fmt::format("w-{:016x}", rng_.next());
        if (const auto token = enrol(desk, name)) report(name, *token);
        approve(desk, name);
        set_group(desk, name);
    }

    std::optional<std::string> enrol(HttpClient& desk, const std::string& name) {
        const auto made = send(desk, "POST", "/api/v1/devices", {{"id", name}, {"consent_health", true}});
        if (!made) return std::nullopt;
        std::lock_guard lock(kept_.mutex);
        kept_.devices.insert(name);
        return (*made)["items"][0]["token"].get<std::string>();
    }

    void report(const std::string& name, const std::string& token) {
        HttpClient device(url_, "TargetToken " + token, "", 10);
        const std::uint32_t runs = 1 + rng_.below(1u << 30);
        const HttpAnswer answer = device.send("POST", "/default/controller/v1/" + name + "/reports",
                                              health_report(runs), "application/cbor");
        if (answer.status != 200) return;
        std::lock_guard lock(kept_.mutex);
        kept_.health[name] = runs;
    }

    void approve(HttpClient& desk, const std::string& name) {
        const auto made = send(desk, "POST", "/api/v1/versions",
                               {{"model", "m"}, {"weights_hash", fleet::sha256_hex(name)}});
        if (!made) return;
        const std::string id = (*made)["id"];
        if (!send(desk, "POST", "/api/v1/versions/" + id + "/approve", Json::object())) return;
        std::lock_guard lock(kept_.mutex);
        kept_.approvals.insert(id);
    }

    void set_group(HttpClient& desk, const std::string& name) {
        if (!send(desk, "PUT", "/api/v1/groups/" + name, {{"filter", "board == nano33ble"}})) return;
        std::lock_guard lock(kept_.mutex);
        kept_.groups.insert(name);
    }

    std::optional<Json> send(HttpClient& desk, const char* method, const std::string& path,
                             const Json& body) {
        const HttpAnswer answer = desk.send(method, path, body.dump());
        if (answer.status == 429) sleep_ms(200);
        if (answer.status >= 300) return std::nullopt;
        return Json::parse(answer.body);
    }

    std::string url_, key_;
    Rng rng_;
    Acknowledged& kept_;
};

std::map<std::string, Json> everything(HttpClient& desk, const std::string& path) {
    std::map<std::string, Json> items;
    std::string after;
    while (true) {
        const HttpAnswer answer = desk.send("GET", path + "?limit=1000&after=" + after);
        if (answer.status == 429) {
            sleep_ms(300);
            continue;
        }
        const Json page = Json::parse(answer.body);
        for (const Json& item : page.at("items")) items[item.at("id")] = item;
        after = page.at("next");
        if (after.empty()) return items;
    }
}

std::size_t lost_of(const Acknowledged& kept, HttpClient& desk) {
    const auto devices = everything(desk, "/api/v1/devices");
    const auto versions = everything(desk, "/api/v1/versions");
    const auto groups = everything(desk, "/api/v1/groups");
    std::size_t lost = 0;
    for (const std::string& id : kept.devices) lost += devices.count(id) == 0 ? 1 : 0;
    for (const auto& [id, runs] : kept.health)
        lost += devices.count(id) != 0 && devices.at(id)["health"]["requests"] != runs ? 1 : 0;
    for (const std::string& id : kept.approvals)
        lost += versions.count(id) == 0 || versions.at(id)["state"] != "approved" ? 1 : 0;
    for (const std::string& id : kept.groups) lost += groups.count(id) == 0 ? 1 : 0;
    return lost;
}

class Trial {
  public:
    Trial(std::string program, std::uint64_t seed)
        : program_(std::move(program)),
          rng_(seed),
          folder_(std::filesystem::temp_directory_path() / fmt::format("kill_server_{}", ::getpid())),
          port_(static_cast<std::uint16_t>(12000 + ::getpid() % 20000)) {}
    ~Trial() { std::filesystem::remove_all(folder_); }

    void kill_once() {
        ServeProcess server(program_, folder_, port_);
        if (!server.admin_key().empty()) key_ = server.admin_key();
        std::atomic<bool> ending{false};
        std::vector<std::thread> threads;
        for (int w = 0; w < kWorkers; ++w) {
            threads.emplace_back(
                [&, seed = rng_.next()] { Worker(server.url(), key_, seed, kept_).run(ending); });
        }
        sleep_ms(20 + rng_.below(280));
        server.end(SIGKILL);
        ending = true;
        for (std::thread& thread : threads) thread.join();
    }

    std::size_t lost() {
        ServeProcess server(program_, folder_, port_);
        HttpClient desk(server.url(), "Bearer " + key_);
        return lost_of(kept_, desk);
    }

    const Acknowledged& kept() const { return kept_; }

  private:
    std::string program_;
    Rng rng_;
    std::filesystem::path folder_;
    std::uint16_t port_;
    std::string key_;
    Acknowledged kept_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        fmt::print(stderr, "kill_server JATAI [KILLS [SEED]]\n");
        return 1;
    }
    ::signal(SIGPIPE, SIG_IGN);
    const int kills = argc > 2 ? std::atoi(argv[2]) : 200;
    Trial trial(argv[1], argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1);
    const auto start = std::chrono::steady_clock::now();
    std::size_t lost = 0;
    int done = 0;
    while (done < kills && lost == 0) {
        trial.kill_once();
        ++done;
        if (done % kLookEvery == 0 || done == kills) lost = trial.lost();  // what is lost stays lost
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    const Acknowledged& kept = trial.kept();
    fmt::print(
        R"({{"kills": {}, "devices": {}, "reports": {}, "approvals": {}, "groups": {}, "lost": {}, "seconds": {:.1f}}})"
        "\n",
        done, kept.devices.size(), kept.health.size(), kept.approvals.size(), kept.groups.size(), lost,
        took.count());
    return lost == 0 && kept.count() > 0 ? 0 : 1;
}
