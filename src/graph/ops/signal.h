// signal.h: what the operators of TFLM's audio front end have in common: plain tensors without a scale.
//
//     need_vector(graph, node, node.inputs[0], Type::UInt32);
//     const std::uint32_t shift = setting(graph, node, "shift", 31);
#pragma once

#include "src/graph/ops/common.h"
#include "src/graph/tflite_names.h"

namespace jatai {

inline void need_type(const Graph& graph, const Node& node, TensorId id, Type type) {
    const Tensor& tensor = graph.tensor(id);
    if (tensor.type == type) return;
    reject(graph, node,
           text("found {} {}, expected {}", tensor.name, type_name(tensor.type), type_name(type)));
}

inline std::uint32_t elements_of(const Graph& graph, TensorId id) {
    return static_cast<std::uint32_t>(graph.tensor(id).elements());
}

inline void need_elements(const Graph& graph, const Node& node, TensorId id, Type type, std::int64_t count) {
    need_type(graph, node, id, type);
    const Tensor& tensor = graph.tensor(id);
    if (tensor.elements() == count) return;
    reject(graph, node, text("found {} {}, expected {} elements", tensor.name, shape_text(tensor), count));
}

// A whole number from 0 to `most`.
inline std::uint32_t setting(const Graph& graph, const Node& node, const char* name,
                             std::int64_t most = 0x7FFFFFFF) {
    const std::int64_t value = node.attributes.integer(name);
    if (value < 0 || value > most)
        reject(graph, node, text("found {} of {}, expected 0 to {}", name, value, most));
    return static_cast<std::uint32_t>(value);
}

// An operator of TFLM that no TFLite schema has.
inline OpDef custom_op(Op op, const char* name, std::vector<OptionField> options, KernelCode kernel) {
    OpDef def{};
    def.op = op;
    def.name = name;
    def.builtin_code = kCustomOp;
    def.max_version = 1;
    def.options = std::move(options);
    def.kernels = {kernel};
    def.macs = no_macs;
    return def;
}

}  // namespace jatai
