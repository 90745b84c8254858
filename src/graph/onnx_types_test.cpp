// ONNX's types beside float and int8, and what is made of several operators: all by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace jatai
