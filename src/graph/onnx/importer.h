// importer.h: what a converter of one ONNX operator works with.
//
//     void read_neg(Layer& layer) {                              // one line in unary_rules()
//         Datum& x = layer.in(0);
//         const Form form = layer.form_of(x);
//         layer.give(0, layer.datum(layer.emit("NEG", {layer.in_form(x, form)}, x.type, ...), form));
//     }
//
// The result is a float graph of TFLite-named operators with QUANTIZE and DEQUANTIZE where the file has them
// (to_int8() fuses those). Layers are added in ONNX's order. Transposes are added only where a value is asked
// for in an order it does not exist in.
// Fails with Error naming the layer: "kws.onnx: layer 3 conv_a (ONNX Conv, opset 13): found, expected".
#pragma once

#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "src/graph/graph.h"
#include "src/graph/onnx/datum.h"
#include "src/graph/onnx/proto.h"
#include "src/graph/quantise/to_int8.h"

namespace jatai::onnx {

using Settings = std::vector<std::pair<const char*, jatai::Value>>;

// The order of a tensor's dimensions: as ONNX has them, or channels last.
enum class Form : std::uint8_t { Plain, Last };

class Layer;

// The graph as it grows, and every value known so far.
class Importer {
  public:
    Importer(ByteView bytes, const std::string& place);
    Graph read();

    const std::string& place() const { return place_; }
    // A hostile file must not make us compute or hold more than its size warrants.
    void spend(std::uint64_t bytes);

  private:
    friend class Layer;
    void check_model();
    void read_doors();
    void read_door(const Door& door);
    void read_constants();
    void read_layers();
    void read_layer(std::size_t index);
    bool move_integers(Layer& layer);
    void give_outputs();
    TensorId output_tensor(Datum& datum, const Door& door);

    Model model_;
    const std::string& place_;
    std::uint64_t budget_;
    Graph graph_;
    std::unordered_map<std::string_view, Datum> values_;
    std::deque<std::string> made_names_;  // of values inside a layer; what values_ views must stay in place
    quantise::StoredConstants stored_;
};

class Layer {
  public:
    Layer(Importer& importer, const Node& node, std::size_t index);

    // The layer as the file has it.
    const Node& node() const { return node_; }
    std::int64_t opset() const { return importer_.model_.opset; }
    [[noreturn]] void fail(const std::string& found, const std::string& hint = {}) const;
    std::string where() const;

    // Its settings.
    const Attribute* setting(std::string_view name) const;
    std::int64_t integer(std::string_view name, std::int64_t fallback) const;
    double real(std::string_view name, double fallback) const;
    std::string_view word(std::string_view name, std::string_view fallback) const;
    std::vector<std::int64_t> list(std::string_view name) const;

    // Its inputs.
    std::size_t inputs() const { return node_.inputs.size(); }
    bool has(std::size_t i) const { return i < node_.inputs.size() && !node_.inputs[i].empty(); }
    Datum& in(std::size_t i);
    const Datum& constant(std::size_t i, const std::string& what);              // Error when it varies
    std::vector<std::int64_t> list_of(std::size_t i, const std::string& what);  // of a constant
    // A list that moved from the settings to an input at some opset; empty when neither is there.
    std::vector<std::int64_t> list_at(std::size_t i, const char* name);
    std::size_t axis(std::int64_t axis, std::size_t rank) const;  // negative ones count from the end

    // Its outputs.
    std::size_t outputs() const { return node_.outputs.size(); }
    bool wanted(std::size_t i) const { return i < node_.outputs.size() && !node_.outputs[i].empty(); }
    void give(std::size_t i, Datum datum);

    // Layouts.
    static bool has_last(const Datum& datum) { return datum.rank() >= 3 && datum.rank() <= 5; }
    Form form_of(const Datum& datum) const;  // one that costs nothing
    TensorId plain(Datum& datum);
    TensorId last(Datum& datum);
    TensorId in_form(Datum& datum, Form form) { return form == Form::Last ? last(datum) : plain(datum); }
    static std::size_t axis_in(Form form, std::size_t axis, std::size_t rank);
    static Shape shape_in(Form form, const Shape& shape);
    Datum reshape(Datum& datum, const Shape& shape);             // the same elements in ONNX's order
    Datum ordered(Datum& datum, const std::vector<int>& order);  // ONNX's Transpose

    // Another rule on these values, with the settings of this layer: what it gives.
    std::vector<Datum> run(std::string_view op, std::vector<Datum> inputs);

    // The graph.
    static bool known(const char* op);  // does this build have the operator?
    TensorId emit(const char* op, std::vector<TensorId> inputs, Shape shape, Type type,
                  const Settings& settings = {});
    TensorId tensor(Shape shape, Type type);  // a new one, written by what comes
    void emit_many(const char* op, std::vector<TensorId> inputs, std::vector<TensorId> outputs,
                   const Settings& settings);
    TensorId constant_tensor(const Datum& constant);
    TensorId numbers(const std::vector<std::int64_t>& values, Type type = Type::Int32);  // int32[n]
    TensorId scalar(double value) { return constant_tensor(constant_of(std::vector<double>{value}, {1})); }
    TensorId reshape_tensor(TensorId from, Shape shape);
    Datum datum(TensorId id, Form form) const;  // a value that exists in this form
    Graph& graph() { return importer_.graph_; }
    void spend(std::uint64_t bytes) { importer_.spend(bytes); }
    std::string name() const;  // of the layer: ONNX's, or that of its first output

    // Quantised values: what they mean as float, and back.
    Datum real_of(Datum& stored, const Quantisation& quantisation);
    Datum quantise(Datum& real, Type type, const Quantisation& quantisation);

  private:
    TensorId transpose_tensor(TensorId from, const std::vector<int>& order);

    Importer& importer_;
    const Node& node_;
    std::size_t index_;
    std::vector<Attribute> settings_;
};

// One ONNX operator, and how it is read.
struct Rule {
    const char* op;
    void (*read)(Layer& layer);
};
const Rule* find_rule(std::string_view op);  // null: not read
std::span<const Rule> window_rules();        // Conv, pools
std::span<const Rule> dense_rules();         // Gemm, MatMul, BatchNormalization
std::span<const Rule> pointwise_rules();     // Add, Relu, ...
std::span<const Rule> shape_rules();         // Reshape, Concat, ...
std::span<const Rule> reduce_rules();        // ReduceMean, ArgMax, Softmax
std::span<const Rule> resize_rules();        // Resize, Upsample
std::span<const Rule> integer_rules();       // QuantizeLinear, QLinearConv, ...
std::span<const Rule> recurrent_rules();     // LSTM, GRU, RNN
std::span<const Rule> further_rules();       // what is made of the others: OneHot, GroupNormalization, ...

// Integers that no kernel of `op` ("ADD") computes in: the type that stands in for theirs, values brought to
// it, and the result brought back. Other types, and answers that are bools, stay as they are.
Type working_type(std::string_view op, Type type);
Datum widened(Layer& layer, std::string_view op, Datum& from);
Datum narrowed(Layer& layer, std::string_view op, Datum result, Type type);
Datum converted(Layer& layer, Datum& from, Type type);

// What Slice takes of one axis: `count` elements from `begin`, `step` apart (backwards when negative).
struct AxisRange {
    std::size_t axis = 0;
    std::int64_t begin = 0, step = 1, count = 0;
};
std::vector<AxisRange> slice_ranges(Layer& layer, const Shape& shape);

// The axes a Reduce… layer joins, in order, and the shape it leaves.
struct ReduceAxes {
    std::vector<std::size_t> axes;
    Shape kept;   // with extents of 1 where it joined
    Shape shape;  // as the layer asks
};
ReduceAxes reduce_axes(Layer& layer, const Shape& shape);

// A layer whose inputs are all known: its answer, computed now. False: it has to run.
bool fold(Layer& layer);

}  // namespace jatai::onnx
