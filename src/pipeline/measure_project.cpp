#include "src/pipeline/measure_project.h"

#include <algorithm>

#include "src/base/error.h"
#include "src/package/runner.h"

namespace jatai {
namespace {

constexpr double kHoursOfFalseAccepts = 1.0;

// The clips to measure, split by split, and their features back to back as the model takes them.
struct Questions {
    std::vector<std::pair<Split, std::uint32_t>> clips;
    Bytes inputs;
};

Questions questions_of(const FeatureSet& features) {
    Questions questions;
    for (const Split split : {Split::Test, Split::TestAccents}) {
        for (const std::size_t i : features.indices(split)) {
            questions.clips.emplace_back(split, static_cast<std::uint32_t>(i));
            const auto row = features.row(i);
            const auto* bytes = reinterpret_cast<const std::uint8_t*>(row.data());
            questions.inputs.insert(questions.inputs.end(), bytes, bytes + row.size());
        }
    }
    return questions;
}

// The label with the highest int8 output, the first of equals.
std::uint16_t best_of(ByteView output) {
    const auto higher = [](std::uint8_t a, std::uint8_t b) {
        return static_cast<std::int8_t>(a) < static_cast<std::int8_t>(b);
    };
    return static_cast<std::uint16_t>(std::max_element(output.begin(), output.end(), higher) -
                                      output.begin());
}

void tally(Measured& measured, const Questions& questions, const FeatureSet& features, ByteView host,
           ByteView chip) {
    const std::size_t labels = features.labels.size();
    for (std::size_t i = 0; i < questions.clips.size(); ++i) {
        const auto [split, clip] = questions.clips[i];
        const ByteView here = host.subspan(i * labels, labels);
        const std::uint16_t answer = best_of(here);
        MeasuredSplit& result = measured.splits[split];
        result.clips.push_back({clip, answer, (static_cast<std::int8_t>(here[answer]) + 128) / 256.0});
        result.host_right += answer == features.y[clip] ? 1 : 0;
        result.chip_right += best_of(chip.subspan(i * labels, labels)) == features.y[clip] ? 1 : 0;
    }
}

}  // namespace

Measured measure_project(const Project& project, const Dataset& dataset, const FeatureSet& features,
                         ByteView package, const BoardRunner& runner, const Progress& progress) {
    Questions questions = questions_of(features);
    if (questions.clips.empty()) {
        throw Error{text("{}: no recordings of unseen voices", project.data_dir().string()),
                    text("make or import the data set again: some voices are kept for testing")};
    }
    const Bytes host = run_package(package, questions.inputs, "model.jpk", progress);
    const BoardRun chip = runner.run(package, questions.inputs, "model.jpk", progress);
    CHECK(host.size() == questions.clips.size() * features.labels.size() &&
          chip.outputs.size() == host.size());

    Measured measured;
    measured.samples = questions.clips.size();
    measured.host_hash = hash_bytes(host);
    measured.chip_hash = hash_bytes(chip.outputs);
    measured.first = chip.samples.at(0);
    measured.stack_bytes = chip.stack_bytes;
    tally(measured, questions, features, host, chip.outputs);
    measured.questions = std::move(questions.inputs);
    measured.alarms =
        count_false_accepts(package, dataset, kHoursOfFalseAccepts, project.settings.data.seed, progress);
    return measured;
}

}  // namespace jatai
