// links: jatai_graph
// Any bytes as a .tflite file: a graph or an Error, never a crash. A graph that was read is written, and read
// again as the same. A small one is run.
#include <algorithm>

#include "src/base/error.h"
#include "src/graph/interpret.h"
#include "src/graph/op_def.h"
#include "src/graph/passes/passes.h"
#include "src/graph/stats.h"
#include "src/graph/test_graphs.h"
#include "src/graph/test_variables.h"
#include "src/graph/text_form.h"
#include "src/graph/tflite.h"
#include "tests/fuzz/fuzz.h"

namespace jatai {

void add_seeds(std::vector<Bytes>& seeds) {
    seeds.push_back(write_tflite(parse_text(kTinyNet, "tiny")));
    seeds.push_back(write_tflite(parse_text(R"(
        %x int8[1,4] s=0.5 = input
        %w int8[2,4] s=0.25 = random 1
        %y int8[1,2] s=0.5 = FULLY_CONNECTED(%x, %w, _)
        output %y)",
                                            "small")));
    // Custom operators, and a state.
    seeds.push_back(write_tflite(parse_text(R"(
        %x int16[1,8] = input
        %w int16[8] = random 1
        %v int16[1,8] = SignalWindow(%x, %w) shift=12
        %a int16[1,8], %bits int32[1] = SignalFftAutoScale(%v)
        %f int16[1,10] = SignalRfft(%a) fft_length=8
        %e uint32[5] = SignalEnergy(%f) end_index=5
        %u int16[3] = random 3
        %i int16[3] = {0,1,2}
        %c int16[3] = {1,1,1}
        %s uint64[2] = SignalFilterBank(%e, %u, %u, %i, %i, %c) num_channels=2
        %q uint32[2] = SignalFilterBankSquareRoot(%s, %bits)
        %n uint32[2] = state
        %y uint32[2], %z uint32[2] = SignalFilterBankSpectralSubtraction(%q, %n) num_channels=2 clamping=yes
        %g int16[125] = random 2
        %p uint32[2] = SignalPCAN(%y, %z, %g) snr_shift=6
        %l int16[2] = SignalFilterBankLog(%p) output_scale=1600
        output %l)",
                                            "audio")));
    seeds.push_back(variable_model({5, 6}));
}

namespace {

// Variables are read, but not written.
void check_written(const Graph& graph) {
    Bytes written;
    try {
        written = write_tflite(graph);
    } catch (const Error&) {
        return;
    }
    CHECK(write_tflite(read_tflite(written, "again")) == written);
}

bool is_quick(const Graph& graph) {
    constexpr std::int64_t kBytes = 1 << 16;
    std::int64_t bytes = 0;
    for (const Tensor& tensor : graph.tensors) bytes += std::min(tensor.bytes(), kBytes + 1);
    return bytes <= kBytes && macs(graph) <= 1 << 20;
}

// What was verified is lowered to what every kernel accepts, and the kernels stay inside their operands.
void run_both(const Graph& graph) {
    std::vector<Bytes> inputs;
    for (const TensorId id : graph.inputs)
        inputs.emplace_back(static_cast<std::size_t>(graph.tensor(id).bytes()), 0x35);
    for (const Family family : {Family::Reference, Family::CortexM}) {
        Interpreter interpreter(graph, family);
        interpreter.run(inputs);
        interpreter.run(inputs);
    }
}

}  // namespace

}  // namespace jatai

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace jatai;
    try {
        Graph graph = read_tflite({data, size}, "fuzz.tflite");
        check_written(graph);
        run_passes(graph);
        for (const Node& node : graph.nodes) {
            for (const Family family : {Family::Reference, Family::CortexM}) {
                op_def(node.op).lower(graph, node, family);
            }
        }
        CHECK(macs(graph) >= 0 && weight_bytes(graph) >= 0 && live_peak_bytes(graph) >= 0);
        if (is_quick(graph)) run_both(graph);
    } catch (const Error&) {
        // refused in words, as it should be
    }
    return 0;
}
