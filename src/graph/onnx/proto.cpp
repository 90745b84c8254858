#include "src/graph/onnx/proto.h"

#include <algorithm>
#include <cstring>
#include <functional>

#include "src/base/error.h"

namespace jatai::onnx {
namespace {

// More of any one kind than a model for a microcontroller could need; what a hostile file may make us hold.
constexpr std::size_t kMaxItems = 65535;
constexpr std::size_t kMaxEdges = 1u << 20;
constexpr std::size_t kMaxExtents = 16;

[[noreturn]] void fail_damaged(const std::string& place, const std::string& found) {
    throw Error{text("{}: {}, expected an ONNX model", place, found),
                text("copy or download the file again; if it stays, export it again")};
}

// What there can be too many of.
enum class Many { Layers, Uses, Dimensions, Constants, Inputs, Outputs, Metadata, Words };

std::string words_of(Many what) {
    switch (what) {
        case Many::Layers:
            return text("layers");
        case Many::Uses:
            return text("layer inputs, outputs and settings");
        case Many::Dimensions:
            return text("dimensions of a tensor");
        case Many::Constants:
            return text("constants");
        case Many::Inputs:
            return text("inputs");
        case Many::Outputs:
            return text("outputs");
        case Many::Metadata:
            return text("entries of metadata");
        case Many::Words:
            return text("words of a setting");
    }
    CHECK(false);
}

[[noreturn]] void fail_count(const std::string& place, Many what, std::size_t most) {
    throw Error{text("{}: found more than {} {}", place, most, words_of(what)),
                text("a model of this size does not fit a microcontroller")};
}

// One message of protobuf, field by field: a key (number and kind), then a varint, 8 or 4 bytes, or a length
// and as many bytes.
class Wire {
  public:
    Wire(ByteView bytes, const std::string& place) : bytes_(bytes), place_(place) {}

    // Goes to the next field; false at the end.
    bool next() {
        if (at_ == bytes_.size()) return false;
        const std::uint64_t key = varint();
        number_ = static_cast<std::uint32_t>(key >> 3);
        kind_ = static_cast<Kind>(key & 7);
        if (key > 0xFFFFFFFFu || number_ == 0) damaged();
        switch (kind_) {
            case Kind::Varint:
                value_ = varint();
                break;
            case Kind::Fixed64:
                body_ = take(8);
                break;
            case Kind::Fixed32:
                body_ = take(4);
                break;
            case Kind::Bytes: {
                const std::uint64_t length = varint();
                body_ = take(length);
                break;
            }
            default:
                damaged();
        }
        return true;
    }

    std::uint32_t number() const { return number_; }
    std::int64_t integer() const {
        need(Kind::Varint);
        return static_cast<std::int64_t>(value_);
    }
    ByteView bytes() const {
        need(Kind::Bytes);
        return body_;
    }
    std::string_view word() const {
        const ByteView body = bytes();
        return {reinterpret_cast<const char*>(body.data()), body.size()};
    }
    float real() const {
        need(Kind::Fixed32);
        float value = 0;
        std::memcpy(&value, body_.data(), sizeof value);
        return value;
    }
    // A repeated number: alone, or packed with others into one field.
    void integers(const std::function<void(std::int64_t)>& take_one) const {
        if (kind_ == Kind::Varint) return take_one(static_cast<std::int64_t>(value_));
        Wire packed(bytes(), place_);
        while (packed.at_ < packed.bytes_.size()) take_one(static_cast<std::int64_t>(packed.varint()));
    }
    // A repeated number of fixed width, as bytes: alone, or packed.
    ByteView fixed(std::size_t width) const {
        if (kind_ == (width == 8 ? Kind::Fixed64 : Kind::Fixed32)) return body_;
        const ByteView body = bytes();
        if (body.size() % width != 0) damaged();
        return body;
    }

  private:
    enum class Kind : std::uint8_t { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

    [[noreturn]] void damaged() const {
        fail_damaged(place_, text("found a damaged field at byte {} of a part of {}", at_, bytes_.size()));
    }
    void need(Kind kind) const {
        if (kind_ != kind) damaged();
    }
    ByteView take(std::uint64_t length) {
        if (length > bytes_.size() - at_) damaged();
        const ByteView part = bytes_.subspan(at_, static_cast<std::size_t>(length));
        at_ += static_cast<std::size_t>(length);
        return part;
    }
    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            if (at_ == bytes_.size()) damaged();
            const std::uint8_t byte = bytes_[at_++];
            value |= shift < 64 ? std::uint64_t{byte & 0x7Fu} << shift : 0;
            if ((byte & 0x80) == 0) return value;
        }
        damaged();
    }

    ByteView bytes_;
    const std::string& place_;
    std::size_t at_ = 0;
    std::uint32_t number_ = 0;
    Kind kind_ = Kind::Varint;
    std::uint64_t value_ = 0;
    ByteView body_;
};

template <typename T>
T& append(std::vector<T>& to, const std::string& place, Many what, std::size_t most = kMaxItems) {
    if (to.size() >= most) fail_count(place, what, most);
    return to.emplace_back();
}

void append_bytes(Bytes& to, ByteView from) { to.insert(to.end(), from.begin(), from.end()); }

void append_integer(Bytes& to, std::int64_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

// The fields that hold elements; their width follows from the type, which may stand behind them.
void parse_elements(RawTensor& tensor, ByteView body, const std::string& place) {
    const int bits = bits_of(tensor.type);
    const auto width = static_cast<std::size_t>(std::max(bits / 8, 1));
    for (Wire wire(body, place); wire.next();) {
        switch (wire.number()) {
            case 4:  // float_data
                append_bytes(tensor.data, wire.fixed(4));
                break;
            case 5:  // int32_data: also of narrower types
            case 7:  // int64_data
                wire.integers([&](std::int64_t value) { append_integer(tensor.data, value, width); });
                break;
            case 9:  // raw_data
                append_bytes(tensor.data, wire.bytes());
                break;
            case 10:  // double_data
                append_bytes(tensor.data, wire.fixed(8));
                break;
            case 11:  // uint64_data: also uint32
                wire.integers([&](std::int64_t value) { append_integer(tensor.data, value, width); });
                break;
            default:
                break;
        }
    }
}

Node parse_node(ByteView body, const std::string& place, std::size_t& edges) {
    Node node;
    const auto count = [&] {
        if (++edges > kMaxEdges) fail_count(place, Many::Uses, kMaxEdges);
    };
    for (Wire wire(body, place); wire.next();) {
        switch (wire.number()) {
            case 1:
                count();
                node.inputs.push_back(wire.word());
                break;
            case 2:
                count();
                node.outputs.push_back(wire.word());
                break;
            case 3:
                node.name = wire.word();
                break;
            case 4:
                node.op = wire.word();
                break;
            case 5:
                count();
                node.attributes.push_back(wire.bytes());
                break;
            case 7:
                node.domain = wire.word();
                break;
            default:
                break;
        }
    }
    return node;
}

std::int64_t parse_extent(ByteView body, const std::string& place) {
    std::int64_t extent = -1;
    for (Wire wire(body, place); wire.next();) {
        if (wire.number() == 1) extent = wire.integer();
    }
    return extent;
}

void parse_tensor_type(Door& door, ByteView body, const std::string& place) {
    door.is_tensor = true;
    for (Wire wire(body, place); wire.next();) {
        if (wire.number() == 1) door.type = static_cast<DataType>(wire.integer());
        if (wire.number() != 2) continue;
        door.has_shape = true;
        for (Wire shape(wire.bytes(), place); shape.next();) {
            if (shape.number() != 1) continue;
            append(door.extents, place, Many::Dimensions, kMaxExtents) = parse_extent(shape.bytes(), place);
        }
    }
}

Door parse_door(ByteView body, const std::string& place) {
    Door door;
    for (Wire wire(body, place); wire.next();) {
        if (wire.number() == 1) door.name = wire.word();
        if (wire.number() != 2) continue;
        for (Wire type(wire.bytes(), place); type.next();) {
            if (type.number() == 1) parse_tensor_type(door, type.bytes(), place);
        }
    }
    return door;
}

void parse_graph(Model& model, ByteView body, const std::string& place) {
    std::size_t edges = 0;
    for (Wire wire(body, place); wire.next();) {
        switch (wire.number()) {
            case 1:
                append(model.nodes, place, Many::Layers) = parse_node(wire.bytes(), place, edges);
                break;
            case 2:
                model.graph_name = wire.word();
                break;
            case 5:
                append(model.constants, place, Many::Constants) = parse_tensor(wire.bytes(), place);
                break;
            case 11:
                append(model.inputs, place, Many::Inputs) = parse_door(wire.bytes(), place);
                break;
            case 12:
                append(model.outputs, place, Many::Outputs) = parse_door(wire.bytes(), place);
                break;
            case 15:
                throw Error{text("{}: found sparse weights, expected dense ones", place),
                            text("export the model without sparsity")};
            default:
                break;
        }
    }
}

void parse_opset(Model& model, ByteView body, const std::string& place) {
    std::string_view domain;
    std::int64_t version = 0;
    for (Wire wire(body, place); wire.next();) {
        if (wire.number() == 1) domain = wire.word();
        if (wire.number() == 2) version = wire.integer();
    }
    if (domain.empty() || domain == "ai.onnx") model.opset = version;
}

void parse_metadata(Model& model, ByteView body, const std::string& place) {
    auto& [key, value] = append(model.metadata, place, Many::Metadata);
    for (Wire wire(body, place); wire.next();) {
        if (wire.number() == 1) key = wire.word();
        if (wire.number() == 2) value = wire.word();
    }
}

Attribute parse_attribute(ByteView body, const std::string& place) {
    Attribute attribute;
    for (Wire wire(body, place); wire.next();) {
        switch (wire.number()) {
            case 1:
                attribute.name = wire.word();
                break;
            case 2:
                attribute.real = wire.real();
                break;
            case 3:
                attribute.integer = wire.integer();
                break;
            case 4:
                attribute.word = wire.word();
                break;
            case 5:
                attribute.tensor = wire.bytes();
                attribute.has_tensor = true;
                break;
            case 7: {
                const ByteView reals = wire.fixed(4);
                const std::size_t before = attribute.reals.size();
                attribute.reals.resize(before + reals.size() / 4);
                if (!reals.empty()) std::memcpy(attribute.reals.data() + before, reals.data(), reals.size());
                break;
            }
            case 8:
                wire.integers([&](std::int64_t value) { attribute.integers.push_back(value); });
                break;
            case 9:
                append(attribute.words, place, Many::Words) = wire.word();
                break;
            default:
                break;
        }
    }
    return attribute;
}

}  // namespace

std::string data_type_name(std::int32_t data_type) {
    constexpr const char* kNames[] = {
        "UNDEFINED",      "FLOAT",      "UINT8",          "INT8",       "UINT16",   "INT16",
        "INT32",          "INT64",      "STRING",         "BOOL",       "FLOAT16",  "DOUBLE",
        "UINT32",         "UINT64",     "COMPLEX64",      "COMPLEX128", "BFLOAT16", "FLOAT8E4M3FN",
        "FLOAT8E4M3FNUZ", "FLOAT8E5M2", "FLOAT8E5M2FNUZ", "UINT4",      "INT4",     "FLOAT4E2M1"};
    const bool known = data_type >= 0 && static_cast<std::size_t>(data_type) < std::size(kNames);
    return known ? kNames[data_type] : fmt::format("TYPE {}", data_type);
}

int bits_of(DataType type) {
    switch (type) {
        case DataType::UInt4:
        case DataType::Int4:
            return 4;
        case DataType::UInt8:
        case DataType::Int8:
        case DataType::Bool:
            return 8;
        case DataType::UInt16:
        case DataType::Int16:
        case DataType::Float16:
        case DataType::BFloat16:
            return 16;
        case DataType::Float:
        case DataType::Int32:
        case DataType::UInt32:
            return 32;
        case DataType::Int64:
        case DataType::UInt64:
        case DataType::Double:
            return 64;
        default:
            return 0;
    }
}

// Every exporter writes the version first: field 1, a small number.
bool looks_like_model(ByteView bytes) {
    return bytes.size() > 8 && bytes[0] == 0x08 && bytes[1] > 0 && bytes[1] < 0x20 &&
           (bytes[2] == 0x12 || bytes[2] == 0x1A || bytes[2] == 0x22 || bytes[2] == 0x28 ||
            bytes[2] == 0x32 || bytes[2] == 0x3A || bytes[2] == 0x42);
}

RawTensor parse_tensor(ByteView body, const std::string& place) {
    RawTensor tensor;
    for (Wire wire(body, place); wire.next();) {
        switch (wire.number()) {
            case 1:
                wire.integers([&](std::int64_t extent) {
                    append(tensor.extents, place, Many::Dimensions, kMaxExtents) = extent;
                });
                break;
            case 2:
                tensor.type = static_cast<DataType>(wire.integer());
                break;
            case 8:
                tensor.name = wire.word();
                break;
            case 13:
                tensor.external = true;
                break;
            case 14:
                tensor.external = tensor.external || wire.integer() == 1;
                break;
            default:
                break;
        }
    }
    parse_elements(tensor, body, place);
    return tensor;
}

std::vector<Attribute> parse_attributes(const Node& node, const std::string& place) {
    std::vector<Attribute> attributes;
    for (const ByteView body : node.attributes) attributes.push_back(parse_attribute(body, place));
    return attributes;
}

Model parse_model(ByteView bytes, const std::string& place) {
    Model model;
    bool has_graph = false;
    for (Wire wire(bytes, place); wire.next();) {
        switch (wire.number()) {
            case 1:
                model.ir_version = wire.integer();
                break;
            case 7:
                if (has_graph) fail_damaged(place, text("found two graphs"));
                has_graph = true;
                parse_graph(model, wire.bytes(), place);
                break;
            case 8:
                parse_opset(model, wire.bytes(), place);
                break;
            case 14:
                parse_metadata(model, wire.bytes(), place);
                break;
            default:
                break;
        }
    }
    if (!has_graph) fail_damaged(place, text("found no graph"));
    return model;
}

}  // namespace jatai::onnx
