// server_world.h: a server, its admin, and devices made of requests: what the tests of the doors share.
#pragma once

#include <chrono>

#include "src/fleet/secrets.h"
#include "src/fleet/test_server.h"
#include "src/telemetry/cbor.h"

namespace jatai::fleet {

// A health report: {0: 1, 1: 2, 11: [runs, µs, longest], 15: [0, 0, 0, 0, crashes]}.
inline std::string health_cbor(std::uint64_t runs, std::uint64_t crashes = 0, std::uint64_t total_us = 0) {
    const auto n = [](std::uint64_t value) { return Cbor::number(value); };
    return write_cbor(Cbor::map({{n(0), n(1)},
                                 {n(1), n(2)},
                                 {n(11), Cbor::array({n(runs), n(total_us), n(0)})},
                                 {n(15), Cbor::array({n(0), n(0), n(0), n(0), n(crashes)})}}));
}

// A statistics report of the image with this SHA-256: its outputs and its confidences, 100 in one bin each.
inline std::string statistics_cbor(const std::string& sha256, std::size_t output, std::size_t confidence) {
    const auto n = [](std::uint64_t value) { return Cbor::number(value); };
    std::string digest;
    for (std::size_t i = 0; i < 16; i += 2)
        digest += static_cast<char>(std::stoi(sha256.substr(i, 2), nullptr, 16));
    const auto bins = [](std::size_t full) {
        std::string raw(32, '\0');
        raw[2 * full] = 100;
        return Cbor::bytes(raw);
    };
    return write_cbor(Cbor::map(
        {{n(0), n(1)},
         {n(1), n(3)},
         {n(20), Cbor::bytes(digest)},
         {n(21), Cbor::array({Cbor::array({n(1), bins(output)}), Cbor::array({n(2), bins(confidence)})})}}));
}

class ServerTest : public testing::Test {
  protected:
    void SetUp() override {
        server = std::make_unique<TestServer>(folder.path());
        admin = "Bearer " + server->key();
    }
    HttpAnswer api(const std::string& method, const std::string& path, const Json& body = {}) {
        return server->ask(admin, method, "/api/v1" + path, body);
    }
    std::string enrol(const std::string& id, Json facts = Json::object()) {
        facts["id"] = id;
        facts["board"] = "b";
        return "TargetToken " +
               json_of(api("POST", "/devices", facts))["items"][0]["token"].get<std::string>();
    }

    // An approved version with one whole-file variant.
    std::string push(const std::string& bytes) {
        const std::string blob = sha256_hex(bytes);
        HttpClient client(server->url(), admin);
        EXPECT_EQ(client.send("PUT", "/api/v1/blobs/" + blob, bytes, "application/octet-stream").status, 201);
        const std::string version =
            json_of(api("POST", "/versions", {{"model", "kws"}, {"weights_hash", blob}}))["id"];
        EXPECT_EQ(api("POST", "/variants",
                      {{"version", version},
                       {"board", "b"},
                       {"image", blob},
                       {"artifacts", {{{"name", "u.swu"}, {"sha256", blob}}}}})
                      .status,
                  201);
        EXPECT_EQ(api("POST", "/versions/" + version + "/approve").status, 200);
        return version;
    }
    std::string start(const Json& plan) {
        const HttpAnswer made = api("POST", "/rollouts", {{"plan", plan}});
        EXPECT_EQ(made.status, 201) << made.body;
        const std::string id = json_of(made)["id"];
        const HttpAnswer started = api("POST", "/rollouts/" + id + "/start");
        EXPECT_EQ(started.status, 200) << started.body;
        return id;
    }
    std::string roll_out(const std::string& version) {
        return start(
            {{"version", version}, {"per_minute", 60000}, {"stages", {{{"percent", 100}, {"gate", false}}}}});
    }
    // The roll-out once it is in this state, or as it is after twenty seconds.
    Json rollout_when(const std::string& id, const std::string& state) {
        Json now;
        for (int i = 0; i < 400; ++i) {
            now = json_of(api("GET", "/rollouts/" + id));
            if (now["state"] == state) break;
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        return now;
    }
    Json job_when_done(const std::string& id) {
        Json now;
        for (int i = 0; i < 1000; ++i) {
            now = json_of(api("GET", "/jobs/" + id));
            if (now["state"] != "waiting" && now["state"] != "running") break;
            std::this_thread::sleep_for(std::chrono::milliseconds(30));
        }
        return now;
    }
    // What a device does with what it is offered; false: nothing was offered, or it was called back
    // meanwhile.
    bool take(const std::string& id, const std::string& token, const char* execution = "closed") {
        const std::string at = offered(id, token);
        if (at.empty()) return false;
        const int found = server->ask(token, "GET", at).status;
        if (found == 404) return false;
        EXPECT_EQ(found, 200);
        return server->ask(token, "POST", at + "/feedback", feedback(execution, "success")).status == 200;
    }
    int report(const std::string& id, const std::string& token, const std::string& cbor) {
        return HttpClient(server->url(), token)
            .send("POST", "/default/controller/v1/" + id + "/reports", cbor, "application/cbor")
            .status;
    }
    // What it is offered, within two seconds; "" otherwise.
    std::string offered(const std::string& id, const std::string& token,
                        const char* kind = "deploymentBase") {
        for (int i = 0; i < 40; ++i) {
            const Json body = json_of(server->ask(token, "GET", "/default/controller/v1/" + id));
            if (body["_links"].contains(kind))
                return body["_links"][kind]["href"].get<std::string>().substr(server->url().size());
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        return {};
    }
    static Json feedback(const char* execution, const char* finished) {
        return {
            {"status",
             {{"execution", execution}, {"result", {{"finished", finished}}}, {"details", Json::array()}}}};
    }
    TestFolder folder;
    std::unique_ptr<TestServer> server;
    std::string admin;
};

}  // namespace jatai::fleet
