// CONV_2D by runs, gathered windows and groups, against the same products one by one.
#include "device/kernels/products.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "device/kernels/multiply_float.h"
#include "device/kernels/multiply_hybrid.h"
#include "device/kernels/multiply_int16.h"
#include "device/kernels/multiply_int8.h"

namespace jatai {
namespace {

template <typename Products>
typename Products::Sum plain_sum(const Window& w, const Products& products, OutputPlace place, uint32_t o) {
    const uint32_t depth = w.in_c / w.groups, first = o / (w.out_c / w.groups) * depth;
    typename Products::Sum sum = products.zero();
    for (uint32_t ky = 0; ky < w.kernel_h; ++ky) {
        for (uint32_t kx = 0; kx < w.kernel_w; ++kx) {
            const int y = static_cast<int>(place.y * w.stride_h + ky * w.dilation_h) - w.pad_top;
            const int x = static_cast<int>(place.x * w.stride_w + kx * w.dilation_w) - w.pad_left;
            if (y < 0 || y >= w.in_h || x < 0 || x >= w.in_w) continue;
            const auto row = place.n * w.in_h + static_cast<uint32_t>(y);
            const uint32_t pixel = (row * w.in_w + static_cast<uint32_t>(x)) * w.in_c + first;
            const uint32_t weight = ((o * w.kernel_h + ky) * w.kernel_w + kx) * depth;
            for (uint32_t i = 0; i < depth; ++i) sum = products.add(sum, pixel + i, weight + i);
        }
    }
    return sum;
}

template <typename Products>
void plain_conv2d(const Window& w, const Products& products) {
    walk_places(w, [&](OutputPlace place, uint32_t at) {
        for (uint32_t o = 0; o < w.out_c; ++o) products.finish(plain_sum(w, products, place, o), o, at + o);
    });
}

class Dice {
  public:
    uint16_t up_to(uint32_t most) { return static_cast<uint16_t>(1 + engine_() % most); }
    template <typename T>
    std::vector<T> numbers(uint64_t count) {
        std::vector<T> made(count);
        for (T& x : made) x = static_cast<T>(static_cast<int32_t>(engine_() % 2001) - 1000) / divisor<T>();
        return made;
    }
    uint32_t next() { return engine_(); }

  private:
    template <typename T>
    static T divisor() {
        return std::is_floating_point<T>::value ? static_cast<T>(777) : T{1};
    }
    std::minstd_rand engine_{7};
};

Window random_window(Dice& dice) {
    const uint16_t groups = dice.next() % 4 == 0 ? dice.up_to(3) : uint16_t{1};
    Window w{};
    w.batches = dice.up_to(2), w.groups = groups;
    w.in_h = dice.up_to(9), w.in_w = dice.up_to(9);
    w.in_c = static_cast<uint16_t>(groups * dice.up_to(6));
    w.out_h = dice.up_to(5), w.out_w = dice.up_to(5);
    w.out_c = static_cast<uint16_t>(groups * dice.up_to(9));
    w.kernel_h = dice.up_to(5), w.kernel_w = dice.up_to(5);
    w.stride_h = dice.up_to(2), w.stride_w = dice.up_to(2);
    w.dilation_h = w.dilation_w = dice.next() % 4 == 0 ? uint16_t{2} : uint16_t{1};
    w.pad_top = static_cast<uint16_t>(dice.next() % w.kernel_h);
    w.pad_left = static_cast<uint16_t>(dice.next() % w.kernel_w);
    return w;
}

// The same bytes both ways.
template <typename Products, typename Out>
void expect_same(const Window& w, Products products, std::vector<Out> out) {
    std::vector<Out> plain = out;
    products.out = out.data();
    walk_conv2d(w, products);
    products.out = plain.data();
    plain_conv2d(w, products);
    EXPECT_EQ(std::memcmp(out.data(), plain.data(), out.size() * sizeof(Out)), 0);
}

struct Layer {
    Window w;
    uint64_t inputs, weights, outputs;
    explicit Layer(Dice& dice)
        : w(random_window(dice)),
          inputs(input_bytes(w)),
          weights(conv2d_weight_elements(w)),
          outputs(output_bytes(w)) {}
};

TEST(WalkConv2d, SumsOfFloatsRoundAsOneByOneWhateverTheWeights) {
    Dice dice;
    for (int round = 0; round < 400; ++round) {
        const Layer layer(dice);
        ASSERT_TRUE(conv2d_fits(layer.w));
        const auto in = dice.numbers<float>(layer.inputs), bias = dice.numbers<float>(layer.w.out_c);
        auto weights = dice.numbers<float>(layer.weights);
        if (round % 3 == 0) weights[0] = std::numeric_limits<float>::infinity();
        expect_same(layer.w, FloatProducts{in.data(), weights.data(), bias.data(), nullptr, -1e30f, 1e30f},
                    std::vector<float>(layer.outputs));
    }
}

TEST(WalkConv2d, WholeNumbersAddUpAsOneByOne) {
    Dice dice;
    for (int round = 0; round < 400; ++round) {
        const Layer layer(dice);
        const auto in = dice.numbers<int8_t>(layer.inputs), weights = dice.numbers<int8_t>(layer.weights);
        const auto wide_in = dice.numbers<int16_t>(layer.inputs);
        const auto scales = dice.numbers<float>(layer.w.out_c);
        const std::vector<Channel> channels(layer.w.out_c, Channel{-77, 1 << 30, -4});
        const std::vector<WideChannel> wide(layer.w.out_c, WideChannel{99, 0, 1 << 14, 20});
        const auto zero = static_cast<int8_t>(dice.next());
        const ZeroedRange range{zero, static_cast<int8_t>(dice.next()), {3, -128, 127}, {}};
        expect_same(
            layer.w,
            HybridProducts{
                in.data(), weights.data(), nullptr, scales.data(), nullptr, -1e30f, 1e30f, {0.01f, zero}},
            std::vector<float>(layer.outputs));
        expect_same(layer.w,
                    ZeroedProducts<ByteWeights>{in.data(), {weights.data()}, channels.data(), nullptr, range},
                    std::vector<int8_t>(layer.outputs));
        expect_same(
            layer.w,
            ZeroedProducts<NibbleWeights>{in.data(), {weights.data()}, channels.data(), nullptr, range},
            std::vector<int8_t>(layer.outputs));
        expect_same(layer.w,
                    Int16Products{wide_in.data(), weights.data(), channels.data(), nullptr, -32768, 32767},
                    std::vector<int16_t>(layer.outputs));
        expect_same(layer.w,
                    WideProducts{wide_in.data(), weights.data(), wide.data(), nullptr, -32768, 32767},
                    std::vector<int16_t>(layer.outputs));
    }
}

}  // namespace
}  // namespace jatai
