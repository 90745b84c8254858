// flex_map.h: the settings of a custom operator, a FlexBuffer map of numbers.
//
//     FlexMap map = read_flex_map(bytes, "layer 3 (SignalRfft)");     // {{"fft_length", 512}, {"T", 7}}
//     Bytes bytes = write_flex_map(map);
//
// Only what settings need: one map, keys of printable ASCII, values that are whole numbers, fractions or
// yes/no. Source: google.github.io/flatbuffers, "FlexBuffers".
//
// Keeps: read_flex_map(write_flex_map(m)) is m, in the order of the keys.
// Fails with Error: place: found, expected. Nothing in the bytes is trusted.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "src/base/bytes.h"
#include "src/graph/graph.h"

namespace jatai {

using FlexMap = std::vector<std::pair<std::string, Value>>;  // int64, double or bool

constexpr std::size_t kMaxFlexEntries = 64;
constexpr std::size_t kMaxFlexKey = 64;

// No bytes at all are an empty map.
FlexMap read_flex_map(ByteView bytes, const std::string& place);
Bytes write_flex_map(const FlexMap& map);

}  // namespace jatai
