// What a stranger may try, over real sockets: docs/why/threats.md names these tests.
#include <gtest/gtest.h>

#include <chrono>
#include <sstream>

#include "src/base/error.h"
#include "src/fleet/server_world.h"
#include "src/fleet/test_sinks.h"
#include "src/fleet/visitors.h"
#include "src/telemetry/cbor.h"

namespace jatai::fleet {
namespace {

std::string all_tests() {
    std::string all;
    for (const char* room : {"src/fleet", "src/telemetry", "tests/faults", "tests/flow", "tests/page"}) {
        for (const auto& entry : fs::directory_iterator(fs::path(JATAI_SOURCE_DIR) / room)) {
            const std::string name = entry.path().filename().string();
            if (name.find("_test.") != std::string::npos) all += read_text(entry.path());
        }
    }
    return all;
}

// "Suite.Name", "Name", "Suite.*" and names cut short with "…", as the page writes them.
bool is_there(const std::string& tests, std::string name) {
    const std::size_t dot = name.find('.');
    const std::string suite = dot == std::string::npos ? "" : name.substr(0, dot);
    if (dot != std::string::npos) name.erase(0, dot + 1);
    if (name == "*") return tests.find("(" + suite + ", ") != std::string::npos;
    const bool cut = name.size() > 3 && name.substr(name.size() - 3) == "…";
    name = cut ? name.substr(0, name.size() - 3) : name + ")";
    return tests.find((suite.empty() ? ", " : "(" + suite + ", ") + name) != std::string::npos;
}

// Each row of the page names its tests, and each of them is there: what they say is theirs.
TEST(ThreatsPage, EveryClaimNamesItsTestsAndTheyAreThere) {
    const std::string page = read_text(fs::path(JATAI_SOURCE_DIR) / "docs/why/threats.md"),
                      tests = all_tests();
    std::istringstream lines(page);
    std::size_t rows = 0, names = 0;
    for (std::string line; std::getline(lines, line);) {
        if (line.rfind("| ", 0) != 0 || line.rfind("| who | wants", 0) == 0) continue;
        ++rows;
        std::size_t of_row = 0;
        const std::size_t column = line.rfind(" | ");
        for (std::size_t at = line.find('`', column); at != std::string::npos; at = line.find('`', at + 1)) {
            const std::size_t end = line.find('`', at + 1);
            const std::string name = line.substr(at + 1, end - at - 1);
            at = end;
            ++of_row;
            if (name.find('/') != std::string::npos || name.find(' ') != std::string::npos) continue;
            if (name == "faults.kill_server") continue;  // a program: docs/reference/fleet.md
            EXPECT_TRUE(is_there(tests, name)) << name;
            ++names;
        }
        EXPECT_GE(of_row, 1u) << line.substr(0, 80);
    }
    EXPECT_GE(rows, 15u);
    EXPECT_GE(names, 50u);
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
        const int s = line_to(server->port());
        ASSERT_GE(s, 0);
        ASSERT_GT(::send(s, "GET / HT", 8, 0), 0);  // and no more
        slow.push_back(s);
    }
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(api("GET", "/devices").status, 200);
    EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), 2.0);
    for (const int s : slow) ::close(s);
}

// Bytes that trickle in are not waited for: a request has its time.
TEST_F(ServerTest, ARequestThatTricklesInIsCutOff) {
    ServerOptions options;
    options.request_seconds = 1;
    TestFolder other;
    const TestServer quick(other.path(), options);
    const int s = line_to(quick.port());
    ASSERT_GE(s, 0);
    const auto start = std::chrono::steady_clock::now();
    const std::string head = "GET /healthz HTTP/1.1\r\nHost: x\r\nX: ";
    ::send(s, head.data(), head.size(), MSG_NOSIGNAL);
    bool cut = false;
    for (int i = 0; i < 80 && !cut; ++i) {  // a letter every 50 ms, for four seconds
        char byte = 'x';
        if (::send(s, &byte, 1, MSG_NOSIGNAL) < 0) cut = true;
        if (::recv(s, &byte, 1, MSG_DONTWAIT) == 0) cut = true;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    ::close(s);
    EXPECT_TRUE(cut);
    EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), 3.0);
}

// Of one address, who has said nothing for longest gives way to who comes.
TEST_F(ServerTest, WhoOpensConnectionsAndSaysNothingClosesHisOwn) {
    ServerOptions options;
    options.most_per_address = 8;
    TestFolder other;
    const TestServer narrow(other.path(), options);
    HttpClient good(narrow.url(), "Bearer " + narrow.key());
    std::vector<int> idle;
    for (int i = 0; i < 100; ++i) {
        idle.push_back(line_to(narrow.port()));
        ASSERT_GE(idle.back(), 0);
        if (i % 2 == 0) ::send(idle.back(), "GET / HT", 8, MSG_NOSIGNAL);
        if (i % 10 == 9) {
            EXPECT_EQ(good.send("GET", "/api/v1/devices").status, 200) << i;
        }
    }
    int open = 0;
    for (const int line : idle) {
        const timeval limit{0, 200000};
        ::setsockopt(line, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        char byte = 0;
        open += ::recv(line, &byte, 1, 0) < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? 1 : 0;
        ::close(line);
    }
    EXPECT_LE(open, 8);
    EXPECT_GE(open, 6);
}

// Nobody gives way while all of an address are being answered: who comes hears when to come back.
TEST_F(ServerTest, AnAddressWhoseConnectionsAreAllBeingAnsweredIsToldWhenToComeBack) {
    const std::string bytes(8 << 20, 'x'), blob = sha256_hex(bytes);
    ServerOptions options;
    options.most_per_address = 4;
    TestFolder other;
    const TestServer narrow(other.path(), options);
    const std::string key = "Bearer " + narrow.key();
    EXPECT_EQ(HttpClient(narrow.url(), key)
                  .send("PUT", "/api/v1/blobs/" + blob, bytes, "application/octet-stream")
                  .status,
              201);
    std::vector<int> readers;
    for (int i = 0; i < 4; ++i) {  // who asks for much and does not read it
        readers.push_back(line_to(narrow.port()));
        const std::string ask =
            "GET /api/v1/blobs/" + blob + " HTTP/1.1\r\nHost: x\r\nAuthorization: " + key + "\r\n\r\n";
        ASSERT_GT(::send(readers.back(), ask.data(), ask.size(), MSG_NOSIGNAL), 0);
        char first = 0;
        ASSERT_EQ(::recv(readers.back(), &first, 1, 0), 1);
    }
    const HttpAnswer refused = HttpClient(narrow.url(), key).send("GET", "/api/v1/devices");
    EXPECT_EQ(refused.status, 503) << refused.body;
    EXPECT_EQ(refused.headers.at("retry-after"), "5");
    ::close(readers.back());
    readers.pop_back();
    int status = 503;
    for (int i = 0; i < 40 && status == 503; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        status = HttpClient(narrow.url(), key).send("GET", "/api/v1/devices").status;
    }
    EXPECT_EQ(status, 200);
    for (const int line : readers) ::close(line);
}

TEST(VisitorsTest, AnAddressThatIsFullTakesNobodyElsesPlace) {
    Visitors visitors({.all = 6, .per_address = 3});
    std::vector<int> cut;
    const auto come = [&](const std::string& address, int name) {
        return visitors.come(address, [&cut, name] { cut.push_back(name); });
    };
    const std::uint64_t quiet = come("good", 1), busy = come("good", 2);
    visitors.acts(busy);
    for (int i = 10; i < 20; ++i) EXPECT_NE(come("bad", i), 0u);
    EXPECT_EQ(cut, (std::vector<int>{10, 11, 12, 13, 14, 15, 16}));  // its own, the oldest first
    EXPECT_EQ(visitors.count("good"), 2u);
    EXPECT_NE(come("third", 3), 0u);
    EXPECT_NE(come("fourth", 4), 0u);  // the house is full: who has waited longest goes
    EXPECT_EQ(cut.back(), 1);
    EXPECT_EQ(visitors.count(), 6u);
    visitors.leave(quiet);  // it had gone already
    EXPECT_EQ(visitors.count("good"), 1u);
    visitors.waits(busy);
    visitors.leave(busy);
    EXPECT_EQ(visitors.count("good"), 0u);
}

TEST_F(ServerTest, NoSecretIsInWhatTheServerSaysOrKeepsInItsLogs) {
    testing::internal::CaptureStderr();
    testing::internal::CaptureStdout();
    const std::string token = enrol("d1").substr(12);
    const std::string code = json_of(api("POST", "/codes", Json::object()))["code"];
    const Json key = json_of(api("POST", "/keys", {{"name", "ci"}, {"role", "viewer"}}));
    server->ask("TargetToken " + token, "GET", "/default/controller/v1/d1");
    server->ask("TargetToken not-" + token, "GET", "/default/controller/v1/d1");
    server->ask("", "POST", "/api/v1/enroll", {{"code", code}, {"id", "d2"}});
    const std::string said = testing::internal::GetCapturedStderr() + testing::internal::GetCapturedStdout() +
                             api("GET", "/audit").body + api("GET", "/devices").body +
                             api("GET", "/keys").body + server->ask(admin, "GET", "/metrics").body;
    for (const std::string& secret : {token, code, key["secret"].get<std::string>(), server->key()})
        EXPECT_EQ(said.find(secret), std::string::npos);
    for (const char* field : {"token_hash", "\"hash\""})
        EXPECT_EQ(said.find(field), std::string::npos) << field;
}

TEST_F(ServerTest, NumbersOfTenantsAreForTheirKeys) {
    enrol("d1");
    const std::string acme =
        "Bearer " + json_of(api("POST", "/tenants", {{"id", "acme"}}))["admin_key"].get<std::string>();
    server->ask(acme, "POST", "/api/v1/devices", {{"id", "a1"}});
    const std::string nobody = server->ask("", "GET", "/metrics").body;
    EXPECT_EQ(nobody.find("acme"), std::string::npos);
    EXPECT_NE(nobody.find("jatai_devices{state=\"active\"} 2"), std::string::npos) << nobody;
    const std::string own = server->ask(acme, "GET", "/metrics").body;
    EXPECT_NE(own.find("jatai_devices{tenant=\"acme\",state=\"active\"} 1"), std::string::npos);
    EXPECT_EQ(own.find("default"), std::string::npos);
    EXPECT_NE(server->ask(admin, "GET", "/metrics").body.find("tenant=\"acme\""), std::string::npos);
    EXPECT_EQ(HttpClient(server->url(), "")
                  .send("GET", "/metrics", "", "", {{"X-Forwarded-For", "8.8.8.8"}})
                  .status,
              401);
}

TEST_F(ServerTest, NamesThatAreSqlPathsOrMarkupAreRefusedOrStayText) {
    for (const char* nasty : {"'; DROP TABLE devices; --", "../../etc/passwd", "<script>alert(1)</script>",
                              "a/b", ".hidden", "a\nb"}) {
        EXPECT_EQ(api("POST", "/devices", {{"id", nasty}}).status, 400) << nasty;
        EXPECT_EQ(api("POST", "/keys", {{"name", nasty}, {"role", "viewer"}}).status, 400) << nasty;
        EXPECT_EQ(api("POST", "/tenants", {{"id", nasty}}).status, 400) << nasty;
    }
    const std::string token = enrol("d1");
    const std::string markup = "<img src=x onerror=alert(1)>";
    server->ask(token, "PUT", "/default/controller/v1/d1/configData", {{"data", {{"site", markup}}}});
    const HttpAnswer shown = api("GET", "/devices/d1");
    EXPECT_EQ(shown.headers.at("content-type"), "application/json");
    EXPECT_EQ(shown.headers.at("x-content-type-options"), "nosniff");
    EXPECT_EQ(json_of(shown)["attributes"]["site"], markup);  // text, as it came
    const std::string blob = sha256_hex("x");
    HttpClient(server->url(), admin).send("PUT", "/api/v1/blobs/" + blob, "x");
    const std::string version =
        json_of(api("POST", "/versions", {{"model", "m"}, {"weights_hash", "w"}}))["id"];
    for (const char* name : {"../u.swu", "a\"b", "a\r\nSet-Cookie: x", "", ".."})
        EXPECT_EQ(api("POST", "/variants",
                      {{"version", version}, {"artifacts", {{{"name", name}, {"sha256", blob}}}}})
                      .status,
                  400)
            << name;
}

TEST_F(ServerTest, AStrangerGuessingCodesIsSlowedDown) {
    int refused = 0;
    for (int i = 0; i < 100; ++i)
        refused +=
            server->ask("", "POST", "/api/v1/enroll", {{"code", "guess" + std::to_string(i)}, {"id", "x"}})
                        .status == 429
                ? 1
                : 0;
    EXPECT_GT(refused, 20);
}

TEST_F(ServerTest, WhenTheDiskIsBehindCallersAreToldToWait) {
    ServerOptions options;
    options.most_to_write = 0;
    TestFolder other;
    const TestServer slow(other.path(), options);
    const std::string key = "Bearer " + slow.key();
    std::atomic<int> refused{0};
    std::vector<std::thread> callers;
    for (int i = 0; i < 8; ++i) {
        callers.emplace_back([&, i] {
            HttpClient client(slow.url(), key);
            for (int k = 0; k < 20; ++k) {
                const HttpAnswer answer = client.send(
                    "POST", "/api/v1/devices", Json({{"id", "d" + std::to_string(i * 100 + k)}}).dump());
                if (answer.status == 503) refused += std::stoi(answer.headers.at("retry-after")) >= 1 ? 1 : 0;
            }
        });
    }
    for (std::thread& caller : callers) caller.join();
    EXPECT_GT(refused, 0);
}

TEST_F(ServerTest, WhatWasAnsweredIsThereAfterAnEnd) {
    std::atomic<bool> over{false};
    std::vector<std::string> taken;
    std::thread caller([&] {
        HttpClient client(server->url(), admin);
        for (int i = 0; !over; ++i) {
            try {
                const std::string id = "d" + std::to_string(i);
                if (client.send("POST", "/api/v1/devices", Json({{"id", id}}).dump()).status == 201)
                    taken.push_back(id);
            } catch (const Error&) {
                break;  // it has ended
            }
        }
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    server.reset();
    over = true;
    caller.join();
    server = std::make_unique<TestServer>(folder.path());
    ASSERT_FALSE(taken.empty());
    for (const std::string& id : taken) EXPECT_EQ(api("GET", "/devices/" + id).status, 200) << id;
}

}  // namespace
}  // namespace jatai::fleet
