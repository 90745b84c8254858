#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "src/graph/interpret.h"
#include "src/graph/op_def.h"
#include "src/graph/quantise/calibrate.h"
#include "src/graph/quantise/scales.h"
#include "src/graph/quantise/to_int8.h"
#include "src/graph/text_form.h"
#include "src/graph/tflite.h"
#include "src/graph/verify.h"

namespace jatai::quantise {
namespace {

using testing::ElementsAre;

Tensor floats(const std::vector<std::int32_t>& shape, const std::vector<float>& values) {
    Tensor tensor;
    tensor.type = Type::Float32;
    tensor.shape = shape;
    tensor.data.resize(values.size() * sizeof(float));
    std::memcpy(tensor.data.data(), values.data(), tensor.data.size());
    return tensor;
}

std::vector<std::int8_t> int8s(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

constexpr const char* kNet = R"(
%x float32[1,6,6,2] = input
%w float32[4,3,3,2] = random 1
%b float32[4] = random 2
%conv float32[1,6,6,4] = CONV_2D(%x, %w, %b) stride_w=1 stride_h=1 fused_activation_function=relu
%shift float32[4] = {0.5,-0.25,0,1}
%sum float32[1,6,6,4] = ADD(%conv, %shift)
%flat float32[1,144] = RESHAPE(%sum) new_shape=[1,144]
%v float32[3,144] = random 3
%answer float32[1,3] = FULLY_CONNECTED(%flat, %v, _)
output %answer
)";

std::vector<Bytes> sample(int seed) {
    std::vector<float> values;
    for (int i = 0; i < 72; ++i) values.push_back(std::sin(static_cast<float>(i * (seed + 3)) * 0.7f));
    return {floats({72}, values).data};
}

Recipe calibrated(const Graph& graph, RangeMethod method) {
    Calibrator calibrator(graph, method);
    for (int seed = 0; seed < 8; ++seed) calibrator.look(sample(seed));
    for (int seed = 0; calibrator.looks_twice() && seed < 8; ++seed) calibrator.look_again(sample(seed));
    Recipe recipe;
    recipe.scales = calibrator.scales();
    recipe.quantise_constants = true;
    return recipe;
}

std::vector<std::string> ops_of(const Graph& graph) {
    std::vector<std::string> names;
    for (const Node& node : graph.nodes) names.emplace_back(op_def(node.op).name);
    return names;
}

std::vector<float> answer_of(const Graph& graph, const std::vector<Bytes>& inputs) {
    const Bytes bytes = run_graph(graph, inputs)[0];
    std::vector<float> values(bytes.size() / sizeof(float));
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
}

TEST(Quantise, ARangeHoldsZeroAndFillsEightBits) {
    const Quantisation q = scale_of_range({-1.0f, 3.0f});
    EXPECT_NEAR(q.scale(), 4.0 / 255, 1e-7);
    EXPECT_EQ(q.zero_point(), -64);
    EXPECT_EQ(quantise_one(0.0f, q), q.zero_point());
    EXPECT_EQ(quantise_one(3.0f, q), 127);
    EXPECT_EQ(quantise_one(-99.0f, q), -128);
    EXPECT_EQ(scale_of_range({2.0f, 5.1f}).zero_point(), -128);
    EXPECT_GT(scale_of_range({0, 0}).scale(), 0);
}

TEST(Quantise, WeightsHaveASymmetricScalePerChannelAndADeadChannelStillHoldsItsBias) {
    const Tensor weights = floats({3, 2}, {1.0f, -0.5f, 0.2f, 0.1f, 0, 0});
    const Tensor bias = floats({3}, {0, 0, 5.0f});
    const StoredConstant stored = quantise_weights(weights, 0, &bias, 0.1f);
    EXPECT_THAT(int8s(stored.data), ElementsAre(127, -64, 127, 64, 0, 0));
    EXPECT_FLOAT_EQ(stored.quantisation.scales[0], 1.0f / 127);
    EXPECT_FLOAT_EQ(stored.quantisation.scales[1], 0.2f / 127);
    const StoredConstant integers = quantise_bias(bias, nullptr, 0.1f, stored.quantisation);
    std::int32_t last = 0;
    std::memcpy(&last, integers.data.data() + 8, 4);
    EXPECT_NEAR(last * static_cast<double>(integers.quantisation.scales[2]), 5.0, 1e-3);
}

TEST(Quantise, AFloatNetworkBecomesInt8BetweenFloatDoors) {
    const Graph graph = parse_text(kNet, "net");
    const Graph int8 = to_int8(graph, calibrated(graph, RangeMethod::MinMax));
    verify(int8);
    EXPECT_THAT(ops_of(int8),
                ElementsAre("QUANTIZE", "CONV_2D", "ADD", "RESHAPE", "FULLY_CONNECTED", "DEQUANTIZE"));
    const Tensor& weights = int8.tensor(int8.nodes[1].inputs[1]);
    EXPECT_EQ(weights.quantisation.scales.size(), 4u);
    EXPECT_EQ(int8.tensor(int8.nodes[2].outputs[0]).quantisation.scales,
              int8.tensor(int8.nodes[3].outputs[0]).quantisation.scales);
    EXPECT_NO_THROW(read_tflite(write_tflite(int8), "again"));
}

TEST(Quantise, TheInt8NetworkAnswersNearlyAsTheFloatOne) {
    const Graph graph = parse_text(kNet, "net");
    for (const RangeMethod method : {RangeMethod::MinMax, RangeMethod::Percentile, RangeMethod::Mse}) {
        const Graph int8 = to_int8(graph, calibrated(graph, method));
        double signal = 0, error = 0;
        for (int seed = 0; seed < 8; ++seed) {
            const std::vector<float> a = answer_of(graph, sample(seed)), b = answer_of(int8, sample(seed));
            for (std::size_t i = 0; i < a.size(); ++i) {
                signal += static_cast<double>(a[i]) * a[i];
                error += (static_cast<double>(a[i]) - b[i]) * (static_cast<double>(a[i]) - b[i]);
            }
        }
        EXPECT_GT(10 * std::log10(signal / error), 28) << static_cast<int>(method);
    }
}

TEST(Quantise, DoorsMayBeInt8) {
    const Graph graph = parse_text(kNet, "net");
    Recipe recipe = calibrated(graph, RangeMethod::MinMax);
    recipe.doors = Doors::Int8;
    const Graph int8 = to_int8(graph, recipe);
    verify(int8);
    EXPECT_EQ(int8.tensor(int8.inputs[0]).type, Type::Int8);
    EXPECT_EQ(int8.tensor(int8.outputs[0]).type, Type::Int8);
    EXPECT_THAT(ops_of(int8), ElementsAre("CONV_2D", "ADD", "RESHAPE", "FULLY_CONNECTED"));
}

TEST(Quantise, WhatHasNoScaleStaysFloat) {
    const Graph graph = parse_text(kNet, "net");
    Recipe recipe = calibrated(graph, RangeMethod::MinMax);
    recipe.scales[static_cast<std::size_t>(graph.nodes[1].outputs[0])] = {};  // of the sum
    const Graph mixed = to_int8(graph, recipe);
    verify(mixed);
    EXPECT_THAT(ops_of(mixed), ElementsAre("QUANTIZE", "CONV_2D", "DEQUANTIZE", "ADD", "RESHAPE", "QUANTIZE",
                                           "FULLY_CONNECTED", "DEQUANTIZE"));
}

TEST(Quantise, OneOutlierDoesNotSpoilTheRangeByPercentile) {
    const Graph graph =
        parse_text("%x float32[1,30000] = input\n%y float32[1,30000] = ADD(%x, %x)\noutput %y\n", "sum");
    std::vector<float> values(30000, 0.5f);
    values[7] = 1000.0f;
    for (std::size_t i = 0; i < values.size(); i += 2) values[i] = -0.5f;
    Calibrator wide(graph, RangeMethod::MinMax), narrow(graph, RangeMethod::Percentile);
    const std::vector<Bytes> one{floats({1, 30000}, values).data};
    wide.look(one);
    narrow.look(one);
    narrow.look_again(one);
    EXPECT_GT(wide.scales()[0].scale(), 3);
    EXPECT_LT(narrow.scales()[0].scale(), 0.05);
}

constexpr const char* kLstm = R"(
%x float32[1,9,8] = input
%w float32[6,8] = random 1
%r float32[6,6] = random 2
%b float32[6] = random 3
%h float32[1,6] = state
%c float32[1,6] = state
%y float32[1,9,6] = UNIDIRECTIONAL_SEQUENCE_LSTM(%x, %w, %w, %w, %w, %r, %r, %r, %r, _, _, _, %b, %b, %b, %b, _, _, %h, %c) fused_activation_function=4
output %y
)";

TEST(ToInt8, AnLstmBecomesInt8WithACellOf16Bits) {
    const Graph graph = parse_text(kLstm, "lstm");
    const Graph int8 = to_int8(graph, calibrated(graph, RangeMethod::MinMax));
    verify(int8);
    const auto lstm = std::find_if(int8.nodes.begin(), int8.nodes.end(), [](const Node& node) {
        return node.op == Op::UnidirectionalSequenceLstm;
    });
    ASSERT_NE(lstm, int8.nodes.end());
    EXPECT_EQ(int8.tensor(lstm->inputs[0]).type, Type::Int8);
    EXPECT_EQ(int8.tensor(lstm->inputs[18]).type, Type::Int8);
    EXPECT_EQ(int8.tensor(lstm->inputs[19]).type, Type::Int16);
    int power = 0;
    EXPECT_EQ(std::frexp(int8.tensor(lstm->inputs[19]).quantisation.scale(), &power), 0.5f);
    Interpreter real(graph), whole(int8);
    double worst = 0, largest = 0;
    for (int seed = 0; seed < 8; ++seed) {
        const Bytes a = real.run(sample(seed))[0], b = whole.run(sample(seed))[0];
        for (std::size_t i = 0; i < a.size(); i += sizeof(float)) {
            float x, y;
            std::memcpy(&x, a.data() + i, sizeof x);
            std::memcpy(&y, b.data() + i, sizeof y);
            worst = std::max<double>(worst, std::abs(x - y));
            largest = std::max<double>(largest, std::abs(x));
        }
    }
    EXPECT_GT(largest, 0.3);
    EXPECT_LT(worst, 0.06);
}

}  // namespace
}  // namespace jatai::quantise
