#include "src/report/terminal.h"

#include <gtest/gtest.h>

#include "src/base/text.h"

namespace jatai {
namespace {

TEST(Columns, CountWhatTheTerminalShows) {
    EXPECT_EQ(count_columns("sim, não"), 8);
    EXPECT_EQ(count_columns("a\u0301"), 1);  // a and a combining accent
    EXPECT_EQ(count_columns("蜂"), 2);
    EXPECT_EQ(count_columns("\xC3"), 1);  // a cut character ends, and does not read past the end
}

TEST(Bar, FillsByEighths) {
    EXPECT_EQ(draw_bar(0, 4), "    ");
    EXPECT_EQ(draw_bar(1, 4), "████");
    EXPECT_EQ(draw_bar(0.5, 3), "█▌ ");
    EXPECT_EQ(draw_bar(1.0 / 32, 4), "▏   ");
    EXPECT_EQ(draw_bar(7, 2), "██");
}

TEST(Sparkline, RunsFromLeastToGreatest) {
    EXPECT_EQ(draw_sparkline({0, 1, 2, 3, 4, 5, 6, 7}), "▁▂▃▄▅▆▇█");
    EXPECT_EQ(draw_sparkline({3, 3}), "▄▄");
    EXPECT_EQ(draw_sparkline({}), "");
}

TEST(Sparkline, AveragesLongSeries) {
    std::vector<double> values(1000);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i);
    EXPECT_EQ(draw_sparkline(values, 8), "▁▂▃▄▅▆▇█");
}

TEST(Table, AlignsByColumnsAndNotByBytes) {
    EXPECT_EQ(draw_table({{"", "float", "chip"}, {"não", "97.1 %", "9"}, {"x"}}),
              "      float  chip\n"
              "─────────────────\n"
              "não  97.1 %     9\n"
              "x\n");
}

TEST(ProgressBar, LineFitsItsColumns) {
    for (const int columns : {60, 80, 120}) {
        const std::string line = ProgressBar::draw_line(
            "a name much longer than any terminal would like to show on one line of its own", 0.5, 3600,
            columns);
        EXPECT_LE(count_columns(line), columns) << line;
    }
}

TEST(ProgressBar, DrawsAndTakesItsLineAway) {
    char* text = nullptr;
    std::size_t size = 0;
    std::FILE* terminal = open_memstream(&text, &size);
    {
        ProgressBar bar(terminal);
        bar.progress()(1, 2, "speaking");
        bar.progress()(2, 2, "speaking");
    }
    std::fclose(terminal);
    const std::string drawn(text, size);
    std::free(text);
    EXPECT_NE(drawn.find("speaking"), std::string::npos);
    EXPECT_NE(drawn.find("100 %"), std::string::npos);
    EXPECT_TRUE(drawn.ends_with("\r\x1b[2K"));
}

}  // namespace
}  // namespace jatai
