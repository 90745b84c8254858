#include "tests/networks/random_network.h"

#include <cstring>

#include "src/base/error.h"
#include "src/graph/verify.h"
#include "tests/networks/maker.h"

namespace jatai {
namespace {

constexpr std::int64_t kLargest = 24000;  // bytes of a value: small boards hold a few of them

const std::vector<Make>& all_makers() {
    static const std::vector<Make> all = [] {
        std::vector<Make> makers = {convolution, convolution, convolution, depthwise, depthwise, pool};
        for (const std::vector<Make>& more : {joins(), values()})
            makers.insert(makers.end(), more.begin(), more.end());
        return makers;
    }();
    return all;
}

// The next value. What the verifier refuses (a window past its image) or what grows too large is taken back.
TensorId next(Maker& m, TensorId in, Make make) {
    const Graph before = m.graph;
    try {
        const TensorId out = make(m, in);
        verify(m.graph);
        if (m.at(out).bytes() <= kLargest) return out;
    } catch (const Error&) {
    }
    m.graph = before;
    return in;
}

TensorId dense(Maker& m, TensorId in) { return dense_to(m, in, between(m.rng, 1, 12)); }

TensorId begin(Maker& m) {
    if (m.one_in(4)) m.type = m.one_in(2) ? Type::Int16 : Type::Float32;
    const std::int32_t height = between(m.rng, 3, 24), width = between(m.rng, 3, 24);
    const TensorId in =
        m.value({1, height, width, between(m.rng, 1, m.one_in(2) ? 4 : 16)}, m.near_scale(0.05));
    m.graph.inputs = m.graph.outputs = {in};
    return in;
}

void grow(Maker& m, TensorId last) {
    const auto layers = static_cast<std::size_t>(between(m.rng, 3, 16));
    while (m.graph.nodes.size() < layers) {
        const auto which = m.rng.below(static_cast<std::uint32_t>(all_makers().size()));
        m.graph.outputs = {last = next(m, last, all_makers()[which])};
    }
    if (m.one_in(2)) m.graph.outputs = {last = next(m, last, dense)};
    if (!m.one_in(3)) return;
    const Node& middle = m.graph.nodes[m.rng.below(static_cast<std::uint32_t>(m.graph.nodes.size()))];
    if (middle.outputs[0] != last) m.graph.outputs.push_back(middle.outputs[0]);
}

}  // namespace

Graph random_network(Rng& rng) {
    Maker m{.graph = {}, .rng = rng};
    m.graph.name = "random";
    grow(m, begin(m));
    verify(m.graph);
    return std::move(m.graph);
}

Bytes random_input(const Graph& graph, Rng& rng) {
    const Tensor& in = graph.tensor(graph.inputs[0]);
    Bytes bytes(static_cast<std::size_t>(in.bytes()));
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(rng.below(256));
    if (in.type != Type::Float32) return bytes;
    for (std::size_t i = 0; i < bytes.size(); i += sizeof(float)) {
        const float real = rng.uniform(-3, 3);
        std::memcpy(&bytes[i], &real, sizeof real);
    }
    return bytes;
}

}  // namespace jatai
