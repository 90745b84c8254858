#include "src/graph/widen.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "src/graph/interpret.h"
#include "src/graph/text_form.h"
#include "src/graph/tflite.h"

namespace jatai {
namespace {

float one_half(std::uint16_t bits) {
    const Bytes bytes{static_cast<std::uint8_t>(bits), static_cast<std::uint8_t>(bits >> 8)};
    const Bytes wide = widen_float16(bytes);
    float value;
    std::memcpy(&value, wide.data(), sizeof value);
    return value;
}

TEST(Widen, NibblesAreSignedAndTheFirstLiesLow) {
    EXPECT_THAT(widen_int4(Bytes{0x81, 0x7F, 0x0E}, 5), ::testing::ElementsAre(1, 0xF8, 0xFF, 7, 0xFE));
    EXPECT_TRUE(widen_int4(Bytes{}, 0).empty());
}

TEST(Widen, HalvesKeepTheirValue) {
    EXPECT_EQ(one_half(0x3C00), 1.0f);
    EXPECT_EQ(one_half(0xC000), -2.0f);
    EXPECT_EQ(one_half(0x7BFF), 65504.0f);
    EXPECT_EQ(one_half(0x3555), 0.333251953125f);
    EXPECT_EQ(one_half(0x0001), std::ldexp(1.0f, -24)) << "the smallest";
    EXPECT_EQ(one_half(0x83FF), -std::ldexp(1023.0f, -24)) << "denormal";
    EXPECT_TRUE(std::signbit(one_half(0x8000)));
    EXPECT_TRUE(std::isinf(one_half(0xFC00)));
    EXPECT_TRUE(std::isnan(one_half(0x7E00)));
}

// A FlatBuffer by its bytes: where field `i` of a table lies, and where an offset leads.
std::uint32_t word_at(const Bytes& bytes, std::size_t at) {
    std::uint32_t word;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    return word;
}
std::size_t field_at(const Bytes& bytes, std::size_t table, std::size_t i) {
    const std::size_t vtable = table - word_at(bytes, table);
    std::uint16_t offset;
    std::memcpy(&offset, bytes.data() + vtable + 4 + 2 * i, sizeof offset);
    return table + offset;
}
std::size_t follow(const Bytes& bytes, std::size_t at) { return at + word_at(bytes, at); }
std::size_t element(const Bytes& bytes, std::size_t field, std::size_t i) {
    return follow(bytes, follow(bytes, field) + 4 + 4 * i);
}

// Gives tensor `id` of the first graph another TensorType; the one it has is not the default.
void retype(Bytes& model, TensorId id, std::uint8_t type) {
    const std::size_t graph = element(model, field_at(model, follow(model, 0), 2), 0);
    const std::size_t tensor = element(model, field_at(model, graph, 0), static_cast<std::size_t>(id));
    model[field_at(model, tensor, 1)] = type;
}

constexpr std::uint8_t kInt4 = 17;  // of TensorType
constexpr std::uint8_t kFloat16 = 1;

TEST(Widen, WeightsOf4BitsAreReadAsInt8) {
    Graph graph = parse_text(R"(
        %x int8[1,3] s=1 = input
        %w int8[1,3] s=1 = {1,2,3}
        %b int32[1] = {0}
        %y int8[1,1] s=1 = FULLY_CONNECTED(%x, %w, %b) version=4
        output %y)",
                             "test");
    const TensorId weights = graph.nodes[0].inputs[1];
    graph.tensor(weights).data = {0x87, 0x03};  // 7, -8, 3
    Bytes model = write_tflite(graph);
    retype(model, weights, kInt4);
    const Graph read = read_tflite(model, "test");
    EXPECT_TRUE(read.tensor(weights).four_bits);
    EXPECT_THAT(read.tensor(weights).data, ::testing::ElementsAre(7, 0xF8, 3));
    EXPECT_THAT(run_graph(read, {{10, 1, 2}})[0], ::testing::ElementsAre(70 - 8 + 6));
}

TEST(Widen, ConstantsOfFloat16NeedNoDequantize) {
    Graph graph = parse_text(R"(
        %x float32[1,2] = input
        %h int16[1,2] s=1 = {15360,-16384}
        %w float32[1,2] = DEQUANTIZE(%h)
        %y float32[1,1] = FULLY_CONNECTED(%x, %w, _)
        output %y)",
                             "test");
    Bytes model = write_tflite(graph);
    retype(model, graph.nodes[0].inputs[0], kFloat16);
    const Graph read = read_tflite(model, "test");
    ASSERT_EQ(read.nodes.size(), 1u);
    const float in[2] = {5, 3};
    Bytes input(sizeof in);
    std::memcpy(input.data(), in, sizeof in);
    float y;
    std::memcpy(&y, run_graph(read, {input})[0].data(), sizeof y);
    EXPECT_EQ(y, 5 * 1.0f + 3 * -2.0f);
}

// y = x + weights, whose rows have scales of their own.
TEST(Widen, ConstantsWithAScalePerChannelNeedNoDequantize) {
    const Graph graph = parse_text(R"(
        %x float32[2,2] = input
        %w int8[2,2] s=[0.5,2] z=[0,1] = {1,-2,3,4}
        %f float32[2,2] = DEQUANTIZE(%w)
        %y float32[2,2] = ADD(%x, %f)
        output %y)",
                                   "test");
    const Graph read = read_tflite(write_tflite(graph), "test");
    ASSERT_EQ(read.nodes.size(), 1u);
    float y[4];
    std::memcpy(y, run_graph(read, {Bytes(16, 0)})[0].data(), sizeof y);
    EXPECT_THAT(y, ::testing::ElementsAre(0.5f, -1, 4, 6));
}

TEST(Widen, ValuesOfFloat16AreDequantizedWhileTheModelRuns) {
    const Graph graph =
        parse_text("%x float16[3] = input\n%y float32[3] = DEQUANTIZE(%x)\noutput %y\n", "test");
    const Bytes halves{0, 0x3C, 0, 0xC0, 1, 0};  // 1, -2, 2^-24
    float y[3];
    std::memcpy(y, run_graph(read_tflite(write_tflite(graph), "test"), {halves})[0].data(), sizeof y);
    EXPECT_THAT(y, ::testing::ElementsAre(1.0f, -2.0f, 0x1p-24f));
}

TEST(Widen, IndicesOf64BitsNameTheSameSlices) {
    for (const char* where : {"%i int64[2] = {2,0}", "%i int64[2] = input"}) {
        const std::string words = std::string("%x int8[3,2] s=1 = input\n") + where +
                                  "\n%y int8[2,2] s=1 = GATHER(%x, %i)\noutput %y\n";
        const Graph read = read_tflite(write_tflite(parse_text(words, "test")), "test");
        std::vector<Bytes> inputs{{1, 2, 3, 4, 5, 6}};
        if (read.inputs.size() == 2) inputs.push_back({2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
        EXPECT_THAT(run_graph(read, inputs)[0], ::testing::ElementsAre(5, 6, 1, 2));
    }
}

}  // namespace
}  // namespace jatai
