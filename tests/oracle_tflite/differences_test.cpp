// Where TensorFlow Lite 2.9 on a PC answers one step beside TFLite Micro, and so beside us: what it computes
// there, written out. It answers exactly this, so nothing else is hidden behind a tolerance
// (docs/reference/ops.md).
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <functional>

#include "device/kernels/requantize.h"
#include "src/graph/interpret.h"
#include "src/graph/passes/passes.h"
#include "src/graph/text_form.h"
#include "src/graph/tflite.h"
#include "tests/oracle_tflite/random_layer.h"
#include "tests/oracle_tflite/random_ops.h"
#include "tests/oracle_tflite/tflite_oracle.h"

namespace jatai {
namespace {

// A layer as text, and what the PC's kernel makes of its input bytes.
struct Case {
    std::string words;
    std::function<Bytes(const std::vector<Bytes>&)> theirs;
};

struct Scaled {
    float scale;
    int zero;
};

Scaled any_scale(Rng& rng, double middle, float span = 2) {
    Scaled q{near(rng, middle, span), between(rng, -100, 100)};
    std::sscanf(fmt::format("{:.6g}", q.scale).c_str(), "%f", &q.scale);
    return q;
}

std::string words_of(const Scaled& q) { return fmt::format("s={:.6g} z={}", q.scale, q.zero); }

int signed_byte(std::uint8_t byte) { return static_cast<std::int8_t>(byte); }

std::uint8_t held(double value, int low = -128, int high = 127) {
    return static_cast<std::uint8_t>(static_cast<int>(std::min<double>(high, std::max<double>(low, value))));
}

// MEAN and SUM in single precision, where Micro has integers; a SUM too large wraps, where Micro clamps.
Case reduction(Rng& rng, bool mean) {
    const int rows = between(rng, 1, 9), n = between(rng, 2, 30);
    const Scaled in = any_scale(rng, 0.05), out = any_scale(rng, mean ? 0.03 : 0.02 * n);
    const std::string words = fmt::format(
        "%x int8[{},{}] {} = input\n%a int32[1] = {{1}}\n%y int8[{}] {} = {}(%x, %a) keep_dims=no\noutput "
        "%y\n",
        rows, n, words_of(in), rows, words_of(out), mean ? "MEAN" : "SUM");
    return {words, [=](const std::vector<Bytes>& inputs) {
                const float scale = in.scale / out.scale;
                const float bias = mean ? -static_cast<float>(in.zero) * scale
                                        : -static_cast<float>(in.zero) * scale * static_cast<float>(n);
                Bytes answer;
                for (int r = 0; r < rows; ++r) {
                    int sum = 0;
                    for (int i = 0; i < n; ++i)
                        sum += signed_byte(inputs[0][static_cast<std::size_t>(r * n + i)]);
                    const float x =
                        mean ? static_cast<float>(sum) / static_cast<float>(n) : static_cast<float>(sum);
                    const float value = std::round(x * scale + bias) + static_cast<float>(out.zero);
                    answer.push_back(mean ? held(value) : static_cast<std::uint8_t>(static_cast<int>(value)));
                }
                return answer;
            }};
}

struct Factor {
    std::int32_t multiplier, shift;
};

Factor factor_of(double value) {
    int shift = 0;
    const double part = std::frexp(value, &shift);
    auto multiplier = static_cast<std::int64_t>(std::round(part * 2147483648.0));
    if (multiplier == 2147483648LL) multiplier /= 2, ++shift;
    return {static_cast<std::int32_t>(multiplier), shift};
}

// Halves up in the last shift, as ruy's kernels for x86 have it, where Micro rounds them away from zero.
std::int32_t rescale_halves_up(std::int32_t x, Factor factor) {
    const std::int32_t left = shift_left(x, static_cast<std::uint32_t>(std::max(factor.shift, 0)));
    const std::int32_t high = multiply_high(left, factor.multiplier);
    const int right = std::max(-factor.shift, 0);
    return right == 0 ? high : static_cast<std::int32_t>((std::int64_t{high} + (1 << (right - 1))) >> right);
}

Case matrix_product(Rng& rng) {
    const int rows = between(rng, 1, 9), depth = between(rng, 1, 40), columns = between(rng, 1, 9);
    const Scaled a = any_scale(rng, 0.05), b = any_scale(rng, 0.05);
    const Scaled out = any_scale(rng, 0.4 * std::sqrt(static_cast<double>(depth)));
    const std::string words = fmt::format(
        "%a int8[1,{},{}] {} = input\n%b int8[1,{},{}] {} = input\n%y int8[1,{},{}] {} = BATCH_MATMUL(%a, "
        "%b) "
        "version=2\noutput %y\n",
        rows, depth, words_of(a), depth, columns, words_of(b), rows, columns, words_of(out));
    return {words, [=](const std::vector<Bytes>& inputs) {
                const Factor factor = factor_of(static_cast<double>(a.scale * b.scale) / out.scale);
                Bytes answer;
                for (int at = 0; at < rows * columns; ++at) {
                    int sum = 0;
                    for (int d = 0; d < depth; ++d)
                        sum += (signed_byte(inputs[0][static_cast<std::size_t>(at / columns * depth + d)]) -
                                a.zero) *
                               (signed_byte(inputs[1][static_cast<std::size_t>(d * columns + at % columns)]) -
                                b.zero);
                    answer.push_back(held(rescale_halves_up(sum, factor) + out.zero));
                }
                return answer;
            }};
}

// The scales of SUB divided in double precision, where Micro divides them in single.
Case subtraction(Rng& rng) {
    const int n = between(rng, 1, 60);
    const auto hundredths = [&] {
        return any_scale(rng, 0.01 * between(rng, 1, 9), 0);
    };  // ties are met there
    const Scaled a = hundredths(), b = hundredths(), out = hundredths();
    const std::string words = fmt::format(
        "%a int8[{}] {} = input\n%b int8[{}] {} = input\n%y int8[{}] {} = SUB(%a, %b) version=2\noutput %y\n",
        n, words_of(a), n, words_of(b), n, words_of(out));
    return {words, [=](const std::vector<Bytes>& inputs) {
                const double larger = 2 * static_cast<double>(std::max(a.scale, b.scale));
                const Factor by_a = factor_of(a.scale / larger), by_b = factor_of(b.scale / larger);
                const Factor by_sum = factor_of(larger / ((1 << 20) * static_cast<double>(out.scale)));
                Bytes answer;
                for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
                    const int x = (signed_byte(inputs[0][i]) - a.zero) * (1 << 20);
                    const int y = (signed_byte(inputs[1][i]) - b.zero) * (1 << 20);
                    const int sum =
                        rescale(x, by_a.multiplier, by_a.shift) - rescale(y, by_b.multiplier, by_b.shift);
                    answer.push_back(held(rescale(sum, by_sum.multiplier, by_sum.shift) + out.zero));
                }
                return answer;
            }};
}

// The factor of MUL in single precision, where Micro has it in double.
Case product(Rng& rng) {
    const int n = 500;
    Scaled a = any_scale(rng, 0.001), b = any_scale(rng, 0.001), out = any_scale(rng, 0.01);
    a.zero = b.zero = out.zero = 0;
    const std::string words = fmt::format(
        "%a int16[{}] {} = input\n%b int16[{}] {} = input\n%y int16[{}] {} = MUL(%a, %b) version=4\noutput "
        "%y\n",
        n, words_of(a), n, words_of(b), n, words_of(out));
    return {words, [=](const std::vector<Bytes>& inputs) {
                const Factor factor = factor_of(a.scale * b.scale / out.scale);
                Bytes answer(inputs[0].size());
                for (std::size_t i = 0; i < answer.size(); i += 2) {
                    std::int16_t x, y;
                    std::memcpy(&x, &inputs[0][i], 2);
                    std::memcpy(&y, &inputs[1][i], 2);
                    const auto value = static_cast<std::int16_t>(
                        clamp(rescale(x * y, factor.multiplier, factor.shift), -32768, 32767));
                    std::memcpy(&answer[i], &value, 2);
                }
                return answer;
            }};
}

// On uint8, the four weights multiplied out first, where Micro multiplies the value by one and then the
// other.
struct Place {
    int low, high;
    float share;  // of `high`
};

Place place(int at, int in, int out) {
    const float scale = static_cast<float>(in) / static_cast<float>(out), y = static_cast<float>(at) * scale;
    const int low = std::max(0, static_cast<int>(std::floor(y)));
    return {low, std::min(low + 1, in - 1), y - static_cast<float>(low)};
}

Case resize(Rng& rng) {
    const int in_h = between(rng, 1, 9), in_w = between(rng, 1, 9), depth = between(rng, 1, 4);
    const int out_h = between(rng, 1, 20), out_w = between(rng, 1, 20);
    const std::string words = fmt::format(
        "%x uint8[1,{},{},{}] s=0.05 z=10 = input\n%s int32[2] = {{{},{}}}\n%y uint8[1,{},{},{}] s=0.05 z=10 "
        "= "
        "RESIZE_BILINEAR(%x, %s) align_corners=no half_pixel_centers=no version=3\noutput %y\n",
        in_h, in_w, depth, out_h, out_w, out_h, out_w, depth);
    return {words, [=](const std::vector<Bytes>& inputs) {
                Bytes answer;
                for (int i = 0; i < out_h * out_w * depth; ++i) {
                    const Place y = place(i / depth / out_w, in_h, out_h),
                                x = place(i / depth % out_w, in_w, out_w);
                    const auto value = [&](int row, int column) {
                        return static_cast<float>(
                            inputs[0][static_cast<std::size_t>((row * in_w + column) * depth + i % depth)]);
                    };
                    const float sum = value(y.low, x.low) * ((1 - y.share) * (1 - x.share)) +
                                      value(y.low, x.high) * ((1 - y.share) * x.share) +
                                      value(y.high, x.low) * (y.share * (1 - x.share)) +
                                      value(y.high, x.high) * (y.share * x.share);
                    answer.push_back(static_cast<std::uint8_t>(sum + 0.5f));
                }
                return answer;
            }};
}

struct Explained {
    const char* name;
    Case (*make)(Rng& rng);
};

class Differences : public ::testing::TestWithParam<Explained> {};

TEST_P(Differences, AreWhatThePcsKernelIsKnownToCompute) {
    const auto oracle = TfliteOracle::find();
    if (!oracle) GTEST_SKIP() << TfliteOracle::kMissing;
    Rng rng(29);
    int beside = 0;
    for (int i = 0; i < 1000; ++i) {
        const Case layer = GetParam().make(rng);
        const Bytes file = write_tflite(parse_text(layer.words, "layer"));
        Graph graph = read_tflite(file, "layer");
        run_passes(graph);
        const std::vector<Bytes> inputs = random_inputs(graph, rng);
        const Bytes theirs = oracle->run(file, inputs)[0];
        ASSERT_EQ(theirs, layer.theirs(inputs)) << layer.words;
        beside += run_graph(graph, inputs)[0] != theirs ? 1 : 0;
    }
    std::cout << GetParam().name << ": " << beside << " of 1000 layers differ from ours\n";
    EXPECT_GT(beside, 0);
}

INSTANTIATE_TEST_SUITE_P(Of, Differences,
                         ::testing::Values(Explained{"Mean", [](Rng& rng) { return reduction(rng, true); }},
                                           Explained{"Sum", [](Rng& rng) { return reduction(rng, false); }},
                                           Explained{"Sub", subtraction}, Explained{"MulOfInt16", product},
                                           Explained{"BatchMatmul", matrix_product},
                                           Explained{"ResizeBilinearOfUInt8", resize}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace jatai
