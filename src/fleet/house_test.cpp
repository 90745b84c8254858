// Lists, restores, reports, the page: the rest of the server, over real sockets.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <chrono>

#include "src/base/error.h"
#include "src/fleet/server_world.h"
#include "src/telemetry/cbor.h"

namespace jatai::fleet {
namespace {

TEST_F(ServerTest, AThousandDevicesComeInAtOnceOrNotAtAll) {
    Json list = Json::array();
    for (int i = 0; i < 1000; ++i) list.push_back({{"id", "f" + std::to_string(i)}, {"board", "b"}});
    EXPECT_EQ(json_of(api("POST", "/devices", {{"devices", list}}))["items"].size(), 1000u);
    list = Json::array({{{"id", "new"}}, {{"id", "f7"}}});
    EXPECT_EQ(api("POST", "/devices", {{"devices", list}}).status, 409);
    EXPECT_EQ(api("GET", "/devices/new").status, 404);
}

TEST_F(ServerTest, ARestoredBackupLearnsTheSequenceFromTheDevices) {
    const std::string token = enrol("d1");
    const Json done = job_when_done(json_of(api("POST", "/backup"))["job"]);
    ASSERT_EQ(done["state"], "done");
    const std::string key = admin;
    TestFolder restored;
    fs::copy(fs::path(done["result"]["folder"].get<std::string>()), restored.path(),
             fs::copy_options::recursive);
    server
        .reset();  // the rest of the day is lost: the devices went on to a sequence the backup does not know
    server = std::make_unique<TestServer>(restored.path());
    const std::uint64_t ahead = 1900000000;
    const std::string report = write_cbor(
        Cbor::map({{Cbor::number(0), Cbor::number(1)},
                   {Cbor::number(1), Cbor::number(0)},
                   {Cbor::number(5),
                    Cbor::array({Cbor::number(ahead), Cbor::number(0), Cbor::number(0), Cbor::number(0)})}}));
    EXPECT_EQ(HttpClient(server->url(), token)
                  .send("POST", "/default/controller/v1/d1/reports", report, "application/cbor")
                  .status,
              200);
    EXPECT_EQ(json_of(server->ask(key, "GET", "/api/v1/tenant"))["next_sequence"], ahead + 1);
}

TEST_F(ServerTest, AReportThatComesTwiceCountsOnce) {
    const std::string token = enrol("d1");
    EXPECT_EQ(api("PATCH", "/devices/d1", {{"consent_health", true}}).status, 200);
    const std::string health = write_cbor(
        Cbor::map({{Cbor::number(0), Cbor::number(1)},
                   {Cbor::number(1), Cbor::number(2)},
                   {Cbor::number(11), Cbor::array({Cbor::number(7), Cbor::number(700), Cbor::number(0)})}}));
    const std::string both = write_cbor(Cbor::array({Cbor::array({Cbor::number(1), Cbor::bytes(health)})}));
    HttpClient client(server->url(), token);
    for (int i = 0; i < 2; ++i) {
        const HttpAnswer answer =
            client.send("POST", "/default/controller/v1/d1/reports", both, "application/cbor");
        EXPECT_EQ(json_of(answer)["taken"], Json({1}));
    }
    const Json device = json_of(api("GET", "/devices/d1"));
    EXPECT_EQ(device["health"]["requests"], 7);
    EXPECT_EQ(device["health"]["latency_us"], 100.0);
}

TEST_F(ServerTest, HealthWithoutConsentIsDropped) {
    const std::string token = enrol("d1");
    const std::string health = write_cbor(
        Cbor::map({{Cbor::number(0), Cbor::number(1)},
                   {Cbor::number(1), Cbor::number(2)},
                   {Cbor::number(11), Cbor::array({Cbor::number(7), Cbor::number(700), Cbor::number(0)})}}));
    EXPECT_EQ(HttpClient(server->url(), token)
                  .send("POST", "/default/controller/v1/d1/reports", health, "application/cbor")
                  .status,
              200);
    EXPECT_EQ(json_of(api("GET", "/devices/d1"))["health"]["requests"], 0);
}

TEST_F(ServerTest, AGroupKeepsItsFilterWhenMembersComeAndTakesAllOfThemOrNone) {
    enrol("d1");
    enrol("d2");
    EXPECT_EQ(api("PUT", "/groups/lab", {{"filter", "board == b"}}).status, 200);
    EXPECT_EQ(api("PUT", "/groups/lab", {{"devices", {"d1", "nobody"}}}).status, 404);
    EXPECT_TRUE(json_of(api("GET", "/devices/d1"))["groups"].empty());
    EXPECT_EQ(json_of(api("PUT", "/groups/lab", {{"devices", {"d1"}}}))["filter"], "board == b");
    EXPECT_EQ(json_of(api("GET", "/devices/d1"))["groups"], Json({"lab"}));
    EXPECT_EQ(json_of(api("PUT", "/groups/lab", {{"filter", ""}}))["filter"], "");
    EXPECT_EQ(json_of(api("GET", "/devices?group=lab"))["items"].size(), 1u);  // now: its members
}

TEST_F(ServerTest, WhyNoVariantFitsIsSaidBeforeARolloutStarts) {
    enrol("d1");
    const std::string version =
        json_of(api("POST", "/versions", {{"model", "m"}, {"weights_hash", "w"}}))["id"];
    api("POST", "/versions/" + version + "/approve");
    const std::string blob = sha256_hex("x");
    HttpClient(server->url(), admin).send("PUT", "/api/v1/blobs/" + blob, "x");
    api("POST", "/variants",
        {{"version", version},
         {"board", "b"},
         {"firmware_min", "1.4"},
         {"kernels", {"2a000900 TRANSPOSE_CONV"}},
         {"artifacts", {{{"name", "m.bin"}, {"sha256", blob}}}}});
    api("PATCH", "/devices/d1", {{"firmware", "1.3"}, {"kernels", {"03000901 CONV_2D"}}});
    const Json choice = json_of(api("POST", "/select", {{"version", version}, {"device", "d1"}}));
    EXPECT_EQ(choice["why"], "needs firmware >= 1.4: kernel TRANSPOSE_CONV");
    const std::string rollout = json_of(api("POST", "/rollouts", {{"plan", {{"version", version}}}}))["id"];
    const HttpAnswer start = api("POST", "/rollouts/" + rollout + "/start");
    EXPECT_EQ(start.status, 409);
    EXPECT_NE(start.body.find("TRANSPOSE_CONV"), std::string::npos);
}

TEST_F(ServerTest, ThePageComesWithAStrictPolicyAndNoCookie) {
    const HttpAnswer page = server->ask("", "GET", "/");
    EXPECT_EQ(page.status, 200);
    EXPECT_NE(page.headers.at("content-security-policy").find("default-src 'none'"), std::string::npos);
    EXPECT_EQ(page.headers.at("content-security-policy").find("unsafe"), std::string::npos);
    EXPECT_EQ(page.headers.count("set-cookie"), 0u);
    EXPECT_EQ(page.headers.count("access-control-allow-origin"), 0u);
}

TEST(Server, OffLoopbackWithoutTlsIsRefused) {
    TestFolder folder;
    ServerOptions options;
    options.data = folder.path();
    options.listen = "0.0.0.0:0";
    EXPECT_THROW(Server(options, {}), Error);
}

TEST(Server, TheFirstStartTakesLessThanASecond) {
    TestFolder folder;
    const auto start = std::chrono::steady_clock::now();
    const TestServer server(folder.path());
    EXPECT_EQ(server.ask("", "GET", "/healthz").status, 200);
    EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), 1.0);
}

TEST_F(ServerTest, EveryActOfPeopleIsInTheAuditLogWithWhoDidIt) {
    const Json made = json_of(api("POST", "/keys", {{"name", "rui"}, {"role", "operator"}}));
    const std::string rui = "Bearer " + made["secret"].get<std::string>();
    const std::string version = push("x");
    server->ask(rui, "POST", "/api/v1/devices", {{"id", "d1"}, {"board", "b"}});
    const std::string rollout = roll_out(version);
    server->ask(rui, "POST", "/api/v1/rollouts/" + rollout + "/pause");
    server->ask(rui, "POST", "/api/v1/stop");
    server->ask(rui, "POST", "/api/v1/devices/d1/revoke");
    std::map<std::string, std::string> who;
    const Json lines = json_of(api("GET", "/audit?limit=100"))["items"];
    for (const Json& line : lines) who[line["what"].get<std::string>()] = line["who"];
    EXPECT_EQ(who["version approved"], "admin");
    EXPECT_EQ(who["rollout started"], "admin");
    EXPECT_EQ(who["everything stopped"], "rui");
    EXPECT_EQ(who["device revoked"], "rui");
    EXPECT_EQ(who["key made"], "admin");
    EXPECT_EQ(who.count("rollout paused"), 1u);
}

TEST_F(ServerTest, EveryNumberOfTheAlertRulesIsOneTheServerGives) {
    enrol("d1");
    roll_out(push("x"));
    const std::string page = server->ask(admin, "GET", "/metrics").body;
    const std::string rules = read_text(fs::path(JATAI_SOURCE_DIR) / "docs/reference/alerts.yml");
    int names = 0;
    for (std::size_t at = rules.find("jatai_"); at != std::string::npos; at = rules.find("jatai_", at + 1)) {
        const std::string name =
            rules.substr(at, rules.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", at) - at);
        EXPECT_NE(page.find(name), std::string::npos) << name;
        ++names;
    }
    EXPECT_GT(names, 6);
}

}  // namespace
}  // namespace jatai::fleet
