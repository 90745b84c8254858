// The kernels of the wider types under parameters nobody proved: what `fits` accepts, `run` survives.
#include <gtest/gtest.h>

#include "device/kernels/multiply_float.h"
#include "device/kernels/plain_test.h"

namespace jatai {
namespace {

constexpr uint16_t kExtents[] = {0, 1, 1, 1, 1, 2, 2, 3, 4, 7, 255, 65535};

// Random bytes, with extents that are often small enough to be accepted.
template <typename Params>
Params random_params(Dice& dice) {
    Params p;
    for (std::size_t b = 0; b < sizeof p; ++b)
        reinterpret_cast<uint8_t*>(&p)[b] = static_cast<uint8_t>(dice());
    return p;
}

void hostile_window(Dice& dice, Window* window) {
    auto* fields = reinterpret_cast<uint16_t*>(window);
    for (std::size_t f = 0; f < sizeof *window / 2; ++f) fields[f] = kExtents[dice() % 12];
}

void hostile_dense(Dice& dice, Dense* dense) {
    *dense = {kExtents[dice() % 12], kExtents[dice() % 12], kExtents[dice() % 12]};
    if (dice() % 8 == 0) dense->depth = 0xFFFFFFFFu - dice() % 4;
}

TEST(MultiplyFloat, HostileParametersAreRefusedOrHarmless) {
    Dice dice(40);
    int accepted = 0;
    for (int i = 0; i < 20000; ++i) {
        Operands operands;
        for (std::size_t floats : {150, 90, 20}) operands.add(std::vector<float>(floats, 0.5f), false);
        operands.add(std::vector<float>(100), true);
        auto conv = random_params<FloatConvParams>(dice);
        hostile_window(dice, &conv.window);
        for (const Kernel* kernel : {&kConv2dFloat, &kDepthwiseConv2dFloat, &kTransposeConvFloat})
            accepted += operands.try_run(*kernel, &conv, sizeof conv);
        auto dense = random_params<FloatDenseParams>(dice);
        hostile_dense(dice, &dense.dense);
        accepted += operands.try_run(kFullyConnectedFloat, &dense, sizeof dense);
    }
    EXPECT_GT(accepted, 500) << "the test has to reach run()";
}

TEST(MultiplyFloat, NoOperandMayBeAByteShort) {
    FloatConvParams p{};
    p.window = {1, 3, 3, 2, 3, 3, 4, 2, 2, 1, 1, 1, 1, 0, 0, 1};
    p.low = -10, p.high = 10;
    Operands operands;
    operands.add(std::vector<float>(18, 1.0f), false);
    operands.add(std::vector<float>(32, 0.5f), false);
    operands.add(std::vector<float>(4, 0.25f), false);
    const float* out = operands.add(std::vector<float>(36), true);
    operands.run(kConv2dFloat, p);
    EXPECT_EQ(out[0], 4.25f) << "2 * 2 * 2 products of 0.5, and the bias";
    EXPECT_EQ(out[35], 1.25f) << "one pixel of four inside";
}

}  // namespace
}  // namespace jatai
