// A network that PyTorch trained and exported: read from its .onnx file, and quantised, it knows the spells
// that its .tflite twin knows (EXPECTED.md: 22 of 25).
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <sstream>

#include "src/base/error.h"
#include "src/graph/interpret.h"
#include "src/graph/onnx.h"
#include "src/graph/passes/passes.h"
#include "src/graph/quantise/calibrate.h"
#include "src/graph/quantise/to_int8.h"
#include "src/graph/verify.h"

namespace jatai {
namespace {

constexpr std::size_t kRows = 119, kColumns = 6;
constexpr const char* kSpells[] = {"AlohomoraCharm", "ArrestoMomentumCharm", "AvadaKedavra", "LocomotorCharm",
                                   "Revelio"};

fs::path folder() { return fs::path(JATAI_SHARED_DIR) / "data/imu/magic_wand_spells"; }

struct Take {
    std::size_t label = 0;
    Bytes input;
};

// Acceleration within 4 g and turns within 2000 degrees a second, as 0..1; `columns_first` as the model wants
// it.
std::vector<Take> takes_of(const std::string& part, bool columns_first) {
    std::vector<Take> takes;
    for (std::size_t label = 0; label < std::size(kSpells); ++label) {
        std::ifstream file(folder() / part / (std::string(kSpells[label]) + ".csv"));
        std::vector<float> values;
        std::size_t row = 0;
        for (std::string line; std::getline(file, line);) {
            std::istringstream fields(line);
            std::vector<double> numbers;
            for (std::string field; std::getline(fields, field, ',');)
                numbers.push_back(std::atof(field.c_str()));
            if (numbers.size() < kColumns || line.empty() ||
                std::isalpha(static_cast<unsigned char>(line[0])))
                continue;
            values.resize(kRows * kColumns);
            for (std::size_t c = 0; c < kColumns; ++c) {
                const double x = numbers[c];
                values[columns_first ? c * kRows + row : row * kColumns + c] =
                    static_cast<float>(c < 3 ? (x + 4) / 8 : (x + 2000) / 4000);
            }
            if (++row < kRows) continue;
            row = 0;
            Take take{label, Bytes(values.size() * sizeof(float))};
            std::memcpy(take.input.data(), values.data(), take.input.size());
            takes.push_back(std::move(take));
        }
    }
    return takes;
}

int right_of(const Graph& graph, const std::vector<Take>& takes) {
    int right = 0;
    for (const Take& take : takes) {
        const Bytes answer = run_graph(graph, {take.input})[0];
        std::vector<float> scores(answer.size() / sizeof(float));
        std::memcpy(scores.data(), answer.data(), answer.size());
        right += static_cast<std::size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin()) ==
                 take.label;
    }
    return right;
}

TEST(OnnxWand, TheModelOfPyTorchKnowsTheSpellsInFloatAndInInt8) {
    const fs::path file = folder() / "model/model.onnx";
    if (!fs::exists(file)) GTEST_SKIP() << "no shared data at " << file;
    Graph graph;
    try {
        graph = read_onnx(read_file(file), "model.onnx");
    } catch (const Error& error) {
        GTEST_SKIP() << "refused: " << error.what();
    }
    run_passes(graph);
    const std::vector<std::int32_t>& shape = graph.tensor(graph.inputs[0]).shape;
    const bool columns_first = shape.back() == static_cast<std::int32_t>(kRows);
    const std::vector<Take> test = takes_of("test", columns_first), train = takes_of("train", columns_first);
    ASSERT_EQ(test.size(), 25u);
    ASSERT_EQ(train.size(), 100u);
    const int in_float = right_of(graph, test);

    quantise::Calibrator calibrator(graph, quantise::RangeMethod::MinMax);
    for (const Take& take : train) calibrator.look({take.input});
    quantise::Recipe recipe;
    recipe.scales = calibrator.scales();
    recipe.quantise_constants = true;
    const Graph int8 = quantise::to_int8(graph, recipe);
    verify(int8);
    const int in_int8 = right_of(int8, test);
    std::printf("spells from .onnx: %d of 25 in float, %d of 25 in int8\n", in_float, in_int8);
    EXPECT_EQ(in_float, 22);
    EXPECT_GE(in_int8, 21);
    int float_layers = 0;
    for (const Node& node : int8.nodes)
        float_layers += node.op != Op::Quantize && int8.tensor(node.outputs[0]).type == Type::Float32;
    EXPECT_LE(float_layers, 1);  // the DEQUANTIZE at the end
}

}  // namespace
}  // namespace jatai
