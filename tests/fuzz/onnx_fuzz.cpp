// links: jatai_graph
// Any bytes as an .onnx file: a graph or an Error, never a crash. A graph that was read can be lowered.
#include "src/base/error.h"
#include "src/graph/onnx.h"
#include "src/graph/onnx/test_model.h"
#include "src/graph/op_def.h"
#include "src/graph/passes/passes.h"
#include "src/graph/stats.h"
#include "tests/fuzz/fuzz.h"

namespace jatai {

void add_seeds(std::vector<Bytes>& seeds) {
    seeds.push_back(onnx::float_cnn());
    seeds.push_back(onnx::qdq_cnn());
}

}  // namespace jatai

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace jatai;
    try {
        Graph graph = read_onnx({data, size}, "fuzz.onnx");
        run_passes(graph);
        for (const Node& node : graph.nodes) {
            for (const Family family : {Family::Reference, Family::CortexM}) {
                op_def(node.op).lower(graph, node, family);
            }
        }
        CHECK(macs(graph) >= 0 && weight_bytes(graph) >= 0 && live_peak_bytes(graph) >= 0);
    } catch (const Error&) {
        // refused in words, as it should be
    }
    return 0;
}
