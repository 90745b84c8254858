// The doors, over real sockets.
#include <gtest/gtest.h>

#include <chrono>

#include "src/base/error.h"
#include "src/fleet/routes.h"
#include "src/fleet/server_world.h"
#include "src/telemetry/cbor.h"

namespace jatai::fleet {
namespace {

TEST_F(ServerTest, AnApprovedVersionMayBeRejectedAndNeverComesBack) {
    const std::string version = push("x");
    ASSERT_EQ(json_of(api("GET", "/versions/" + version))["state"], "approved");
    EXPECT_EQ(api("POST", "/versions/" + version + "/reject").status, 200);
    EXPECT_EQ(json_of(api("GET", "/versions/" + version))["state"], "rejected");
    EXPECT_EQ(api("POST", "/versions/" + version + "/approve").status, 409);
    EXPECT_EQ(api("POST", "/rollouts", {{"plan", {{"version", version}}}}).status, 409);
}

TEST_F(ServerTest, ThereIsNoDefaultPasswordAndTheKeyIsShownOnce) {
    EXPECT_FALSE(server->key().empty());
    EXPECT_EQ(server->ask("Bearer admin", "GET", "/api/v1/devices").status, 401);
    EXPECT_EQ(server->ask("", "GET", "/api/v1/devices").status, 401);
    const std::string kept = server->key();
    server.reset();
    server = std::make_unique<TestServer>(folder.path());
    EXPECT_TRUE(server->key().empty());
    EXPECT_EQ(server->ask("Bearer " + kept, "GET", "/api/v1/devices").status, 200);
}

TEST_F(ServerTest, SecretsAreOnDiskOnlyAsHashes) {
    const std::string token = enrol("d1").substr(12), key = server->key();
    server.reset();
    std::string all;
    for (const auto& entry : fs::recursive_directory_iterator(folder.path())) {
        if (entry.is_regular_file()) all += read_text(entry.path());
    }
    EXPECT_EQ(all.find(token), std::string::npos);
    EXPECT_EQ(all.find(key), std::string::npos);
    EXPECT_NE(all.find(sha256_hex(token)), std::string::npos);
}

TEST_F(ServerTest, AHawkbitClientCompletesAnUpdate) {
    const std::string token = enrol("d1"), version = push("the new firmware");
    const std::string rollout = roll_out(version), at = offered("d1", token);
    ASSERT_FALSE(at.empty());
    const Json deployment = json_of(server->ask(token, "GET", at));
    EXPECT_EQ(deployment["deployment"]["download"], "forced");
    const Json artifact = deployment["deployment"]["chunks"][0]["artifacts"][0];
    EXPECT_EQ(artifact["hashes"]["sha1"], sums_of("the new firmware").sha1);
    const std::string file =
        artifact["_links"]["download-http"]["href"].get<std::string>().substr(server->url().size());
    EXPECT_EQ(server->ask(token, "GET", file).body, "the new firmware");
    const HttpAnswer part =
        HttpClient(server->url(), token).send("GET", file, "", "", {{"Range", "bytes=4-6"}});
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.body, "new");
    EXPECT_EQ(server->ask(token, "POST", at + "/feedback", feedback("proceeding", "none")).status, 200);
    EXPECT_EQ(server->ask(token, "POST", at + "/feedback", feedback("closed", "success")).status, 200);
    EXPECT_EQ(server->ask(token, "POST", at + "/feedback", feedback("closed", "success")).status,
              200);  // once more: harmless
    EXPECT_EQ(json_of(api("GET", "/devices/d1"))["reported"], version);
    for (int i = 0; i < 40 && json_of(api("GET", "/rollouts/" + rollout))["state"] != "finished"; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_EQ(json_of(api("GET", "/rollouts/" + rollout))["state"], "finished");
}

TEST_F(ServerTest, ADeviceSpeaksCborToo) {
    const std::string token = enrol("d1");
    HttpClient client(server->url(), token);
    const HttpAnswer answer =
        client.send("GET", "/default/controller/v1/d1", "", "", {{"Accept", "application/cbor"}});
    EXPECT_EQ(answer.headers.at("content-type"), "application/cbor");
    const auto body = read_cbor(answer.body);
    ASSERT_TRUE(body);
    EXPECT_EQ(body->get("config")->get("polling")->get("sleep")->text, "00:05:00");
    const std::string config =
        write_cbor(Cbor::map({{Cbor::word("mode"), Cbor::word("merge")},
                              {Cbor::word("data"), Cbor::map({{Cbor::word("site"), Cbor::word("lab")}})}}));
    EXPECT_EQ(client.send("PUT", "/default/controller/v1/d1/configData", config, "application/cbor").status,
              200);
    EXPECT_EQ(json_of(api("GET", "/devices?filter=attribute.site%20%3D%3D%20lab"))["items"].size(), 1u);
}

TEST_F(ServerTest, AnAbortedRolloutIsCalledBack) {
    const std::string token = enrol("d1"), rollout = roll_out(push("x")), at = offered("d1", token);
    EXPECT_EQ(server->ask(token, "GET", at).status, 200);
    EXPECT_EQ(api("POST", "/rollouts/" + rollout + "/abort").status, 200);
    const std::string cancel = offered("d1", token, "cancelAction");
    ASSERT_FALSE(cancel.empty());
    EXPECT_TRUE(json_of(server->ask(token, "GET", cancel))["cancelAction"].contains("stopId"));
    EXPECT_EQ(server->ask(token, "POST", cancel + "/feedback", feedback("closed", "success")).status, 200);
    EXPECT_TRUE(json_of(server->ask(token, "GET", "/default/controller/v1/d1"))["_links"].empty());
}

TEST_F(ServerTest, TheOneButtonWithholdsWhatWasOfferedAlready) {
    const std::string token = enrol("d1");
    roll_out(push("x"));
    const std::string at = offered("d1", token);
    EXPECT_EQ(api("POST", "/stop").status, 200);
    EXPECT_EQ(server->ask(token, "GET", at).status, 404);
    EXPECT_FALSE(
        json_of(server->ask(token, "GET", "/default/controller/v1/d1"))["_links"].contains("deploymentBase"));
    EXPECT_EQ(api("POST", "/go").status, 200);
    EXPECT_EQ(offered("d1", token), at);
}

TEST_F(ServerTest, ARevokedDeviceAndAnothersTokenOpenNothing) {
    const std::string one = enrol("d1"), two = enrol("d2");
    EXPECT_EQ(server->ask(two, "GET", "/default/controller/v1/d1").status, 401);
    EXPECT_EQ(server->ask(one, "GET", "/default/controller/v1/nobody").status, 401);
    EXPECT_EQ(server->ask(one, "GET", "/other/controller/v1/d1").status, 401);
    EXPECT_EQ(api("POST", "/devices/d1/revoke").status, 200);
    EXPECT_EQ(server->ask(one, "GET", "/default/controller/v1/d1").status, 401);
    EXPECT_EQ(server->ask(two, "GET", "/default/controller/v1/d2").status, 200);
}

TEST_F(ServerTest, ACodeLetsOneDeviceInOnce) {
    const std::string code = json_of(api("POST", "/codes", {{"group", "lab"}}))["code"];
    const HttpAnswer in =
        server->ask("", "POST", "/api/v1/enroll",
                    {{"code", code}, {"id", "d9"}, {"facts", {{"board", "b"}, {"groups", {"admins"}}}}});
    EXPECT_EQ(in.status, 201);
    EXPECT_EQ(json_of(api("GET", "/devices/d9"))["groups"], Json({"lab"}));
    EXPECT_EQ(server->ask("", "POST", "/api/v1/enroll", {{"code", code}, {"id", "d10"}}).status, 401);
    EXPECT_EQ(server
                  ->ask("TargetToken " + json_of(in)["token"].get<std::string>(), "GET",
                        "/default/controller/v1/d9")
                  .status,
              200);
}

TEST_F(ServerTest, WhoActsDoesNotApprove) {
    const auto key = [&](const char* role) {
        return "Bearer " +
               json_of(api("POST", "/keys", {{"name", role}, {"role", role}}))["secret"].get<std::string>();
    };
    const std::string operator_key = key("operator"), approver = key("approver"), viewer = key("viewer");
    const std::string version = json_of(
        server->ask(operator_key, "POST", "/api/v1/versions", {{"model", "m"}, {"weights_hash", "w"}}))["id"];
    const std::string approve = "/api/v1/versions/" + version + "/approve";
    EXPECT_EQ(server->ask(operator_key, "POST", approve).status, 403);
    EXPECT_EQ(server->ask(viewer, "POST", approve).status, 403);
    EXPECT_EQ(server->ask(approver, "POST", approve).status, 200);
    EXPECT_EQ(server->ask(approver, "POST", "/api/v1/devices", {{"id", "x"}}).status, 403);
    EXPECT_EQ(server->ask(viewer, "GET", "/api/v1/devices").status, 200);
    EXPECT_EQ(server->ask(viewer, "GET", "/api/v1/keys").status, 403);
}

TEST_F(ServerTest, AKeyReachesOnlyItsScopeAndEndsWithItsTime) {
    const std::string scoped =
        "Bearer " + json_of(api("POST", "/keys",
                                {{"name", "ci"}, {"role", "operator"}, {"scopes", {"registry"}}}))["secret"]
                        .get<std::string>();
    EXPECT_EQ(server->ask(scoped, "GET", "/api/v1/versions").status, 200);
    EXPECT_EQ(server->ask(scoped, "GET", "/api/v1/devices").status, 403);
    const std::string old =
        "Bearer " +
        json_of(api("POST", "/keys", {{"name", "old"}, {"role", "viewer"}, {"expires_ms", 1000}}))["secret"]
            .get<std::string>();
    EXPECT_EQ(server->ask(old, "GET", "/api/v1/versions").status, 401);
}

TEST_F(ServerTest, ATenantSeesNothingOfAnother) {
    enrol("d1");
    const std::string other =
        "Bearer " + json_of(api("POST", "/tenants", {{"id", "acme"}}))["admin_key"].get<std::string>();
    EXPECT_EQ(json_of(server->ask(other, "GET", "/api/v1/devices"))["items"].size(), 0u);
    EXPECT_EQ(server->ask(other, "GET", "/api/v1/devices/d1").status, 404);
    EXPECT_EQ(server->ask(other, "POST", "/api/v1/backup").status, 403);
}

}  // namespace
}  // namespace jatai::fleet
