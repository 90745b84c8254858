// widen.h: constants of a file in types that only save room there, as types the chip computes with.
//
//     tensor.data = widen_int4(packed, elements);      // int8, -8..7; the first of two lies in the low half
//     tensor.data = widen_float16(halves);             // float32, exactly the same numbers
#pragma once

#include <cstddef>

#include "src/base/bytes.h"
#include "src/graph/graph.h"

namespace jatai {

// Needs: packed holds (elements + 1) / 2 bytes.
Bytes widen_int4(ByteView packed, std::size_t elements);

// An odd last byte is left out.
Bytes widen_float16(ByteView halves);

// A constant of int8 with one scale for each slice along a dimension, its sizes sound; and as float32.
bool has_scale_per_channel(const Tensor& tensor);
Bytes dequantise_channels(const Tensor& tensor);

}  // namespace jatai
