// report_parts.h: from what a project measured to the parts of its page.
//
//     page::ReportData data;
//     fill_accuracy(data, sources);
//
// Each function fills the parts its name says and leaves the others alone.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "src/data/track.h"
#include "src/package/inspect.h"
#include "src/pipeline/measure_project.h"
#include "src/pipeline/project.h"
#include "src/plan/plan.h"
#include "src/report/report_data.h"

namespace jatai {

struct ReportSources {
    Project project;
    Board board;
    Dataset dataset;
    FeatureSet features;
    Bytes package;
    Bytes firmware;  // the ELF that holds the package
    PackageInfo info;
    Plan plan;
    nlohmann::json scores;   // model/scores.json
    nlohmann::json history;  // model/history.json
    Measured measured;
    nlohmann::json heard;        // run/heard.json; null before jatai simulate
    std::optional<Track> track;  // likewise
};

void fill_summary(page::ReportData& data, const ReportSources& s);  // title, board, tiles
void fill_track(page::ReportData& data, const ReportSources& s);    // what was said, thought and lit
void fill_accuracy(page::ReportData& data,
                   const ReportSources& s);  // splits, confusion, false accepts, training
void fill_sounds(page::ReportData& data, const ReportSources& s);   // mistakes and examples one can hear
void fill_network(page::ReportData& data, const ReportSources& s);  // layers, memory
void fill_proof(page::ReportData& data, const ReportSources& s);    // hashes, lineage, what to try next

}  // namespace jatai
