// verify.h: proves that a graph can be trusted.
//
//     Graph graph = read_tflite(bytes, "kws.tflite");     // verified already
//     drop_unused(graph);
//     verify(graph);                                      // the pass driver does this after every pass
//
// After verify(): every index is in range; every tensor has a type, extents of at least 1 and a size below
// 2 GB; constants hold exactly their bytes; int8 activations carry a scale; every node reads what stands
// before it and writes what nobody else writes; every output is produced; and each operator accepts its layer
// (OpDef::verify).
// Fails with Error: "layer 3 conv_a (CONV_2D): found ..., expected ...".
#pragma once

#include <cstddef>
#include <string>

#include "src/graph/graph.h"

namespace jatai {

// Sizes a graph may have. Larger ones are refused in words: no chip we know could hold them.
constexpr std::int64_t kMaxTensorBytes = (std::int64_t{1} << 31) - 1;
constexpr std::size_t kMaxTensors = 65535;
constexpr std::size_t kMaxNodes = 65535;
constexpr std::size_t kMaxRank = 8;

void verify(const Graph& graph);
// Only that every tensor has a type, a shape, a size and scales it may have, as verify() asks first.
void verify_tensors(const Graph& graph);

// "layer 3 conv_a (CONV_2D)", "tensor 7 input_1": how messages name a place.
std::string place_of(const Graph& graph, const Node& node);
std::string place_of(const Graph& graph, TensorId id);

// "int8[1,25,5,64]".
std::string shape_text(const Tensor& tensor);

}  // namespace jatai
