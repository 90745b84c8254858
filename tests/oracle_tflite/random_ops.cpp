#include "tests/oracle_tflite/random_ops.h"

#include <cstring>

#include "tests/oracle_tflite/random_layer.h"

namespace jatai {

const std::map<Op, Graph (*)(Rng&)>& random_layers() {
    static const LayerMakers makers = [] {
        LayerMakers all = layers_of_sums();
        all.merge(layers_of_elements());
        all.merge(layers_of_moves());
        return all;
    }();
    return makers;
}

std::vector<Bytes> random_inputs(const Graph& graph, Rng& rng) {
    std::vector<Bytes> inputs;
    for (const TensorId id : graph.inputs) {
        const Tensor& tensor = graph.tensor(id);
        Bytes bytes(static_cast<std::size_t>(tensor.bytes()));
        if (tensor.type == Type::Float32) {
            for (std::size_t i = 0; i < bytes.size(); i += 4) {
                const float value = rng.uniform(-4.0f, 4.0f);
                std::memcpy(bytes.data() + i, &value, 4);
            }
        } else {
            const std::uint32_t values = tensor.type == Type::Bool ? 2 : 256;
            for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(rng.below(values));
        }
        inputs.push_back(std::move(bytes));
    }
    return inputs;
}

}  // namespace jatai
