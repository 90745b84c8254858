// tflite.h: .tflite files to graphs and back.
//
//     Graph graph = read_tflite(read_file(path), path.string());
//     write_file("model.tflite", write_tflite(graph));
//
// Format: the public TFLite schema, version 3 (docs/reference/graph.md says which part of it). Settings of
// operators go through the OptionField list of their OpDef, so a new operator needs no change here.
//
// Keeps   read_tflite(write_tflite(g)) is g (but see biases below); the same graph gives the same bytes;
//         TensorFlow Lite runs what we write.
// Fails   with Error "place: found, expected" and a hint, never with a crash: the bytes may be hostile.
// Memory  At most some 20 times the size of the file.
#pragma once

#include <string>

#include "src/base/bytes.h"
#include "src/graph/graph.h"

namespace jatai {

// `place` begins every message: the file's name, as the user wrote it. The result is verified.
Graph read_tflite(ByteView bytes, const std::string& place);

// Needs: verify(graph) holds. A convolution without a bias gets one of zeros: TensorFlow Lite asks for it.
Bytes write_tflite(const Graph& graph);

}  // namespace jatai
