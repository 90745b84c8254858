// proto.h: an .onnx file as it is written: a protobuf of the public ONNX schema, read into plain values.
//
//     const onnx::Model model = onnx::parse_model(bytes, "kws.onnx");
//     for (const onnx::Node& node : model.nodes) onnx::parse_attributes(node, "kws.onnx");
//
// The only file that knows protobuf's encoding (docs/decisions/031-onnx-without-protobuf.md). Names, strings
// and attribute bodies point into the bytes, which must outlive the result. Fails   with Error "place: found,
// expected" on bytes that are no ONNX model; nothing here recurses. Memory  At most some 20 times the size of
// the file; counts are limited.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/bytes.h"

namespace jatai::onnx {

// TensorProto.DataType.
enum class DataType : std::int32_t {
    Undefined = 0,
    Float = 1,
    UInt8 = 2,
    Int8 = 3,
    UInt16 = 4,
    Int16 = 5,
    Int32 = 6,
    Int64 = 7,
    String = 8,
    Bool = 9,
    Float16 = 10,
    Double = 11,
    UInt32 = 12,
    UInt64 = 13,
    BFloat16 = 16,
    UInt4 = 21,
    Int4 = 22,
};
std::string data_type_name(std::int32_t data_type);  // "FLOAT16"
int bits_of(DataType type);                          // of one element; 0: no fixed width, or not known

// A constant. `data`: elements row by row, little-endian, as wide as bits_of says (4 bits: two to a byte).
struct RawTensor {
    std::string_view name;
    DataType type = DataType::Undefined;
    std::vector<std::int64_t> extents;
    Bytes data;
    bool external = false;  // its data lies in another file
};

struct Attribute {
    std::string_view name;
    std::int64_t integer = 0;
    float real = 0;
    std::string_view word;
    std::vector<std::int64_t> integers;
    std::vector<float> reals;
    std::vector<std::string_view> words;
    ByteView tensor;  // a TensorProto's body; see parse_tensor
    bool has_tensor = false;
};

struct Node {
    std::string_view name, op, domain;
    std::vector<std::string_view> inputs, outputs;  // an empty name: left out
    std::vector<ByteView> attributes;               // see parse_attributes
};

// A graph input or output. Extent -1: left open.
struct Door {
    std::string_view name;
    DataType type = DataType::Undefined;
    bool is_tensor = false;
    bool has_shape = false;
    std::vector<std::int64_t> extents;
};

struct Model {
    std::int64_t ir_version = 0;
    std::int64_t opset = 0;  // of the standard operators
    std::string_view graph_name;
    std::vector<Node> nodes;
    std::vector<RawTensor> constants;
    std::vector<Door> inputs, outputs;
    std::vector<std::pair<std::string_view, std::string_view>> metadata;
};

// Do these bytes begin as an ONNX model does?
bool looks_like_model(ByteView bytes);

Model parse_model(ByteView bytes, const std::string& place);
std::vector<Attribute> parse_attributes(const Node& node, const std::string& place);
RawTensor parse_tensor(ByteView body, const std::string& place);

}  // namespace jatai::onnx
