// op.h: every operator Jataí knows, by number.
//
//     Op::Conv2d        // the same number in the graph, in a package and in a kernel-set manifest
//
// Keeps: a number, once given, never changes its meaning: packages in the field carry it.
#pragma once

#include <stdint.h>

namespace jatai {

enum class Op : uint16_t {
    None = 0,
    Conv2d = 1,
    DepthwiseConv2d = 2,
    FullyConnected = 3,
    AveragePool2d = 4,
    MaxPool2d = 5,
    Add = 6,
    Softmax = 7,
    Reshape = 8,
    Quantize = 9,
    Dequantize = 10,
};

// Element types, of the graph and of the chip.
enum class Type : uint8_t {
    None = 0,
    Int8 = 1,
    UInt8 = 2,
    Int16 = 3,
    Int32 = 4,
    Int64 = 5,
    Float32 = 6,
    Bool = 7,
};

// Bytes of one element.
constexpr uint32_t size_of(Type type) {
    return type == Type::Int64                            ? 8u
           : type == Type::Int32 || type == Type::Float32 ? 4u
           : type == Type::Int16                          ? 2u
           : type == Type::None                           ? 0u
                                                          : 1u;
}

}  // namespace jatai
