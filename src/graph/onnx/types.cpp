// Types that no kernel computes in: brought to a wider one before the layer, and back behind it.
#include <limits>

#include "src/base/error.h"
#include "src/graph/onnx/importer.h"

namespace jatai::onnx {
namespace {

bool wraps(std::string_view op) { return op == "ADD" || op == "SUB" || op == "MUL" || op == "SUM"; }

// Numbers of 64 bits without a sign in the order of those with one: the highest bit turned over.
Datum turned(Layer& layer, Datum& x) {
    const Form form = layer.form_of(x);
    const TensorId from = layer.in_form(x, form);
    const TensorId low = layer.numbers({std::numeric_limits<std::int64_t>::min()}, Type::Int64);
    return layer.datum(layer.emit("ADD", {from, low}, Layer::shape_in(form, x.shape), x.type), form);
}

bool orders(std::string_view op) { return !wraps(op) && op != "EQUAL" && op != "NOT_EQUAL"; }

}  // namespace

Type working_type(std::string_view op, Type type) {
    switch (type) {
        case Type::Int8:
        case Type::UInt8:
        case Type::Int16:
        case Type::UInt16:
            return Type::Int32;
        case Type::UInt32:
            return wraps(op) ? Type::Int32 : Type::Int64;  // sums and products have the same low bits
        case Type::UInt64:
            return Type::Int64;
        default:
            return type;
    }
}

Datum converted(Layer& layer, Datum& from, Type type) {
    if (from.type == type) return from;
    if (from.constant) {
        layer.spend(static_cast<std::uint64_t>(from.elements()) * 8);
        if (type == Type::Float32) return constant_of(reals(from), from.shape);
        return constant_of(integers(from), from.shape, type);
    }
    const Form form = layer.form_of(from);
    const TensorId id = layer.in_form(from, form);
    return layer.datum(layer.emit("CAST", {id}, Layer::shape_in(form, from.shape), type), form);
}

Datum widened(Layer& layer, std::string_view op, Datum& from) {
    Datum wide = converted(layer, from, working_type(op, from.type));
    if (from.type != Type::UInt64 || !orders(op)) return wide;
    if (op != "MAXIMUM" && op != "MINIMUM" && op != "LESS" && op != "LESS_EQUAL" && op != "GREATER" &&
        op != "GREATER_EQUAL" && op != "REDUCE_MAX" && op != "REDUCE_MIN") {
        layer.fail(text("found integers of 64 bits without a sign, expected int64"));
    }
    return turned(layer, wide);
}

Datum narrowed(Layer& layer, std::string_view op, Datum result, Type type) {
    if (result.type == type || result.type == Type::Bool) return result;
    if (type == Type::UInt64 && orders(op)) result = turned(layer, result);
    return converted(layer, result, type);
}

}  // namespace jatai::onnx
