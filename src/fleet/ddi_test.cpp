// hawkBit's DDI, as its clients use it.
#include <gtest/gtest.h>

#include "src/fleet/server_world.h"

namespace jatai::fleet {
namespace {

constexpr const char* kBase = "/default/controller/v1/d1";

TEST_F(ServerTest, AnUnchangedPollIsNotSentAgain) {
    HttpClient client(server->url(), enrol("d1"));
    const HttpAnswer first = client.send("GET", kBase);
    const std::string tag = first.headers.at("etag");
    const HttpAnswer again = client.send("GET", kBase, "", "", {{"If-None-Match", tag}});
    EXPECT_EQ(again.status, 304);
    EXPECT_TRUE(again.body.empty());
    EXPECT_EQ(again.headers.at("etag"), tag);
    roll_out(push("x"));
    for (int i = 0; i < 40; ++i) {
        if (client.send("GET", kBase, "", "", {{"If-None-Match", tag}}).status == 200) return;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    FAIL() << "the offer never changed the tag";
}

TEST_F(ServerTest, AFileHasItsTagItsSumAndItsPartsAndABrokenDownloadGoesOn) {
    const std::string token = enrol("d1"), bytes = "the new firmware";
    roll_out(push(bytes));
    HttpClient client(server->url(), token);
    const Json deployment = json_of(client.send("GET", offered("d1", token)));
    const Json artifact = deployment["deployment"]["chunks"][0]["artifacts"][0];
    const auto path = [&](const char* link) {
        return artifact["_links"][link]["href"].get<std::string>().substr(server->url().size());
    };
    EXPECT_EQ(client.send("GET", path("md5sum")).body, sums_of(bytes).md5 + "  u.swu\n");
    EXPECT_EQ(client.send("GET", path("md5sum-http")).status, 200);
    const HttpAnswer whole = client.send("GET", path("download"));
    EXPECT_EQ(whole.headers.at("etag"), "\"" + sha256_hex(bytes) + "\"");
    EXPECT_EQ(whole.headers.at("accept-ranges"), "bytes");
    const std::string tag = whole.headers.at("etag");
    const auto rest = [&](const std::string& if_range) {
        return client.send("GET", path("download"), "", "", {{"Range", "bytes=8-"}, {"If-Range", if_range}});
    };
    EXPECT_EQ(rest(tag).status, 206);
    EXPECT_EQ(rest(tag).body, "firmware");
    EXPECT_EQ(rest("\"another\"").status, 200);
    EXPECT_EQ(rest("\"another\"").body, bytes);
    EXPECT_EQ(client.send("HEAD", path("download")).headers.at("content-length"), "16");
    const std::string module =
        std::string(kBase) + "/softwaremodules/" + deployment["id"].get<std::string>() + "/artifacts";
    EXPECT_EQ(json_of(client.send("GET", module))[0]["filename"], "u.swu");
    EXPECT_EQ(client.send("GET", module + "/u.swu").body, bytes);
}

TEST_F(ServerTest, ConfigDataIsMergedReplacedOrRemoved) {
    const std::string token = enrol("d1");
    const auto put = [&](const Json& body) {
        return server->ask(token, "PUT", std::string(kBase) + "/configData", body).status;
    };
    const auto attributes = [&] { return json_of(api("GET", "/devices/d1"))["attributes"]; };
    EXPECT_EQ(put({{"mode", "merge"}, {"data", {{"site", "lab"}, {"floor", "2"}}}}), 200);
    EXPECT_EQ(put({{"data", {{"floor", "3"}}}}), 200);  // merge is what is meant without a mode
    EXPECT_EQ(attributes(), Json({{"site", "lab"}, {"floor", "3"}}));
    EXPECT_EQ(put({{"mode", "remove"}, {"data", {{"floor", ""}}}}), 200);
    EXPECT_EQ(attributes(), Json({{"site", "lab"}}));
    EXPECT_EQ(put({{"mode", "replace"}, {"data", {{"hall", "7"}}}}), 200);
    EXPECT_EQ(attributes(), Json({{"hall", "7"}}));
    EXPECT_EQ(put({{"mode", "burn"}, {"data", Json::object()}}), 400);
    EXPECT_EQ(put({{"data", "x"}}), 400);
}

TEST_F(ServerTest, EveryStateOfFeedbackIsUnderstoodAndOthersRefused) {
    const std::string token = enrol("d1"), version = push("x");
    roll_out(version);
    const std::string at = offered("d1", token);
    server->ask(token, "GET", at);
    for (const char* state : {"scheduled", "download", "downloaded", "proceeding", "resumed", "rejected"})
        EXPECT_EQ(server->ask(token, "POST", at + "/feedback", feedback(state, "none")).status, 200) << state;
    EXPECT_EQ(server->ask(token, "POST", at + "/feedback", feedback("exploded", "none")).status, 400);
    EXPECT_EQ(server->ask(token, "POST", at + "/feedback", {{"id", "1"}}).status, 400);
    Json said = feedback("proceeding", "none");
    said["status"]["details"] = {"erasing slot B"};
    EXPECT_EQ(server->ask(token, "POST", at + "/feedback", said).status, 200);
    EXPECT_EQ(json_of(server->ask(token, "GET", at))["actionHistory"]["messages"], Json({"erasing slot B"}));
    said = feedback("closed", "failure");
    said["status"]["details"] = {"BadSignature"};
    EXPECT_EQ(server->ask(token, "POST", at + "/feedback", said).status, 200);
    EXPECT_EQ(json_of(api("GET", "/devices/d1"))["reason"], "BadSignature");
    EXPECT_EQ(json_of(api("GET", "/devices/d1"))["reported"], "");
}

TEST_F(ServerTest, WhatWasInstalledStaysToBeLookedAt) {
    const std::string token = enrol("d1"), version = push("x");
    roll_out(version);
    ASSERT_TRUE(take("d1", token));
    const Json base = json_of(server->ask(token, "GET", kBase));
    EXPECT_EQ(base["config"]["polling"]["sleep"], "00:05:00");
    const std::string at =
        base["_links"]["installedBase"]["href"].get<std::string>().substr(server->url().size());
    const Json installed = json_of(server->ask(token, "GET", at));
    EXPECT_EQ(installed["deployment"]["chunks"][0]["version"], version);
    EXPECT_EQ(installed["actionHistory"]["status"], "installed");
}

TEST_F(ServerTest, AnUpdateWaitsForItsUserUnlessTheUserAgreedToAll) {
    const std::string token = enrol("d1"), version = push("x");
    const Json plan = {
        {"version", version}, {"confirm", true}, {"stages", {{{"percent", 100}, {"gate", false}}}}};
    start(plan);
    const std::string at = offered("d1", token, "confirmationBase");
    ASSERT_FALSE(at.empty());
    EXPECT_FALSE(json_of(server->ask(token, "GET", kBase))["_links"].contains("deploymentBase"));
    EXPECT_TRUE(json_of(server->ask(token, "GET", at))["confirmation"].contains("chunks"));
    std::string hidden = at;
    hidden.replace(hidden.find("confirmationBase"), 16, "deploymentBase");
    EXPECT_EQ(server->ask(token, "GET", hidden).status, 403);
    EXPECT_EQ(server->ask(token, "POST", at + "/feedback", {{"confirmation", "maybe"}}).status, 400);
    EXPECT_EQ(server->ask(token, "POST", at + "/feedback", {{"confirmation", "confirmed"}}).status, 200);
    ASSERT_TRUE(take("d1", token));

    const std::string second = push("y");
    const std::string all = std::string(kBase) + "/confirmationBase";
    EXPECT_EQ(json_of(server->ask(token, "GET", all))["autoConfirm"]["active"], false);
    EXPECT_EQ(server->ask(token, "POST", all + "/activateAutoConfirm", Json::object()).status, 200);
    EXPECT_EQ(json_of(server->ask(token, "GET", all))["autoConfirm"]["active"], true);
    Json again = plan;
    again["version"] = second;
    start(again);
    EXPECT_TRUE(take("d1", token));
    EXPECT_EQ(json_of(api("GET", "/devices/d1"))["reported"], second);
}

TEST_F(ServerTest, AUserWhoSaysNoIsNotAskedAgain) {
    const std::string token = enrol("d1");
    start({{"version", push("x")}, {"confirm", true}, {"stages", {{{"percent", 100}, {"gate", false}}}}});
    const std::string at = offered("d1", token, "confirmationBase");
    EXPECT_EQ(server->ask(token, "POST", at + "/feedback", {{"confirmation", "denied"}}).status, 200);
    EXPECT_TRUE(json_of(server->ask(token, "GET", kBase))["_links"].empty());
}

TEST_F(ServerTest, ForcedSoftAndDownloadOnlyAreSaidInHawkbitsWords) {
    const std::string token = enrol("d1");
    const auto deployed = [&](const char* mode, const std::string& bytes) {
        start({{"version", push(bytes)}, {"mode", mode}, {"stages", {{{"percent", 100}, {"gate", false}}}}});
        return json_of(server->ask(token, "GET", offered("d1", token)))["deployment"];
    };
    EXPECT_EQ(deployed("soft", "s")["update"], "attempt");
    EXPECT_TRUE(take("d1", token));
    const Json only = deployed("download", "d");
    EXPECT_EQ(only["download"], "forced");
    EXPECT_EQ(only["update"], "skip");
    EXPECT_TRUE(take("d1", token, "downloaded"));
    EXPECT_TRUE(json_of(server->ask(token, "GET", kBase))["_links"].empty());
    EXPECT_EQ(api("POST", "/devices/d1/assign", {{"version", push("f")}}).status, 201);
    EXPECT_EQ(json_of(server->ask(token, "GET", offered("d1", token)))["deployment"]["update"], "forced");
}

TEST_F(ServerTest, NothingNewBeginsOutsideItsHours) {
    const std::string token = enrol("d1");
    const auto minute = static_cast<int>(now_ms() / 60000 % 1440);
    start({{"version", push("x")},
           {"window_from", (minute + 60) % 1440},
           {"window_to", (minute + 120) % 1440},
           {"stages", {{{"percent", 100}, {"gate", false}}}}});
    std::this_thread::sleep_for(std::chrono::milliseconds(400));
    EXPECT_TRUE(json_of(server->ask(token, "GET", kBase))["_links"].empty());
    start({{"version", push("y")},
           {"window_from", (minute + 1430) % 1440},
           {"window_to", (minute + 10) % 1440},
           {"stages", {{{"percent", 100}, {"gate", false}}}}});
    const std::string at = offered("d1", token);
    ASSERT_FALSE(at.empty());
    EXPECT_EQ(json_of(server->ask(token, "GET", at))["deployment"]["maintenanceWindow"], "available");
}

TEST_F(ServerTest, ADeviceThatComesLaterJoinsADynamicRollout) {
    const std::string early = enrol("d1"), version = push("x");
    const std::string id =
        start({{"version", version}, {"dynamic", true}, {"stages", {{{"percent", 100}, {"gate", false}}}}});
    EXPECT_TRUE(take("d1", early));
    const std::string late = enrol("d2");
    EXPECT_TRUE(take("d2", late));
    EXPECT_EQ(json_of(api("GET", "/rollouts/" + id))["state"], "running");
    EXPECT_EQ(json_of(api("GET", "/devices/d2"))["reported"], version);
}

TEST_F(ServerTest, AGatewaySpeaksForItsDevicesAndForNobodyElse) {
    const Json made = json_of(api("POST", "/keys", {{"name", "gw"}, {"role", "gateway"}}));
    const std::string gateway = "GatewayToken " + made["secret"].get<std::string>();
    EXPECT_EQ(server->ask(gateway, "GET", "/default/controller/v1/behind-1").status, 200);
    EXPECT_EQ(json_of(api("GET", "/devices/behind-1"))["state"], "active");
    const std::string other =
        "Bearer " + json_of(api("POST", "/tenants", {{"id", "acme"}}))["admin_key"].get<std::string>();
    EXPECT_EQ(server->ask(gateway, "GET", "/acme/controller/v1/behind-1").status, 401);
    EXPECT_EQ(server->ask("Bearer " + made["secret"].get<std::string>(), "GET", "/api/v1/devices").status,
              403);
    EXPECT_EQ(api("DELETE", "/keys/" + made["id"].get<std::string>()).status, 200);
    EXPECT_EQ(server->ask(gateway, "GET", "/default/controller/v1/behind-1").status, 401);
}

}  // namespace
}  // namespace jatai::fleet
