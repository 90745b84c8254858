// What is kept of people's devices, for how long, and who sees it: over real sockets.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "src/fleet/labels.h"
#include "src/fleet/server_world.h"

namespace jatai::fleet {
namespace {

TEST_F(ServerTest, BothConsentsAreOffUntilADeviceGivesThem) {
    const std::string token = enrol("d1"), version = push("model");
    EXPECT_EQ(json_of(api("GET", "/devices/d1"))["consent_health"], false);
    EXPECT_EQ(json_of(api("GET", "/devices/d1"))["consent_statistics"], false);
    EXPECT_EQ(report("d1", token, health_cbor(7)), 200);
    EXPECT_EQ(report("d1", token, statistics_cbor(sha256_hex("model"), 3, 14)), 200);
    EXPECT_EQ(json_of(api("GET", "/devices/d1"))["health"]["requests"], 0);
    EXPECT_EQ(json_of(api("PATCH", "/tenant", {{"cohort_min", 2}}))["cohort_min"], 2);
    EXPECT_TRUE(json_of(api("GET", "/cohorts"))["items"].empty());
    const Json yes = {{"data", {{"consent_health", true}}}};
    EXPECT_EQ(server->ask(token, "PUT", "/default/controller/v1/d1/configData", yes).status, 200);
    EXPECT_EQ(report("d1", token, health_cbor(7)), 200);
    EXPECT_EQ(json_of(api("GET", "/devices/d1"))["health"]["requests"], 7);
}

TEST_F(ServerTest, ACohortOfFewIsNotShownNotEvenThatItIsThere) {
    push("model");
    for (int i = 0; i < 10; ++i) {
        EXPECT_TRUE(json_of(api("GET", "/cohorts"))["items"].empty()) << i;
        const std::string id = "d" + std::to_string(i);
        const std::string token = enrol(id, {{"consent_statistics", true}});
        EXPECT_EQ(report(id, token, statistics_cbor(sha256_hex("model"), 3, 14)), 200);
        EXPECT_EQ(report(id, token, statistics_cbor(sha256_hex("model"), 4, 14)), 200);  // still one device
    }
    const Json cohort = json_of(api("GET", "/cohorts"))["items"][0];
    EXPECT_EQ(cohort["devices"], 10);
    EXPECT_EQ(cohort["output"][3], 1000);
    EXPECT_EQ(cohort.dump().find("d3"), std::string::npos);
}

TEST_F(ServerTest, StatisticsAreWrittenDownWithNoDevice) {
    push("model");
    const std::string token = enrol("very-private-7", {{"consent_statistics", true}});
    EXPECT_EQ(report("very-private-7", token, statistics_cbor(sha256_hex("model"), 3, 14)), 200);
    server.reset();
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open((folder.path() / "fleet.db").c_str(), &db), SQLITE_OK);
    std::string all;
    const auto keep = [](void* out, int count, char** cells, char**) {
        for (int i = 0; i < count; ++i) *static_cast<std::string*>(out) += cells[i];
        return 0;
    };
    ASSERT_EQ(sqlite3_exec(db, "SELECT * FROM cohorts UNION ALL SELECT * FROM reports", keep, &all, nullptr),
              SQLITE_OK);
    sqlite3_close(db);
    EXPECT_NE(all.find("\"output\""), std::string::npos);
    EXPECT_EQ(all.find("very-private-7"), std::string::npos);
}

TEST_F(ServerTest, AnErasedDeviceIsNowhereButInTheAuditLog) {
    const std::string token = enrol("gone-7", {{"consent_health", true}, {"owner", "ana"}});
    roll_out(push("x"));
    EXPECT_TRUE(take("gone-7", token));
    EXPECT_EQ(report("gone-7", token, health_cbor(7)), 200);
    const Json held = json_of(api("GET", "/devices/gone-7/data"));
    EXPECT_EQ(held["attributes"]["owner"], "ana");
    EXPECT_EQ(held["reports"].size(), 1u);
    EXPECT_EQ(held["actions"].size(), 1u);
    EXPECT_FALSE(held.contains("token_hash"));
    EXPECT_EQ(api("DELETE", "/devices/gone-7").status, 200);
    EXPECT_EQ(api("GET", "/devices/gone-7").status, 404);
    EXPECT_EQ(server->ask(token, "GET", "/default/controller/v1/gone-7").status, 401);
    server.reset();
    server = std::make_unique<TestServer>(folder.path());
    EXPECT_EQ(api("GET", "/devices/gone-7").status, 404);
    EXPECT_TRUE(json_of(api("GET", "/actions"))["items"].empty());
    server.reset();
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open((folder.path() / "fleet.db").c_str(), &db), SQLITE_OK);
    for (const char* table : {"devices", "actions", "reports"}) {
        int rows = -1;
        const auto count = [](void* out, int, char** cells, char**) {
            *static_cast<int*>(out) = std::atoi(cells[0]);
            return 0;
        };
        const std::string ask = std::string("SELECT count(*) FROM ") + table + " WHERE body LIKE '%gone-7%'";
        ASSERT_EQ(sqlite3_exec(db, ask.c_str(), count, &rows, nullptr), SQLITE_OK);
        EXPECT_EQ(rows, 0) << table;
    }
    sqlite3_close(db);
}

TEST_F(ServerTest, ReportsOlderThanTheTenantKeepsThemAreErased) {
    const std::string token = enrol("d1", {{"consent_health", true}});
    EXPECT_EQ(report("d1", token, health_cbor(7)), 200);
    server.reset();
    sqlite3* db = nullptr;  // forty days ago, by the clock of the file
    ASSERT_EQ(sqlite3_open((folder.path() / "fleet.db").c_str(), &db), SQLITE_OK);
    const std::string old = std::to_string(now_ms() - std::int64_t{40} * 86400000);
    ASSERT_EQ(sqlite3_exec(db, ("UPDATE reports SET id='" + old + "'").c_str(), nullptr, nullptr, nullptr),
              SQLITE_OK);
    sqlite3_close(db);
    server = std::make_unique<TestServer>(folder.path());
    EXPECT_EQ(report("d1", token, health_cbor(8)), 200);
    for (int i = 0; i < 60 && json_of(api("GET", "/devices/d1/data"))["reports"].size() != 1; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_EQ(json_of(api("GET", "/devices/d1/data"))["reports"].size(), 1u);
}

TEST_F(ServerTest, LabelsSayHowOftenAVersionIsRight) {
    const std::string token = enrol("d1", {{"consent_statistics", true}}), version = push("x");
    roll_out(version);
    EXPECT_TRUE(take("d1", token));
    EXPECT_EQ(
        api("POST", "/feedback", {{"device", "d1"}, {"right", 18}, {"wrong", 2}, {"id", "monday"}}).status,
        201);
    EXPECT_EQ(json_of(api("POST", "/feedback",
                          {{"device", "d1"}, {"right", 18}, {"wrong", 2}, {"id", "monday"}}))["again"],
              1);
    EXPECT_EQ(
        json_of(api(
            "POST", "/feedback",
            {{"items",
              {{{"version", version}, {"board", "b"}, {"expected", "yes"}, {"predicted", "no"}}}}}))["taken"],
        1);
    const std::string labels = "/default/controller/v1/d1/labels";
    EXPECT_EQ(
        json_of(server->ask(token, "POST", labels, {{"expected", "yes"}, {"predicted", "yes"}}))["taken"], 1);
    const Json row = json_of(api("GET", "/feedback"))["items"][0];
    EXPECT_EQ(row["right"], 19);
    EXPECT_EQ(row["wrong"], 3);
    EXPECT_EQ(row["pairs"], Json({{"yes/no", 1}, {"yes/yes", 1}}));
    const Json seen = json_of(api("GET", "/versions/" + version))["field_accuracy"];
    EXPECT_EQ(seen["labelled"], 22);
    EXPECT_NEAR(seen["accuracy"].get<double>(), 19 / 22.0, 1e-9);
    EXPECT_LT(seen["low"].get<double>(), 19 / 22.0);
    EXPECT_EQ(api("POST", "/feedback", {{"device", "d1"}, {"version", version}, {"right", 1}}).status, 400);
    EXPECT_EQ(api("POST", "/feedback", {{"device", "d1"}, {"right", -1}}).status, 400);
    EXPECT_EQ(api("POST", "/feedback", {{"device", "d1"}}).status, 400);
}

TEST(Labels, TheIntervalIsWilsons) {
    const Share share = share_of(8, 10);  // Wilson 1927, by hand: 0.490 to 0.943
    EXPECT_NEAR(share.low, 0.4902, 0.0005);
    EXPECT_NEAR(share.high, 0.9433, 0.0005);
    EXPECT_EQ(share_of(0, 0).high, 1);
}

}  // namespace
}  // namespace jatai::fleet
