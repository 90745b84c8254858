// What older programs wrote is read by this one, and what a day's backup does not know is learnt again.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "src/fleet/server_world.h"
#include "src/fleet/sqlite_schema.h"

namespace jatai::fleet {
namespace {

// The words after "-- name " in a fixture.
std::string said(const std::string& fixture, const std::string& name) {
    const std::size_t at = fixture.find("-- " + name + " ");
    const std::size_t from = at + name.size() + 4;
    return fixture.substr(from, fixture.find('\n', from) - from);
}

void fill(const fs::path& file, const std::string& sql) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
    char* why = nullptr;
    EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, &why), SQLITE_OK) << why;
    sqlite3_close(db);
}

// One fixture per form before today's: tests/golden/make_fleet_fixture.sh writes them.
TEST(Upgrade, AServerStartsOnWhatEveryOlderProgramWrote) {
    for (int form = 1; form < kSchemaVersion; ++form) {
        const fs::path file =
            fs::path(JATAI_SOURCE_DIR) / "tests/golden" / ("fleet_form_" + std::to_string(form) + ".sql");
        ASSERT_TRUE(fs::exists(file)) << file << ": tests/golden/make_fleet_fixture.sh writes it";
        const std::string fixture = read_text(file);
        TestFolder folder;
        fs::create_directories(folder.path());
        fill(folder.path() / "fleet.db", fixture);
        const TestServer server(folder.path());
        EXPECT_TRUE(server.key().empty()) << "form " << form << ": it took the fleet for a new one";
        const std::string admin = "Bearer " + said(fixture, "key");
        const Json device = json_of(server.ask(admin, "GET", "/api/v1/devices/mic-1"));
        EXPECT_EQ(device["attributes"]["site"], "lab") << "form " << form;
        EXPECT_EQ(device["consent_health"], false);
        const std::string token = "TargetToken a-token-of-mic-1-for-ever";
        EXPECT_EQ(server.ask(token, "GET", "/default/controller/v1/mic-1").status, 200);
        const Json version = json_of(server.ask(admin, "GET", "/api/v1/versions/kws?alias=champion"));
        EXPECT_EQ(version["id"], said(fixture, "version"));
        EXPECT_EQ(version["state"], "approved");
        EXPECT_EQ(json_of(server.ask(admin, "GET", "/api/v1/rollouts"))["items"].size(), 1u);
        EXPECT_EQ(server.ask(admin, "POST", "/api/v1/devices", {{"id", "new"}}).status, 201);
        EXPECT_EQ(server.ask(admin, "GET", "/api/v1/feedback").status, 200);
    }
}

// A signed package as the registry reads it: a manifest it can parse. tests/faults runs the chip's side.
TEST_F(ServerTest, ADeviceAheadOfARestoredBackupIsServedAgainOnceTheSamePackageIsSignedLater) {
    const std::string token = enrol("d1");
    const Json done = job_when_done(json_of(api("POST", "/backup"))["job"]);
    ASSERT_EQ(done["state"], "done");
    server.reset();
    TestFolder restored;
    fs::copy(fs::path(done["result"]["folder"].get<std::string>()), restored.path(),
             fs::copy_options::recursive);
    server = std::make_unique<TestServer>(restored.path());
    const auto n = [](std::uint64_t value) { return Cbor::number(value); };
    const std::uint64_t ahead = 2000000000;
    const std::string described = write_cbor(
        Cbor::map({{n(0), n(1)}, {n(1), n(0)}, {n(5), Cbor::array({n(ahead), n(0), n(0), n(0)})}}));
    EXPECT_EQ(report("d1", token, described), 200);
    EXPECT_EQ(json_of(api("GET", "/tenant"))["next_sequence"], ahead + 1);
    EXPECT_EQ(json_of(api("GET", "/devices/d1"))["sequence"], ahead);
    const std::string after = enrol("d2");  // ids go on: nothing is given out twice
    roll_out(push("x"));
    EXPECT_TRUE(take("d1", token));
    EXPECT_TRUE(take("d2", after));
}

TEST_F(ServerTest, ANewTokenEndsTheOldOneAndADecommissionedDeviceMayComeBackAsNew) {
    const std::string old = enrol("d1", {{"owner", "ana"}});
    const std::string fresh =
        "TargetToken " + json_of(api("POST", "/devices/d1/token"))["token"].get<std::string>();
    EXPECT_EQ(server->ask(old, "GET", "/default/controller/v1/d1").status, 401);
    EXPECT_EQ(server->ask(fresh, "GET", "/default/controller/v1/d1").status, 200);
    EXPECT_EQ(api("POST", "/devices/d1/decommission").status, 200);
    EXPECT_EQ(server->ask(fresh, "GET", "/default/controller/v1/d1").status, 401);
    EXPECT_TRUE(json_of(api("GET", "/devices/d1"))["attributes"].empty());
    const std::string again = enrol("d1");
    EXPECT_EQ(server->ask(again, "GET", "/default/controller/v1/d1").status, 200);
}

TEST_F(ServerTest, DevicesInTheFieldComeInWithTheTokensTheyHave) {
    EXPECT_EQ(
        api("POST", "/devices", {{"devices", {{{"id", "old-1"}, {"token", "burnt-in-at-the-factory"}}}}})
            .status,
        201);
    EXPECT_EQ(
        server->ask("TargetToken burnt-in-at-the-factory", "GET", "/default/controller/v1/old-1").status,
        200);
    EXPECT_EQ(api("POST", "/devices", {{"id", "old-2"}, {"token", "short"}}).status, 400);
}

}  // namespace
}  // namespace jatai::fleet
