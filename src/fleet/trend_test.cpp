#include "src/fleet/trend.h"

#include <gtest/gtest.h>

#include "src/fleet/test_server.h"

namespace jatai::fleet {
namespace {

class TrendTest : public testing::Test {
  protected:
    void SetUp() override { state.add_tenant("t").cohort_min = 3; }
    TenantState& tenant() { return state.tenants()["t"]; }
    Device& device(const std::string& id) {
        Device& made = tenant().devices[id];
        made.tenant = "t";
        made.id = id;
        made.board = "b";
        return made;
    }
    // Twenty answers, all in one bin.
    static DeviceReport statistics(std::size_t bin) {
        DeviceReport report;
        report.output = report.confidence = Histogram{};
        (*report.output)[bin] = (*report.confidence)[bin] = 20;
        return report;
    }
    void tell(const std::string& id, std::size_t bin) {
        add_statistics(house, tenant(), device(id), "v", statistics(bin));
    }
    Json only_window() {
        EXPECT_EQ(tenant().windows.size(), 1u);
        return shown(tenant(), tenant().windows.begin()->second);
    }

    std::int64_t now = 1'800'000'000'000;
    TestFolder folder;
    std::unique_ptr<Store> store = open_sqlite(prepared(folder.path()) / "fleet.db");
    State state{*store, [this] { return now; }};
    Conductor conductor{state};
    Jobs jobs{state, [](const std::function<void()>& work) { work(); }};
    Metrics metrics;
    Blobs blobs{folder.path() / "blobs"};
    House house{state, blobs, conductor, jobs, metrics, folder.path(), {}};

  private:
    static fs::path prepared(const fs::path& path) {
        fs::create_directories(path);
        return path;
    }
};

TEST_F(TrendTest, AWindowOfFewerDevicesThanTheCohortNeedsShowsNoStatistics) {
    tell("d1", 15);
    tell("d2", 15);
    tell("d2", 15);  // the same device again is no other device
    EXPECT_TRUE(only_window()["expected_accuracy"].is_null());
    tell("d3", 15);
    EXPECT_NEAR(only_window()["expected_accuracy"].get<double>(), 0.969, 1e-9);
    EXPECT_FALSE(only_window().contains("devices"));
}

TEST_F(TrendTest, TheNextWindowShowsHowFarTheOutputsMovedFromTheFirst) {
    for (const char* id : {"d1", "d2", "d3"}) tell(id, 2);
    now += 3600 * 1000;
    for (const char* id : {"d1", "d2", "d3"}) tell(id, 9);
    ASSERT_EQ(tenant().windows.size(), 2u);
    EXPECT_EQ(shown(tenant(), tenant().windows.begin()->second)["distance"], 0.0);
    EXPECT_EQ(shown(tenant(), tenant().windows.rbegin()->second)["distance"], 1.0);
}

TEST_F(TrendTest, AWindowOlderThanTheRetentionIsForgottenOnDiskToo) {
    tell("d1", 2);
    now += std::int64_t{86400000} * (tenant().facts.retention_days + 1);
    tell("d1", 2);
    forget_old_windows(house, tenant());
    EXPECT_EQ(tenant().windows.size(), 1u);
    state.hand_over();
    store->flush();
    EXPECT_EQ(store->scan(Kind::Window, "t", "", 10).size(), 1u);
}

TEST_F(TrendTest, ATrailKeepsItsFirstAndItsLastPointHoweverLongItGrows) {
    Rollout rollout{"t", "1"};
    rollout.started_ms = now;
    const std::int64_t began = now;
    for (int i = 0; i < 3000; ++i) {
        now += 700;
        ++rollout.installed;
        note_trail(state, tenant(), rollout);
    }
    rollout.state = "finished";
    ++rollout.installed;
    note_trail(state, tenant(), rollout);
    const Trail& trail = tenant().trails["1"];
    EXPECT_LE(trail.points.size(), kTrailPoints);
    EXPECT_EQ(trail.points.front().at_ms, began + 700);
    EXPECT_EQ(trail.points.back().installed, 3001u);
}

TEST_F(TrendTest, ATrailGrowsOnlyWhenSomethingChanged) {
    Rollout rollout{"t", "1"};
    rollout.started_ms = now;
    for (int i = 0; i < 10; ++i) {
        now += 1000;
        note_trail(state, tenant(), rollout);
    }
    EXPECT_EQ(tenant().trails["1"].points.size(), 1u);
}

}  // namespace
}  // namespace jatai::fleet
