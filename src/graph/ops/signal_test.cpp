// The operators of TFLM's audio front end against their formulas; the vectors of TFLM itself are in
// tests/golden.
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>

#include "device/kernels/plain_test.h"
#include "device/kernels/signal_filter_bank.h"
#include "device/kernels/signal_spectrum.h"
#include "src/graph/ops/one_layer.h"
#include "src/graph/tflite.h"

namespace jatai {
namespace {

using ::testing::ElementsAre;

Graph verified(const std::string& words) {
    Graph graph = parse_text(words, "test");
    verify(graph);
    return graph;
}

TEST(SignalWindow, RoundsDownAndHoldsAtTheEnds) {
    const Graph graph = verified(
        "%x int16[2,3] = input\n%w int16[3] = {1,-1,32767}\n%y int16[2,3] = SignalWindow(%x, %w) "
        "shift=1\noutput %y");
    const Bytes in = bytes_of<std::int16_t>({3, 3, 2, -3, -32768, -32768});
    EXPECT_THAT(values_of<std::int16_t>(run_graph(graph, {in})[0]),
                ElementsAre(1, -2, 32767, -2, 16384, -32768));
}

TEST(SignalFftAutoScale, DoublesUntilTheLoudestSampleFillsItsBits) {
    const Graph graph =
        verified("%x int16[3] = input\n%y int16[3], %b int32[1] = SignalFftAutoScale(%x)\noutput %y, %b");
    const auto answer = [&](const std::vector<std::int16_t>& in) {
        const auto out = run_graph(graph, {bytes_of(in)});
        std::vector<std::int16_t> y = values_of<std::int16_t>(out[0]);
        y.push_back(static_cast<std::int16_t>(values_of<std::int32_t>(out[1])[0]));
        return y;
    };
    EXPECT_THAT(answer({1, -3, 0}), ElementsAre(1 << 13, -3 * (1 << 13), 0, 13));
    EXPECT_THAT(answer({0, 0, 0}), ElementsAre(0, 0, 0, 0)) << "silence stays";
    EXPECT_THAT(answer({0, 20000, 0}), ElementsAre(0, 20000, 0, 0));
    EXPECT_THAT(answer({0, -32768, 0}), ElementsAre(0, -32768, 0, 0));
}

// Half a step per doubling and one for the last step: what rounding may leave.
TEST(SignalRfft, IsTheTransformDividedByItsLengthForEveryLength) {
    std::mt19937 dice(3);
    for (int bits = 2; bits <= 12; ++bits) {
        const int n = 1 << bits;
        const Graph graph = verified(fmt::format(
            "%x int16[{0}] = input\n%y int16[{1}] = SignalRfft(%x) fft_length={0}\noutput %y", n, n + 2));
        std::vector<std::int16_t> in(static_cast<std::size_t>(n));
        for (std::int16_t& x : in) x = static_cast<std::int16_t>(roll(dice, -30000, 30000));
        const auto out = values_of<std::int16_t>(run_graph(graph, {bytes_of(in)})[0]);
        for (int k = 0; k <= n / 2; k += std::max(1, n / 64)) {
            double re = 0, im = 0;
            for (int i = 0; i < n; ++i) {
                const double phase = -2 * std::numbers::pi * k * i / n;
                re += in[static_cast<std::size_t>(i)] * std::cos(phase) / n;
                im += in[static_cast<std::size_t>(i)] * std::sin(phase) / n;
            }
            EXPECT_NEAR(out[static_cast<std::size_t>(2 * k)], re, 4 + bits) << n << " bin " << k;
            EXPECT_NEAR(out[static_cast<std::size_t>(2 * k + 1)], im, 4 + bits) << n << " bin " << k;
        }
    }
}

TEST(SignalRfft, RowsAreTransformedOneByOneAndFilledWithZeros) {
    const Graph both =
        verified("%x int16[2,5] = input\n%y int16[2,10] = SignalRfft(%x) fft_length=8\noutput %y");
    const Graph one = verified("%x int16[8] = input\n%y int16[10] = SignalRfft(%x) fft_length=8\noutput %y");
    const std::vector<std::int16_t> a{900, -20, 7000, 4, -5000}, b{1, 20000, -3, -20000, 5};
    std::vector<std::int16_t> rows = a;
    rows.insert(rows.end(), b.begin(), b.end());
    Bytes expected;
    for (std::vector<std::int16_t> row : {a, b}) {
        row.resize(8);
        const Bytes answer = run_graph(one, {bytes_of(row)})[0];
        expected.insert(expected.end(), answer.begin(), answer.end());
    }
    EXPECT_EQ(run_graph(both, {bytes_of(rows)})[0], expected);
}

TEST(SignalEnergy, IsTheSquareOfTheMagnitudeInsideTheRange) {
    const Graph graph =
        verified("%x int16[8] = input\n%y uint32[4] = SignalEnergy(%x) start_index=1 end_index=3\noutput %y");
    const Bytes in = bytes_of<std::int16_t>({5, 5, -32768, -32768, 3, -4, 9, 9});
    EXPECT_THAT(values_of<std::uint32_t>(run_graph(graph, {in})[0]), ElementsAre(0, 2147483648u, 25, 0));
}

TEST(SignalFilterBank, RisingOfOneSlopeAndFallingOfTheOneBeforeMakeAChannel) {
    const Graph graph = verified(R"(
        %x uint32[4] = input
        %w int16[4] = {1,2,3,4}
        %u int16[4] = {10,20,30,40}
        %f int16[3] = {0,1,3}
        %s int16[3] = {0,1,3}
        %n int16[3] = {1,2,1}
        %y uint64[2] = SignalFilterBank(%x, %w, %u, %f, %s, %n) num_channels=2
        output %y)");
    const Bytes in = bytes_of<std::uint32_t>({1, 10, 100, 4000000000u});
    EXPECT_THAT(values_of<std::uint64_t>(run_graph(graph, {in})[0]),
                ElementsAre(10 + 20 + 300, 200 + 3000 + 16000000000u));
}

TEST(SignalFilterBankSquareRoot, IsTheNearestRootLessSomeBits) {
    std::mt19937_64 dice(5);
    std::vector<std::uint64_t> in{0, 1, 2, 3, 6, 7, 0xFFFFFFFFu, 0x100000000u, ~std::uint64_t{0}};
    for (int i = 0; i < 200; ++i) in.push_back(dice() >> (i % 64));
    const Graph graph = verified(fmt::format(
        "%x uint64[{0}] = input\n%b int32[1] = input\n%y uint32[{0}] = SignalFilterBankSquareRoot(%x, "
        "%b)\noutput %y",
        in.size()));
    const auto roots = values_of<std::uint32_t>(run_graph(graph, {bytes_of(in), bytes_of<int>({0})})[0]);
    const auto less = values_of<std::uint32_t>(run_graph(graph, {bytes_of(in), bytes_of<int>({3})})[0]);
    for (std::size_t i = 0; i < in.size(); ++i) {
        const long double root = std::sqrt(static_cast<long double>(in[i]));
        // A root of 16 bits stays within 16 bits, though 2^32 - 1 is nearer to the square of 2^16.
        const long double most = in[i] >> 32 == 0 ? 65535.0L : 4294967295.0L;
        EXPECT_EQ(roots[i], static_cast<std::uint32_t>(std::min(most, std::floor(root + 0.5L)))) << in[i];
        EXPECT_EQ(less[i], roots[i] >> 3);
    }
    EXPECT_EQ(values_of<std::uint32_t>(run_graph(graph, {bytes_of(in), bytes_of<int>({-1})})[0])[5], 0u);
}

constexpr const char* kSubtraction = R"(
    %x uint32[2] = input
    %n uint32[2] = state
    %y uint32[2], %z uint32[2] = SignalFilterBankSpectralSubtraction(%x, %n) num_channels=2 smoothing=512 one_minus_smoothing=1536 alternate_smoothing=1024 alternate_one_minus_smoothing=1024 min_signal_remaining=1024 smoothing_bits=1 spectral_subtraction_bits=11
    output %y, %z)";

TEST(SignalFilterBankSpectralSubtraction, TheNoiseEstimateIsKeptFromRunToRun) {
    const Graph graph = verified(kSubtraction);
    Interpreter interpreter(graph);
    const Bytes loud = bytes_of<std::uint32_t>({800, 800});
    auto out = interpreter.run({loud});
    EXPECT_THAT(values_of<std::uint32_t>(out[1]), ElementsAre(400, 800)) << "a quarter and a half of 1600";
    EXPECT_THAT(values_of<std::uint32_t>(out[0]), ElementsAre(600, 400));
    out = interpreter.run({loud});
    EXPECT_THAT(values_of<std::uint32_t>(out[1]), ElementsAre(700, 1200));
    EXPECT_THAT(values_of<std::uint32_t>(out[0]), ElementsAre(450, 400)) << "half the signal remains";
    EXPECT_THAT(values_of<std::uint32_t>(Interpreter(graph).run({loud})[1]), ElementsAre(400, 800));
}

TEST(SignalFilterBankSpectralSubtraction, AClampedEstimateStaysBelowTheSignal) {
    for (const bool clamping : {false, true}) {
        const Graph graph = verified(
            std::string(kSubtraction)
                .replace(std::string(kSubtraction).find("smoothing_bits=1"), 16,
                         clamping ? "smoothing_bits=1 clamping=yes" : "smoothing_bits=1 clamping=no"));
        Interpreter interpreter(graph);
        interpreter.run({bytes_of<std::uint32_t>({8000, 8000})});
        const auto out = interpreter.run({bytes_of<std::uint32_t>({1, 1})});
        EXPECT_EQ(values_of<std::uint32_t>(out[1])[0], clamping ? 2u : 3000u);
    }
}

TEST(SignalPCAN, GainCurveThenSoftThreshold) {
    std::vector<int> lut(kPcanLutEntries, 0);
    lut[0] = 64, lut[2] = 128;      // at 0 and 2
    lut[14] = 100, lut[15] = 8192;  // from 16 on: 100 + 8192 * part / 2^15 * 32
    const Graph graph = verified(
        fmt::format("%x uint32[4] = input\n%n uint32[4] = input\n%g int16[125] = {{{}}}\n%y uint32[4] = "
                    "SignalPCAN(%x, %n, %g) snr_shift=6\noutput %y",
                    fmt::join(lut, ",")));
    const Bytes x = bytes_of<std::uint32_t>({4096, 4096 * 3, 0xFFFFFFFFu, 64});
    const Bytes noise = bytes_of<std::uint32_t>({0, 2, 1, 16 + 8});
    // Gains 64/64, 128/64, 0 and (100 + 512 * 8192 * 32 / 2^15) / 64; thresholds x^2/4 below 2, x - 1 above.
    const std::uint32_t gain = 100 + 512 * 8192 / 1024;
    EXPECT_THAT(values_of<std::uint32_t>(run_graph(graph, {x, noise})[0]),
                ElementsAre(16, 5 * 64, 0, gain * gain / 4 >> 18));
}

TEST(SignalFilterBankLog, IsTheNaturalLogarithm) {
    std::mt19937 dice(8);
    std::vector<std::uint32_t> in{0, 1, 2, 3, 0x0FFFFFFFu, 0x80000000u};
    for (int i = 0; i < 300; ++i) in.push_back(static_cast<std::uint32_t>(dice()) >> (4 + i % 24));
    const Graph graph = verified(
        fmt::format("%x uint32[{0}] = input\n%y int16[{0}] = SignalFilterBankLog(%x) output_scale=1600 "
                    "input_correction_bits=3\noutput %y",
                    in.size()));
    const auto out = values_of<std::int16_t>(run_graph(graph, {bytes_of(in)})[0]);
    for (std::size_t i = 0; i < in.size(); ++i) {
        const std::uint32_t x = in[i] << 3;
        EXPECT_NEAR(out[i], x > 1 ? std::min(32767.0, 1600 * std::log(x)) : 0, 5.0) << x;
    }
}

// Whatever a package says: refused, or nothing outside the operands is touched. The sanitizers judge.
TEST(SignalKernels, AnyParametersAreRefusedOrHarmless) {
    Dice dice(11);
    const Kernel kernels[] = {kSignalFftAutoScale,
                              kSignalRfft,
                              kSignalEnergy,
                              kSignalFilterBank,
                              kSignalFilterBankSquareRoot,
                              kSignalFilterBankSpectralSubtraction,
                              kSignalPcan,
                              kSignalFilterBankLog};
    int ran = 0;
    for (int i = 0; i < 40000; ++i) {
        Operands operands;
        for (int o = 0; o < 4; ++o)
            operands.add(random_bytes(dice, static_cast<std::size_t>(8 * roll(dice, 1, 40))), true);
        std::vector<std::uint32_t> params(12);
        for (std::uint32_t& p : params)
            p = roll(dice, 0, 9) == 0 ? static_cast<std::uint32_t>(dice())
                                      : static_cast<std::uint32_t>(roll(dice, 0, 8));
        ran += operands.try_run(kernels[i % 8], params.data(), 48);
    }
    EXPECT_GT(ran, 1000);
}

}  // namespace
}  // namespace jatai
