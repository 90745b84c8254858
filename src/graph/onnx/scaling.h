// scaling.h: QuantizeLinear and DequantizeLinear where QUANTIZE and DEQUANTIZE do not say it: scales that are
// computed, one per channel of a value that varies, in blocks, and types of 16 bits without a sign.
//
//     if (needs_arithmetic(layer, Direction::ToReals)) return dequantize_by_arithmetic(layer);
//
// Formula  (x - zero) * scale, and round(x / scale) + zero held in the range of the type, in single
// precision,
//          halves to even, as ONNX says it.
#pragma once

#include "src/graph/onnx/importer.h"

namespace jatai::onnx {

enum class Direction : std::uint8_t { ToReals, ToIntegers };

bool needs_arithmetic(Layer& layer, Direction direction);
void quantize_by_arithmetic(Layer& layer);
void dequantize_by_arithmetic(Layer& layer);

}  // namespace jatai::onnx
