#include "src/report/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "src/base/bytes.h"
#include "src/base/error.h"
#include "src/report/example_report.h"

namespace jatai::page {
namespace {

using testing::HasSubstr;
using testing::Not;

// Every place in a report where a name from outside may stand.
ReportData make_hostile_report(const std::string& evil) {
    ReportData data = make_example_report();
    data.title = data.subtitle = data.board.name = data.board.chip = data.board.id = data.summary.battery =
        evil;
    for (Word& word : data.track->words) word.label = word.voice = evil;
    for (LedSpan& led : data.track->leds) led.label = led.color = evil;
    for (Detection& detection : data.track->detections) detection.label = evil;
    for (auto& label : data.track->scores.labels) label = evil;
    for (Split& split : data.splits) {
        split.name = evil;
        for (GroupResult& group : split.groups) group.name = evil;
    }
    for (Confusion& confusion : data.confusions) {
        confusion.split = evil;
        for (auto& label : confusion.labels) label = evil;
    }
    data.false_accepts->where = data.false_accepts->sound = evil;
    for (Mistake& mistake : data.mistakes) mistake.truth = mistake.predicted = mistake.group = evil;
    for (Example& example : data.examples) example.label = example.group = evil;
    for (LayerCost& layer : data.layers) layer.name = layer.op = evil;
    for (auto& step : data.arena->steps) step = evil;
    for (ArenaTensor& tensor : data.arena->tensors) tensor.name = evil;
    for (Memory* memory : {&*data.ram, &*data.flash})
        for (MemoryPart& part : memory->parts) part.name = evil;
    data.hashes = Hashes{evil, evil, evil, evil};
    for (Fact& fact : data.lineage) fact.key = fact.value = evil;
    for (NextStep& step : data.next_steps) step.what = step.command = evil;
    return data;
}

std::size_t count(const std::string& page, std::string_view part) {
    std::size_t found = 0;
    for (std::size_t at = page.find(part); at != std::string::npos; at = page.find(part, at + 1)) ++found;
    return found;
}

TEST(Page, ShowsEveryPartOfAFullReport) {
    const std::string page = render_report(make_example_report());
    for (const char* id : {"board", "answers", "accuracy", "mistakes", "sounds", "training", "layers",
                           "memory", "proof", "next"})
        EXPECT_THAT(page, HasSubstr(std::string("<section id=\"") + id + "\"")) << id;
    EXPECT_THAT(page, HasSubstr("qemu-system-arm"));
    EXPECT_THAT(page, HasSubstr("equal: host and chip gave the same bytes"));
}

TEST(Page, LeavesOutWhatIsMissing) {
    const std::string page = render_report({});
    EXPECT_EQ(count(page, "<section"), 1u);
    EXPECT_EQ(count(page, "<audio"), 0u);
    ReportData trained = make_example_report();
    trained.track.reset();
    trained.summary = {};
    trained.hashes.reset();
    for (LayerCost& layer : trained.layers) layer.cycles = 0;
    const std::string before_simulation = render_report(trained);
    EXPECT_THAT(before_simulation, Not(HasSubstr("<section id=\"answers\"")));
    EXPECT_THAT(before_simulation, Not(HasSubstr("cycles, modelled")));
    EXPECT_THAT(before_simulation, HasSubstr("share of MACs"));
}

TEST(Page, ReachesForNothingOutside) {
    const std::string page = render_report(make_example_report());
    EXPECT_THAT(page, HasSubstr("default-src 'none'"));
    // The only address is the name of the SVG language, which is never fetched.
    EXPECT_EQ(count(page, "http://") + count(page, "https://"), count(page, "http://www.w3.org/"));
    EXPECT_EQ(count(page, "<link"), count(page, "<link rel=\"icon\" href=\"data:,\">"));
    EXPECT_THAT(page, Not(HasSubstr("@import")));
    EXPECT_THAT(page, Not(HasSubstr("url(//")));
}

TEST(Page, EscapesHostileNamesEverywhere) {
    const std::string clean = render_report(make_example_report());
    for (const char* evil :
         {"</script><script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'></title></style><b>"}) {
        const std::string page = render_report(make_hostile_report(evil));
        EXPECT_THAT(page, Not(HasSubstr(evil)));
        EXPECT_EQ(count(page, "<script"), count(clean, "<script")) << evil;
        EXPECT_EQ(count(page, "</script"), count(clean, "</script")) << evil;
        EXPECT_EQ(count(page, "<img"), 0u);
        EXPECT_EQ(count(page, "</title"), count(clean, "</title"));
        EXPECT_EQ(count(page, "</style"), 1u);
    }
}

TEST(Page, SurvivesTextThatIsNotUtf8) {
    EXPECT_NO_THROW(render_report(make_hostile_report("\xff\xfe\xc3")));
    EXPECT_NO_THROW(to_json_text(make_hostile_report("\xff\xfe\xc3")));
}

TEST(Page, AlwaysSaysModelledBesideSimulatedTimeAndEnergy) {
    ReportData data;
    data.summary.inference_ms = Band{118, 101, 135};
    data.summary.inference_uj = Band{1900, 1500, 2400};
    data.summary.battery_hours = Band{400, 300, 500};
    const std::string page = render_report(data);
    EXPECT_EQ(count(page, "<small>modelled, "), 3u);
}

TEST(Page, IsTheSameBytesForTheSameData) {
    EXPECT_EQ(render_report(make_example_report()), render_report(make_example_report()));
}

TEST(Page, SaysWhenChipAndHostDiffer) {
    ReportData data;
    data.hashes = Hashes{"", "aa", "bb", ""};
    EXPECT_THAT(render_report(data), HasSubstr("different: host and chip disagree"));
}

TEST(Page, RefusesDataThatContradictsItself) {
    ReportData data = make_example_report();
    data.confusions[0].counts[0].pop_back();
    EXPECT_THROW(render_report(data), Error);
}

// Look at it: tools/look build/release/example-report.html page.png. JATAI_LANGUAGE=pt writes the other
// language.
TEST(Page, IsWrittenForPeopleToLookAt) {
    const fs::path page = fs::path(JATAI_BUILD_DIR) / "example-report.html";
    const char* wanted = std::getenv("JATAI_LANGUAGE");
    set_language(wanted != nullptr ? wanted : "en", JATAI_BUILD_DIR "/share/locale");
    write_text(page, render_report(make_example_report()));
    set_language("en", ".");
    EXPECT_GT(fs::file_size(page), 100000u);
}

}  // namespace
}  // namespace jatai::page
