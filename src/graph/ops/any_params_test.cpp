// Whatever the parameters of a step say: if its kernel accepts them, it stays inside its operands (the
// sanitizers judge) and ends at once, as these are small.
#include <gtest/gtest.h>

#include <chrono>

#include "device/kernels/plain_test.h"
#include "src/graph/op_def.h"
#include "src/graph/ops/kernels.h"

namespace jatai {
namespace {

// Numbers at the edges of what a check may forget, and small ones that fit.
std::uint32_t edge(Dice& dice) {
    constexpr std::uint32_t kEdges[] = {0, 0,    1,       1,       2,          3,          4,
                                        8, 0xFF, 0x10001, 0x20002, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
    const int which = roll(dice, 0, 20);
    if (which < 14) return kEdges[which];
    if (which < 18)
        return static_cast<std::uint32_t>(roll(dice, 0, 1)) | static_cast<std::uint32_t>(roll(dice, 0, 2))
                                                                  << 16;
    return dice();
}

std::vector<std::uint32_t> any_params(Dice& dice) {
    std::vector<std::uint32_t> words(static_cast<std::size_t>(roll(dice, 1, 24)));
    for (std::uint32_t& word : words) word = edge(dice);
    return words;
}

class AnyParams : public ::testing::TestWithParam<const OpDef*> {};

TEST_P(AnyParams, AreRefusedOrRunWithinTheirOperandsAndAtOnce) {
    Dice dice(static_cast<unsigned>(GetParam()->op) + 1);
    int accepted = 0;
    const auto start = std::chrono::steady_clock::now();
    for (const KernelCode& code : GetParam()->kernels) {
        for (int i = 0; i < 3000; ++i) {
            Operands operands;
            for (int k = roll(dice, 1, 8); k > 0; --k)
                operands.add(random_bytes(dice, static_cast<std::size_t>(8 * roll(dice, 0, 16))), true);
            const std::vector<std::uint32_t> params = any_params(dice);
            accepted +=
                operands.try_run(*code.kernel, params.data(), static_cast<std::uint32_t>(params.size() * 4))
                    ? 1
                    : 0;
        }
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    RecordProperty("accepted", accepted);
    EXPECT_LT(took.count(), 60) << "a step over a few bytes took minutes";
}

INSTANTIATE_TEST_SUITE_P(Of, AnyParams, ::testing::ValuesIn(all_ops()),
                         [](const auto& info) { return std::string(info.param->name); });

}  // namespace
}  // namespace jatai
