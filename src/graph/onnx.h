// onnx.h: .onnx files to graphs.
//
//     Graph graph = read_onnx(read_file(path), path.string());
//     if (looks_like_onnx(bytes)) ...
//
// Opsets 7 to 21 (docs/reference/onnx.md lists operators). ONNX has channels second, a graph has them last:
// the layers between are turned, inputs and outputs keep the file's shapes. QuantizeLinear, DequantizeLinear
// and the QLinear… family become int8 layers; a model without them is float32.
// An unknown batch is 1. What can be computed from shapes and constants is computed here.
//
// Fails   with Error "place: layer 3 conv_a (ONNX Conv, opset 13): found, expected" and a hint, never with a
//         crash: the bytes may be hostile.
// Memory  At most some 60 times the size of the file, and 200 MB.
#pragma once

#include <string>

#include "src/base/bytes.h"
#include "src/graph/graph.h"

namespace jatai {

bool looks_like_onnx(ByteView bytes);

// `place` begins every message: the file's name, as the user wrote it. The result is verified.
Graph read_onnx(ByteView bytes, const std::string& place);

}  // namespace jatai
