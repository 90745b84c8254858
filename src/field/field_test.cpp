#include <gtest/gtest.h>

#include "src/field/field_run.h"
#include "src/fleet/test_server.h"
#include "src/package/delta.h"

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

fleet::Helpers with_payloads() {
    fleet::Helpers helpers;
    helpers.make_payload = [](std::string_view from, std::string_view to) {
        const Bytes payload = make_payload({reinterpret_cast<const std::uint8_t*>(to.data()), to.size()},
                                           {reinterpret_cast<const std::uint8_t*>(from.data()), from.size()});
        return std::string(payload.begin(), payload.end());
    };
    return helpers;
}

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

}  // namespace
}  // namespace jatai
