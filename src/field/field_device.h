// field_device.h: one simulated device: the agent that chips run, a flash, a lossy link, and a battery that
// fails.
//
//     FieldDevice device(world, {.id = "d7", .token = token, .tenant = "default"}, models, seed);
//     device.poll(client);                       // as often as its server says
//     device.has_model(), device.ran("v3")
//
// Exact devices run the package itself on every input; coarse ones draw its recorded answers. The agent, the
// signature check, the flash and the talk with the server are the same in both.
// Threads  one device, one thread at a time.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <set>

#include "device/update/agent.h"
#include "device/update/model_trial.h"
#include "src/field/field_flash.h"
#include "src/field/field_world.h"
#include "src/fleet/http_client.h"

namespace jatai {

// What came out since the last report of statistics.
struct FieldCounts {
    std::array<std::uint16_t, 16> labels{}, sureness{};
    void add(const FieldAnswer& answer) { ++labels[answer.bin], ++sureness[answer.sure / 16u]; }
};

struct FieldSettings {
    std::string id, token, tenant = "default";
    bool exact = false;
    double loss = 0.05;        // of requests or answers, each as likely
    double power_cuts = 0.03;  // of updates that meet one
};

class FieldDevice {
  public:
    FieldDevice(const FieldWorld& world, FieldSettings settings, const std::vector<FieldModel>& models,
                std::uint64_t seed);

    void poll(fleet::HttpClient& client);
    void work(int runs);  // the model runs, and makes a report of it

    bool has_model();
    std::string runs() const;  // the name of the model that runs
    bool ran(const std::string& model) const { return ran_.count(model) != 0; }
    bool ran_beside(const std::string& model) const { return ran_beside_.count(model) != 0; }
    std::string runs_beside()
        const;  // the name of the model that runs beside it, whose answers nobody acts on
    std::uint64_t acknowledged() const { return acknowledged_; }  // reports of statistics
    std::size_t waiting() const { return reports_.size(); }
    std::uint64_t cuts() const { return cuts_; }
    const std::string& id() const { return settings_.id; }

  private:
    struct Waiting {
        std::uint64_t number;
        std::string bytes;
        bool statistics;
    };
    using Answer = std::optional<fleet::HttpAnswer>;
    Answer ask(fleet::HttpClient& client, const std::string& method, const std::string& path,
               const std::string& body = {}, const std::string& type = "application/json",
               const std::string& range = {});
    void start();
    void take_deployment(fleet::HttpClient& client, const std::string& path);
    bool update(fleet::HttpClient& client, const std::string& base);
    bool download(fleet::HttpClient& client, const std::string& at);
    void feedback(fleet::HttpClient& client, const std::string& path, bool well, const std::string& detail);
    void cancel(fleet::HttpClient& client, const std::string& path);
    void send_reports(fleet::HttpClient& client);
    void report(int kind);
    std::string statistics(const std::uint8_t* digest, FieldCounts& counts);
    void keep_beside();
    const FieldModel* known(const ActiveModel& held) const;
    const FieldModel* model() const { return known(agent_->active()); }

    const FieldWorld& world_;
    FieldSettings settings_;
    const std::vector<FieldModel>& models_;
    Rng rng_;
    FieldFlash flash_;
    std::vector<std::uint64_t> arena_;
    ModelTrial trial_{};
    AgentConfig config_{};
    std::unique_ptr<Agent> agent_;
    std::string action_, result_;  // the action under way; what is to be told of it
    bool result_well_ = false;
    Use use_ = Use::Instead;  // of the action under way
    std::set<std::string> ran_, ran_beside_;
    std::deque<Waiting> reports_;
    std::uint64_t number_ = 0, acknowledged_ = 0, cuts_ = 0, runs_ = 0, starts_ = 0;
    FieldCounts counts_, beside_counts_;
};

}  // namespace jatai
