// to_int8.h: a float graph becomes an int8 one where its values have scales.
//
//     Recipe recipe;
//     recipe.scales = calibrated;                       // one per tensor; empty: stays float
//     Graph int8 = to_int8(graph, recipe);
//
//     Graph graph = fuse_int8(float_graph, stored);     // scales read off its QUANTIZE and DEQUANTIZE layers
//
// A layer becomes int8 when its operands and its result have scales, its weights are constants and the int8
// operator accepts it (OpDef::verify); else it stays float, between a DEQUANTIZE and a QUANTIZE. Where the
// scales of an operator must agree (concatenation) or are fixed (softmax), a QUANTIZE is added.
// Needs: a graph in executable order whose shapes are right. Does not verify the result.
#pragma once

#include <map>
#include <vector>

#include "src/graph/graph.h"

namespace jatai::quantise {

// The integers behind a float constant of the graph, where the file gives them.
struct StoredConstant {
    Type type = Type::None;
    Bytes data;
    Quantisation quantisation;
};
using StoredConstants = std::map<TensorId, StoredConstant>;

enum class Doors : std::uint8_t { Float, Int8 };

struct Recipe {
    std::vector<Quantisation> scales;  // by tensor of the float graph
    StoredConstants stored;
    bool quantise_constants = false;  // also those without stored integers
    Doors doors = Doors::Float;
};

// `places`, when given: for every tensor of the float graph its int8 form in the result, or kNoTensor.
Graph to_int8(const Graph& graph, const Recipe& recipe, std::vector<TensorId>* places = nullptr);

Graph fuse_int8(Graph graph, const StoredConstants& stored);

}  // namespace jatai::quantise
