#include "src/pipeline/diff_models.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "src/base/error.h"
#include "src/graph/text_form.h"
#include "src/graph/tflite.h"
#include "src/graph/verify.h"

namespace jatai {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Graph made(const char* words, const char* name) {
    Graph graph = parse_text(words, name);
    graph.name = name;
    verify(graph);
    return graph;
}

// Values 0, 0.5, 1, ...; the second stores the sum in steps of 2.
constexpr const char* kFine = R"(
    %x int8[1,3] s=0.5 = input
    %c int8[1,3] s=0.5 = {2,2,2}
    %sum int8[1,3] s=0.5 = ADD(%x, %c)
    %y int8[1,3] s=0.5 = ADD(%sum, %sum)
    output %y)";
constexpr const char* kCoarse = R"(
    %x int8[1,3] s=0.25 z=10 = input
    %c int8[1,3] s=0.5 = {2,2,2}
    %sum int8[1,3] s=2 = ADD(%x, %c)
    %y int8[1,3] s=2 = ADD(%sum, %sum)
    output %y)";

TEST(DiffModels, AModelDiffersNowhereFromItself) {
    const Graph a = made(kFine, "a");
    const ModelDiff diff = diff_models(a, a, {{{1, 2, 3}}, {{0, 255, 4}}});
    ASSERT_EQ(diff.layers.size(), 2u);
    EXPECT_EQ(diff.layers[1].largest_error, 0);
    EXPECT_FALSE(diff.layers[1].snr_db.has_value());
    EXPECT_EQ(diff.same_top1, 2u);
    EXPECT_TRUE(diff.only_a.empty());
}

TEST(DiffModels, ErrorsAreInRealNumbersWhateverTheScales) {
    // x = 1, 2, 3: sums 2, 3, 4 against 2, 4 (3 is halfway), 4; the answers twice that.
    const ModelDiff diff = diff_models(made(kFine, "a"), made(kCoarse, "b"), {{{2, 4, 6}}});
    ASSERT_EQ(diff.layers.size(), 2u);
    EXPECT_EQ(diff.layers[0].name, "sum");
    EXPECT_DOUBLE_EQ(diff.layers[0].largest_value, 4);
    EXPECT_DOUBLE_EQ(diff.layers[0].largest_error, 1);
    EXPECT_NEAR(diff.layers[0].snr_db.value(), 10 * std::log10(29.0), 1e-9);
    EXPECT_DOUBLE_EQ(diff.layers[1].largest_error, 2);
    const auto json = to_json(diff);
    EXPECT_EQ(json["samples"], 1);
    EXPECT_EQ(json["layers"][1]["largest_error"], 2.0);
}

TEST(DiffModels, LayersOfOtherNamesAreMatchedByOrderAndTheRestIsNamed) {
    constexpr const char* kLonger = R"(
        %x int8[1,3] s=0.5 = input
        %c int8[1,3] s=0.5 = {2,2,2}
        %first int8[1,3] s=0.5 = ADD(%x, %c)
        %second int8[1,3] s=0.5 = ADD(%first, %first)
        %r int8[3,1] s=0.5 = RESHAPE(%second, _) new_shape=[3,1]
        output %r)";
    const ModelDiff diff = diff_models(made(kFine, "a"), made(kLonger, "b"), {{{1, 2, 3}}});
    ASSERT_EQ(diff.layers.size(), 2u);
    EXPECT_EQ(diff.layers[1].index_b, 1u);
    EXPECT_EQ(diff.layers[1].largest_error, 0);
    EXPECT_THAT(diff.only_b, ElementsAre(HasSubstr("RESHAPE")));
}

TEST(DiffModels, InputsOfAnotherSizeAreRefusedInWords) {
    constexpr const char* kOther = R"(
        %x int8[1,4] s=0.5 = input
        %y int8[1,4] s=0.5 = ADD(%x, %x)
        output %y)";
    try {
        diff_models(made(kFine, "a"), made(kOther, "b"), {{{1, 2, 3}}});
        FAIL() << "compared";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("found inputs int8[1,3] and int8[1,4]"));
    }
}

}  // namespace
}  // namespace jatai
