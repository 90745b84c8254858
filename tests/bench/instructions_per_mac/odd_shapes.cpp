#include "tests/bench/instructions_per_mac/odd_shapes.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <string>

#include "src/base/rng.h"
#include "src/graph/passes/passes.h"
#include "src/graph/text_form.h"

namespace jatai {
namespace {

struct Shapes {
    Rng rng;

    int one_of(const std::vector<int>& choices) {
        return choices[rng.below(static_cast<std::uint32_t>(choices.size()))];
    }

    // An axis of a window: input, kernel, stride, dilation and output for SAME or VALID.
    struct Axis {
        int in, kernel, stride, dilation, out;
    };
    Axis axis(bool same, int stride, int dilation, int kernel) {
        const int reach = (kernel - 1) * dilation + 1;
        const int in = reach + static_cast<int>(rng.below(24));
        return {in, kernel, stride, dilation, same ? (in + stride - 1) / stride : (in - reach) / stride + 1};
    }

    std::string activation() { return one_of({0, 0, 1}) != 0 ? " fused_activation_function=relu" : ""; }

    // A scale of the output that sums of so many products fill well.
    static double output_scale(int products) { return 0.05 * 0.01 * 73 * std::sqrt(products) / 1.5; }

    std::string window(const Axis& h, const Axis& w, bool same) {
        return fmt::format(" padding={} stride_w={} stride_h={} dilation_w_factor={} dilation_h_factor={}",
                           same ? "same" : "valid", w.stride, h.stride, w.dilation, h.dilation);
    }

    std::string convolution(bool depthwise) {
        const bool same = rng.below(2) != 0;
        const int stride = one_of({1, 1, 2, 3}), dilation = stride == 1 ? one_of({1, 1, 1, 2}) : 1;
        const std::vector<int> kernels = {1, 2, 3, 3, 5, 7};
        const Axis h = axis(same, stride, dilation, one_of(kernels));
        const Axis w = axis(same, stride, dilation, one_of({h.kernel, h.kernel, 1, 7}));
        const int in_c = one_of({1, 2, 3, 4, 5, 6, 7, 8, 13, 16, 24, 33, 64});
        const int multiplier = depthwise ? one_of({1, 1, 1, 2, 3, 8}) : 0;
        const int out_c = depthwise ? in_c * multiplier : one_of({1, 2, 3, 4, 5, 6, 7, 8, 12, 17, 32, 50});
        const int products = h.kernel * w.kernel * (depthwise ? 1 : in_c);
        const std::string weights = depthwise ? fmt::format("[1,{},{},{}]", h.kernel, w.kernel, out_c)
                                              : fmt::format("[{},{},{},{}]", out_c, h.kernel, w.kernel, in_c);
        return fmt::format(
            "%x int8[1,{},{},{}] s=0.05 z={} = input\n%w int8{} s=0.01 z={} = random {}\n"
            "%y int8[1,{},{},{}] s={} z=-3 = {}(%x, %w, _){}{}{}\noutput %y\n",
            h.in, w.in, in_c, static_cast<int>(rng.below(256)) - 128, weights, one_of({0, 0, 0, 13}),
            rng.below(1000), h.out, w.out, out_c, output_scale(products),
            depthwise ? "DEPTHWISE_CONV_2D" : "CONV_2D", window(h, w, same),
            depthwise ? fmt::format(" depth_multiplier={}", multiplier) : "", activation());
    }

    std::string dense() {
        const int depth = one_of({61, 127, 255, 500, 1025, 2048, 4096}),
                  outputs = one_of({1, 3, 4, 10, 17, 64});
        return fmt::format(
            "%x int8[1,{0}] s=0.05 z=5 = input\n%w int8[{1},{0}] s=0.01 = random {2}\n"
            "%y int8[1,{1}] s={3} z=7 = FULLY_CONNECTED(%x, %w, _){4}\noutput %y\n",
            depth, outputs, rng.below(1000), output_scale(depth), activation());
    }

    // A convolution whose one window is the whole picture.
    std::string whole_picture() {
        const int side = one_of({1, 1, 2, 3}), in_c = one_of({61, 128, 256}),
                  out_c = one_of({4, 17, 100, 301});
        return fmt::format(
            "%x int8[1,{0},{0},{1}] s=0.05 z=5 = input\n%w int8[{2},{0},{0},{1}] s=0.01 axis=0 = random {3}\n"
            "%y int8[1,1,1,{2}] s={4} z=7 = CONV_2D(%x, %w, _) padding=valid stride_w=1 "
            "stride_h=1{5}\noutput %y\n",
            side, in_c, out_c, rng.below(1000), output_scale(side * side * in_c), activation());
    }

    // Of one shape, or the second repeated: a number for each channel, one for each pixel, one for all.
    struct Extents {
        int h, c;
    };
    std::string pair(const std::string& shape, Extents e, const std::string& op) {
        const std::vector<std::string> others = {shape, shape, fmt::format("[1,1,1,{}]", e.c),
                                                 fmt::format("[1,{0},{0},1]", e.h), "[1,1,1,1]"};
        return fmt::format(
            "%x int8{0} s=0.05 z=3 = input\n%b int8{1} s={2} z=-9 = input\n"
            "%y int8{0} s={3} z=1 = {4}(%x, %b){5}\noutput %y\n",
            shape, others[rng.below(5)], std::array{0.03, 0.05, 0.07}[rng.below(3)], op == "MUL" ? 0.1 : 0.06,
            op, activation());
    }

    std::string elements() {
        const int h = 8 + static_cast<int>(rng.below(8)), c = one_of({3, 8, 17, 32});
        const std::string shape = fmt::format("[1,{},{},{}]", h, h, c);
        const int kind = static_cast<int>(rng.below(5));
        if (kind < 3)
            return pair(shape, {h, c}, std::array{"ADD", "MUL", "SUB"}[static_cast<std::size_t>(kind)]);
        return fmt::format(
            "%x int8{} s=0.05 z=3 = input\n%y int8[1,{},{},{}] s=0.05 z=3 = {}(%x) "
            "padding=valid stride_w=2 stride_h=2 filter_width=2 filter_height=2\noutput %y\n",
            shape, h / 2, h / 2, c, kind == 3 ? "MAX_POOL_2D" : "AVERAGE_POOL_2D");
    }

    std::string layer(std::size_t i) {
        if (i % 16 == 14) return whole_picture();
        if (i % 8 == 6) return dense();
        if (i % 8 == 7) return elements();
        return convolution(i % 2 != 0);
    }
};

}  // namespace

std::vector<Graph> odd_shapes(std::size_t count, std::uint64_t seed) {
    Shapes shapes{Rng(seed)};
    std::vector<Graph> graphs;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string words = shapes.layer(i);
        Graph graph = parse_text(words, fmt::format("shape {}", i));
        std::string name = words;
        for (char& c : name) {
            if (c == '\n') c = ' ';
        }
        graph.name = fmt::format("{}: {}", i, name);
        run_passes(graph);
        graphs.push_back(std::move(graph));
    }
    return graphs;
}

}  // namespace jatai
