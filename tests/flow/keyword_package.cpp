#include "tests/flow/keyword_package.h"

#include <cmath>

#include "device/apps/keyword_settings.h"
#include "device/port.h"
#include "src/base/error.h"
#include "src/base/rng.h"
#include "src/features/feature_pipeline.h"
#include "src/graph/passes/passes.h"
#include "src/graph/text_form.h"
#include "src/package/pack.h"

namespace jatai {
namespace {

constexpr std::size_t kRows = 49, kRow = 10;

// The loudness weighs for "tone" and against "quiet"; a third of the window is enough.
constexpr const char* kToneNet = R"(
graph tone
%x int8[1,490] s=0.03125 z=0 = input
%w int8[2,490] s=0.0078125 = fill 0
%b int32[2] s=0.000244140625 = {50000,-50000}
%dense int8[1,2] s=0.25 z=0 = FULLY_CONNECTED(%x, %w, %b) version=4
%score int8[1,2] s=0.00390625 z=-128 = SOFTMAX(%dense) version=2 beta=1
output %score
)";

}  // namespace

KeywordPace tone_pace() {
    KeywordPace pace;
    pace.labels = {{"tone", 0.6, kLightGreen, true}, {"quiet", 0.6, 0, false}};
    return pace;
}

Bytes keyword_package(Graph graph, const KeywordPace& pace) {
    FeatureSettings settings;
    const Tensor& input = graph.tensor(graph.inputs.at(0));
    settings.scale = input.quantisation.scale();
    settings.zero_point = input.quantisation.zero_point();
    run_passes(graph);
    PackOptions options;
    options.blobs = {{sections::kFeatures, FeaturePipeline(settings).blob()},
                     {sections::kKeyword, keyword_section(pace)}};
    Board board;
    board.id = "nano33ble";
    return pack(graph, make_plan(graph, board, Family::CortexM), options);
}

Bytes tone_package(const KeywordPace& pace) {
    Graph graph = parse_text(kToneNet, "tone");
    for (Tensor& tensor : graph.tensors) {
        if (tensor.name != "w") continue;
        CHECK(tensor.data.size() == 2 * kRows * kRow);
        for (std::size_t row = 0; row < kRows; ++row) {
            tensor.data[row * kRow] = 16;
            tensor.data[(kRows + row) * kRow] = static_cast<std::uint8_t>(-16);
        }
    }
    return keyword_package(std::move(graph), pace);
}

std::vector<std::int16_t> tones(double seconds, const std::vector<std::pair<double, double>>& loud) {
    constexpr double rate = 16000, pi = 3.14159265358979;
    Rng rng(7);
    std::vector<std::int16_t> samples(static_cast<std::size_t>(seconds * rate));
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const double t = static_cast<double>(i) / rate;
        double level = rng.uniform() * 16 - 8;
        for (const auto& [from, to] : loud) {
            if (t < from || t >= to) continue;
            for (const double hz : {300.0, 700.0, 1500.0, 3100.0}) level += 5000 * std::sin(2 * pi * hz * t);
        }
        samples[i] = static_cast<std::int16_t>(level);
    }
    return samples;
}

}  // namespace jatai
