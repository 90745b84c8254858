#include "src/simulate/trace.h"

#include <gtest/gtest.h>

namespace jatai::simulate {
namespace {

TEST(Trace, AVcdNamesItsSignalsOnceAndEveryTimeOnce) {
    VcdTrace trace(64e6);
    trace.record(0, "gpio", "led", 0);
    trace.record(64, "gpio", "led", 1);
    trace.record(64, "uarte", "line out", 5);
    EXPECT_EQ(trace.text(),
              "$timescale 1ns $end\n$scope module board $end\n"
              "$var wire 64 ! gpio.led $end\n$var wire 64 \" uarte.line_out $end\n"
              "$upscope $end\n$enddefinitions $end\n"
              "#0\nb0 !\n#1000\nb1 !\nb101 \"\n");
}

TEST(Trace, JsonGivesOneObjectALine) {
    JsonTrace trace(64e6);
    trace.record(96, "gpio", "led", -1);
    EXPECT_EQ(trace.text(),
              "{\"cycle\":96,\"us\":1.5,\"device\":\"gpio\",\"signal\":\"led\",\"value\":-1}\n");
}

}  // namespace
}  // namespace jatai::simulate
