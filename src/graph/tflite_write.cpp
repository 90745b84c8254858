#include <algorithm>

#include "src/base/error.h"
#include "src/graph/flex_map.h"
#include "src/graph/op_def.h"
#include "src/graph/ops/zero_point.h"
#include "src/graph/tflite.h"
#include "src/graph/tflite_names.h"
#include "src/graph/verify.h"
#include "tflite_schema_generated.h"

namespace jatai {
namespace {

namespace fb = flatbuffers;

constexpr std::uint32_t kSchemaVersion = 3;
constexpr std::size_t kBufferAlign = 16;       // the schema's force_align of Buffer.data
constexpr std::int32_t kGreaterOpCodes = 127;  // in the old one-byte field: "look at builtin_code"

bool lacks_bias(const Node& node) {
    const bool convolution = node.op == Op::Conv2d || node.op == Op::DepthwiseConv2d;
    return convolution && (node.inputs.size() == 2 || node.inputs[2] == kNoTensor);
}

// TensorFlow Lite 2.9 refuses a CONV_2D without a bias, and crashes on such a DEPTHWISE_CONV_2D: they get
// zeros.
void add_bias(Graph& graph, Node& node) {
    const Quantisation& weights = graph.tensor(node.inputs[1]).quantisation;
    const std::int32_t channels = graph.tensor(node.outputs[0]).shape.back();
    const Type type = graph.tensor(node.inputs[0]).type == Type::Float32 ? Type::Float32 : Type::Int32;
    const std::vector<std::int32_t> zeros(weights.scales.size());
    Tensor bias{node.name + "_bias", type, {channels}, {weights.scales, zeros, 0}, {}};
    for (float& scale : bias.quantisation.scales) scale *= graph.tensor(node.inputs[0]).quantisation.scale();
    bias.data.resize(static_cast<std::size_t>(bias.bytes()));
    node.inputs.resize(2);
    node.inputs.push_back(graph.add(std::move(bias)));
}

// All of them, defaults too: TFLM finds a setting by its place in the alphabet.
FlexMap custom_options(const Node& node, const OpDef& def) {
    FlexMap map;
    for (const OptionField& field : def.options) {
        if (field.type == FieldType::Float32) {
            map.emplace_back(field.name, node.attributes.real(field.name, field.fallback));
        } else if (field.type == FieldType::Bool) {
            map.emplace_back(field.name, node.attributes.flag(field.name, field.fallback != 0));
        } else {
            map.emplace_back(field.name,
                             node.attributes.integer(field.name, static_cast<std::int64_t>(field.fallback)));
        }
    }
    return map;
}

class Writer {
  public:
    explicit Writer(const Graph& graph) : graph_(graph) {}
    Bytes write();

  private:
    std::uint32_t write_buffer(const std::uint8_t* data, std::size_t size);
    fb::Offset<tflite::QuantizationParameters> write_quantisation(const Quantisation& from);
    fb::Offset<tflite::Tensor> write_tensor(const Tensor& from);
    fb::Offset<tflite::Opaque> write_options(const Node& node, const OpDef& def);
    void write_option(const OptionField& field, const Attributes& attributes,
                      const std::vector<fb::Offset<fb::Vector<std::int32_t>>>& lists, std::size_t& next_list);
    std::uint32_t code_of(const Node& node, const OpDef& def);
    fb::Offset<tflite::Operator> write_node(const Node& node);
    fb::Offset<tflite::SubGraph> write_graph();

    const Graph& graph_;
    fb::FlatBufferBuilder out_{1 << 16};
    std::vector<fb::Offset<tflite::Buffer>> buffers_;
    std::vector<fb::Offset<tflite::OperatorCode>> codes_;
    std::vector<std::pair<Op, int>> code_keys_;
};

std::uint32_t Writer::write_buffer(const std::uint8_t* data, std::size_t size) {
    out_.ForceVectorAlignment(size, 1, kBufferAlign);
    buffers_.push_back(tflite::CreateBuffer(out_, out_.CreateVector(data, size)));
    return static_cast<std::uint32_t>(buffers_.size() - 1);
}

fb::Offset<tflite::QuantizationParameters> Writer::write_quantisation(const Quantisation& from) {
    if (from.empty()) return 0;
    const std::vector<std::int64_t> zero_points(from.zero_points.begin(), from.zero_points.end());
    const auto scales = out_.CreateVector(from.scales);
    const auto zeros = out_.CreateVector(zero_points);
    return tflite::CreateQuantizationParameters(out_, 0, 0, scales, zeros, 0, 0, from.axis);
}

fb::Offset<tflite::Tensor> Writer::write_tensor(const Tensor& from) {
    const std::uint32_t buffer = from.constant() ? write_buffer(from.data.data(), from.data.size()) : 0;
    const auto shape = out_.CreateVector(from.shape);
    const auto name = out_.CreateString(from.name);
    const auto quantisation = write_quantisation(from.quantisation);
    return tflite::CreateTensor(out_, shape, static_cast<std::int8_t>(tensor_type_of(from.type)), buffer,
                                name, quantisation, from.state);
}

void Writer::write_option(const OptionField& field, const Attributes& attributes,
                          const std::vector<fb::Offset<fb::Vector<std::int32_t>>>& lists,
                          std::size_t& next_list) {
    const auto slot = fb::FieldIndexToOffset(field.field);
    const double fallback = field.fallback;
    switch (field.type) {
        case FieldType::Int8: {
            const auto value = attributes.integer(field.name, static_cast<std::int64_t>(fallback));
            return out_.AddElement(slot, static_cast<std::int8_t>(value), static_cast<std::int8_t>(fallback));
        }
        case FieldType::Int32: {
            const auto value = attributes.integer(field.name, static_cast<std::int64_t>(fallback));
            return out_.AddElement(slot, static_cast<std::int32_t>(value),
                                   static_cast<std::int32_t>(fallback));
        }
        case FieldType::Float32:
            return out_.AddElement(slot, static_cast<float>(attributes.real(field.name, fallback)),
                                   static_cast<float>(fallback));
        case FieldType::Bool:
            return out_.AddElement<std::uint8_t>(slot, attributes.flag(field.name, fallback != 0),
                                                 fallback != 0);
        case FieldType::Int32List:
            return out_.AddOffset(slot, lists[next_list++]);
    }
}

fb::Offset<tflite::Opaque> Writer::write_options(const Node& node, const OpDef& def) {
    std::vector<fb::Offset<fb::Vector<std::int32_t>>> lists;
    for (const OptionField& field : def.options) {
        if (field.type != FieldType::Int32List) continue;
        const auto items = node.attributes.list(field.name);
        lists.push_back(out_.CreateVector(std::vector<std::int32_t>(items.begin(), items.end())));
    }
    const auto start = out_.StartTable();
    std::size_t next_list = 0;
    for (const OptionField& field : def.options) write_option(field, node.attributes, lists, next_list);
    return fb::Offset<tflite::Opaque>(out_.EndTable(start));
}

std::uint32_t Writer::code_of(const Node& node, const OpDef& def) {
    const std::pair key{node.op, node.version};
    const auto known = std::find(code_keys_.begin(), code_keys_.end(), key);
    if (known != code_keys_.end()) return static_cast<std::uint32_t>(known - code_keys_.begin());
    code_keys_.push_back(key);
    const auto old_code = static_cast<std::int8_t>(std::min(def.builtin_code, kGreaterOpCodes));
    const auto custom =
        def.builtin_code == kCustomOp ? out_.CreateString(def.name) : fb::Offset<fb::String>();
    codes_.push_back(tflite::CreateOperatorCode(out_, old_code, custom, node.version, def.builtin_code));
    return static_cast<std::uint32_t>(codes_.size() - 1);
}

fb::Offset<tflite::Operator> Writer::write_node(const Node& node) {
    const OpDef& def = op_def(node.op);
    const std::uint32_t code = code_of(node, def);
    const auto inputs = out_.CreateVector(node.inputs);
    const auto outputs = out_.CreateVector(node.outputs);
    if (def.builtin_code == kCustomOp) {
        const auto custom = out_.CreateVector(write_flex_map(custom_options(node, def)));
        return tflite::CreateOperator(out_, code, inputs, outputs, 0, 0, custom);
    }
    if (def.options_type == 0) return tflite::CreateOperator(out_, code, inputs, outputs);
    const auto options = write_options(node, def);
    return tflite::CreateOperator(out_, code, inputs, outputs, static_cast<std::uint8_t>(def.options_type),
                                  options);
}

fb::Offset<tflite::SubGraph> Writer::write_graph() {
    std::vector<fb::Offset<tflite::Tensor>> tensors;
    for (const Tensor& tensor : graph_.tensors) tensors.push_back(write_tensor(tensor));
    std::vector<fb::Offset<tflite::Operator>> operators;
    for (const Node& node : graph_.nodes) operators.push_back(write_node(node));
    const auto all_tensors = out_.CreateVector(tensors);
    const auto inputs = out_.CreateVector(graph_.inputs);
    const auto outputs = out_.CreateVector(graph_.outputs);
    const auto all_operators = out_.CreateVector(operators);
    const auto name = out_.CreateString(graph_.name);
    return tflite::CreateSubGraph(out_, all_tensors, inputs, outputs, all_operators, name);
}

Bytes Writer::write() {
    buffers_.push_back(tflite::CreateBuffer(out_));  // buffer 0: "no data", by the schema
    const auto graph = write_graph();
    std::vector<fb::Offset<tflite::Metadata>> metadata;
    for (const auto& [key, value] : graph_.metadata) {
        const auto buffer = write_buffer(reinterpret_cast<const std::uint8_t*>(value.data()), value.size());
        const auto name = out_.CreateString(key);
        metadata.push_back(tflite::CreateMetadata(out_, name, buffer));
    }
    const auto codes = out_.CreateVector(codes_);
    const auto graphs = out_.CreateVector(&graph, 1);
    const auto description = out_.CreateString("Jataí");
    const auto buffers = out_.CreateVector(buffers_);
    const auto entries = out_.CreateVector(metadata);
    tflite::FinishModelBuffer(
        out_, tflite::CreateModel(out_, kSchemaVersion, codes, graphs, description, buffers, 0, entries));
    return {out_.GetBufferPointer(), out_.GetBufferPointer() + out_.GetSize()};
}

// Paddings and biases of our own have no number there. A state that READ_VARIABLE and ASSIGN_VARIABLE share
// needs handles and a second graph; nothing here makes them.
void refuse_unwritable(const Graph& graph) {
    for (const Node& node : graph.nodes) {
        if (node.attributes.has("pad_top")) {
            throw Error{text("{}: found a padding that .tflite cannot say", place_of(graph, node)),
                        text("write the model before the compiler's passes")};
        }
        if (zero_point_folded(node)) {
            throw Error{
                text("{}: found a bias that holds the zero point of the input, which .tflite cannot say",
                     place_of(graph, node)),
                text("write the model before the compiler's passes")};
        }
        if (node.op != Op::ReadVariable && node.op != Op::AssignVariable) continue;
        throw Error{text("{}: found a variable, which cannot be written as .tflite", place_of(graph, node)),
                    text("keep the file it was read from")};
    }
}

}  // namespace

Bytes write_tflite(const Graph& graph) {
    refuse_unwritable(graph);
    if (std::none_of(graph.nodes.begin(), graph.nodes.end(), lacks_bias)) return Writer(graph).write();
    Graph complete = graph;
    for (Node& node : complete.nodes) {
        if (lacks_bias(node)) add_bias(complete, node);
    }
    return Writer(complete).write();
}

}  // namespace jatai
