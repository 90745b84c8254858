// The doors, over real sockets.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <chrono>

#include "src/base/error.h"
#include "src/fleet/routes.h"
#include "src/fleet/secrets.h"
#include "src/fleet/test_server.h"
#include "src/telemetry/cbor.h"

namespace jatai::fleet {
namespace {

class ServerTest : public testing::Test {
  protected:
    void SetUp() override {
        server = std::make_unique<TestServer>(folder.path());
        admin = "Bearer " + server->key();
    }
    HttpAnswer api(const std::string& method, const std::string& path, const Json& body = {}) {
        return server->ask(admin, method, "/api/v1" + path, body);
    }
    std::string enrol(const std::string& id) {
        return "TargetToken " +
               json_of(api("POST", "/devices", {{"id", id}, {"board", "b"}}))["items"][0]["token"]
                   .get<std::string>();
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
                       {"artifacts", {{{"name", "u.swu"}, {"sha256", blob}}}}})
                      .status,
                  201);
        EXPECT_EQ(api("POST", "/versions/" + version + "/approve").status, 200);
        return version;
    }
    std::string roll_out(const std::string& version) {
        const Json plan = {{"version", version}, {"stages", {{{"percent", 100}, {"gate", false}}}}};
        const std::string id = json_of(api("POST", "/rollouts", {{"plan", plan}}))["id"];
        EXPECT_EQ(api("POST", "/rollouts/" + id + "/start").status, 200);
        return id;
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

TEST_F(ServerTest, OversizedAndBrokenRequestsAreRefused) {
    EXPECT_EQ(api("POST", "/versions", Json(std::string(70000, 'x'))).status, 413);
    HttpClient client(server->url(), admin);
    EXPECT_EQ(client.send("POST", "/api/v1/versions", "{").status, 400);
    EXPECT_EQ(client.send("POST", "/api/v1/versions", std::string(60000, '[')).status, 400);
    EXPECT_EQ(client.send("POST", "/api/v1/versions", R"({"model":7})").status, 400);
    EXPECT_EQ(client.send("GET", "/api/v1/devices/..%2f..%2fetc").status, 400);
    EXPECT_EQ(client.send("GET", "/%00").status, 400);
    EXPECT_EQ(client.send("GET", "/", "", "", {{"X", std::string(20000, 'x')}}).status, 431);
    EXPECT_EQ(HttpClient(server->url(), admin).send("GET", "/healthz").status, 200);
}

TEST_F(ServerTest, AFloodIsSlowedDownWithATimeToWait) {
    HttpClient client(server->url(), "");
    int refused = 0;
    for (int i = 0; i < 100; ++i) {
        const HttpAnswer answer = client.send("GET", "/api/v1/me");
        refused += answer.status == 429 ? 1 : 0;
        if (answer.status == 429) {
            EXPECT_GE(std::stoi(answer.headers.at("retry-after")), 1);
        }
    }
    EXPECT_GT(refused, 20);
    EXPECT_EQ(api("GET", "/devices").status, 200);  // others go on
}

TEST_F(ServerTest, ASlowClientDoesNotHoldUpOthers) {
    std::vector<int> slow;
    for (int i = 0; i < 200; ++i) {
        const int s = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port =
            htons(static_cast<std::uint16_t>(std::stoi(server->url().substr(server->url().rfind(':') + 1))));
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ASSERT_EQ(::connect(s, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
        ASSERT_GT(::send(s, "GET / HT", 8, 0), 0);  // and no more
        slow.push_back(s);
    }
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(api("GET", "/devices").status, 200);
    EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), 2.0);
    for (const int s : slow) ::close(s);
}

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
    const std::string job = json_of(api("POST", "/backup"))["job"];
    for (int i = 0; i < 100 && json_of(api("GET", "/jobs/" + job))["state"] != "done"; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    const Json done = json_of(api("GET", "/jobs/" + job));
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

// docs/reference/openapi.json says what the code does: the same addresses, methods, rights and sentences.
TEST(OpenApi, ListsExactlyTheRoutesOfTheCode) {
    const Json file = Json::parse(read_text(fs::path(JATAI_SOURCE_DIR) / "docs/reference/openapi.json"));
    std::set<std::string> written, coded;
    for (const auto& [path, methods] : file["paths"].items()) {
        for (const auto& [method, what] : methods.items())
            written.insert(method + " " + path + ": " + what["summary"].get<std::string>());
    }
    for (const Route& route : routes()) {
        std::string method = route.method;
        std::transform(method.begin(), method.end(), method.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        coded.insert(method + " " + route.path + ": " + route.what);
    }
    EXPECT_EQ(written, coded);
}

}  // namespace
}  // namespace jatai::fleet
