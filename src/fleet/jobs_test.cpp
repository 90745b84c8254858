// Long work: its log while it runs, its end, its limits. The compile service builds what is missing.
#include <gtest/gtest.h>

#include <condition_variable>

#include "src/fleet/server_world.h"

namespace jatai::fleet {
namespace {

// A compiler that works until it is let go, or told to stop.
struct Gate {
    std::mutex mutex;
    std::condition_variable opens;
    bool open = false;
    void let_go() {
        std::lock_guard lock(mutex);
        open = true;
        opens.notify_all();
    }
};

class JobsTest : public ServerTest {
  protected:
    void SetUp() override {
        Helpers helpers;
        helpers.compile = [this](std::string_view model, const std::string& board, Working& working) {
            working.say("planning for " + board);
            std::unique_lock lock(gate.mutex);
            while (!gate.open && !working.cancelled())
                gate.opens.wait_for(lock, std::chrono::milliseconds(20));
            Helpers::Compiled made;
            made.variant.ram_bytes = 2048;
            made.variant.kernels = {"03000901 CONV_2D"};
            made.image = "package of " + std::string(model) + " for " + board;
            return made;
        };
        server = std::make_unique<TestServer>(folder.path(), ServerOptions{}, helpers);
        admin = "Bearer " + server->key();
    }
    void TearDown() override {
        gate.let_go();
        server.reset();  // its worker waits at the gate
    }
    // A version whose model file is here, without any variant.
    std::string push_model() {
        const std::string blob = sha256_hex("model");
        HttpClient(server->url(), admin)
            .send("PUT", "/api/v1/blobs/" + blob, "model", "application/octet-stream");
        const std::string id =
            json_of(api("POST", "/versions", {{"model", "kws"}, {"weights_hash", blob}}))["id"];
        EXPECT_EQ(api("POST", "/versions/" + id + "/approve").status, 200);
        return id;
    }
    Gate gate;
};

TEST_F(JobsTest, AMissingVariantIsBuiltAndWaitsForASignature) {
    const std::string version = push_model();
    enrol("d1", {{"ram_bytes", 4096}, {"kernels", {"03000901 CONV_2D"}}});
    const Json first = json_of(api("POST", "/select", {{"version", version}, {"device", "d1"}}));
    EXPECT_EQ(first["variant"], "");
    EXPECT_NE(first["why"].get<std::string>().find("no variant yet"), std::string::npos);
    const std::string job = first["job"];
    for (int i = 0; i < 100 && json_of(api("GET", "/jobs/" + job))["log"].empty(); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(json_of(api("GET", "/jobs/" + job))["log"][0], "planning for b");  // while it runs
    EXPECT_EQ(json_of(api("GET", "/jobs/" + job))["state"], "running");
    EXPECT_TRUE(json_of(api("GET", "/jobs/" + job))["result"].is_null());
    gate.let_go();
    EXPECT_EQ(job_when_done(job)["state"], "done");
    const Json second = json_of(api("POST", "/select", {{"version", version}, {"device", "d1"}}));
    EXPECT_EQ(second["considered"].size(), 1u);
    EXPECT_EQ(second["why"], "not signed yet: jatai package sign, then jatai push");
    api("PATCH", "/devices/d1", {{"ram_bytes", 1024}});
    EXPECT_EQ(json_of(api("POST", "/select", {{"version", version}, {"device", "d1"}}))["why"],
              "needs 2048 bytes of RAM, has 1024");
}

TEST_F(JobsTest, ARolloutThatLacksAVariantHasItBuiltAndSaysSoBeforeItStarts) {
    const std::string version = push_model();
    enrol("d1");
    const Json made = json_of(api("POST", "/rollouts", {{"plan", {{"version", version}}}}));
    EXPECT_EQ(made["unfit"][0]["devices"], 1);
    ASSERT_EQ(made["building"].size(), 1u);
    EXPECT_EQ(made["building"][0]["board"], "b");
    const HttpAnswer again = api("POST", "/compile", {{"version", version}, {"board", "b"}});
    EXPECT_EQ(json_of(again)["job"], made["building"][0]["job"]);  // not built twice
    gate.let_go();
    EXPECT_EQ(job_when_done(made["building"][0]["job"])["state"], "done");
    const HttpAnswer start = api("POST", "/rollouts/" + made["id"].get<std::string>() + "/start");
    EXPECT_EQ(start.status, 409);
    EXPECT_NE(start.body.find("not signed yet"), std::string::npos);
}

TEST_F(JobsTest, AJobIsCancelled) {
    const std::string job =
        json_of(api("POST", "/compile", {{"version", push_model()}, {"board", "b"}}))["job"];
    EXPECT_EQ(api("POST", "/jobs/" + job + "/cancel").status, 202);
    EXPECT_EQ(job_when_done(job)["state"], "cancelled");
    EXPECT_EQ(api("POST", "/jobs/" + job + "/cancel").status, 409);
}

TEST_F(JobsTest, TheQueueIsBoundedAndSaysWhenToComeBack) {
    const std::string version = push_model();
    int taken = 0;
    HttpAnswer last;
    for (int i = 0; i < 80; ++i) {
        last = api("POST", "/compile", {{"version", version}, {"board", "b" + std::to_string(i)}});
        if (last.status != 202) break;
        ++taken;
    }
    EXPECT_GE(taken, 64);
    EXPECT_LE(taken, 66);
    EXPECT_EQ(last.status, 503);
    EXPECT_GE(std::stoi(last.headers.at("retry-after")), 1);
}

TEST_F(JobsTest, JobsAreThereAfterARestart) {
    const std::string job =
        json_of(api("POST", "/compile", {{"version", push_model()}, {"board", "b"}}))["job"];
    gate.let_go();
    job_when_done(job);
    server.reset();
    server = std::make_unique<TestServer>(folder.path());
    EXPECT_EQ(json_of(api("GET", "/jobs/" + job))["state"], "done");
    EXPECT_EQ(json_of(api("GET", "/jobs"))["items"].size(), 1u);
}

}  // namespace
}  // namespace jatai::fleet
