// npy.h: arrays as NumPy's numpy.save writes them.
//
//     NpyArray images = parse_npy(read_file(path), path.string());
//     images.type;  images.shape;  images.data;          // little-endian, row by row
//     std::vector<float> pixels = to_floats(images);
//
// Reads versions 1 to 3, C order: float16, float32, float64, int8 to int64, uint8 to uint64, bool, either
// byte order. float16 and float64 become float32. Fails with Error: not an .npy file, damaged, Fortran order,
// another type, fewer bytes than the shape needs. Trust: bytes from outside; every length is checked
// (tests/fuzz/npy_fuzz.cpp).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "device/op.h"
#include "src/base/bytes.h"

namespace jatai {

struct NpyArray {
    Type type = Type::None;
    std::vector<std::uint64_t> shape;
    Bytes data;

    std::uint64_t elements() const { return size_of(type) == 0 ? 0 : data.size() / size_of(type); }
};

// `place` begins every message.
NpyArray parse_npy(ByteView bytes, const std::string& place);

std::vector<float> to_floats(const NpyArray& array);

// A version 1 file.
Bytes make_npy(const NpyArray& array);

}  // namespace jatai
