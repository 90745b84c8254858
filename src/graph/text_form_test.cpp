#include "src/graph/text_form.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/error.h"
#include "src/graph/test_graphs.h"
#include "src/graph/verify.h"

namespace jatai {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string failure(const std::string& words) {
    try {
        parse_text(words, "t");
    } catch (const Error& error) {
        return std::string(error.what()) + " / " + error.hint();
    }
    return "no failure";
}

constexpr const char* kSmall = R"(graph "small"
metadata "labels" "s\xc3\xadm,n\xc3\xa3o"
%x int8[1,4] s=0.5 z=-1 = input
%w int8[2,4] s=[0.25,0.125] = {1,-2,3,-4,5,-6,7,-8}
%b int32[2] s=[0.125,0.0625] = {100,-100}
%3 "a;b" int8[1,2] s=0.5 = FULLY_CONNECTED(%x, %w, %b) version=4 fused_activation_function=relu
%4 int8[1,2] s=0.00390625 z=-128 = SOFTMAX(%3) beta=0.5
output %4
)";

TEST(TextForm, WhatIsWrittenCanBeReadAndIsWrittenTheSame) {
    const Graph graph = parse_text(kSmall, "small");
    EXPECT_EQ(to_text(graph), kSmall);
}

TEST(TextForm, EveryPartArrives) {
    const Graph graph = parse_text(kSmall, "small");
    verify(graph);
    EXPECT_EQ(graph.metadata[0].second, "sím,não");
    EXPECT_THAT(graph.tensors[1].quantisation.scales, ElementsAre(0.25f, 0.125f));
    EXPECT_THAT(graph.tensors[1].data, ElementsAre(1, 0xFE, 3, 0xFC, 5, 0xFA, 7, 0xF8));
    EXPECT_EQ(graph.tensors[2].data[0], 100);
    EXPECT_EQ(graph.nodes[0].version, 4);
    EXPECT_EQ(graph.nodes[0].name, "a;b");
    EXPECT_EQ(graph.nodes[0].attributes.integer("fused_activation_function"), 1);
    EXPECT_EQ(graph.nodes[1].attributes.real("beta"), 0.5);
    EXPECT_THAT(graph.outputs, ElementsAre(4));
}

TEST(TextForm, SettingsLeftOutHaveTheDefaultOfTheSchema) {
    const Graph graph = parse_text(kTinyNet, "tiny");
    EXPECT_EQ(graph.nodes[1].attributes.integer("dilation_w_factor"), 1);
    EXPECT_TRUE(graph.nodes[1].attributes.has("padding"));
}

TEST(TextForm, TheSameSeedGivesTheSameWeightsWithoutMinus128) {
    const Graph once = parse_text("%w int8[64,64] = random 9\n", "t");
    const Graph twice = parse_text("%w int8[64,64] = random 9\n", "t");
    EXPECT_EQ(once.tensors[0].data, twice.tensors[0].data);
    EXPECT_NE(once.tensors[0].data, parse_text("%w int8[64,64] = random 8\n", "t").tensors[0].data);
    for (const std::uint8_t byte : once.tensors[0].data) EXPECT_NE(byte, 0x80);
}

TEST(TextForm, LongConstantsAreAHashThatIsNotReadBack) {
    const std::string words =
        to_text(parse_text("%x int8[1] s=1 = input\n%w int8[64] s=1 = fill 3\noutput %x\n", "t"));
    EXPECT_THAT(words, HasSubstr("%w int8[64] s=1 = hash "));
    EXPECT_THAT(failure(words), HasSubstr("a hash cannot be read back"));
}

TEST(TextForm, MistakesNameTheLineWhatWasFoundAndWhatWasExpected) {
    EXPECT_THAT(failure("\n%x int7[1] = input"), HasSubstr("t:2: found '[1] = input', expected a type"));
    EXPECT_THAT(failure("%x int8[1,] = input"), HasSubstr("t:1: found '] = input', expected an extent"));
    EXPECT_THAT(failure("%x int8[1] = input\n%y int8[1] = CONV_2d(%x)"), HasSubstr("did you mean CONV_2D?"));
    EXPECT_THAT(failure("%x int8[1] = input\n%y int8[1] = ADD(%z, %x)"), HasSubstr("instead of %z"));
    EXPECT_THAT(failure("%x int8[1] = input\n%y int8[1] = SOFTMAX(%x) betta=1"),
                HasSubstr("did you mean beta?"));
    EXPECT_THAT(failure("%x int8[1] = input\n%x int8[1] = input"), HasSubstr("%x written once"));
    EXPECT_THAT(failure("output %x"), HasSubstr("instead of %x"));
    EXPECT_THAT(failure("%x int8[1] = input 7"), HasSubstr("expected the end of the line"));
    EXPECT_THAT(failure("metadata \"a\" \"b"), HasSubstr("t:1: found '', expected \""));
}

TEST(TextForm, TheExampleOfTheReferencePageHolds) {
    const std::string page = read_text(fs::path(JATAI_SOURCE_DIR) / "docs/reference/graph.md");
    const std::string open = "```graph\n";
    const std::size_t start = page.find(open) + open.size();
    verify(parse_text(page.substr(start, page.find("```", start) - start), "graph.md"));
}

}  // namespace
}  // namespace jatai
