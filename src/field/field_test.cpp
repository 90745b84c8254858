#include <gtest/gtest.h>

#include "src/field/field_run.h"
#include "src/field/test_desk.h"
#include "src/field/test_payloads.h"

namespace jatai {
namespace {

TEST(FieldFlash, PowerGoesAtTheWriteThatWasAskedForAndLaterWritesHoldAgain) {
    FieldFlash flash(1, 7);
    const FlashPort& port = flash.port();
    ASSERT_TRUE(port.erase(port.context, 0));
    const std::uint8_t bytes[kProgramUnit] = {1, 2, 3, 4};
    flash.cut_after(2);
    EXPECT_TRUE(port.program(port.context, 0, bytes, kProgramUnit));
    EXPECT_THROW(port.program(port.context, kProgramUnit, bytes, kProgramUnit), PowerGone);
    EXPECT_TRUE(port.program(port.context, 2 * kProgramUnit, bytes, kProgramUnit));
    EXPECT_EQ(flash.data()[2 * kProgramUnit], 1);
}

// The person at the desk.
class Desk : public TestDesk {
  public:
    Desk(const fleet::TestServer& server, const FieldWorld& world) : TestDesk(server), world_(world) {}

    std::string push(const FieldModel& model) {
        return TestDesk::push(world_.board(), model.name, model.package, model.manifest);
    }
    std::string enrol(const std::string& id) {
        return api("POST", "/devices",
                   {{"id", id},
                    {"board", world_.board()},
                    {"consent_health", true},
                    {"consent_statistics", true}})["items"][0]["token"];
    }
    std::string start(const fleet::Json& plan) {
        const std::string id = api("POST", "/rollouts", {{"plan", plan}})["id"];
        api("POST", "/rollouts/" + id + "/start");
        return id;
    }

  private:
    const FieldWorld& world_;
};

// Cohorts below ten devices are never shown: what they sent is merged all the same, and is not lost.
TEST(FieldRun, ASmallFleetIsUpdatedComesBackFromABadModelAndLosesNoReport) {
    const fleet::TestFolder folder;
    const fleet::TestServer server(folder.path(), {}, with_payloads());
    const std::atomic<bool> interrupted{false};
    const FieldRun run{.devices = 40, .url = server.url(), .admin_key = server.key(), .poll_ms = 200};
    const FieldReport report = run_field(
        run, [](const std::string&) {}, interrupted);
    EXPECT_EQ(report.updated, 40u);
    EXPECT_GT(report.exposed_to_bad, 0u);
    EXPECT_EQ(report.reverted, report.exposed_to_bad);
    EXPECT_EQ(report.bricked, 0u);
    EXPECT_GT(report.reports, 0u);
    EXPECT_EQ(report.lost_reports, 0u);
}

// The agent of the chip, the real server: v2 runs beside v1 everywhere, its statistics arrive, nobody acts on
// it.
TEST(FieldRun, AShadowRunsBesideTheModelInForceAndOnlyItsStatisticsGoOut) {
    const fleet::TestFolder folder;
    const fleet::TestServer server(folder.path(), {}, with_payloads());
    const FieldWorld world(3);
    const std::vector<FieldModel> models = {world.make("v1", FieldWorld::Kind::First, 1700000000),
                                            world.make("v2", FieldWorld::Kind::Good, 1700000001)};
    Desk desk(server, world);
    const std::string first = desk.push(models[0]), second = desk.push(models[1]);
    FieldDevice device(world, {"d1", desk.enrol("d1"), "default", true, 0, 0}, models, 5);
    fleet::HttpClient client(server.url(), "");
    device.poll(client);
    const std::string rollout = desk.start({{"version", second}, {"kind", "shadow"}});
    for (int i = 0; i < 200 && device.runs_beside() != "v2"; ++i) {
        device.poll(client);
        usleep(20000);
    }
    ASSERT_EQ(device.runs_beside(), "v2");
    EXPECT_EQ(device.runs(), "v1");
    device.work(40);
    device.poll(client);
    EXPECT_EQ(device.acknowledged(), 2u);  // v1's statistics, and v2's
    EXPECT_FALSE(device.ran("v2"));
    EXPECT_TRUE(device.ran_beside("v2"));
    fleet::Json seen = desk.api("GET", "/devices/d1");
    EXPECT_EQ(seen["reported"], first);
    EXPECT_EQ(seen["shadow"], second);
    EXPECT_EQ(desk.api("GET", "/rollouts/" + rollout)["exposed"], 0);
    EXPECT_TRUE(device.has_model());  // a start later it still answers with v1
    EXPECT_EQ(device.runs() + device.runs_beside(), "v1v2");
    desk.api("POST", "/rollouts/" + rollout + "/abort");
    device.poll(client);
    EXPECT_EQ(device.runs_beside(), "");
    EXPECT_EQ(desk.api("GET", "/devices/d1")["shadow"], "");
    EXPECT_EQ(device.runs(), "v1");
}

}  // namespace
}  // namespace jatai
