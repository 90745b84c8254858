// ONNX's types beside float and int8, and what is made of several operators: all by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "src/base/error.h"
#include "src/graph/interpret.h"
#include "src/graph/onnx.h"
#include "src/graph/onnx/test_model.h"
#include "src/graph/passes/passes.h"

namespace jatai {
namespace {

using onnx::ModelWriter;
using testing::ElementsAre;

constexpr int kUInt8 = 2, kUInt16 = 4, kInt64 = 7, kBool = 9, kHalf = 10, kUInt32 = 12, kUInt64 = 13;

template <typename T>
Bytes raw(const std::vector<T>& values) {
    Bytes bytes(values.size() * sizeof(T));
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

template <typename T>
std::vector<T> as(const Bytes& bytes) {
    std::vector<T> values(bytes.size() / sizeof(T));
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
}

std::vector<Bytes> answers(const ModelWriter& model, const std::vector<Bytes>& inputs) {
    Graph graph = read_onnx(model.bytes(), "m.onnx");
    run_passes(graph);
    return run_graph(graph, inputs);
}

ModelWriter pair_of(const char* op, std::int64_t count, int type, int result) {
    ModelWriter m(13);
    m.input("a", {count}, type);
    m.input("b", {count}, type);
    m.node(op, {"a", "b"}, {"y"});
    m.output("y", {count}, result);
    return m;
}

TEST(OnnxTypes, IntegersWithoutAScaleWrapAtTheirOwnWidth) {
    EXPECT_THAT(as<std::uint8_t>(answers(pair_of("Add", 2, kUInt8, kUInt8),
                                         {raw<std::uint8_t>({250, 3}), raw<std::uint8_t>({10, 4})})[0]),
                ElementsAre(4, 7));
    EXPECT_THAT(as<std::uint16_t>(answers(pair_of("Sub", 2, kUInt16, kUInt16),
                                          {raw<std::uint16_t>({1, 9}), raw<std::uint16_t>({2, 4})})[0]),
                ElementsAre(65535, 5));
    EXPECT_THAT(as<std::uint32_t>(answers(pair_of("Mul", 1, kUInt32, kUInt32),
                                          {raw<std::uint32_t>({3000000000u}), raw<std::uint32_t>({3})})[0]),
                ElementsAre(410065408u));
}

TEST(OnnxTypes, IntegersWithoutASignAreOrderedAsSuch) {
    EXPECT_THAT(as<std::uint32_t>(answers(pair_of("Max", 1, kUInt32, kUInt32),
                                          {raw<std::uint32_t>({4000000000u}), raw<std::uint32_t>({1})})[0]),
                ElementsAre(4000000000u));
    const std::uint64_t large = std::uint64_t{1} << 63;
    EXPECT_THAT(as<std::uint64_t>(answers(pair_of("Min", 2, kUInt64, kUInt64),
                                          {raw<std::uint64_t>({large, 5}), raw<std::uint64_t>({7, 6})})[0]),
                ElementsAre(7u, 5u));
    EXPECT_THAT(answers(pair_of("Less", 2, kUInt64, kBool),
                        {raw<std::uint64_t>({large, 5}), raw<std::uint64_t>({7, 6})})[0],
                ElementsAre(0, 1));
}

TEST(OnnxTypes, HalvesComeInAndGoOutAsHalves) {
    EXPECT_THAT(as<std::uint16_t>(
                    answers(pair_of("Add", 2, kHalf, kHalf),
                            {raw<std::uint16_t>({0x3C00, 0xC000}), raw<std::uint16_t>({0x3800, 0x4000})})[0]),
                ElementsAre(0x3E00, 0));
}

TEST(OnnxTypes, TheLastOfEqualMaximaIsFoundWhenAskedFor) {
    ModelWriter m(13);
    m.input("x", {4});
    m.node("ArgMax", {"x"}, {"y"}, {{"axis", {0}}, {"select_last_index", {1}}, {"keepdims", {0}}});
    m.output("y", {}, kInt64);
    EXPECT_THAT(as<std::int64_t>(answers(m, {raw<float>({1, 5, 5, 2})})[0]), ElementsAre(2));
}

TEST(OnnxTypes, TheSmallestAreFoundWhenTheLargestAreNotAskedFor) {
    ModelWriter m(11);
    m.input("x", {2, 3});
    m.int64s("k", {1}, {2});
    m.node("TopK", {"x", "k"}, {"v", "i"}, {{"axis", {0}}, {"largest", {0}}});
    m.output("v", {2, 3});
    m.output("i", {2, 3}, kInt64);
    const auto both = answers(m, {raw<float>({1, 5, 3, 4, 2, 3})});
    EXPECT_THAT(as<float>(both[0]), ElementsAre(1, 2, 3, 4, 5, 3));
    EXPECT_THAT(as<std::int64_t>(both[1]), ElementsAre(0, 1, 0, 1, 0, 1));
}

Bytes dilated(const char* op) {
    ModelWriter m(19);
    m.input("x", {1, 1, 5, 1});
    m.node(op, {"x"}, {"y"}, {{"kernel_shape", {2, 1}}, {"dilations", {2, 1}}});
    m.output("y", {1, 1, 3, 1});
    return answers(m, {raw<float>({1, 2, 8, 4, 6})})[0];
}

TEST(OnnxTypes, ADilatedPoolLooksAtEverySecondElement) {
    EXPECT_THAT(as<float>(dilated("MaxPool")), ElementsAre(8, 4, 8));
    EXPECT_THAT(as<float>(dilated("AveragePool")), ElementsAre(4.5f, 3, 7));
}

TEST(OnnxTypes, APoolOfThreeDimensionsTakesTheLargestOfEveryBox) {
    ModelWriter m(13);
    m.input("x", {1, 1, 2, 2, 3});
    m.node("MaxPool", {"x"}, {"y"}, {{"kernel_shape", {2, 2, 2}}});
    m.output("y", {1, 1, 1, 1, 2});
    EXPECT_THAT(as<float>(answers(m, {raw<float>({1, 2, 3, 4, 5, 0, 7, 1, 1, 0, 2, 9})})[0]),
                ElementsAre(7, 9));
}

TEST(OnnxTypes, ScalesPerChannelOfAValueThatVariesAreApplied) {
    ModelWriter m(13);
    m.input("x", {1, 2, 2});
    m.floats("s", {2}, {0.5f, 2});
    m.bytes8("z", {2}, {1, -1});
    m.node("QuantizeLinear", {"x", "s", "z"}, {"q"}, {{"axis", {1}}});
    m.node("DequantizeLinear", {"q", "s", "z"}, {"y"}, {{"axis", {1}}});
    m.output("q", {1, 2, 2}, 3);
    m.output("y", {1, 2, 2});
    const auto both = answers(m, {raw<float>({0.7f, 100, -3, 5})});
    EXPECT_THAT(as<std::int8_t>(both[0]), ElementsAre(2, 127, -3, 1));
    EXPECT_THAT(as<float>(both[1]), ElementsAre(0.5f, 63, -4, 4));
}

ModelWriter one_layer(const char* op, std::int64_t count, const ModelWriter::Settings& settings = {},
                      const std::vector<std::pair<std::string, float>>& reals = {}, int result = 1) {
    ModelWriter m(20);
    m.input("x", {count});
    m.node(op, {"x"}, {"y"}, settings, reals);
    m.output("y", {count}, result);
    return m;
}

TEST(OnnxTypes, WhatIsMadeOfOtherOperatorsAnswersItsFormula) {
    const Bytes x = raw<float>({-2, 0.5f, 3});
    EXPECT_THAT(as<float>(answers(one_layer("ThresholdedRelu", 3), {x})[0]), ElementsAre(0, 0, 3));
    EXPECT_THAT(as<float>(answers(one_layer("Celu", 3, {}, {{"alpha", 2}}), {x})[0]),
                testing::Pointwise(testing::FloatNear(1e-6f), {2 * std::expm1(-1.0f), 0.5f, 3.0f}));
    EXPECT_THAT(as<float>(answers(one_layer("Mish", 3), {x})[0]),
                testing::Pointwise(testing::FloatNear(1e-5f), {-0.252501f, 0.375248f, 2.986535f}));
    EXPECT_THAT(
        as<float>(answers(one_layer("Erf", 3), {x})[0]),
        testing::Pointwise(testing::FloatNear(1e-6f), {std::erf(-2.0f), std::erf(0.5f), std::erf(3.0f)}));
    const Bytes odd = raw<float>({NAN, INFINITY, -INFINITY});
    EXPECT_THAT(answers(one_layer("IsNaN", 3, {}, {}, kBool), {odd})[0], ElementsAre(1, 0, 0));
    EXPECT_THAT(answers(one_layer("IsInf", 3, {{"detect_positive", {0}}}, {}, kBool), {odd})[0],
                ElementsAre(0, 0, 1));
}

TEST(OnnxTypes, DynamicQuantisationFindsItsScaleInWhatItIsGiven) {
    ModelWriter m(13);
    m.input("x", {4});
    m.node("DynamicQuantizeLinear", {"x"}, {"q", "s", "z"});
    m.output("q", {4}, kUInt8);
    m.output("s", {});
    m.output("z", {}, kUInt8);
    const auto all = answers(m, {raw<float>({-1, 0, 1.55f, 0.5f})});
    EXPECT_THAT(all[0], ElementsAre(0, 100, 255, 150));
    EXPECT_NEAR(as<float>(all[1])[0], 0.01f, 1e-7f);
    EXPECT_THAT(all[2], ElementsAre(100));
}

// 600 products of 255 and -128 do not fit the 24 bits of a float's fraction: the sum is made in pieces.
TEST(OnnxTypes, AProductOfIntegersIsExactHoweverLongTheSum) {
    ModelWriter m(13);
    m.input("a", {1, 600}, kUInt8);
    m.bytes8("b", {600, 1}, std::vector<std::int8_t>(600, -127));
    m.node("MatMulInteger", {"a", "b"}, {"y"});
    m.output("y", {1, 1}, 6);
    EXPECT_THAT(as<std::int32_t>(answers(m, {Bytes(600, 255)})[0]), ElementsAre(600 * 255 * -127));
}

TEST(OnnxTypes, OneHotTurnsOnOnePlaceOfEachRow) {
    ModelWriter m(13);
    m.input("i", {2}, kInt64);
    m.int64s("depth", {}, {3});
    m.floats("values", {2}, {-1, 5});
    m.node("OneHot", {"i", "depth", "values"}, {"y"});
    m.output("y", {2, 3});
    EXPECT_THAT(as<float>(answers(m, {raw<std::int64_t>({1, -1})})[0]), ElementsAre(-1, 5, -1, -1, -1, 5));
}

TEST(OnnxTypes, WeightsThatComeFromOutsideConvolveAsConstantsDo) {
    ModelWriter m(13);
    m.input("x", {1, 1, 3, 3});
    m.input("w", {2, 1, 2, 2});
    m.input("b", {2});
    m.node("Conv", {"x", "w", "b"}, {"y"});
    m.output("y", {1, 2, 2, 2});
    const auto y = answers(m, {raw<float>({1, 2, 3, 4, 5, 6, 7, 8, 9}), raw<float>({1, 0, 0, 1, 0, 1, 0, 0}),
                               raw<float>({0, 10})});
    EXPECT_THAT(as<float>(y[0]), ElementsAre(6, 8, 12, 14, 12, 13, 15, 16));
}

TEST(OnnxTypes, GroupsAreNormalisedEachForItself) {
    ModelWriter m(21);
    m.input("x", {1, 2, 2});
    m.floats("s", {2}, {1, 2});
    m.floats("b", {2}, {0, 1});
    m.node("GroupNormalization", {"x", "s", "b"}, {"y"}, {{"num_groups", {2}}}, {{"epsilon", 1e-9f}});
    m.output("y", {1, 2, 2});
    EXPECT_THAT(as<float>(answers(m, {raw<float>({1, 3, 10, 30})})[0]),
                testing::Pointwise(testing::FloatNear(1e-4f), {-1.0f, 1.0f, -1.0f, 3.0f}));
}

// x = 0.5 (q - 10), w = 0.25 q: y = x w + c, in steps of 0.5 from 5.
TEST(OnnxTypes, ADenseLayerOfIntegersInOneWordAnswersWhatItsScalesSay) {
    ModelWriter m(13);
    m.input("x", {1, 2}, kUInt8);
    m.floats("xs", {}, {0.5f});
    m.bytes8("xz", {}, {10}, kUInt8);
    m.bytes8("w", {2, 2}, {4, 8, -4, 2});
    m.floats("ws", {}, {0.25f});
    m.bytes8("wz", {}, {0});
    m.int32s("c", {2}, {8, -8});
    m.floats("ys", {}, {0.5f});
    m.bytes8("yz", {}, {5}, kUInt8);
    m.node("QGemm", {"x", "xs", "xz", "w", "ws", "wz", "c", "ys", "yz"}, {"y"}, {{"transB", {1}}});
    m.output("y", {1, 2}, kUInt8);
    EXPECT_THAT(answers(m, {{14, 12}})[0], ElementsAre(5 + 10, 5 - 5));
}

// Constants may have no elements; no layer made of others divides by their number.
TEST(OnnxTypes, ConstantsWithoutElementsAreRefusedInWords) {
    for (const char* op :
         {"GroupNormalization", "MatMulInteger", "MeanVarianceNormalization", "Celu", "Erf"}) {
        ModelWriter m(21);
        m.floats("x", {0, 2, 0}, {});
        m.floats("z", {0, 0}, {});
        m.node(op, {"x", "z", "z"}, {"y"}, {{"num_groups", {1}}});
        m.output("y", {1});
        EXPECT_THROW(read_onnx(m.bytes(), "m.onnx"), Error) << op;
    }
}

}  // namespace
}  // namespace jatai
