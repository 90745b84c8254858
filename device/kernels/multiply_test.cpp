// The kernels of the wider types under parameters nobody proved: what `fits` accepts, `run` survives.
#include <gtest/gtest.h>

#include "device/kernels/batch_matmul.h"
#include "device/kernels/conv2d.h"
#include "device/kernels/multiply_float.h"
#include "device/kernels/multiply_int16.h"
#include "device/kernels/multiply_int8.h"
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

// A small layer that every form of CONV_2D can run: no padding where int8 and int16 differ.
Window small_window(Dice& dice) {
    const auto n = [&](int low, int high) { return static_cast<uint16_t>(roll(dice, low, high)); };
    Window w{n(1, 2), n(3, 6), n(3, 6), n(1, 5), n(1, 3), n(1, 3), n(1, 4), n(1, 3),
             n(1, 3), n(1, 2), n(1, 2), 1,       1,       n(0, 2), n(0, 2), 1};
    return w;
}

std::vector<Channel> random_channels(Dice& dice, int count) {
    std::vector<Channel> channels;
    for (int o = 0; o < count; ++o)
        channels.push_back(
            {roll(dice, -20000, 20000), (1 << 30) + roll(dice, 0, 0x3FFFFFFF), roll(dice, -9, 0)});
    return channels;
}

std::vector<int16_t> random_words(Dice& dice, std::size_t count) {
    std::vector<int16_t> words(count);
    for (int16_t& word : words) word = static_cast<int16_t>(roll(dice, -32768, 32767));
    return words;
}

template <typename T, typename Table, typename In, typename Params>
std::vector<T> answer(const Kernel& kernel, const Params& params, const std::vector<In>& input,
                      const std::vector<int8_t>& weights, const std::vector<Table>& channels,
                      std::size_t outputs) {
    Operands operands;
    operands.add(input, false);
    operands.add(weights, false);
    operands.add(channels, false);
    const T* out = operands.add(std::vector<T>(outputs), true);
    operands.run(kernel, params);
    return {out, out + outputs};
}

// The zero points taken away from every product give what the usual kernel has folded into its bias.
TEST(MultiplyInt8, AnswersAsTheUsualKernelWhereWeightsAreSymmetric) {
    Dice dice(41);
    for (int i = 0; i < 100; ++i) {
        const Window w = small_window(dice);
        const Range range{static_cast<int8_t>(roll(dice, -9, 9)), -120, 120};
        const auto zero = static_cast<int8_t>(roll(dice, -128, 127));
        const auto input = random_bytes(dice, input_bytes(w));
        const auto weights = random_bytes(dice, conv2d_weight_elements(w));
        auto channels = random_channels(dice, w.out_c);
        const ZeroedConvParams zeroed{w, {zero, 0, range, {}}};
        const auto ours = answer<int8_t>(kConv2dZeroed, zeroed, input, weights, channels, output_bytes(w));
        const std::size_t taps = weights.size() / w.out_c;
        for (std::size_t k = 0; k < weights.size(); ++k) channels[k / taps].bias -= zero * weights[k];
        const ConvParams usual{w, zero, range, 0, {}};
        ASSERT_EQ(ours, answer<int8_t>(kConv2dInt8, usual, input, weights, channels, output_bytes(w)));
    }
}

// A weight w with zero point z is the weight w - z.
TEST(MultiplyInt8, TheZeroPointOfTheWeightsIsTakenAway) {
    Dice dice(42);
    for (int i = 0; i < 100; ++i) {
        const Window w = small_window(dice);
        const auto input = random_bytes(dice, input_bytes(w));
        auto weights = random_bytes(dice, conv2d_weight_elements(w));
        for (int8_t& weight : weights) weight = static_cast<int8_t>(weight / 4);
        const auto channels = random_channels(dice, w.out_c);
        const ZeroedConvParams plain{w, {5, 0, {1, -128, 127}, {}}};
        const auto expected = answer<int8_t>(kConv2dZeroed, plain, input, weights, channels, output_bytes(w));
        const auto z = static_cast<int8_t>(roll(dice, -90, 90));
        for (int8_t& weight : weights) weight = static_cast<int8_t>(weight + z);
        const ZeroedConvParams moved{w, {5, z, {1, -128, 127}, {}}};
        ASSERT_EQ(expected, answer<int8_t>(kConv2dZeroed, moved, input, weights, channels, output_bytes(w)));
    }
}

TEST(MultiplyInt8, FourBitsAnswerAsTheSameWeightsInBytes) {
    Dice dice(43);
    for (int i = 0; i < 100; ++i) {
        const Window w = small_window(dice);
        const auto input = random_bytes(dice, input_bytes(w));
        std::vector<int8_t> weights(conv2d_weight_elements(w)), packed((weights.size() + 1) / 2);
        for (std::size_t k = 0; k < weights.size(); ++k) {
            weights[k] = static_cast<int8_t>(roll(dice, -8, 7));
            packed[k / 2] = static_cast<int8_t>(packed[k / 2] | (weights[k] & 15) << (k % 2 * 4));
        }
        const auto channels = random_channels(dice, w.out_c);
        const ZeroedConvParams params{w, {-7, 0, {1, -128, 127}, {}}};
        ASSERT_EQ(answer<int8_t>(kConv2dInt4, params, input, packed, channels, output_bytes(w)),
                  answer<int8_t>(kConv2dZeroed, params, input, weights, channels, output_bytes(w)));
    }
}

TEST(MultiplyInt16, DenseLayersAnswerAsTheFormula) {
    Dice dice(44);
    for (int i = 0; i < 100; ++i) {
        const Dense d{static_cast<uint32_t>(roll(dice, 1, 3)), static_cast<uint32_t>(roll(dice, 1, 40)),
                      static_cast<uint32_t>(roll(dice, 1, 6))};
        const auto input = random_words(dice, d.batches * d.depth);
        const auto weights = random_bytes(dice, d.depth * d.outputs);
        std::vector<Channel> narrow = random_channels(dice, static_cast<int>(d.outputs));
        std::vector<WideChannel> wide;
        for (Channel& c : narrow) {
            c.shift -= 6;
            wide.push_back({static_cast<uint32_t>(c.bias), c.bias < 0 ? 0xFFFFFFFFu : 0, c.multiplier >> 16,
                            15 - c.shift});
        }
        const Int16DenseParams p{d, -30000, 30000};
        const auto in_32 =
            answer<int16_t>(kFullyConnectedInt16, p, input, weights, narrow, d.batches * d.outputs);
        const auto in_64 =
            answer<int16_t>(kFullyConnectedWide, p, input, weights, wide, d.batches * d.outputs);
        for (std::size_t at = 0; at < in_32.size(); ++at) {
            const std::size_t n = at / d.outputs, o = at % d.outputs;
            int64_t sum = narrow[o].bias;
            for (uint32_t k = 0; k < d.depth; ++k)
                sum += int64_t{input[n * d.depth + k]} * weights[o * d.depth + k];
            const int expected =
                plain_rescale(static_cast<int32_t>(sum), narrow[o].multiplier, narrow[o].shift);
            ASSERT_EQ(in_32[at], plain_clamp(expected, -30000, 30000));
            const double real =
                std::floor(std::ldexp(static_cast<double>(sum * wide[o].multiplier), -wide[o].shift) + 0.5);
            ASSERT_EQ(in_64[at], plain_clamp(static_cast<int64_t>(real), -30000, 30000));
        }
    }
}

TEST(MultiplyInt16, SumsOf64BitsDoNotWrap) {
    const Int16DenseParams p{{1, 70000, 1}, -32768, 32767};
    const std::vector<WideChannel> channel{{0, 0, 1 << 14, 15 + 23}};  // / 2^24
    EXPECT_EQ(answer<int16_t>(kFullyConnectedWide, p, std::vector<int16_t>(70000, 32767),
                              std::vector<int8_t>(70000, 127), channel, 1)[0],
              17363)
        << "70000 * 32767 * 127 / 2^24 = 17362.6";
}

TEST(BatchMatmul, TransposedAndBroadcastFactors) {
    MatmulParams p{};
    p.batches[0] = 1, p.batches[1] = 1, p.batches[2] = 2;
    p.rows = 2, p.depth = 3, p.columns = 2;
    p.a = {{0, 0, 6}, 3, 1};
    p.b = {{0, 0, 0}, 3, 1};  // the same transposed matrix for both
    Operands operands;
    operands.add(std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, false);
    operands.add(std::vector<float>{1, 10, 100, 2, 0, -1}, false);
    const float* out = operands.add(std::vector<float>(8), true);
    operands.run(kBatchMatmulFloat, p);
    EXPECT_EQ((std::vector<float>(out, out + 8)), (std::vector<float>{321, -1, 654, 2, 987, 5, 1320, 8}));
}

template <typename Params, typename Kernels>
int try_all(Dice& dice, const Params& params, const Kernels& kernels, std::size_t out_bytes) {
    Operands operands;
    for (std::size_t bytes : {300, 150, 160}) operands.add(random_bytes(dice, bytes), false);
    operands.add(std::vector<int8_t>(out_bytes), true);
    int accepted = 0;
    for (const Kernel* kernel : kernels) accepted += operands.try_run(*kernel, &params, sizeof params);
    return accepted;
}

TEST(MultiplyIntegers, HostileParametersAreRefusedOrHarmless) {
    Dice dice(45);
    int accepted = 0;
    for (int i = 0; i < 10000; ++i) {
        auto conv = random_params<ZeroedConvParams>(dice);
        hostile_window(dice, &conv.window);
        accepted +=
            try_all(dice, conv,
                    std::vector<const Kernel*>{&kConv2dZeroed, &kDepthwiseConv2dZeroed, &kTransposeConvInt8,
                                               &kConv2dInt4, &kDepthwiseConv2dInt4},
                    100);
        auto conv16 = random_params<Int16ConvParams>(dice);
        hostile_window(dice, &conv16.window);
        accepted += try_all(dice, conv16,
                            std::vector<const Kernel*>{&kConv2dInt16, &kConv2dWide, &kDepthwiseConv2dWide,
                                                       &kTransposeConvWide},
                            200);
        auto dense = random_params<ZeroedDenseParams>(dice);
        hostile_dense(dice, &dense.dense);
        accepted += try_all(dice, dense,
                            std::vector<const Kernel*>{&kFullyConnectedZeroed, &kFullyConnectedInt4}, 100);
        auto dense16 = random_params<Int16DenseParams>(dice);
        hostile_dense(dice, &dense16.dense);
        accepted += try_all(dice, dense16,
                            std::vector<const Kernel*>{&kFullyConnectedInt16, &kFullyConnectedWide}, 200);
    }
    EXPECT_GT(accepted, 2000) << "the test has to reach run()";
}

TEST(BatchMatmul, HostileParametersAreRefusedOrHarmless) {
    Dice dice(46);
    const uint32_t extents[] = {0, 1, 1, 1, 2, 2, 3, 5, 0xFFFF, 0xFFFFFFFF};
    int accepted = 0;
    for (int i = 0; i < 20000; ++i) {
        auto p = random_params<MatmulParams>(dice);
        auto* fields = reinterpret_cast<uint32_t*>(&p);
        for (std::size_t f = 0; f < 16; ++f) fields[f] = extents[dice() % 10];
        Operands operands;
        for (std::size_t bytes : {200, 200}) operands.add(random_bytes(dice, bytes), false);
        operands.add(std::vector<int8_t>(200), true);
        accepted += operands.try_run(kBatchMatmulInt8, &p, sizeof p);
        accepted += operands.try_run(kBatchMatmulInt16, &p, sizeof p);
    }
    EXPECT_GT(accepted, 100) << "the test has to reach run()";
}

}  // namespace
}  // namespace jatai
