#include "src/plan/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/package.h"
#include "src/base/error.h"
#include "src/base/rng.h"
#include "src/plan/arena.h"
#include "src/plan/fit.h"
#include "src/plan/order.h"

namespace jatai {
namespace {

void expect_disjoint(const std::vector<Buffer>& buffers) {
    for (const Buffer& a : buffers) {
        EXPECT_EQ(a.offset % kPlaceAlign, 0u);
        for (const Buffer& b : buffers) {
            if (&a == &b || a.last < b.first || b.last < a.first) continue;
            EXPECT_TRUE(a.offset + a.bytes <= b.offset || b.offset + b.bytes <= a.offset || !a.bytes ||
                        !b.bytes);
        }
    }
}

TEST(Arena, NoBuffersNeedNoBytes) {
    std::vector<Buffer> none;
    EXPECT_EQ(place_buffers(none), 0u);
}

TEST(Arena, AChainNeedsItsTwoLargestNeighbours) {
    std::vector<Buffer> chain{{100, 0, 1}, {400, 1, 2}, {200, 2, 3}, {400, 3, 4}, {80, 4, 5}};
    EXPECT_EQ(place_buffers(chain), 600u);
    expect_disjoint(chain);
}

TEST(Arena, RandomBuffersNeverOverlapAndStayNearTheLowerBound) {
    Rng rng(7);
    for (int round = 0; round < 20; ++round) {
        std::vector<Buffer> buffers;
        for (int i = 0; i < 40; ++i) {
            const auto first = static_cast<std::int32_t>(rng.below(30));
            buffers.push_back({1 + rng.below(5000), first, first + static_cast<std::int32_t>(rng.below(4))});
        }
        const std::uint32_t used = place_buffers(buffers);
        expect_disjoint(buffers);
        EXPECT_GE(used, live_peak(buffers));
        EXPECT_LE(used, live_peak(buffers) * 11 / 10);
    }
}

TEST(Arena, TheSameBuffersGetTheSameOffsets) {
    Rng rng(3);
    std::vector<Buffer> a;
    for (int i = 0; i < 60; ++i) {
        const auto first = static_cast<std::int32_t>(rng.below(20));
        a.push_back({1 + rng.below(999), first, first + static_cast<std::int32_t>(rng.below(5))});
    }
    std::vector<Buffer> b = a;
    place_buffers(a);
    place_buffers(b);
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i].offset, b[i].offset);
}

// x (1) -> big a (100), big b (100) -> small c = f(a), small d = f(b) -> c + d. Given: a, b, c, d.
// A staircase: the image dies row by row while the answer is born row by row, in the room it leaves.
TEST(Arena, AnAnswerMayGrowWhereAnImageDies) {
    const Buffer image{384, 0, 4, 0, {{0, 96, 0, 1}, {96, 96, 0, 2}, {192, 96, 0, 3}, {288, 96, 0, 4}}};
    const Buffer answer{192, 2, 5, 0, {{0, 96, 2, 5}, {96, 96, 3, 5}}};
    std::vector<Buffer> buffers{image, answer};
    EXPECT_EQ(live_peak(buffers), 384u);
    EXPECT_EQ(place_buffers(buffers), 384u);
    // Whole, they would need both.
    buffers = {{384, 0, 4}, {192, 2, 5}};
    EXPECT_EQ(place_buffers(buffers), 576u);
}

TEST(Order, BranchesRunOneAfterTheOtherWhenThatNeedsLess) {
    Graph graph;
    const auto tensor = [&](const char* name, int bytes) {
        Tensor t;
        t.name = name;
        t.type = Type::Int8;
        t.shape = {bytes};
        return graph.add(t);
    };
    const TensorId x = tensor("x", 1), a = tensor("a", 100), b = tensor("b", 100), c = tensor("c", 2),
                   d = tensor("d", 2), e = tensor("e", 2);
    const auto node = [&](std::vector<TensorId> in, TensorId out) {
        Node n;
        n.op = Op::Quantize;
        n.inputs = in;
        n.outputs = {out};
        graph.nodes.push_back(n);
    };
    node({x}, a), node({x}, b), node({a}, c), node({b}, d), node({c, d}, e);
    graph.inputs = {x};
    graph.outputs = {e};
    const std::vector<TensorId> roots{0, 1, 2, 3, 4, 5};
    // Each memory takes a multiple of 8 bytes.
    const OrderProblem problem{graph, roots, {}};
    EXPECT_EQ(activation_peak(problem, {0, 1, 2, 3, 4}), 216);
    const ChosenOrder order = choose_order(problem);
    EXPECT_THAT(order.nodes, testing::ElementsAre(0, 2, 1, 3, 4));
    EXPECT_EQ(order.peak_bytes, 120);
    EXPECT_EQ(order.bound_bytes, 120);
}

Board board_of(const char* id, std::uint32_t flash, std::uint32_t ram) {
    Board board;
    board.id = id;
    board.flash.bytes = flash;
    board.ram.bytes = ram;
    return board;
}

TEST(Fit, TheErrorNamesTheLimitTheExcessAndWhatWouldHoldIt) {
    const Board small = board_of("small", 1000, 100), large = board_of("large", 5000, 5000);
    EXPECT_NO_THROW(require_fit({"m", 1000, 100}, small, {}));
    try {
        require_fit({"m", 1001, 150}, small, {small, large});
        FAIL();
    } catch (const Error& error) {
        EXPECT_STREQ(
            error.what(),
            "m on small: needs 1001 bytes of flash, expected at most 1000 (1 too many); 150 bytes of RAM, "
            "expected at most 100 (50 too many)");
        EXPECT_EQ(error.hint(), "it fits on: large");
    }
}

TEST(Fit, AnApplicationLimitCountsBeforeTheFlash) {
    Board board = board_of("b", 1000, 100);
    board.application_limit_bytes = 900;
    EXPECT_EQ(excess_over({"m", 950, 0}, board).flash_bytes, 50u);
}

}  // namespace
}  // namespace jatai
