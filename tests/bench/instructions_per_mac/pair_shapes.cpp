#include "tests/bench/instructions_per_mac/pair_shapes.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "src/graph/passes/passes.h"
#include "src/graph/text_form.h"

namespace jatai {
namespace {

constexpr int kHeight = 24, kWidth = 43;

// A way to be smaller than the whole.
struct Smaller {
    bool h, w, c;  // which axes it has
};
constexpr Smaller kSmaller[] = {{true, true, true},    {false, false, true}, {true, true, false},
                                {false, false, false}, {true, false, false}, {false, true, false},
                                {true, false, true},   {false, true, true}};

std::string shape_of(const Smaller& axes, int channels) {
    return fmt::format("[1,{},{},{}]", axes.h ? kHeight : 1, axes.w ? kWidth : 1, axes.c ? channels : 1);
}

std::string pair(const char* op, int channels, const Smaller& axes, int kind) {
    const bool apart = (kind & 1) != 0, held = (kind & 2) != 0, turned = (kind & 4) != 0;
    std::string shapes[2] = {shape_of(kSmaller[0], channels), shape_of(axes, channels)};
    if (turned) std::swap(shapes[0], shapes[1]);
    return fmt::format(
        "%x int8{} s=0.05 z=3 = input\n%b int8{} s={} z=-9 = input\n"
        "%y int8{} s={} z=1 = {}(%x, %b){}\noutput %y\n",
        shapes[0], shapes[1], apart ? 0.07 : 0.05, shape_of(kSmaller[0], channels),
        op == std::string("MUL") ? 0.1 : 0.06, op, held ? " fused_activation_function=relu" : "");
}

Graph graph_of(const std::string& words) {
    Graph graph = parse_text(words, "pair");
    graph.name = words;
    std::replace(graph.name.begin(), graph.name.end(), '\n', ' ');
    run_passes(graph);
    return graph;
}

}  // namespace

std::vector<Graph> pair_shapes(std::size_t every) {
    std::vector<Graph> graphs;
    std::size_t at = 0;
    for (const char* op : {"ADD", "SUB", "MUL"}) {
        for (const int channels : {1, 2, 3, 4, 5, 7, 8, 16, 17}) {
            for (const Smaller& axes : kSmaller) {
                for (int kind = 0; kind < 8; ++kind, ++at) {
                    if (at % every == 0) graphs.push_back(graph_of(pair(op, channels, axes, kind)));
                }
            }
        }
    }
    return graphs;
}

}  // namespace jatai
