#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "apps/jatai/commands/commands.h"
#include "apps/jatai/fleet_helpers.h"
#include "apps/jatai/fleet_subject.h"
#include "src/base/error.h"
#include "src/field/field_run.h"
#include "src/fleet/server.h"
#include "src/package/scratch_folder.h"

namespace jatai {
namespace {

constexpr std::uint32_t kExactSubjects = 2;  // a real model takes its time
constexpr int kSubjectRuns = 120;            // so that a report says how sure it is within a few percent

// A server of its own, in this program, on a port that is free; the devices reach it through sockets like
// any.
class OwnServer {
  public:
    explicit OwnServer(const std::string& listen)
        : server_({.data = folder_.path() / "fleet", .listen = listen.empty() ? "127.0.0.1:0" : listen},
                  fleet_helpers()),
          thread_([this] { server_.run([this] { return ending_.load(); }); }) {}
    ~OwnServer() {
        ending_ = true;
        thread_.join();
    }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
    const std::string& key() const { return server_.admin_key(); }

  private:
    ScratchFolder folder_;
    fleet::Server server_;
    std::atomic<bool> ending_{false};
    std::thread thread_;
};

nlohmann::ordered_json to_json(const FieldReport& r) {
    nlohmann::ordered_json json = {{"simulated", true},
                                   {"devices", r.devices},
                                   {"updated", r.updated},
                                   {"reverted", r.reverted},
                                   {"exposed_to_bad", r.exposed_to_bad},
                                   {"bricked", r.bricked},
                                   {"lost_reports", r.lost_reports},
                                   {"seconds", r.seconds},
                                   {"rollout_seconds", r.rollout_seconds},
                                   {"reports", r.reports},
                                   {"polls", r.polls},
                                   {"power_cuts", r.power_cuts},
                                   {"good", r.good_state},
                                   {"bad", r.bad_state},
                                   {"why", r.bad_reason}};
    if (!r.shadow_state.empty())
        json["shadow"] = {
            {"state", r.shadow_state}, {"devices", r.ran_beside}, {"reports", r.beside_reports}};
    return json;
}

void wait_for_interrupt(Console& console) {
    console.say(text("the page is still there; Ctrl-C ends"));
    while (!Console::interrupted()) std::this_thread::sleep_for(std::chrono::milliseconds(50));
}

nlohmann::ordered_json to_json(const FieldReport& r, const FieldSubject& subject) {
    nlohmann::ordered_json json = to_json(r);
    json["model"] = subject.model;
    json["board"] = subject.board;
    json["accuracy"] = {{"v1", r.accuracy[0]}, {"v2", r.accuracy[1]}, {"v3", r.accuracy[2]}};
    json["latency_us_modelled"] = subject.latency_us;
    return json;
}

}  // namespace

int run_fleet_simulate(const FleetSimulateOptions& options, Console& console) {
    if (options.devices < 10 || options.devices > 100000) {
        throw Error{text("--devices {}: expected 10 to 100000", options.devices),
                    text("a gate needs some devices to judge by")};
    }
    FieldRun run;
    FieldSubject subject;
    if (!options.project.empty()) {
        subject = keyword_subject(open_project(options.project), console);
        run.subject = &subject;
        run.exact = kExactSubjects;
        run.poll_ms = 500;
        run.runs_per_report = kSubjectRuns;
    }
    const OwnServer own(options.listen);
    if (!options.listen.empty()) {
        console.say(text("look at {} with the key {}", own.url(), own.key()));
    }
    run.devices = options.devices;
    run.seed = options.seed;
    run.url = own.url();
    run.admin_key = own.key();
    run.most_seconds = options.most_seconds;
    run.shadow = options.shadow;
    const FieldReport report = run_field(
        run, [&](const std::string& line) { console.say(line); }, Console::interrupted());
    console.say(
        text("simulated: {} devices, {} updated, {} ran the worse model and {} came back, {} without a "
             "model, {} reports lost, {:.0f} s",
             report.devices, report.updated, report.exposed_to_bad, report.reverted, report.bricked,
             report.lost_reports, report.seconds));
    console.result(run.subject != nullptr ? to_json(report, subject) : to_json(report));
    if (!options.listen.empty()) wait_for_interrupt(console);
    return 0;
}

}  // namespace jatai
