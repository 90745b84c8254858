#include "device/kernels/gru.h"
#include "device/kernels/lstm_float.h"

#include <gtest/gtest.h>

#include <array>
#include <numeric>

#include "device/kernels/plain_test.h"
#include "device/kernels/svdf_float.h"

namespace jatai {
namespace {

std::vector<float> random_floats(Dice& dice, std::size_t count, float most) {
    std::uniform_real_distribution<float> spread(-most, most);
    std::vector<float> values(count);
    for (float& value : values) value = spread(dice);
    return values;
}

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

// An LSTM as its equations say, in double precision. Weights as the kernel reads them.
struct PlainLstm {
    Sequence s;
    std::vector<double> weights, biases, h, c;

    double gate(uint32_t g, uint32_t b, uint32_t u, const double* x) const {
        const double* w = weights.data() + g * s.weights_per_gate() + u * s.inputs;
        const double* r = weights.data() + g * s.weights_per_gate() + s.units * s.inputs + u * s.units;
        double sum = biases[g * s.units + u];
        for (uint32_t i = 0; i < s.inputs; ++i) sum += w[i] * x[i];
        for (uint32_t i = 0; i < s.units; ++i) sum += r[i] * h[b * s.units + i];
        return g == kCellGate ? std::tanh(sum) : logistic(sum);
    }
    void step(uint32_t b, const double* x) {
        std::vector<std::array<double, 4>> gates(s.units);
        for (uint32_t u = 0; u < s.units; ++u) {
            for (uint32_t g = 0; g < 4; ++g) gates[u][g] = gate(g, b, u, x);
        }
        for (uint32_t u = 0; u < s.units; ++u) {
            double& cell = c[b * s.units + u];
            cell = gates[u][kForgetGate] * cell + gates[u][kInputGate] * gates[u][kCellGate];
            h[b * s.units + u] = gates[u][kOutputGate] * std::tanh(cell);
        }
    }
};

TEST(LstmFloat, AnswersAsTheEquations) {
    Dice dice(50);
    for (int i = 0; i < 40; ++i) {
        LstmFloatParams p{};
        Sequence& s = p.sequence;
        s = {static_cast<uint32_t>(roll(dice, 1, 3)), static_cast<uint32_t>(roll(dice, 1, 4)),
             static_cast<uint32_t>(roll(dice, 1, 5)), static_cast<uint32_t>(roll(dice, 1, 6)),
             static_cast<uint32_t>(roll(dice, 0, 1))};
        const auto x = random_floats(dice, s.input_elements(), 2);
        const auto weights = random_floats(dice, 4 * s.weights_per_gate(), 1);
        const auto biases = random_floats(dice, 4 * s.units, 1);
        const auto h = random_floats(dice, s.state_elements(), 1);
        const auto c = random_floats(dice, s.state_elements(), 1);
        Operands operands;
        operands.add(x, false);
        operands.add(weights, false);
        operands.add(biases, false);
        operands.add(h, true);
        const float* kept = operands.add(c, true);
        const float* out = operands.add(std::vector<float>(s.output_elements()), true);
        operands.add(std::vector<float>(4 * s.units), true);
        operands.run(kLstmFloat, p);
        PlainLstm plain{s,
                        {weights.begin(), weights.end()},
                        {biases.begin(), biases.end()},
                        {h.begin(), h.end()},
                        {c.begin(), c.end()}};
        const std::vector<double> inputs(x.begin(), x.end());
        for (uint32_t b = 0; b < s.batches; ++b) {
            for (uint32_t t = 0; t < s.steps; ++t) {
                plain.step(b, inputs.data() + s.at(b, t) * s.inputs);
                for (uint32_t u = 0; u < s.units; ++u)
                    ASSERT_NEAR(out[s.at(b, t) * s.units + u], plain.h[b * s.units + u], 2e-6);
            }
        }
        for (std::size_t k = 0; k < plain.c.size(); ++k) ASSERT_NEAR(kept[k], plain.c[k], 4e-6);
    }
}

TEST(LstmFloat, TheCellIsClipped) {
    LstmFloatParams p{{1, 1, 1, 1, 0}, 0.25f};
    Operands operands;
    operands.add(std::vector<float>{1}, false);
    operands.add(std::vector<float>(8, 5.0f), false);
    operands.add(std::vector<float>(4, 0.0f), false);
    operands.add(std::vector<float>{0}, true);
    const float* c = operands.add(std::vector<float>{0}, true);
    operands.add(std::vector<float>(1), true);
    operands.add(std::vector<float>(4), true);
    operands.run(kLstmFloat, p);
    EXPECT_EQ(*c, 0.25f);
}

TEST(SigmoidTable, HoldsTheCurves) {
    std::vector<uint16_t> table;
    for (int i = 0; i < 256; ++i)
        table.push_back(static_cast<uint16_t>(std::lround(65536 * logistic(i / 24.0))));
    for (int x = -32768; x < 32768; ++x) {
        const double real = x / 4096.0;
        ASSERT_NEAR(table_logistic(table.data(), 3 * x) / 32768.0, logistic(real), 7e-5) << x;
        ASSERT_NEAR(table_tanh(table.data(), 3 * x) / 32768.0, std::tanh(real), 1.5e-4) << x;
    }
    EXPECT_EQ(table_logistic(table.data(), 3 * 32767), 32757) << "past the middle of the last step";
    EXPECT_EQ(table_tanh(table.data(), 3 * 32767), 32767);
    EXPECT_EQ(table_tanh(table.data(), -3 * 32768), -32767);
}

// One unit, one input, no recurrence: gates wide open or shut, so that the arithmetic can be followed by
// hand.
TEST(LstmInt8, OneStepByHand) {
    std::vector<uint16_t> table;
    for (int i = 0; i < 256; ++i)
        table.push_back(static_cast<uint16_t>(std::lround(65536 * logistic(i / 24.0))));
    LstmParams p{};
    p.sequence = {1, 2, 1, 1, 0};
    for (uint32_t g = 0; g < 4; ++g) p.input[g] = p.recurrent[g] = {1 << 30, 9};  // sums times 256
    p.forget_cell = {1 << 30, -14};                                               // f * c / 2^15
    p.input_cell = {1 << 30, -18};  // i * g / 2^19: c in steps of 2^-11
    p.hidden = {1 << 30, -22};      // o * tanh(c) / 2^23: h in steps of 2^-7
    p.tanh_multiplier = 6;          // from 2^-11 to the table's 3 * 2^12
    p.hidden_zero_point = -5;
    Operands operands;
    operands.add(std::vector<int8_t>{1, 1}, false);
    operands.add(std::vector<int8_t>(8, 0), false);
    operands.add(std::vector<int32_t>{127, 0, 127, 0, 127, 0, 127, 0}, false);  // every gate at 32512 / 4096
    operands.add(table, false);
    const int8_t* h = operands.add(std::vector<int8_t>{0}, true);
    const int16_t* c = operands.add(std::vector<int16_t>{0}, true);
    const int8_t* out = operands.add(std::vector<int8_t>(2), true);
    operands.add(std::vector<int16_t>(4), true);
    operands.run(kLstmInt8, p);
    const double open = logistic(32512 / 4096.0), first = open, second = open * first + open;
    EXPECT_NEAR(*c / 2048.0, second, 2 / 2048.0);
    EXPECT_NEAR(out[0], 128 * open * std::tanh(first) - 5, 0.6);
    EXPECT_NEAR(out[1], 128 * open * std::tanh(second) - 5, 0.6);
    EXPECT_EQ(*h, out[1]);
}

void hostile_sequence(Dice& dice, Sequence* s) {
    const uint32_t extents[] = {0, 1, 1, 2, 2, 3, 5, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF};
    *s = {extents[dice() % 10], extents[dice() % 10], extents[dice() % 10], extents[dice() % 10],
          static_cast<uint32_t>(dice() % 2)};
}

TEST(LstmInt8, HostileParametersAreRefusedOrHarmless) {
    Dice dice(51);
    int accepted = 0;
    for (int i = 0; i < 20000; ++i) {
        LstmParams p;
        for (std::size_t b = 0; b < sizeof p; ++b)
            reinterpret_cast<uint8_t*>(&p)[b] = static_cast<uint8_t>(dice());
        hostile_sequence(dice, &p.sequence);
        std::vector<uint16_t> table(256);
        for (uint16_t& entry : table) entry = static_cast<uint16_t>(dice());
        Operands operands;
        operands.add(random_bytes(dice, 30), false);
        operands.add(random_bytes(dice, 120), false);
        operands.add(std::vector<int32_t>(32, static_cast<int32_t>(dice())), false);
        operands.add(table, false);
        operands.add(random_bytes(dice, 10), true);
        operands.add(std::vector<int16_t>(10, static_cast<int16_t>(dice())), true);
        operands.add(random_bytes(dice, 30), true);
        operands.add(std::vector<int16_t>(20), true);
        accepted += operands.try_run(kLstmInt8, &p, sizeof p);
    }
    EXPECT_GT(accepted, 300) << "the test has to reach run()";
}

TEST(SvdfInt8, TwoRunsByHand) {
    SvdfParams p{};
    p.shape = {1, 2, 1, 2, 3};  // two inputs, one unit of two filters, three steps of memory
    p.feature_multiplier = 1 << 30, p.feature_shift = 1;
    p.output_multiplier = 1 << 30, p.output_shift = 0;  // halves
    p.input_zero_point = 1;
    p.output_zero_point = -3;
    Operands operands;
    int8_t* in = operands.add(std::vector<int8_t>{3, 5}, false);
    operands.add(std::vector<int8_t>{1, 2, 3, -1}, false);
    operands.add(std::vector<int16_t>{1, 10, 100, 2, 20, 200}, false);
    operands.add(std::vector<int32_t>{7}, false);
    const int16_t* state = operands.add(std::vector<int16_t>{0, 1, 2, 0, 3, 4}, true);
    const int8_t* out = operands.add(std::vector<int8_t>(1), true);
    operands.run(kSvdfInt16State, p);
    // Features: 1 * 2 + 2 * 4 = 10 and 3 * 2 - 4 = 2.
    EXPECT_EQ((std::vector<int16_t>(state, state + 6)), (std::vector<int16_t>{1, 2, 10, 3, 4, 2}));
    EXPECT_EQ(*out, 127) << "(7 + 1 + 20 + 1000 + 6 + 80 + 400) / 2 is held";
    in[0] = in[1] = 1;
    operands.run(kSvdfInt16State, p);
    EXPECT_EQ((std::vector<int16_t>(state, state + 6)), (std::vector<int16_t>{2, 10, 0, 4, 2, 0}));
    EXPECT_EQ(*out, 80 - 3 - 1) << "(7 + 2 + 100 + 8 + 40) / 2 = 78.5, up to 79, less 3";
}

TEST(SvdfFloat, TheBiasIsOptional) {
    SvdfFloatParams p{{1, 1, 2, 1, 2}, -100, 100};
    for (const bool bias : {false, true}) {
        Operands operands;
        operands.add(std::vector<float>{2}, false);
        operands.add(std::vector<float>{3, -3}, false);
        operands.add(std::vector<float>{1, 0.5f, 2, 1}, false);
        operands.add(std::vector<float>(bias ? 2 : 0, 10.0f), false);
        operands.add(std::vector<float>{9, 4, 9, 5}, true);
        const float* out = operands.add(std::vector<float>(2), true);
        ASSERT_TRUE(operands.try_run(kSvdfFloat, &p, sizeof p));
        EXPECT_EQ(out[0], 4 + 3 + (bias ? 10 : 0));
        EXPECT_EQ(out[1], 10 - 6 + (bias ? 10 : 0));
    }
}

TEST(Svdf, HostileParametersAreRefusedOrHarmless) {
    Dice dice(52);
    const uint32_t extents[] = {0, 1, 1, 2, 2, 3, 5, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF};
    int accepted = 0;
    for (int i = 0; i < 20000; ++i) {
        SvdfParams p;
        for (std::size_t b = 0; b < sizeof p; ++b)
            reinterpret_cast<uint8_t*>(&p)[b] = static_cast<uint8_t>(dice());
        p.shape = {extents[dice() % 10], extents[dice() % 10], extents[dice() % 10],
                   static_cast<uint16_t>(extents[dice() % 10]), static_cast<uint16_t>(extents[dice() % 10])};
        Operands operands;
        for (std::size_t bytes : {10, 40, 40, 20}) operands.add(random_bytes(dice, bytes), false);
        operands.add(random_bytes(dice, 100), true);
        operands.add(random_bytes(dice, 10), true);
        accepted += operands.try_run(kSvdfInt16State, &p, sizeof p);
        accepted += operands.try_run(kSvdfInt8State, &p, sizeof p);
    }
    EXPECT_GT(accepted, 300) << "the test has to reach run()";
}

// ONNX's equations in double precision; biases per gate of W, then of R, as the kernel reads them.
std::vector<double> plain_gru(const GruParams& p, const std::vector<double>& x,
                              const std::vector<double>& weights, const std::vector<double>& biases) {
    const Sequence& s = p.sequence;
    std::vector<double> out(s.output_elements()), h(s.state_elements());
    const auto w = [&](uint32_t g, uint32_t u) {
        return weights.data() + g * s.weights_per_gate() + u * s.inputs;
    };
    const auto r = [&](uint32_t g, uint32_t u) { return w(g, 0) + s.units * s.inputs + u * s.units; };
    const auto dot = [](const double* a, const double* b, uint32_t n) {
        return std::inner_product(a, a + n, b, 0.0);
    };
    for (uint32_t b = 0; b < s.batches; ++b) {
        for (uint32_t t = 0; t < s.steps; ++t) {
            double* past = h.data() + b * s.units;
            const double* in = x.data() + s.at(b, t) * s.inputs;
            const auto wx = [&](uint32_t g, uint32_t u) {
                return dot(w(g, u), in, s.inputs) + biases[2 * g * s.units + u];
            };
            const auto rh = [&](uint32_t g, uint32_t u, const double* state) {
                return dot(r(g, u), state, s.units) + biases[(2 * g + 1) * s.units + u];
            };
            std::vector<double> next(s.units), reset(s.units), scaled(s.units);
            for (uint32_t u = 0; u < s.units; ++u) {
                reset[u] = logistic(wx(kResetGate, u) + rh(kResetGate, u, past));
                scaled[u] = reset[u] * past[u];
            }
            for (uint32_t u = 0; u < s.units; ++u) {
                const double z = logistic(wx(kUpdateGate, u) + rh(kUpdateGate, u, past));
                const double inner = p.linear_before_reset != 0 ? reset[u] * rh(kCandidate, u, past)
                                                                : rh(kCandidate, u, scaled.data());
                next[u] = (1 - z) * std::tanh(wx(kCandidate, u) + inner) + z * past[u];
            }
            std::copy(next.begin(), next.end(), past);
            std::copy(next.begin(), next.end(), out.begin() + s.at(b, t) * s.units);
        }
    }
    return out;
}

GruParams random_gru(Dice& dice) {
    GruParams p{};
    p.sequence = {static_cast<uint32_t>(roll(dice, 1, 2)), static_cast<uint32_t>(roll(dice, 1, 5)),
                  static_cast<uint32_t>(roll(dice, 1, 5)), static_cast<uint32_t>(roll(dice, 1, 6)),
                  static_cast<uint32_t>(roll(dice, 0, 1))};
    p.linear_before_reset = static_cast<uint8_t>(roll(dice, 0, 1));
    return p;
}

TEST(GruFloat, AnswersAsTheEquations) {
    Dice dice(53);
    for (int i = 0; i < 40; ++i) {
        const GruParams p = random_gru(dice);
        const Sequence& s = p.sequence;
        const auto x = random_floats(dice, s.input_elements(), 2);
        const auto weights = random_floats(dice, 3 * s.weights_per_gate(), 1);
        const auto biases = random_floats(dice, 6 * s.units, 1);
        Operands operands;
        operands.add(x, false);
        operands.add(weights, false);
        operands.add(biases, false);
        operands.add(std::vector<float>{}, false);
        operands.add(std::vector<float>(s.state_elements(), 9.0f), true);
        const float* out = operands.add(std::vector<float>(s.output_elements()), true);
        operands.add(std::vector<float>(4 * s.units), true);
        ASSERT_TRUE(operands.try_run(kGruFloat, &p, sizeof p));
        const auto expected = plain_gru(p, {x.begin(), x.end()}, {weights.begin(), weights.end()},
                                        {biases.begin(), biases.end()});
        for (std::size_t k = 0; k < expected.size(); ++k) ASSERT_NEAR(out[k], expected[k], 3e-6);
    }
}

// Weights in steps of 1/64, inputs of 1/32, biases and h as the kernel has them: close to the real equations.
TEST(GruInt8, StaysNearTheEquations) {
    std::vector<uint16_t> table;
    for (int i = 0; i < 256; ++i)
        table.push_back(static_cast<uint16_t>(std::lround(65536 * logistic(i / 24.0))));
    Dice dice(54);
    for (int i = 0; i < 40; ++i) {
        GruParams p = random_gru(dice);
        const Sequence& s = p.sequence;
        for (uint32_t g = 0; g < 3; ++g) {
            p.input[g] = {1 << 30, 2};       // 2^-11 to 2^-12
            p.recurrent[g] = {1 << 30, -8};  // 2^-21 to 2^-12
        }
        p.output = {1 << 30, -7};  // 2^-15 to 2^-7
        p.zero_point = 3;
        auto x = random_bytes(dice, s.input_elements());
        auto weights = random_bytes(dice, 3 * s.weights_per_gate());
        for (int8_t& v : x) v = static_cast<int8_t>(v / 4);  // so that no product leaves Q3.12
        for (int8_t& v : weights) v = static_cast<int8_t>(v / 2);
        std::vector<int32_t> biases;
        std::vector<double> real_biases;
        for (uint32_t k = 0; k < 6 * s.units; ++k) {
            const bool of_input = k / s.units % 2 == 0;
            const int bias = roll(dice, -2000, 2000);
            biases.push_back(of_input ? bias : bias * 1024);
            real_biases.push_back(bias / 2048.0);
        }
        Operands operands;
        operands.add(x, false);
        operands.add(weights, false);
        operands.add(biases, false);
        operands.add(table, false);
        operands.add(std::vector<int16_t>(s.state_elements(), 77), true);
        const int8_t* out = operands.add(std::vector<int8_t>(s.output_elements()), true);
        operands.add(std::vector<int16_t>(4 * s.units), true);
        operands.run(kGruInt8, p);
        std::vector<double> real_x, real_w;
        for (const int8_t v : x) real_x.push_back(v / 32.0);
        for (const int8_t v : weights) real_w.push_back(v / 64.0);
        const auto expected = plain_gru(p, real_x, real_w, real_biases);
        for (std::size_t k = 0; k < expected.size(); ++k)
            ASSERT_NEAR(out[k], std::min(127.0, expected[k] * 128 + 3), 1.6) << "step of 1/128";
    }
}

}  // namespace
}  // namespace jatai
