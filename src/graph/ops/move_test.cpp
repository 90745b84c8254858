// The operators that move bytes, by what they give.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <numeric>

#include "device/kernels/gather.h"
#include "device/kernels/join.h"
#include "device/kernels/move.h"
#include "device/kernels/table_move.h"
#include "src/base/error.h"
#include "src/graph/interpret.h"
#include "src/graph/ops/common.h"
#include "src/graph/passes/fold_constants.h"
#include "src/graph/text_form.h"

namespace jatai {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

Graph verified(const std::string& words) {
    Graph graph = parse_text(words, "test");
    verify(graph);
    return graph;
}

// 0, 1, 2, ... of `size` bytes.
Bytes counting(std::size_t size) {
    Bytes bytes(size);
    std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
    return bytes;
}

std::vector<Bytes> run(const std::string& words, const std::vector<Bytes>& inputs) {
    return run_graph(verified(words), inputs);
}

// Of a graph with the one int8 input %x: 0, 1, 2, ...
Bytes moved(const std::string& words) {
    const Graph graph = verified(words);
    return run_graph(graph, {counting(static_cast<std::size_t>(graph.tensor(graph.inputs[0]).bytes()))})[0];
}

template <typename T>
Bytes bytes_of(std::initializer_list<T> values) {
    return table_bytes(std::vector<T>(values));
}

// A slice of int8[4,6] with the three lists and the masks.
Bytes sliced(const std::string& lists, const std::string& shape, const std::string& masks = "") {
    return moved("%x int8[4,6] = input\n" + lists + "%y int8" + shape + " = STRIDED_SLICE(%x, %b, %e, %s) " +
                 masks + "\noutput %y\n");
}

TEST(StridedSlice, TakesEveryNthElementForwardsAndBackwards) {
    const std::string two = "%b int32[2] = {1,0}\n%e int32[2] = {3,6}\n%s int32[2] = {1,2}\n";
    EXPECT_THAT(sliced(two, "[2,3]"), ElementsAre(6, 8, 10, 12, 14, 16));
    const std::string back = "%b int32[2] = {-1,5}\n%e int32[2] = {-4,1}\n%s int32[2] = {-2,-3}\n";
    EXPECT_THAT(sliced(back, "[2,2]"), ElementsAre(23, 20, 11, 8));
}

TEST(StridedSlice, ReadsBoundsOutsideAsTheEdge) {
    const std::string lists = "%b int32[2] = {-9,4}\n%e int32[2] = {1,99}\n%s int32[2] = {1,1}\n";
    EXPECT_THAT(sliced(lists, "[1,2]"), ElementsAre(4, 5));
}

TEST(StridedSlice, ObeysEveryMask) {
    const std::string lists = "%b int32[2] = {1,4}\n%e int32[2] = {2,5}\n%s int32[2] = {1,1}\n";
    EXPECT_THAT(sliced(lists, "[2,5]", "begin_mask=3 end_mask=0"),
                ElementsAre(0, 1, 2, 3, 4, 6, 7, 8, 9, 10));
    EXPECT_THAT(sliced(lists, "[3,2]", "end_mask=3"), ElementsAre(10, 11, 16, 17, 22, 23));
    EXPECT_THAT(sliced(lists, "[]", "shrink_axis_mask=3"), ElementsAre(10));
    EXPECT_THAT(sliced(lists, "[1,1,6]", "new_axis_mask=2"), ElementsAre(6, 7, 8, 9, 10, 11));
    EXPECT_THAT(sliced(lists, "[4,1]", "ellipsis_mask=1"), ElementsAre(4, 10, 16, 22));
    EXPECT_THAT(sliced(lists, "[2,2]", "offset=yes end_mask=2"), ElementsAre(10, 11, 16, 17));
}

TEST(StridedSlice, WorksInFiveDimensionsOnWideElements) {
    const Bytes answer =
        run(R"(
        %x int32[1,2,2,2,2] = input
        %b int32[5] = {0,0,1,0,1}
        %e int32[5] = {1,2,2,2,2}
        %s int32[5] = {1,1,1,1,1}
        %y int32[1,2,1,2,1] = STRIDED_SLICE(%x, %b, %e, %s)
        output %y)",
            {bytes_of<std::int32_t>({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})})[0];
    EXPECT_EQ(answer, bytes_of<std::int32_t>({5, 7, 13, 15}));
}

TEST(Slice, TakesARegionAndReadsMinusOneAsTheRest) {
    EXPECT_THAT(moved(R"(
        %x int8[3,4] = input
        %b int32[2] = {1,1}
        %n int32[2] = {-1,2}
        %y int8[2,2] = SLICE(%x, %b, %n)
        output %y)"),
                ElementsAre(5, 6, 9, 10));
}

TEST(Transpose, PutsDimensionsInTheOrderAsked) {
    EXPECT_THAT(
        moved("%x int8[2,3] = input\n%p int32[2] = {1,0}\n%y int8[3,2] = TRANSPOSE(%x, %p)\noutput %y\n"),
        ElementsAre(0, 3, 1, 4, 2, 5));
    EXPECT_THAT(moved(R"(
        %x int8[2,1,2,1,2,2] = input
        %p int32[6] = {5,4,3,2,1,0}
        %y int8[2,2,1,2,1,2] = TRANSPOSE(%x, %p)
        output %y)"),
                ElementsAre(0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15));
}

TEST(Transpose, JoinsDimensionsThatStayTogether) {
    const Graph graph = verified(R"(
        %x float32[2,3,4,5] = input
        %p int32[4] = {2,3,0,1}
        %y float32[4,5,2,3] = TRANSPOSE(%x, %p)
        output %y)");
    const Lowered step = op_def(Op::Transpose).lower(graph, graph.nodes[0], Family::Reference);
    EXPECT_EQ(step.params.size(), sizeof(MoveParams) + 2 * sizeof(MoveAxis)) << "6 by 20 becomes 20 by 6";
}

TEST(Reverse, WalksBackwards) {
    EXPECT_THAT(
        moved("%x int8[2,3] = input\n%a int32[1] = {-1}\n%y int8[2,3] = REVERSE_V2(%x, %a)\noutput %y\n"),
        ElementsAre(2, 1, 0, 5, 4, 3));
}

TEST(DepthAndSpace, AreInverses) {
    const std::string there =
        "%x int8[1,2,4,1] = input\n%y int8[1,1,2,4] = SPACE_TO_DEPTH(%x) block_size=2\n";
    EXPECT_THAT(moved(there + "output %y\n"), ElementsAre(0, 1, 4, 5, 2, 3, 6, 7));
    EXPECT_THAT(moved(there + "%z int8[1,2,4,1] = DEPTH_TO_SPACE(%y) block_size=2\noutput %z\n"),
                ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
}

TEST(Tile, RepeatsEachDimension) {
    EXPECT_THAT(moved("%x int8[2,2] = input\n%m int32[2] = {2,3}\n%y int8[4,6] = TILE(%x, %m)\noutput %y\n"),
                ElementsAre(0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3, 0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3));
}

TEST(BroadcastTo, RepeatsWhereTheExtentIsOne) {
    EXPECT_THAT(moved("%x int8[2,1] = input\n%s int32[3] = {2,2,2}\n%y int8[2,2,2] = BROADCAST_TO(%x, "
                      "%s)\noutput %y\n"),
                ElementsAre(0, 0, 1, 1, 0, 0, 1, 1));
}

TEST(Fill, RepeatsOneElementOfAnyWidth) {
    EXPECT_EQ(run("%v int16[] = input\n%d int32[1] = {3}\n%y int16[3] = FILL(%d, %v)\noutput %y\n",
                  {bytes_of<std::int16_t>({-2})})[0],
              bytes_of<std::int16_t>({-2, -2, -2}));
    EXPECT_EQ(run("%v int64[1] = input\n%d int32[1] = {2}\n%y int64[2] = FILL(%d, %v)\noutput %y\n",
                  {bytes_of<std::int64_t>({1234567890123})})[0],
              bytes_of<std::int64_t>({1234567890123, 1234567890123}));
}

TEST(ZerosLike, IsZeros) {
    EXPECT_THAT(moved("%x int8[3] = input\n%y int8[3] = ZEROS_LIKE(%x)\noutput %y\n"), ElementsAre(0, 0, 0));
}

TEST(Shape, IsKnownBeforeTheModelRuns) {
    Graph graph = verified(R"(
        %x float32[1,5,7] = input
        %n int32[3] = SHAPE(%x)
        %b int32[1] = {1}
        %e int32[1] = {2}
        %s int32[1] = {1}
        %rows int32[] = STRIDED_SLICE(%n, %b, %e, %s) shrink_axis_mask=1
        %seven int32[] = {7}
        %new int32[2] = PACK(%rows, %seven) values_count=2
        %y float32[5,7] = RESHAPE(%x, %new)
        output %y)");
    EXPECT_EQ(fold_constants(graph), 3);
    ASSERT_EQ(graph.nodes.size(), 1u);
    EXPECT_EQ(graph.tensor(graph.nodes[0].inputs[1]).data, bytes_of<std::int32_t>({5, 7}));
    EXPECT_EQ(run("%x int8[2,3] = input\n%n int64[2] = SHAPE(%x) out_type=4\noutput %n\n", {Bytes(6)})[0],
              bytes_of<std::int64_t>({2, 3}));
}

TEST(ExpandDimsAndSqueeze, AreNothingToDo) {
    const Graph graph = verified(R"(
        %x int8[2,3] = input
        %d int32[] = {1}
        %a int8[2,1,3] = EXPAND_DIMS(%x, %d)
        %y int8[2,3] = SQUEEZE(%a) squeeze_dims=[1]
        output %y)");
    for (const Node& node : graph.nodes)
        EXPECT_EQ(op_def(node.op).lower(graph, node, Family::Reference).kernel.op, Op::None);
    EXPECT_THAT(run_graph(graph, {counting(6)})[0], ElementsAreArray(counting(6)));
}

TEST(Concatenation, JoinsAlongAnyDimension) {
    const std::string inputs = "%a int8[2,2] = input\n%b int8[2,1] = input\n";
    EXPECT_THAT(
        run(inputs + "%y int8[2,3] = CONCATENATION(%a, %b) axis=-1\noutput %y\n", {{1, 2, 3, 4}, {5, 6}})[0],
        ElementsAre(1, 2, 5, 3, 4, 6));
    EXPECT_THAT(run("%a int8[1,2] = input\n%b int8[2,2] = input\n"
                    "%y int8[3,2] = CONCATENATION(%a, %b) axis=0\noutput %y\n",
                    {{1, 2}, {3, 4, 5, 6}})[0],
                ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(PackAndUnpack, AreInverses) {
    const std::string inputs = "%a int8[2] = input\n%b int8[2] = input\n";
    EXPECT_THAT(run(inputs + "%y int8[2,2] = PACK(%a, %b) axis=0\noutput %y\n", {{1, 2}, {3, 4}})[0],
                ElementsAre(1, 2, 3, 4));
    const std::vector<Bytes> back = run(inputs + R"(
        %y int8[2,2] = PACK(%a, %b) axis=1
        %c int8[2], %d int8[2] = UNPACK(%y) axis=1
        output %y, %c, %d)",
                                        {{1, 2}, {3, 4}});
    EXPECT_THAT(back[0], ElementsAre(1, 3, 2, 4));
    EXPECT_THAT(back[1], ElementsAre(1, 2));
    EXPECT_THAT(back[2], ElementsAre(3, 4));
}

TEST(Split, GivesEqualPartsAndSplitVUnequalOnes) {
    const std::vector<Bytes> equal = run(R"(
        %x int8[2,4] = input
        %d int32[] = {1}
        %a int8[2,2], %b int8[2,2] = SPLIT(%d, %x) num_splits=2
        output %a, %b)",
                                         {counting(8)});
    EXPECT_THAT(equal[0], ElementsAre(0, 1, 4, 5));
    EXPECT_THAT(equal[1], ElementsAre(2, 3, 6, 7));
    const std::vector<Bytes> unequal = run(R"(
        %x int8[2,4] = input
        %n int32[2] = {1,3}
        %d int32[] = {-1}
        %a int8[2,1], %b int8[2,3] = SPLIT_V(%x, %n, %d) num_splits=2
        output %a, %b)",
                                           {counting(8)});
    EXPECT_THAT(unequal[0], ElementsAre(0, 4));
    EXPECT_THAT(unequal[1], ElementsAre(1, 2, 3, 5, 6, 7));
}

TEST(Pad, SurroundsWithTheZeroPoint) {
    EXPECT_THAT(moved(R"(
        %x int8[2,2] s=0.5 z=-7 = input
        %p int32[2,2] = {1,0,0,2}
        %y int8[3,4] s=0.5 z=-7 = PAD(%x, %p)
        output %y)"),
                ElementsAre(0xF9, 0xF9, 0xF9, 0xF9, 0, 1, 0xF9, 0xF9, 2, 3, 0xF9, 0xF9));
}

TEST(PadV2, SurroundsWithAnyNumberOfAnyWidth) {
    EXPECT_EQ(run(R"(
        %x float32[1,2] = input
        %p int64[2,2] = {0,1,1,0}
        %v float32[] = input
        %y float32[2,3] = PADV2(%x, %p, %v)
        output %y)",
                  {bytes_of<float>({1, 2}), bytes_of<float>({0.5f})})[0],
              bytes_of<float>({0.5f, 1, 2, 0.5f, 0.5f, 0.5f}));
}

TEST(MirrorPad, ReflectsWithoutTheEdgeAndRepeatsItWhenSymmetric) {
    const std::string inputs = "%x int8[2,3] = input\n%p int32[2,2] = {1,1,2,1}\n";
    EXPECT_THAT(moved(inputs + "%y int8[4,6] = MIRROR_PAD(%x, %p) mode=0\noutput %y\n"),
                ElementsAre(5, 4, 3, 4, 5, 4, 2, 1, 0, 1, 2, 1, 5, 4, 3, 4, 5, 4, 2, 1, 0, 1, 2, 1));
    EXPECT_THAT(moved(inputs + "%y int8[4,6] = MIRROR_PAD(%x, %p) mode=1\noutput %y\n"),
                ElementsAre(1, 0, 0, 1, 2, 2, 1, 0, 0, 1, 2, 2, 4, 3, 3, 4, 5, 5, 4, 3, 3, 4, 5, 5));
}

TEST(Gather, PicksSlicesAlongADimension) {
    const std::vector<Bytes> answer = run(R"(
        %x int8[2,3] = input
        %i int32[2] = input
        %y int8[2,2] = GATHER(%x, %i) axis=1
        %z int8[2,3] = GATHER(%x, %i) axis=0
        output %y, %z)",
                                          {counting(6), bytes_of<std::int32_t>({1, 0})});
    EXPECT_THAT(answer[0], ElementsAre(1, 0, 4, 3));
    EXPECT_THAT(answer[1], ElementsAre(3, 4, 5, 0, 1, 2));
}

TEST(Gather, HasIndicesOfItsOwnForEachBatch) {
    EXPECT_THAT(run(R"(
        %x int8[2,3] = input
        %i int32[2,1] = input
        %y int8[2,1] = GATHER(%x, %i) axis=1 batch_dims=1
        output %y)",
                    {counting(6), bytes_of<std::int32_t>({2, 0})})[0],
                ElementsAre(2, 3));
}

TEST(Gather, HoldsIndicesOutsideAtTheEdge) {
    EXPECT_THAT(run("%x int8[3] = input\n%i int32[3] = input\n%y int8[3] = GATHER(%x, %i)\noutput %y\n",
                    {counting(3), bytes_of<std::int32_t>({-1, 3, INT32_MAX})})[0],
                ElementsAre(0, 2, 2));
}

TEST(GatherNd, FollowsSeveralIndicesToASlice) {
    EXPECT_THAT(run(R"(
        %x int8[2,2,2] = input
        %i int32[3,2] = input
        %y int8[3,2] = GATHER_ND(%x, %i)
        output %y)",
                    {counting(8), bytes_of<std::int32_t>({1, 1, 0, 1, -5, 9})})[0],
                ElementsAre(6, 7, 2, 3, 2, 3));
}

TEST(EmbeddingLookup, PicksRows) {
    EXPECT_THAT(run(R"(
        %i int32[2] = input
        %w int8[3,2] = {1,2,3,4,5,6}
        %y int8[2,2] = EMBEDDING_LOOKUP(%i, %w)
        output %y)",
                    {bytes_of<std::int32_t>({2, 0})})[0],
                ElementsAre(5, 6, 1, 2));
}

TEST(BatchAndSpace, AreInversesAroundTheMargin) {
    const std::string there = R"(
        %x int8[1,2,3,1] s=1 z=9 = input
        %b int32[2] = {2,2}
        %p int32[2,2] = {0,0,0,1}
        %y int8[4,1,2,1] s=1 z=9 = SPACE_TO_BATCH_ND(%x, %b, %p)
)";
    EXPECT_THAT(moved(there + "output %y\n"), ElementsAre(0, 2, 1, 9, 3, 5, 4, 9));
    EXPECT_THAT(moved(there + "%z int8[1,2,3,1] s=1 z=9 = BATCH_TO_SPACE_ND(%y, %b, %p)\noutput %z\n"),
                ElementsAre(0, 1, 2, 3, 4, 5));
}

TEST(ResizeNearest, PicksTheNearestRowAndColumn) {
    const std::string x = "%x int8[1,2,2,1] = input\n";
    EXPECT_THAT(moved(x + "%y int8[1,2,4,1] = RESIZE_NEAREST_NEIGHBOR(%x)\noutput %y\n"),
                ElementsAre(0, 0, 1, 1, 2, 2, 3, 3));
    EXPECT_THAT(moved(x + "%y int8[1,1,3,1] = RESIZE_NEAREST_NEIGHBOR(%x) align_corners=yes\noutput %y\n"),
                ElementsAre(0, 1, 1))
        << "0.5 rounds up";
    EXPECT_THAT(
        moved(x + "%y int8[1,1,1,1] = RESIZE_NEAREST_NEIGHBOR(%x) half_pixel_centers=yes\noutput %y\n"),
        ElementsAre(3))
        << "the middle of the image";
}

// What a hostile package might say; `fits` must see it.
struct MoveRecord {
    MoveParams p{};
    MoveAxis axis[2]{};
    std::uint32_t bytes[3] = {64, 64, 8};
    bool writable[3] = {true, true, false};

    bool fits() const {
        return fits_move({this, static_cast<std::uint32_t>(offsetof(MoveRecord, bytes)), 3, bytes, writable});
    }
};

MoveRecord good_move() {
    MoveRecord r;
    r.p = {4, 0, 0, 0, 2, 4, 0, 0};
    r.axis[0] = {4, 16, 4};
    r.axis[1] = {4, 4, 16};
    return r;
}

TEST(FitsMove, RefusesEveryStepOutside) {
    EXPECT_TRUE(good_move().fits());
    const std::vector<void (*)(MoveRecord&)> wrongs{
        [](MoveRecord& r) { r.axis[0].extent = 5; },
        [](MoveRecord& r) { r.axis[0].extent = 0; },
        [](MoveRecord& r) { r.p.from = 4; },
        [](MoveRecord& r) { r.p.to = 4; },
        [](MoveRecord& r) { r.axis[0].from = -16; },
        [](MoveRecord& r) { r.axis[1].to = 20; },
        [](MoveRecord& r) { r.axis[1].from = 2; },
        [](MoveRecord& r) { r.p.axes = 3; },
        [](MoveRecord& r) { r.p.unit = 8; },
        [](MoveRecord& r) { r.p.unit = 0; },
        [](MoveRecord& r) { r.p.block = 0; },
        [](MoveRecord& r) {
            r.axis[0] = {0xFFFFFFFF, INT32_MIN, 0}, r.axis[1] = {1, 0, 0};
        },
        [](MoveRecord& r) {
            r.axis[0] = {0x80000000, 0, 0}, r.axis[1] = {2, 0, 0};
        },
        [](MoveRecord& r) { r.writable[1] = false; },
        [](MoveRecord& r) { r.p.fill_width = 4, r.p.fill_bytes = 68; },
        [](MoveRecord& r) { r.p.fill_width = 3, r.p.fill_bytes = 64; },
        [](MoveRecord& r) { r.p.fill_width = 9, r.p.fill_bytes = 63; },
    };
    for (std::size_t i = 0; i < wrongs.size(); ++i) {
        MoveRecord r = good_move();
        wrongs[i](r);
        EXPECT_FALSE(r.fits()) << i;
    }
}

TEST(FitsTableMove, RefusesPlacesOutsideAndTablesCutShort) {
    struct {
        TableMoveParams p{2, {1, 1, 2, 3}, 0, 0, 0, {}};
        std::uint32_t tables[7] = {0, 0, 0, 4, 0, 1, 2};
    } record;
    std::uint32_t bytes[2] = {14, 12};
    const bool writable[2] = {true, true};
    const auto fits = [&](std::uint32_t length) {
        return fits_table_move({&record, length, 2, bytes, writable});
    };
    EXPECT_TRUE(fits(sizeof record));
    EXPECT_FALSE(fits(sizeof record - 4));
    bytes[0] = 13;
    EXPECT_FALSE(fits(sizeof record)) << "place 6 of 2 bytes ends at 14";
    bytes[0] = 14, bytes[1] = 11;
    EXPECT_FALSE(fits(sizeof record));
    bytes[1] = 12, record.p.extent[0] = 0xFFFFFFFF;
    EXPECT_FALSE(fits(sizeof record));
}

TEST(FitsJoin, RefusesPartsThatAreNotThere) {
    struct {
        JoinParams p{2, 2};
        std::uint32_t parts[2] = {3, 1};
    } record;
    std::uint32_t bytes[3] = {6, 2, 8};
    const bool writable[3] = {false, false, true};
    const auto fits = [&] { return fits_join({&record, sizeof record, 3, bytes, writable}); };
    EXPECT_TRUE(fits());
    bytes[2] = 7;
    EXPECT_FALSE(fits());
    bytes[2] = 8, bytes[0] = 5;
    EXPECT_FALSE(fits());
    bytes[0] = 6, record.p.parts = 3;
    EXPECT_FALSE(fits());
    record.p = {0xFFFFFFFF, 2};
    EXPECT_FALSE(fits());
}

TEST(FitsGather, RefusesProductsThatWrap) {
    GatherParams p{1, 2, 3, 2, 4};
    std::uint32_t bytes[3] = {24, 8, 16};
    const bool writable[3] = {false, false, true};
    const auto fits = [&] { return fits_gather({&p, sizeof p, 3, bytes, writable}); };
    EXPECT_TRUE(fits());
    p.extent = 4;
    EXPECT_FALSE(fits());
    p = {0x80000000, 0x80000000, 4, 0, 0xFFFFFFFF};
    EXPECT_FALSE(fits());
    p = {1, 2, 0, 2, 4};
    EXPECT_FALSE(fits()) << "nothing to pick from";
}

TEST(Slice, ABeginningGivenWhileTheModelRunsNeverReachesOutside) {
    const std::string net = R"(
        %x int8[3,4] = input
        %b int32[2] = input
        %n int32[2] = {2,3}
        %y int8[2,3] = SLICE(%x, %b, %n)
        output %y)";
    const Bytes x{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    const auto at = [&](std::int32_t row, std::int32_t column) {
        return run_graph(parse_text(net, "slice"), {x, bytes_of<std::int32_t>({row, column})})[0];
    };
    EXPECT_THAT(at(0, 0), ElementsAre(0, 1, 2, 4, 5, 6));
    EXPECT_THAT(at(1, 1), ElementsAre(5, 6, 7, 9, 10, 11));
    EXPECT_THAT(at(2000000000, -5), ElementsAre(4, 5, 6, 8, 9, 10));
    EXPECT_THAT(at(INT32_MIN, INT32_MAX), ElementsAre(1, 2, 3, 5, 6, 7));
}

TEST(DynamicUpdateSlice, PutsAPartWhereItIsToldAndNeverOutside) {
    const std::string net = R"(
        %x int16[2,3] = input
        %u int16[1,2] = input
        %b int64[2] = input
        %y int16[2,3] = DYNAMIC_UPDATE_SLICE(%x, %u, %b)
        output %y)";
    const Bytes x = bytes_of<std::int16_t>({1, 2, 3, 4, 5, 6}), u = bytes_of<std::int16_t>({70, 80});
    const auto at = [&](std::int64_t row, std::int64_t column) {
        return run_graph(parse_text(net, "update"), {x, u, bytes_of<std::int64_t>({row, column})})[0];
    };
    EXPECT_EQ(at(0, 0), bytes_of<std::int16_t>({70, 80, 3, 4, 5, 6}));
    EXPECT_EQ(at(1, 1), bytes_of<std::int16_t>({1, 2, 3, 4, 70, 80}));
    EXPECT_EQ(at(std::int64_t{1} << 40, -(std::int64_t{1} << 40)),
              bytes_of<std::int16_t>({1, 2, 3, 70, 80, 6}));
}

}  // namespace
}  // namespace jatai
