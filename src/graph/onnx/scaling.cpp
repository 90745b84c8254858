#include "src/graph/onnx/scaling.h"

#include <algorithm>

#include "src/base/error.h"

namespace jatai::onnx {
namespace {

// A constant with each slice along `axis` `times` over, cut to `extent`.
Datum repeated(Layer& layer, const Datum& from, std::size_t axis, std::int64_t times, std::int32_t extent) {
    Shape shape = from.shape;
    shape[axis] = extent;
    shape = check_shape({shape.begin(), shape.end()}, Type::Int64, layer.where());
    layer.spend(static_cast<std::uint64_t>(elements_of(shape)) * 8);
    const std::vector<double> values = reals(from);
    std::int64_t inner = 1;
    for (std::size_t k = axis + 1; k < shape.size(); ++k) inner *= shape[k];
    std::vector<double> to(static_cast<std::size_t>(elements_of(shape)));
    for (std::size_t i = 0; i < to.size(); ++i) {
        const std::int64_t place = static_cast<std::int64_t>(i), row = place / (inner * extent);
        const std::int64_t slice = place / inner % extent / times;
        to[i] = values[static_cast<std::size_t>((row * from.shape[axis] + slice) * inner + place % inner)];
    }
    return constant_of(to, shape);
}

// Scales or zero points in a shape that broadcasts to that of x, as floats.
Datum spread(Layer& layer, std::size_t at, const Datum& x) {
    Datum& from = layer.in(at);
    if (from.elements() == 1) {
        Datum one = converted(layer, from, Type::Float32);
        return layer.reshape(one, {});
    }
    const std::size_t axis = layer.axis(layer.integer("axis", 1), x.rank());
    if (from.rank() == 1 && from.shape[0] == x.shape[axis]) {
        Shape shape(x.rank(), 1);
        shape[axis] = from.shape[0];
        Datum real = converted(layer, from, Type::Float32);
        return layer.reshape(real, shape);
    }
    const std::int64_t block = layer.integer("block_size", 0);
    layer.constant(at, text("scale"));
    Shape expected = x.shape;
    if (block >= 1) expected[axis] = static_cast<std::int32_t>((x.shape[axis] + block - 1) / block);
    if (block < 1 || from.shape != expected || from.elements() == 0)
        layer.fail(
            text("found {} scales along dimension {}, expected {}", from.elements(), axis, x.shape[axis]));
    return repeated(layer, from, axis, block, x.shape[axis]);
}

// x op y, whose shape fits that of x.
Datum with(Layer& layer, const char* op, Datum& x, Datum& y) {
    const auto shape = broadcast(x.shape, y.shape);
    if (!shape || *shape != x.shape) layer.fail(text("found shapes that cannot be broadcast"));
    const TensorId a = layer.plain(x), b = layer.plain(y);
    return layer.datum(layer.emit(op, {a, b}, x.shape, Type::Float32), Form::Plain);
}

Datum with(Layer& layer, const char* op, Datum& x, double number) {
    Datum y = constant_of(std::vector<double>{number}, {});
    return with(layer, op, x, y);
}

struct Range {
    double low, high;
};
Range range_of(Layer& layer, Type type) {
    switch (type) {
        case Type::Int8:
            return {-128, 127};
        case Type::UInt8:
            return {0, 255};
        case Type::Int16:
            return {-32768, 32767};
        case Type::UInt16:
            return {0, 65535};
        default:
            layer.fail(text("found zero points of another type, expected int8 or uint8"));
    }
}

Type result_type(Layer& layer) {
    if (layer.has(2)) return layer.in(2).type;
    const std::int64_t named = layer.integer("output_dtype", 0);
    return named == 0 ? Type::UInt8 : type_of(static_cast<DataType>(named));
}

}  // namespace

bool needs_arithmetic(Layer& layer, Direction direction) {
    const Datum& x = layer.in(0);
    if (x.constant || x.quantisation) return layer.integer("block_size", 0) != 0;
    if (layer.integer("block_size", 0) != 0 || !layer.in(1).constant || layer.in(1).elements() != 1)
        return true;
    if (layer.has(2) && !layer.in(2).constant) return true;
    const Type type = direction == Direction::ToReals ? x.type : result_type(layer);
    return type != Type::Int8 && type != Type::UInt8 && type != Type::Int16;
}

void quantize_by_arithmetic(Layer& layer) {
    Datum& x = layer.in(0);
    const Type type = result_type(layer);
    const Range range = range_of(layer, type);
    Datum scale = spread(layer, 1, x);
    Datum y = with(layer, "DIV", x, scale);
    y = layer.datum(layer.emit("ROUND", {layer.plain(y)}, x.shape, Type::Float32), Form::Plain);
    if (layer.has(2)) {
        Datum zero = spread(layer, 2, x);
        y = with(layer, "ADD", y, zero);
    }
    y = with(layer, "MAXIMUM", y, range.low);
    y = with(layer, "MINIMUM", y, range.high);
    layer.give(0, converted(layer, y, type));
}

void dequantize_by_arithmetic(Layer& layer) {
    Datum& x = layer.in(0);
    if (x.quantisation)
        layer.fail(text("found quantisation in blocks, expected one scale, or one per channel"));
    Datum y = converted(layer, x, Type::Float32);
    if (layer.has(2)) {
        Datum zero = spread(layer, 2, x);
        y = with(layer, "SUB", y, zero);
    }
    Datum scale = spread(layer, 1, x);
    layer.give(0, with(layer, "MUL", y, scale));
}

}  // namespace jatai::onnx
