#include "src/graph/onnx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "src/base/error.h"
#include "src/graph/interpret.h"
#include "src/graph/onnx/test_model.h"
#include "src/graph/op_def.h"
#include "src/graph/passes/passes.h"
#include "src/graph/text_form.h"

namespace jatai {
namespace {

using onnx::ModelWriter;
using onnx::some_floats;
using testing::HasSubstr;

std::vector<std::string> ops_of(const Graph& graph) {
    std::vector<std::string> names;
    for (const Node& node : graph.nodes) names.emplace_back(op_def(node.op).name);
    return names;
}

std::string refusal(const Bytes& bytes) {
    try {
        read_onnx(bytes, "m.onnx");
    } catch (const Error& error) {
        return error.what();
    }
    return "read";
}

Bytes bytes_of(const std::vector<float>& values) {
    Bytes bytes(values.size() * 4);
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

std::vector<float> floats_of(const Bytes& bytes) {
    std::vector<float> values(bytes.size() / 4);
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
}

#define NEEDS_OPS(...)                                                                       \
    for (const char* name : {__VA_ARGS__}) {                                                 \
        if (find_op(std::string(name)) == nullptr) GTEST_SKIP() << "no " << name << " here"; \
    }

TEST(Onnx, AQuantisedNetworkBecomesInt8LayersWithFloatDoors) {
    NEEDS_OPS("TRANSPOSE");
    Graph graph = read_onnx(onnx::qdq_cnn(), "qdq.onnx");
    run_passes(graph);
    EXPECT_THAT(ops_of(graph), testing::ElementsAre("QUANTIZE", "TRANSPOSE", "CONV_2D", "MAX_POOL_2D",
                                                    "RESHAPE", "FULLY_CONNECTED", "DEQUANTIZE"));
    EXPECT_EQ(graph.tensor(graph.inputs[0]).shape, (std::vector<std::int32_t>{1, 3, 4, 4}));
    EXPECT_EQ(graph.nodes[2].attributes.integer("fused_activation_function"), 1);
}

// By hand: what QDQ means, in double, layer by layer.
TEST(Onnx, AQuantisedNetworkAnswersWhatItsScalesSay) {
    NEEDS_OPS("TRANSPOSE");
    Graph graph = read_onnx(onnx::qdq_cnn(), "qdq.onnx");
    run_passes(graph);
    const std::vector<float> image = some_floats(48, 9);
    const std::vector<float> answer = floats_of(run_graph(graph, {bytes_of(image)})[0]);
    const auto step = [](double value, double scale, int zero) {
        return scale * (std::clamp(std::nearbyint(value / scale) + zero, -128.0, 127.0) - zero);
    };
    const auto weight = [](float value, std::size_t c) {
        return static_cast<double>(static_cast<std::int8_t>(value * 100)) *
               static_cast<double>(0.01f + 0.001f * static_cast<float>(c));
    };
    const std::vector<float> w1 = some_floats(108, 1), w2 = some_floats(48, 2);
    const double b1[] = {0.1, -0.2, 0.3, 0.0};
    std::vector<double> conv(64), pooled(16);
    for (std::size_t o = 0; o < 4; ++o) {
        for (int y = 0; y < 4; ++y) {
            for (int x = 0; x < 4; ++x) {
                double sum = b1[o];
                for (std::size_t i = 0; i < 27; ++i) {
                    const int iy = y + static_cast<int>(i / 3 % 3) - 1, ix = x + static_cast<int>(i % 3) - 1;
                    if (iy < 0 || iy > 3 || ix < 0 || ix > 3) continue;
                    const double pixel = image[i / 9 * 16 + static_cast<std::size_t>(iy * 4 + ix)];
                    sum += weight(w1[o * 27 + i], o) * step(pixel, 0.0078125, 0);
                }
                conv[o * 16 + static_cast<std::size_t>(y * 4 + x)] = step(std::max(sum, 0.0), 0.05f, -128);
            }
        }
        for (std::size_t p = 0; p < 4; ++p) {
            const double* at = &conv[o * 16 + p / 2 * 8 + p % 2 * 2];
            pooled[o * 4 + p] = std::max({at[0], at[1], at[4], at[5]});
        }
    }
    for (std::size_t o = 0; o < 3; ++o) {
        double sum = 0;
        for (std::size_t i = 0; i < 16; ++i) sum += weight(w2[o * 16 + i], o) * pooled[i];
        EXPECT_NEAR(answer[o], step(sum, 0.1f, 3), 0.1001) << o;  // one step: halves are rounded otherwise
    }
}

TEST(Onnx, AFloatNetworkAnswersAsWhenComputedByHand) {
    NEEDS_OPS("TRANSPOSE", "MUL", "PAD");
    Graph graph;
    try {
        graph = read_onnx(onnx::float_cnn(), "float.onnx");
    } catch (const Error& error) {
        GTEST_SKIP() << error.what();
    }
    run_passes(graph);
    const std::vector<float> image = some_floats(192, 9);
    const std::vector<float> answer = floats_of(run_graph(graph, {bytes_of(image)})[0]);
    // Channels second, in double.
    const auto w1 = some_floats(216, 1), b1 = some_floats(8, 2), gamma = some_floats(8, 3),
               beta = some_floats(8, 4);
    const auto mean = some_floats(8, 5), w2 = some_floats(72, 6), w3 = some_floats(320, 7),
               b3 = some_floats(5, 8);
    const auto inside = [](int v) { return v >= 0 && v < 8; };
    const auto at = [](std::size_t c, int y, int x) { return c * 64 + static_cast<std::size_t>(y * 8 + x); };
    std::vector<double> r1(512), sum(512), p1(128), flat(64);
    for (std::size_t o = 0; o < 8; ++o) {
        for (int y = 0; y < 8; ++y) {
            for (int x = 0; x < 8; ++x) {
                double v = b1[o];
                for (std::size_t i = 0; i < 27; ++i) {
                    const int iy = y + static_cast<int>(i / 3 % 3) - 1, ix = x + static_cast<int>(i % 3) - 1;
                    if (inside(iy) && inside(ix))
                        v += static_cast<double>(w1[o * 27 + i]) * image[at(i / 9, iy, ix)];
                }
                v = (v - mean[o]) / std::sqrt(0.5 + 1e-5) * gamma[o] + beta[o];
                r1[at(o, y, x)] = std::max(v, 0.0);
            }
        }
        for (int y = 0; y < 8; ++y) {
            for (int x = 0; x < 8; ++x) {
                double v = r1[at(o, y, x)];
                for (int i = 0; i < 9; ++i) {
                    const int iy = y + i / 3 - 1, ix = x + i % 3 - 1;
                    if (inside(iy) && inside(ix))
                        v += static_cast<double>(w2[o * 9 + static_cast<std::size_t>(i)]) * r1[at(o, iy, ix)];
                }
                sum[at(o, y, x)] = v;
            }
        }
        for (int i = 0; i < 16; ++i) {
            const int y = i / 4 * 2, x = i % 4 * 2;
            p1[o * 16 + static_cast<std::size_t>(i)] = std::max(
                {sum[at(o, y, x)], sum[at(o, y, x + 1)], sum[at(o, y + 1, x)], sum[at(o, y + 1, x + 1)]});
        }
        for (int i = 0; i < 8; ++i) {
            const auto average = [&](int y, int x) {
                double total = 0;
                int count = 0;
                for (int k = 0; k < 4; ++k) {
                    if (y + k / 2 > 3 || x + k % 2 > 3) continue;
                    total += p1[o * 16 + static_cast<std::size_t>((y + k / 2) * 4 + x + k % 2)];
                    ++count;
                }
                return total / count;
            };
            flat[o * 8 + static_cast<std::size_t>(i)] =
                std::max(average(i / 4 * 2, i % 4), average(i / 4 * 2 + 1, i % 4));
        }
    }
    std::vector<double> dense(5);
    double total = 0;
    for (std::size_t o = 0; o < 5; ++o) {
        dense[o] = b3[o];
        for (std::size_t i = 0; i < 64; ++i) dense[o] += w3[i * 5 + o] * flat[i];
    }
    const double largest = *std::max_element(dense.begin(), dense.end());
    for (double& v : dense) total += v = std::exp(v - largest);
    for (std::size_t o = 0; o < 5; ++o) EXPECT_NEAR(answer[o], dense[o] / total, 2e-5) << o;
}

TEST(Onnx, NormalisationAndActivationVanishIntoTheConvolutionAndOneTransposeIsLeft) {
    NEEDS_OPS("TRANSPOSE", "MUL", "PAD");
    Graph graph;
    try {
        graph = read_onnx(onnx::float_cnn(), "float.onnx");
    } catch (const Error& error) {
        GTEST_SKIP() << error.what();
    }
    const std::vector<std::string> ops = ops_of(graph);
    EXPECT_EQ(std::count(ops.begin(), ops.end(), "TRANSPOSE"), 1);
    EXPECT_EQ(std::count(ops.begin(), ops.end(), "RELU"), 0);
    EXPECT_EQ(ops[1], "CONV_2D");
    EXPECT_EQ(ops[2], "DEPTHWISE_CONV_2D");
}

TEST(Onnx, ShapesThatAreComputedAreKnownWhenTheModelIsRead) {
    ModelWriter m(13);
    m.input("x", {2, 3, 4});
    m.int64s("zero", {}, {0});
    m.int64s("rest", {1}, {-1});
    m.int64s("axes", {1}, {0});
    m.node("Shape", {"x"}, {"s"});
    m.node("Gather", {"s", "zero"}, {"n"});
    m.node("Unsqueeze", {"n", "axes"}, {"n1"});
    m.node("Concat", {"n1", "rest"}, {"to"}, {{"axis", {0}}});
    m.node("Reshape", {"x", "to"}, {"y"});
    m.output("y", {2, 12});
    const Graph graph = read_onnx(m.bytes(), "m.onnx");
    EXPECT_THAT(ops_of(graph), testing::ElementsAre("RESHAPE"));
    EXPECT_EQ(graph.tensor(graph.outputs[0]).shape, (std::vector<std::int32_t>{2, 12}));
}

TEST(Onnx, AnUnknownOperatorIsNamedWithItsLayerAndOpset) {
    ModelWriter m(17);
    m.input("x", {1, 4});
    m.node("Relux", {"x"}, {"y"});
    m.output("y", {1, 4});
    EXPECT_THAT(refusal(m.bytes()), HasSubstr("m.onnx: layer 0 Relux_y (ONNX Relux, opset 17)"));
}

TEST(Onnx, AnInputLeftOpenIsRefusedUnlessItIsTheBatch) {
    ModelWriter open(13);
    open.input("x", {1, 3, -1, -1});
    open.output("x", {1, 3, -1, -1});
    EXPECT_THAT(refusal(open.bytes()), HasSubstr("dimension 2 left open"));
}

TEST(Onnx, OtherOpsetsAreRefused) {
    for (const int opset : {1, 6, 99}) {
        ModelWriter m(opset);
        m.input("x", {1, 4});
        m.output("x", {1, 4});
        EXPECT_THAT(refusal(m.bytes()), HasSubstr("opset")) << opset;
    }
}

TEST(Onnx, AFileCutAnywhereIsRefusedInWords) {
    for (const Bytes& whole : {onnx::qdq_cnn(), onnx::float_cnn()}) {
        for (std::size_t size = 0; size < whole.size(); size += 7) {
            EXPECT_NE(refusal(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))),
                      "read")
                << size;
        }
    }
}

TEST(Onnx, WhatIsNoModelIsNotTakenForOne) {
    EXPECT_TRUE(looks_like_onnx(onnx::float_cnn()));
    EXPECT_FALSE(looks_like_onnx(Bytes{}));
    EXPECT_FALSE(looks_like_onnx(Bytes{0x1C, 0, 0, 0, 'T', 'F', 'L', '3', 0, 0}));
}

}  // namespace
}  // namespace jatai
