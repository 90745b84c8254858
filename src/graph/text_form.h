// text_form.h: a graph as lines of text, for tests and for people who look inside.
//
//     Graph graph = parse_text(R"(
//         %x int8[1,4] s=0.5 z=-1 = input
//         %w int8[2,4] s=0.25 = random 7
//         %y int8[1,2] s=0.5 = FULLY_CONNECTED(%x, %w, _) fused_activation_function=relu
//         output %y
//     )", "example");
//     fmt::print("{}", to_text(graph));
//
// The grammar is in docs/reference/graph.md. A label that is not a number is the tensor's name.
// Keeps: to_text(parse_text(to_text(g))) is to_text(g), as long as g has no constant of more than 32 elements
// and no metadata of more than 64 bytes: those are written as a hash, which cannot be read back.
//
// Fails with Error "place:line: found ..., expected ...".
#pragma once

#include <string>
#include <string_view>

#include "src/graph/graph.h"

namespace jatai {

// Settings that have the schema's default are left out.
std::string to_text(const Graph& graph);

// Not verified: tests write graphs that verify() must refuse. Settings not given have the schema's default.
Graph parse_text(std::string_view words, const std::string& place);

}  // namespace jatai
