// test_model.h: the network the tests of packages run, and whether its answers say anything.
//
//     const Graph graph = tapped_graph();      // every layer's answer is an output; for the fast kernels
//     EXPECT_TRUE(varied(outputs));
#pragma once

#include <set>
#include <string>

#include "src/base/bytes.h"
#include "src/graph/passes/fold_zero_points.h"
#include "src/graph/test_graphs.h"
#include "src/graph/text_form.h"

namespace jatai {

// The small network of the graph room, with the answers of its layers as outputs too: its last one alone
// saturates, so that mistakes before it would not show.
inline std::string tapped_net() {
    return std::string(kTinyNet) +
           "output %conv\noutput %deep\noutput %sum\noutput %top\noutput %mean\noutput %dense\n";
}

inline Graph tapped_graph() { return zero_points_folded(parse_text(tapped_net(), "tiny")); }

// Answers that are nearly all the same number would hide mistakes.
inline bool varied(ByteView bytes) { return std::set<std::uint8_t>(bytes.begin(), bytes.end()).size() > 20; }

}  // namespace jatai
