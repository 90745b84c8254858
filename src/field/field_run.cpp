#include "src/field/field_run.h"

#include <chrono>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "src/base/error.h"
#include "src/fleet/secrets.h"

namespace jatai {
namespace {

using Json = nlohmann::json;
using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// The person at the desk: pushes versions, starts roll-outs, looks.
class Operator {
  public:
    Operator(const std::string& url, const std::string& key) : client_(url, "Bearer " + key) {}

    Json send(const std::string& method, const std::string& path, const Json& body = {}) {
        const fleet::HttpAnswer answer = client_.send(method, path, body.is_null() ? "" : body.dump());
        const Json said = Json::parse(answer.body, nullptr, false);
        if (answer.status >= 300)
            throw Error{path + ": " + (said.is_object() ? said.value("error", answer.body) : answer.body)};
        return said;
    }

    // Statistics the server has merged, those of cohorts too small to be shown among them.
    std::uint64_t merged_statistics() {
        const fleet::HttpAnswer answer = client_.send("GET", "/metrics");
        const std::string name = "jatai_statistics_merged_total{tenant=\"default\"} ";
        const std::size_t at = answer.body.find(name);
        if (at == std::string::npos) return 0;
        return static_cast<std::uint64_t>(std::strtod(answer.body.c_str() + at + name.size(), nullptr));
    }

    std::string put(const Bytes& bytes) {
        const std::string raw(bytes.begin(), bytes.end()), id = fleet::sha256_hex(raw);
        const fleet::HttpAnswer answer =
            client_.send("PUT", "/api/v1/blobs/" + id, raw, "application/octet-stream");
        if (answer.status >= 300) throw Error{answer.body};
        return id;
    }

    std::string push(const FieldWorld& world, const FieldModel& model, const std::string& parent) {
        const std::string image = put(model.package), manifest = put(model.manifest);
        const Json version = send("POST", "/api/v1/versions",
                                  {{"model", world.model_name()},
                                   {"name", model.name},
                                   {"parent", parent},
                                   {"weights_hash", image},
                                   {"code_version", model.name}});
        send("POST", "/api/v1/variants",
             {{"version", version["id"]},
              {"board", world.board()},
              {"image", image},
              {"manifest", manifest},
              {"kernels", model.kernels}});
        send("POST", "/api/v1/versions/" + version["id"].get<std::string>() + "/approve");
        return version["id"];
    }

  private:
    fleet::HttpClient client_;
};

// The devices, shared out among threads that let each poll when its time has come.
class Fleet {
  public:
    Fleet(const FieldRun& run, const FieldWorld& world, const std::vector<FieldModel>& models,
          const Json& tokens)
        : run_(run) {
        std::uint32_t number = 0;
        for (const Json& item : tokens) {
            FieldSettings settings{item["id"], item["token"]};
            settings.exact = number < run.exact;
            settings.loss = run.loss;
            settings.power_cuts = run.power_cuts;
            devices_.push_back(
                std::make_unique<FieldDevice>(world, settings, models, run.seed * 1000003 + number++));
        }
        for (std::uint32_t t = 0; t < run.threads; ++t) threads_.emplace_back([this, t] { work(t); });
    }
    ~Fleet() { end(); }

    void end() {
        ending_ = true;
        for (std::thread& thread : threads_) {
            if (thread.joinable()) thread.join();
        }
    }

    std::vector<std::unique_ptr<FieldDevice>>& devices() { return devices_; }
    std::uint64_t polls() const { return polls_; }
    std::string trouble() {
        std::lock_guard lock(mutex_);
        return trouble_;
    }
    void quiet() { working_ = false; }  // devices go on polling, and make no new reports

  private:
    void work(std::uint32_t t) {
        try {
            fleet::HttpClient client(run_.url, "");
            for (int round = 0; !ending_; ++round) {
                const auto start = Clock::now();
                for (std::size_t i = t; i < devices_.size() && !ending_; i += run_.threads) {
                    if (working_ && (round + i / run_.threads) % 3 == 0)
                        devices_[i]->work(run_.runs_per_report);
                    devices_[i]->poll(client);
                    ++polls_;
                }
                while (!ending_ && since(start) < run_.poll_ms / 1000.0)
                    std::this_thread::sleep_for(std::chrono::milliseconds(5));
            }
        } catch (const Error& error) {
            std::lock_guard lock(mutex_);
            trouble_ = error.what();
        }
    }

    const FieldRun& run_;
    std::vector<std::unique_ptr<FieldDevice>> devices_;
    std::vector<std::thread> threads_;
    std::atomic<bool> ending_{false}, working_{true};
    std::atomic<std::uint64_t> polls_{0};
    std::mutex mutex_;
    std::string trouble_;
};

Json plan_of(const std::string& version, std::uint32_t devices) {
    const std::uint32_t canary = std::max(devices < 500 ? 4u : 20u, devices / 20);
    Json gate = {{"silence_s", 20}, {"least_requests", 20}};
    if (devices < 500)
        gate.update({{"sick_if_good", 0.02}, {"sick_if_bad", 0.6}, {"stop_good", 0.01}, {"pass_bad", 0.05}});
    return {{"version", version},
            {"stages", Json::array({{{"percent", 1}, {"least", canary}},
                                    {{"percent", 25}, {"least", 3 * canary}},
                                    {{"percent", 100}}})},
            {"per_minute", 60000},
            {"gate", gate}};
}

std::string stage_line(const Json& r, std::uint32_t devices) {
    const auto count = [&](const char* name) { return r[name].get<std::uint32_t>(); };
    const std::uint32_t offered = count("offered"), installed = count("installed");
    const std::uint32_t width = std::min(devices, 20u);
    const std::string bar = std::string(installed * width / devices, '#') +
                            std::string((offered - std::min(offered, installed)) * width / devices, '.');
    return text("{:<8} stage {}  [{:<20}] {} offered, {} installed, {} failed, {} came back",
                r["state"].get<std::string>(), count("stage") + 1, bar, offered, installed, count("failed"),
                count("reverted"));
}

// Until it runs no more, or `most` seconds have passed.
Json watch(Operator& desk, Fleet& fleet, const std::string& id, const FieldRun& run, const Say& say,
           const std::atomic<bool>& interrupted) {
    const auto start = Clock::now();
    std::string before;
    while (true) {
        const Json r = desk.send("GET", "/api/v1/rollouts/" + id);
        const std::string line = stage_line(r, run.devices);
        if (line != before) say(fmt::format("  {:>5.0f} s  {}", since(start), line));
        before = line;
        if (r["state"] != "running" || since(start) > run.most_seconds || interrupted ||
            !fleet.trouble().empty())
            return r;
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
    }
}

std::string roll_out(Operator& desk, const Json& plan) {
    const Json made = desk.send("POST", "/api/v1/rollouts", {{"name", "simulated"}, {"plan", plan}});
    desk.send("POST", "/api/v1/rollouts/" + made["id"].get<std::string>() + "/start");
    return made["id"];
}

Json enrol(Operator& desk, const FieldWorld& world, const FieldRun& run) {
    Json list = Json::array();
    for (std::uint32_t i = 0; i < run.devices; ++i) {
        list.push_back({{"id", fmt::format("sim-{:06}", i)},
                        {"board", world.board()},
                        {"consent_health", true},
                        {"consent_statistics", true}});
    }
    return desk.send("POST", "/api/v1/devices", {{"devices", list}})["items"];
}

// Waits until `done` or the time is over.
void wait_until(const std::function<bool()>& done, double seconds, const std::atomic<bool>& interrupted) {
    const auto start = Clock::now();
    while (!done() && since(start) < seconds && !interrupted)
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
}

std::uint64_t statistics_at(Operator& desk, const std::string& version) {
    std::uint64_t count = 0;
    const Json page = desk.send("GET", "/api/v1/cohorts");
    for (const Json& cohort : page["items"]) {
        if (cohort["version"] == version) count += cohort["reports"].get<std::uint64_t>();
    }
    return count;
}

// v2 runs beside v1 everywhere until the gate has seen enough of what it says.
void run_shadow(Operator& desk, Fleet& fleet, const std::string& version, const FieldRun& run, const Say& say,
                const std::atomic<bool>& interrupted, FieldReport& report) {
    say(text("v2 runs beside v1; nobody acts on it"));
    Json plan = plan_of(version, run.devices);
    plan["kind"] = "shadow";
    const Json end = watch(desk, fleet, roll_out(desk, plan), run, say, interrupted);
    report.shadow_state = end["state"];
    say("  " + end["reason"].get<std::string>());
    report.beside_reports = statistics_at(desk, version);
}

void count_devices(Fleet& fleet, FieldReport& report) {
    for (auto& device : fleet.devices()) {
        report.exposed_to_bad += device->ran("v3") ? 1 : 0;
        report.reverted += device->ran("v3") && device->runs() == "v2" ? 1 : 0;
        report.updated += device->ran("v2") ? 1 : 0;
        report.ran_beside += device->ran_beside("v2") ? 1 : 0;
        report.power_cuts += device->cuts();
        report.reports += device->acknowledged();
        report.bricked += device->has_model() ? 0 : 1;
    }
}

void note_accuracy(const std::vector<FieldModel>& models, const FieldRun& run, const Say& say,
                   FieldReport& report) {
    if (run.subject == nullptr) return;
    for (std::size_t i = 0; i < models.size(); ++i) report.accuracy[i] = models[i].accuracy;
    say(text(
        "right of {} clips of voices never heard: v1 (in the devices) {:.1f} %, v2 {:.1f} %, v3 {:.1f} %",
        run.subject->inputs.size(), report.accuracy[0] * 100, report.accuracy[1] * 100,
        report.accuracy[2] * 100));
}

}  // namespace

FieldReport run_field(const FieldRun& run, const Say& say, const std::atomic<bool>& interrupted) {
    const auto start = Clock::now();
    FieldReport report;
    report.devices = run.devices;
    const FieldWorld world(run.seed, run.subject);
    const std::uint64_t first = 1700000000;
    const std::vector<FieldModel> models = {world.make("v1", FieldWorld::Kind::First, first),
                                            world.make("v2", FieldWorld::Kind::Good, first + 1),
                                            world.make("v3", FieldWorld::Kind::Bad, first + 2)};
    Operator desk(run.url, run.admin_key);
    desk.send("PATCH", "/api/v1/tenant", {{"poll_seconds", 1}, {"window_seconds", 2}});
    std::vector<std::string> versions;
    for (const FieldModel& model : models)
        versions.push_back(desk.push(world, model, versions.empty() ? "" : versions.back()));
    note_accuracy(models, run, say, report);
    Fleet fleet(run, world, models, enrol(desk, world, run));
    say(text("{} simulated devices enrolled; {} of them run every inference", run.devices,
             std::min(run.exact, run.devices)));
    const std::uint64_t enough = run.devices * std::uint64_t{2};
    wait_until([&] { return statistics_at(desk, versions[0]) >= enough; }, 60, interrupted);

    if (run.shadow) run_shadow(desk, fleet, versions[1], run, say, interrupted, report);
    say(text("v2 goes out"));
    const auto rollout = Clock::now();
    report.good_state =
        watch(desk, fleet, roll_out(desk, plan_of(versions[1], run.devices)), run, say, interrupted)["state"];
    report.rollout_seconds = since(rollout);
    wait_until([&] { return statistics_at(desk, versions[1]) >= enough; }, 60, interrupted);
    say(text("v3 goes out; it was made worse"));
    const std::string bad = roll_out(desk, plan_of(versions[2], run.devices));
    const Json stopped = watch(desk, fleet, bad, run, say, interrupted);
    report.bad_state = stopped["state"];
    report.bad_reason = stopped["reason"];
    say("  " + report.bad_reason);
    wait_until(
        [&] {  // they come back
            const Json page =
                desk.send("GET", "/api/v1/devices?limit=1&filter=version%20%3D%3D%20" + versions[2]);
            return page["items"].empty();
        },
        60, interrupted);
    fleet.quiet();
    std::this_thread::sleep_for(std::chrono::milliseconds(3 * run.poll_ms));
    fleet.end();
    if (!fleet.trouble().empty()) throw Error{fleet.trouble()};
    count_devices(fleet, report);
    const std::uint64_t counted = desk.merged_statistics();
    report.lost_reports = report.reports > counted ? report.reports - counted : 0;
    report.polls = fleet.polls();
    report.seconds = since(start);
    return report;
}

}  // namespace jatai
