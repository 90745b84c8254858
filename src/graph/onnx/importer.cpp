#include "src/graph/onnx/importer.h"

#include <algorithm>
#include <map>
#include <optional>

#include "src/base/error.h"
#include "src/base/suggest.h"
#include "src/graph/onnx/fuse.h"
#include "src/graph/op_def.h"
#include "src/graph/printable.h"
#include "src/graph/tflite_names.h"
#include "src/graph/verify.h"

namespace jatai::onnx {
namespace {

constexpr std::int64_t kOldestOpset = 7;
constexpr std::int64_t kNewestOpset = 24;  // 22 to 24 added types, not meanings, to what is read here

// The type a door of the model has in memory.
Type door_type(DataType type) {
    if (type == DataType::Float16) return Type::Float16;
    if (type == DataType::Double) return Type::Float64;
    if (type == DataType::BFloat16 || type == DataType::Int4 || type == DataType::UInt4) return Type::None;
    return type_of(type);
}

const std::map<std::string_view, const Rule*>& all_rules() {
    static const std::map<std::string_view, const Rule*> rules = [] {
        std::map<std::string_view, const Rule*> by_name;
        for (const auto& family :
             {window_rules(), dense_rules(), pointwise_rules(), shape_rules(), reduce_rules(), resize_rules(),
              integer_rules(), recurrent_rules(), further_rules()}) {
            for (const Rule& rule : family) by_name[rule.op] = &rule;
        }
        return by_name;
    }();
    return rules;
}

// What to write instead of an operator we do not read.
std::string nearest_thing_to(const std::string& op) {
    const std::string unrolled = text("export the model with a fixed number of steps, unrolled");
    const std::map<std::string, std::string> hints{
        {"If", text("export the model without branches: trace it instead of scripting it")},
        {"Loop", unrolled},
        {"Scan", unrolled},
        {"NonMaxSuppression", text("do it outside the model")},
        {"DeformConv", text("use Conv")},
        {"LRN", text("use BatchNormalization, which costs nothing on a chip")},
        {"LpPool", text("use AveragePool")},
        {"Einsum", text("write it as MatMul and Transpose")},
    };
    const auto hint = hints.find(op);
    if (hint != hints.end()) return hint->second;
    std::vector<std::string> names;
    for (const auto& [name, rule] : all_rules()) names.emplace_back(name);
    const std::string near = nearest(op, names);
    return near.empty() ? text(
                              "do its work outside the model, or replace it; docs/reference/onnx.md lists "
                              "what is read")
                        : did_you_mean(op, names);
}

}  // namespace

const Rule* find_rule(std::string_view op) {
    const auto rule = all_rules().find(op);
    return rule == all_rules().end() ? nullptr : rule->second;
}

Importer::Importer(ByteView bytes, const std::string& place)
    : model_(parse_model(bytes, place)), place_(place), budget_(16 * bytes.size() + (64u << 20)) {}

void Importer::spend(std::uint64_t bytes) {
    if (bytes > budget_) {
        throw Error{text("{}: found constants that grow far beyond the size of the file", place_),
                    text("the file is damaged")};
    }
    budget_ -= bytes;
}

void Importer::check_model() {
    if (model_.opset < kOldestOpset || model_.opset > kNewestOpset) {
        throw Error{
            text("{}: found opset {}, expected {} to {}", place_, model_.opset, kOldestOpset, kNewestOpset),
            text("export the model with opset 13, or convert it with onnx.version_converter")};
    }
}

void Importer::read_constants() {
    for (const RawTensor& raw : model_.constants) {
        const std::string name = printable(std::string(raw.name));
        Datum datum = constant_from(raw, text("{}: constant {}", place_, name));
        if (!values_.emplace(raw.name, std::move(datum)).second) {
            throw Error{text("{}: found constant {} twice, expected one", place_, name)};
        }
    }
    model_.constants.clear();
}

void Importer::read_door(const Door& door) {
    const std::string where = text("{}: input {}", place_, printable(std::string(door.name)));
    Datum datum;
    datum.type = door_type(door.type);
    if (!door.is_tensor || datum.type == Type::None) {
        throw Error{text("{}: found elements of {}, expected float, int8, uint8, int16, int32, int64 or bool",
                         where, data_type_name(static_cast<std::int32_t>(door.type))),
                    text("export the model in float32, or quantised")};
    }
    std::vector<std::int64_t> extents = door.extents;
    for (std::size_t i = 0; i < extents.size(); ++i) {
        // An unknown batch is one sample at a time: that is how a chip meets them.
        if (i == 0 && extents[i] < 1) extents[i] = 1;
        if (extents[i] > 0) continue;
        throw Error{text("{}: found dimension {} left open, expected a fixed size", where, i),
                    text("export the model with a fixed input shape: memory is planned before it runs")};
    }
    if (!door.has_shape) {
        throw Error{text("{}: found no shape, expected a fixed one", where),
                    text("export the model with a fixed input shape: memory is planned before it runs")};
    }
    datum.shape = check_shape(extents, datum.type, where);
    Tensor tensor;
    tensor.name = printable(std::string(door.name));
    tensor.type = datum.type;
    tensor.shape = datum.shape;
    datum.plain = graph_.add(std::move(tensor));
    graph_.inputs.push_back(datum.plain);
    if (datum.type == Type::Float16 || datum.type == Type::Float64) {
        const Node node{door.name, "Cast", {}, {}, {door.name}, {}};
        Layer layer(*this, node, 0);
        datum = converted(layer, datum, Type::Float32);
    }
    values_.emplace(door.name, std::move(datum));
}

// Older files list the constants among the inputs.
void Importer::read_doors() {
    for (const Door& door : model_.inputs) {
        if (!values_.contains(door.name)) read_door(door);
    }
}

// Quantised integers that are only moved: what they mean is moved, and quantised again the same way.
bool Importer::move_integers(Layer& layer) {
    const std::string_view op = layer.node().op;
    const auto is = [&](std::initializer_list<std::string_view> names) {
        return std::find(names.begin(), names.end(), op) != names.end();
    };
    std::optional<Quantisation> meaning;
    Type type = Type::None;
    for (std::size_t i = 0; i < layer.inputs(); ++i) {
        if (!layer.has(i) || !layer.in(i).quantisation) continue;
        const Quantisation& q = *layer.in(i).quantisation;
        const bool same = !meaning || (meaning->scales == q.scales && meaning->zero_points == q.zero_points);
        if (!same && is({"Concat"}))
            layer.fail(text("found integers of different scales joined, expected one scale"));
        if (!meaning) meaning = q;
        type = layer.in(i).type;
    }
    const bool reads_integers = op.starts_with("QLinear") || op == "QGemm" || op == "DequantizeLinear";
    if (!meaning || reads_integers ||
        is({"Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Identity", "Dropout"}))
        return false;
    if (!is({"Concat", "Split", "Slice", "Gather", "MaxPool", "GlobalMaxPool", "Tile", "Expand",
             "DepthToSpace", "SpaceToDepth", "Resize", "Upsample"})) {
        layer.fail(text("found arithmetic on quantised integers, expected DequantizeLinear before it"));
    }
    std::vector<Datum> inputs;
    for (std::size_t i = 0; i < layer.inputs(); ++i) {
        if (!layer.has(i)) {
            inputs.emplace_back();
            continue;
        }
        Datum& datum = layer.in(i);
        inputs.push_back(datum.quantisation ? layer.real_of(datum, *datum.quantisation) : datum);
    }
    std::vector<Datum> outputs = layer.run(op, std::move(inputs));
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        if (layer.wanted(i)) layer.give(i, layer.quantise(outputs[i], type, *meaning));
    }
    return true;
}

void Importer::read_layer(std::size_t index) {
    const Node& node = model_.nodes[index];
    Layer layer(*this, node, index);
    if (!node.domain.empty() && node.domain != "ai.onnx") {
        const bool quantiser =
            node.domain == "com.microsoft" && (node.op.starts_with("QLinear") || node.op == "QGemm");
        if (!quantiser) {
            layer.fail(text("found an operator of {}, expected one of the ONNX standard",
                            printable(std::string(node.domain))),
                       text("do its work outside the model, or replace it"));
        }
    }
    const Rule* rule = find_rule(node.op);
    if (!rule) {
        layer.fail(text("found an operator that is not read, expected one that a chip runs"),
                   nearest_thing_to(std::string(node.op)));
    }
    if (!fold(layer) && !move_integers(layer)) rule->read(layer);
    if (graph_.nodes.size() > kMaxNodes || graph_.tensors.size() > kMaxTensors) {
        layer.fail(text("found more than {} layers", kMaxNodes));
    }
}

void Importer::read_layers() {
    for (std::size_t i = 0; i < model_.nodes.size(); ++i) read_layer(i);
}

void Importer::give_outputs() {
    for (const Door& door : model_.outputs) {
        const auto found = values_.find(door.name);
        if (found == values_.end()) {
            throw Error{text("{}: output {}: found no layer that writes it", place_,
                             printable(std::string(door.name)))};
        }
        const Node node{door.name, "Identity", {}, {door.name}, {door.name}, {}};
        Layer layer(*this, node, model_.nodes.size());
        Datum& datum = found->second;
        TensorId id = layer.plain(datum);
        // A door is one tensor of its own: neither an input nor another output.
        const auto taken = [&](const std::vector<TensorId>& doors) {
            return std::find(doors.begin(), doors.end(), id) != doors.end();
        };
        if (taken(graph_.outputs) || taken(graph_.inputs)) id = layer.reshape_tensor(id, datum.shape);
        if (datum.quantisation && datum.type == Type::UInt8 && graph_.tensor(id).type == Type::Int8) {
            Tensor stored = graph_.tensor(id);
            stored.type = Type::UInt8;
            stored.quantisation = *datum.quantisation;
            const TensorId to = graph_.add(std::move(stored));
            layer.emit_many("QUANTIZE", {id}, {to}, {});
            id = to;
        }
        const Type asked = door_type(door.type);
        if (graph_.tensor(id).type == Type::Float32 && (asked == Type::Float16 || asked == Type::Float64))
            id = layer.emit("CAST", {id}, datum.shape, asked);
        graph_.outputs.push_back(id);
        if (!graph_.tensor(id).constant()) graph_.tensor(id).name = printable(std::string(door.name));
    }
}

Graph Importer::read() {
    check_model();
    graph_.name = printable(std::string(model_.graph_name));
    for (const auto& [key, value] : model_.metadata)
        graph_.metadata.emplace_back(printable(std::string(key)), std::string(value));
    read_constants();
    read_doors();
    read_layers();
    give_outputs();
    values_.clear();
    fuse(graph_, stored_);
    return quantise::fuse_int8(std::move(graph_), stored_);
}

}  // namespace jatai::onnx
