#include "src/report/report_data.h"

#include <gtest/gtest.h>

#include "src/base/error.h"
#include "src/report/example_report.h"

namespace jatai::page {
namespace {

TEST(ReportJson, ComesBackTheSame) {
    const std::string once = to_json_text(make_example_report());
    EXPECT_EQ(to_json_text(read_report(once)), once);
}

TEST(ReportJson, KeepsEverySample) {
    ReportData data;
    data.track = Track{};
    data.track->sound.samples = {0, 1, -1, 32767, -32768};
    EXPECT_EQ(read_report(to_json_text(data)).track->sound.samples, data.track->sound.samples);
}

TEST(ReportJson, MissingKeysAreMissingParts) {
    const ReportData data = read_report(R"({"title": "x", "a key of tomorrow": 1})");
    EXPECT_EQ(data.title, "x");
    EXPECT_FALSE(data.track.has_value());
    EXPECT_FALSE(data.summary.cpu_load.has_value());
}

TEST(ReportJson, RefusesWhatIsNoReport) {
    for (const char* wrong : {"", "[]", "{", "3", R"({"title": 3})", R"({"splits": {}})",
                              R"({"track": {"sound": {"samples": "?"}}})"})
        EXPECT_THROW(read_report(wrong), Error) << wrong;
}

TEST(ReportJson, NeverFailsOtherwiseWhenCutAnywhere) {
    ReportData data = make_example_report();
    data.track->sound.samples.resize(100);
    data.mistakes.resize(1);
    data.examples.resize(1);
    for (Sound* sound : {&data.mistakes[0].sound, &data.examples[0].sound}) sound->samples.resize(100);
    data.examples[0].features.reset();
    const std::string whole = to_json_text(data);
    for (std::size_t size = 0; size < whole.size() - 2; size += 97)
        EXPECT_THROW(read_report(std::string_view(whole).substr(0, size)), Error) << size;
}

TEST(ReportJson, RefusesPartsThatContradict) {
    const auto refuses = [](auto change) {
        ReportData data = make_example_report();
        change(data);
        EXPECT_THROW(verify_report(data), Error);
    };
    refuses([](ReportData& d) { d.splits[0].chip_right = d.splits[0].n + 1; });
    refuses([](ReportData& d) { d.splits[0].groups[0].right = 1000000; });
    refuses([](ReportData& d) { d.confusions[0].labels.push_back("x"); });
    refuses([](ReportData& d) { d.arena->tensors[0].offset = d.arena->bytes; });
    refuses([](ReportData& d) { d.arena->tensors[0].offset = ~0ull; });
    refuses([](ReportData& d) { d.arena->tensors[0].last = 1000; });
    refuses([](ReportData& d) { d.track->missed.push_back(1000); });
    refuses([](ReportData& d) { d.track->scores.values[0].pop_back(); });
    refuses([](ReportData& d) { d.track->words[0].end_s = -1; });
    refuses([](ReportData& d) { d.track->sound.rate_hz = 0; });
    refuses([](ReportData& d) { d.history[0].loss = 0.0 / 0.0; });
    refuses([](ReportData& d) { d.false_accepts->hours = 0; });
    refuses([](ReportData& d) { d.examples[0].features = FeatureImage{49, 10, {1, 2}}; });
}

}  // namespace
}  // namespace jatai::page
