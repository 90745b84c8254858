#include "src/graph/ops/pool2d.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "src/graph/interpret.h"
#include "src/graph/text_form.h"
#include "src/graph/verify.h"

namespace jatai {
namespace {

using ::testing::ElementsAre;

// One pool of `type` over an image of 3 by 2, windows of 2 by 2, the last one cut by the rim.
template <typename T>
std::vector<T> pooled(const std::string& op, const std::string& type, const std::string& more,
                      const std::vector<T>& image) {
    const std::string words = "%x " + type + "[1,2,3,1]" + more + " = input\n%y " + type + "[1,1,2,1]" +
                              more + " = " + op +
                              "(%x) padding=same stride_w=2 stride_h=2 filter_width=2 filter_height=2 "
                              "fused_activation_function=relu\noutput %y\n";
    const Graph graph = parse_text(words, "test");
    verify(graph);
    Bytes bytes(image.size() * sizeof(T));
    std::memcpy(bytes.data(), image.data(), bytes.size());
    const Bytes answer = run_graph(graph, {bytes}).at(0);
    std::vector<T> values(answer.size() / sizeof(T));
    std::memcpy(values.data(), answer.data(), answer.size());
    return values;
}

TEST(PoolTypes, Float) {
    const std::vector<float> image{1, 2, -30, 4, 5.5f, -40};
    EXPECT_THAT(pooled("AVERAGE_POOL_2D", "float32", "", image), ElementsAre(3.125f, 0));
    EXPECT_THAT(pooled("MAX_POOL_2D", "float32", "", image), ElementsAre(5.5f, 0));
}

TEST(PoolTypes, Int16) {
    const std::vector<std::int16_t> image{1000, 2000, -30, 3000, 4001, -40};
    EXPECT_THAT(pooled("AVERAGE_POOL_2D", "int16", " s=0.5", image), ElementsAre(2500, 0));
    EXPECT_THAT(pooled("MAX_POOL_2D", "int16", " s=0.5", image), ElementsAre(4001, 0));
}

TEST(PoolTypes, UInt8RoundsHalvesUpAndStartsAtItsZeroPoint) {
    const std::vector<std::uint8_t> image{200, 201, 3, 203, 204, 4};
    EXPECT_THAT(pooled("AVERAGE_POOL_2D", "uint8", " s=0.5 z=2", image), ElementsAre(202, 4));
    EXPECT_THAT(pooled("MAX_POOL_2D", "uint8", " s=0.5 z=2", image), ElementsAre(204, 4));
    EXPECT_THAT(pooled("MAX_POOL_2D", "uint8", " s=0.5 z=128", image), ElementsAre(204, 128));
}

}  // namespace
}  // namespace jatai
