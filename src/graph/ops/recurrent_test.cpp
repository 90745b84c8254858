// Layers with a memory, in whole numbers, against the same layers in floats.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cstring>

#include "src/graph/interpret.h"
#include "src/graph/passes/passes.h"
#include "src/graph/text_form.h"
#include "src/graph/verify.h"

namespace jatai {
namespace {

// Weights and biases of four gates: as int8 and int64 named w0 r0 b0 ..., and the same numbers as floats
// named wf0 rf0 bf0 ... (computed by layers that the passes fold).
std::string gates() {
    std::string words = "%k float32[] = {0.000002441406}\n";  // 2^-12 * 0.01
    for (int g = 0; g < 4; ++g) {
        words += fmt::format(
            "%w{0} int8[5,4] s=0.01 = random {1}\n%r{0} int8[5,5] s=0.01 = random {2}\n%b{0} int64[5] = "
            "random {3}\n"
            "%wf{0} float32[5,4] = DEQUANTIZE(%w{0})\n%rf{0} float32[5,5] = DEQUANTIZE(%r{0})\n"
            "%c{0} float32[5] = CAST(%b{0})\n%bf{0} float32[5] = MUL(%c{0}, %k)\n",
            g, g + 1, g + 11, g + 21);
    }
    return words;
}

std::string lstm(const char* x, const char* mark, const char* h, const char* c) {
    std::string uses = x;
    for (const char* part : {"w", "r"})
        for (int g = 0; g < 4; ++g) uses += fmt::format(", %{}{}{}", part, mark, g);
    uses += ", _, _, _";
    for (int g = 0; g < 4; ++g) uses += fmt::format(", %b{}{}", mark, g);
    return fmt::format("UNIDIRECTIONAL_SEQUENCE_LSTM({}, _, _, {}, {}) fused_activation_function=4\n", uses,
                       h, c);
}

TEST(LstmInt16, IsTheLstmOfTheSameNumbersAsFloats) {
    Graph graph = parse_text(
        gates() + "%x int16[1,6,4] s=0.000244140625 = input\n%xf float32[1,6,4] = DEQUANTIZE(%x)\n" +
            "%h int16[1,5] s=0.000030517578125 = state\n%c int16[1,5] s=0.00048828125 = state\n" +
            "%hf float32[1,5] = state\n%cf float32[1,5] = state\n" +
            "%y int16[1,6,5] s=0.000030517578125 = " + lstm("%x", "", "%h", "%c") +
            "%yf float32[1,6,5] = " + lstm("%xf", "f", "%hf", "%cf") + "output %y, %yf\n",
        "lstm16");
    run_passes(graph);
    verify(graph);
    Interpreter interpreter(graph);
    Bytes input(6 * 4 * 2);
    for (std::size_t i = 0; i < input.size() / 2; ++i) {
        const auto value = static_cast<std::int16_t>((static_cast<int>(i) * 7919) % 16000 - 8000);
        std::memcpy(input.data() + 2 * i, &value, sizeof value);
    }
    double largest = 0;
    for (int run = 0; run < 3; ++run) {  // the state goes on
        const std::vector<Bytes> y = interpreter.run({input});
        for (std::size_t i = 0; i < 30; ++i) {
            std::int16_t whole;
            float real;
            std::memcpy(&whole, y[0].data() + 2 * i, sizeof whole);
            std::memcpy(&real, y[1].data() + 4 * i, sizeof real);
            EXPECT_NEAR(whole / 32768.0, real, 2e-3) << run << " " << i;
            largest = std::max(largest, std::abs(double{real}));
        }
    }
    EXPECT_GT(largest, 0.2) << "the layer says something";
}

}  // namespace
}  // namespace jatai
