// links: jatai_report
// Any bytes as report.json: a report or an Error, never a crash. What was read is written, and read as the
// same; a report that was accepted can be drawn.
#include <string>

#include "src/base/error.h"
#include "src/report/page.h"
#include "src/report/report_data.h"
#include "tests/fuzz/fuzz.h"

namespace jatai {

namespace {

void add_seed(std::vector<Bytes>& seeds, const page::ReportData& data) {
    const std::string json = page::to_json_text(data);
    seeds.emplace_back(json.begin(), json.end());
}

page::ReportData some_report() {
    page::ReportData data;
    data.title = "Keywords";
    data.board.id = "nano33ble";
    data.splits.push_back({.name = "unseen_voices", .n = 4, .chip_right = 3});
    data.summary.inference_ms = page::Band{.value = 61.2, .low = 42.8, .high = 79.6};
    return data;
}

}  // namespace

void add_seeds(std::vector<Bytes>& seeds) {
    add_seed(seeds, page::ReportData{});
    add_seed(seeds, some_report());
}

}  // namespace jatai

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace jatai;
    try {
        const std::string_view json(reinterpret_cast<const char*>(data), size);
        const page::ReportData report = page::read_report(json, "fuzz.json");
        const std::string text = page::to_json_text(report);
        CHECK(page::to_json_text(page::read_report(text, "again.json")) == text);
        CHECK(!page::render_report(report).empty());
    } catch (const Error&) {
        // refused in words, as it should be
    }
    return 0;
}
