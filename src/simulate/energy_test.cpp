#include "src/simulate/energy.h"

#include <gtest/gtest.h>

#include "src/simulate/test_program.h"

namespace jatai::simulate {
namespace {

double cause_uj(const EnergyReport& report, const std::string& name) {
    for (const EnergyCause& cause : report.causes)
        if (cause.name == name) return cause.uj;
    return -1;
}

TEST(Energy, AnActiveSecondCostsVoltsTimesCurrent) {
    const Board board = test_board("nano33ble");
    const EnergyMeter meter(board);
    const EnergyReport report = meter.report(64'000'000, 64'000'000, 0);
    EXPECT_NEAR(report.total_uj, 3.3 * 52 * 64, 1e-6);
    EXPECT_NEAR(report.low_uj, report.total_uj * 0.6, 1e-6);
    EXPECT_NEAR(report.high_uj, report.total_uj * 1.4, 1e-6);
    EXPECT_NEAR(report.average_uw(), report.total_uj, 1e-6);
}

TEST(Energy, SleepAndDevicesAreBookedByTheirTime) {
    const Board board = test_board("nano33ble");
    EnergyMeter meter(board);
    meter.draw("microphone", 1000, 32'000'000);
    meter.draw("microphone", 0, 48'000'000);
    meter.draw("led", 2000, 60'800'000);
    meter.spend("radio", 12);
    const EnergyReport report = meter.report(64'000'000, 16'000'000, 48'000'000);
    EXPECT_NEAR(cause_uj(report, "microphone"), 3.3 * 1000 * 0.25, 1e-6);
    EXPECT_NEAR(cause_uj(report, "led"), 3.3 * 2000 * 0.05, 1e-6);
    EXPECT_NEAR(cause_uj(report, "radio"), 12, 1e-9);
    EXPECT_NEAR(cause_uj(report, "sleep"), 3.3 * board.energy.sleep_ua.value * 0.75, 1e-6);
    EXPECT_NEAR(cause_uj(report, "cpu"), 3.3 * 52 * 64 * 0.25, 1e-6);
}

TEST(Energy, ABatteryLastsItsChargeOverTheMeanPower) {
    const Board board = test_board("nano33ble");
    const BatteryLife life = battery_life(1850, board);
    EXPECT_NEAR(life.hours, 500 * 3.7 * 1000 / 1850, 1e-6);
    EXPECT_LT(life.low, life.hours);
    EXPECT_GT(life.high, life.hours);
    EXPECT_EQ(battery_life(0, board).hours, 0);
}

}  // namespace
}  // namespace jatai::simulate
