// datum.h: what the reader knows of one ONNX value: a constant, or a tensor of the graph in one or two
// layouts.
//
//     Datum shape = constant_of({1, 64}, {2});          // int64[2]
//     std::vector<std::int64_t> extents = integers(shape);
//
// ONNX puts channels second (N C H W), the graph puts them last (N H W C). A value may exist in either order,
// in both, or not yet in the one asked for: the importer adds a transpose only when somebody asks.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/graph/graph.h"
#include "src/graph/onnx/proto.h"

namespace jatai::onnx {

using Shape = std::vector<std::int32_t>;

// The integers behind a constant that DequantizeLinear made.
struct StoredIntegers {
    Type type = Type::None;  // Int8, Int32
    Bytes data;
    Quantisation quantisation;
};

struct Datum {
    Type type = Type::None;
    Shape shape;  // in ONNX's order; an extent of 0 only in a constant

    bool constant = false;
    Bytes data;                                    // of a constant, in ONNX's order
    std::shared_ptr<const StoredIntegers> stored;  // of a constant, in the same order

    TensorId plain = kNoTensor;          // in the graph, in ONNX's order
    TensorId last = kNoTensor;           // in the graph, channels last
    std::shared_ptr<Datum> unflattened;  // this is [n, k] of that, whose channels are last

    // Of quantised integers that vary: what they mean. They are stored as int8, also where ONNX says uint8.
    std::optional<Quantisation> quantisation;

    std::int64_t elements() const;
    std::size_t rank() const { return shape.size(); }
};

// What values of a type are held as: floats of other widths as float32, integers of 4 bits in 8. None: not
// read.
Type type_of(DataType type);

// The product of the extents. Needs: check_shape passed, or a few extents known to be small.
std::int64_t elements_of(const Shape& shape);
// A shape of at most 2 GB; Error otherwise. `place` begins the message.
Shape check_shape(const std::vector<std::int64_t>& extents, Type type, const std::string& place);

// A constant of the file. float16, bfloat16 and double become float32, 4-bit integers int8.
Datum constant_from(const RawTensor& tensor, const std::string& place);
Datum constant_of(const std::vector<std::int64_t>& values, Shape shape, Type type = Type::Int64);
Datum constant_of(const std::vector<double>& values, Shape shape, Type type = Type::Float32);

// The elements of a constant.
std::vector<std::int64_t> integers(const Datum& constant);
std::vector<double> reals(const Datum& constant);

// to[i...] = from[...]: extent k of the result is extent order[k] of the input.
Bytes transpose(const Bytes& data, const Shape& shape, const std::vector<int>& order, std::size_t width);
Shape transpose(const Shape& shape, const std::vector<int>& order);
Datum transpose(const Datum& constant, const std::vector<int>& order);

// 0, 2, 3, ..., 1 and its inverse: channels to the end, and back.
std::vector<int> channels_last(std::size_t rank);
std::vector<int> channels_second(std::size_t rank);

// As NumPy broadcasts; none when the shapes do not fit.
std::optional<Shape> broadcast(const Shape& a, const Shape& b);

}  // namespace jatai::onnx
