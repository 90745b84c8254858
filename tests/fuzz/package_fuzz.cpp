// links: jatai_package
// Any bytes as a package: opened and run, or an Error, never a crash. The hash is made
// right before the second try: who means harm can hash too, so the proof of every offset has to stand alone.
#include <cstring>

#include "device/package.h"
#include "device/sha256.h"
#include "src/base/error.h"
#include "src/graph/text_form.h"
#include "src/package/inspect.h"
#include "src/package/pack.h"
#include "src/package/runner.h"
#include "src/package/test_model.h"
#include "tests/fuzz/fuzz.h"

namespace jatai {

namespace {

constexpr std::uint32_t kQuickArenaBytes = 1 << 13;
constexpr std::uint32_t kLargestArenaBytes = 1 << 20;  // to make room for more takes long and finds nothing

std::uint32_t arena_bytes_of(ByteView bytes) {
    PackageHeader header{};
    if (bytes.size() >= sizeof header) std::memcpy(&header, bytes.data(), sizeof header);
    return header.arena_bytes;
}

void open_and_run(ByteView bytes) {
    if (arena_bytes_of(bytes) > kLargestArenaBytes) return;
    try {
        inspect(bytes, "fuzz.jpk");
        if (arena_bytes_of(bytes) > kQuickArenaBytes) return;
        HostRunner runner(bytes, "fuzz.jpk");
        if (runner.input_bytes() <= kQuickArenaBytes) runner.run(Bytes(runner.input_bytes(), 0x55));
    } catch (const Error& error) {
        CHECK(std::strlen(error.what()) > 0);
    }
}

}  // namespace

// A state that does not begin as zeros, read and rewritten; operators with tables in their parameters.
constexpr const char* kStateful = R"(
    %x int16[8] = input
    %total int16[8] = state {1,2,3,4,5,6,7,8}
    %held int16[8] = READ_VARIABLE(%total)
    %w int16[8] = SignalWindow(%x, %held) shift=3
    %f int16[10] = SignalRfft(%w) fft_length=8
    %e uint32[5] = SignalEnergy(%f) end_index=5
    %u int16[3] = random 3
    %i int16[3] = {0,1,2}
    %c int16[3] = {1,1,1}
    %s uint64[2] = SignalFilterBank(%e, %u, %u, %i, %i, %c) num_channels=2
    %b int32[1] = {1}
    %q uint32[2] = SignalFilterBankSquareRoot(%s, %b)
    %n uint32[2] = state
    %y uint32[2], %z uint32[2] = SignalFilterBankSpectralSubtraction(%q, %n) num_channels=2
    output %y, %z)";

// The text form cannot say that a layer rewrites a state: %w goes to %total.
Graph stateful_net() {
    Graph graph = parse_text(kStateful, "stateful");
    const auto named = [&](const char* name) {
        TensorId id = 0;
        while (graph.tensor(id).name != name) ++id;
        return id;
    };
    Node assign;
    assign.op = Op::AssignVariable;
    assign.inputs = {named("w")};
    assign.outputs = {named("total")};
    graph.nodes.insert(graph.nodes.begin() + 2, assign);
    return graph;
}

void add_seeds(std::vector<Bytes>& seeds) {
    for (const Family family : {Family::Reference, Family::CortexM}) {
        const Graph graph = tapped_graph();
        PackOptions options;
        options.blobs = {{"features", Bytes(20, 1)}};
        seeds.push_back(pack(graph, make_plan(graph, Board{}, family), options));
        const Graph stateful = stateful_net();
        seeds.push_back(pack(stateful, make_plan(stateful, Board{}, family)));
    }
}

}  // namespace jatai

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace jatai;
    open_and_run({data, size});
    if (size >= sizeof(PackageHeader)) {
        Bytes hashed(data, data + size);
        PackageHeader header;
        std::memcpy(&header, data, sizeof header);
        const std::size_t end =
            std::min<std::size_t>(std::max<std::size_t>(header.total_bytes, kHashedFrom), size);
        sha256(hashed.data() + kHashedFrom, end - kHashedFrom,
               hashed.data() + offsetof(PackageHeader, sha256));
        open_and_run(hashed);
    }
    return 0;
}
