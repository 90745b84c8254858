// QuantizeLinear, DequantizeLinear and the QLinear… family. All become QUANTIZE and DEQUANTIZE around float
// layers here; to_int8 makes int8 layers of them.
#include <array>
#include <cmath>

#include "src/base/error.h"
#include "src/graph/onnx/scaling.h"

namespace jatai::onnx {
namespace {

Quantisation scales_of(Layer& layer, std::size_t scale_at, std::size_t zero_at, const Shape& shape,
                       std::int64_t axis) {
    const Datum& scales = layer.constant(scale_at, text("scale"));
    if (scales.type != Type::Float32 || scales.rank() > 1 || scales.elements() < 1 ||
        scales.elements() > 65535) {
        layer.fail(text("found {} scales in blocks, expected one, or one per channel", scales.elements()));
    }
    Quantisation q;
    for (const double scale : reals(scales)) {
        if (!std::isfinite(scale) || scale <= 0)
            layer.fail(text("found a scale of {}, expected a number above 0", scale));
        q.scales.push_back(static_cast<float>(scale));
    }
    q.zero_points.assign(q.scales.size(), 0);
    if (layer.has(zero_at)) {
        const auto zeros = integers(layer.constant(zero_at, text("zero point")));
        if (zeros.size() != q.scales.size() && zeros.size() != 1)
            layer.fail(text("found {} zero points, expected {}", zeros.size(), q.scales.size()));
        for (std::size_t c = 0; c < q.scales.size(); ++c) {
            const std::int64_t zero = zeros[zeros.size() == 1 ? 0 : c];
            if (zero < -32768 || zero > 65535)
                layer.fail(text("found a zero point of {}, expected 8 or 16 bits", zero));
            q.zero_points[c] = static_cast<std::int32_t>(zero);
        }
    }
    if (q.per_channel()) {
        q.axis = static_cast<int>(layer.axis(axis, shape.size()));
        if (static_cast<std::size_t>(shape[static_cast<std::size_t>(q.axis)]) != q.scales.size())
            layer.fail(text("found {} scales along dimension {}, expected {}", q.scales.size(), q.axis,
                            shape[static_cast<std::size_t>(q.axis)]));
    }
    return q;
}

// The type integers have, by their zero point: uint8 when there is none.
Type integer_type(Layer& layer, std::size_t zero_at) {
    if (!layer.has(zero_at)) return Type::UInt8;
    const Type type = layer.in(zero_at).type;
    if (type == Type::Int8 || type == Type::UInt8 || type == Type::Int16) return type;
    layer.fail(text("found zero points of another type, expected int8 or uint8"));
}

void read_quantize(Layer& layer) {
    Datum& x = layer.in(0);
    if (x.type != Type::Float32) layer.fail(text("found integers quantised, expected float"));
    if (needs_arithmetic(layer, Direction::ToIntegers)) return quantize_by_arithmetic(layer);
    layer.give(0, layer.quantise(x, integer_type(layer, 2),
                                 scales_of(layer, 1, 2, x.shape, layer.integer("axis", 1))));
}

void read_dequantize(Layer& layer) {
    Datum& x = layer.in(0);
    if (x.type == Type::Float32) layer.fail(text("found float dequantised, expected integers"));
    if (needs_arithmetic(layer, Direction::ToReals)) return dequantize_by_arithmetic(layer);
    layer.give(0, layer.real_of(x, scales_of(layer, 1, 2, x.shape, layer.integer("axis", 1))));
}

// A layer on real numbers inside one on integers: its operands are (value, scale, zero point).
class Inside {
  public:
    explicit Inside(Layer& layer) : layer_(layer) {}

    Datum real(std::size_t at, std::int64_t axis = 0) {
        Datum& stored = layer_.in(at);
        if (stored.type == Type::Float32) layer_.fail(text("found float, expected integers"));
        return layer_.real_of(stored, scales_of(layer_, at + 1, at + 2, stored.shape, axis));
    }
    void give(Datum real, std::size_t scale_at) {
        layer_.give(0, layer_.quantise(real, integer_type(layer_, scale_at + 1),
                                       scales_of(layer_, scale_at, scale_at + 1, real.shape, 1)));
    }

  private:
    Layer& layer_;
};

// Runs the rule of a float layer on other inputs, and gives back its output.
Datum run_real(Layer& layer, std::string_view op, std::vector<Datum> inputs) {
    std::vector<Datum> outputs = layer.run(op, std::move(inputs));
    if (outputs.empty()) layer.fail(text("found no output"));
    return std::move(outputs[0]);
}

// The int32 bias of a convolution means input scale * weight scale.
Datum real_bias(Layer& layer, std::size_t at) {
    const auto x = reals(layer.constant(1, text("scale"))), w = reals(layer.constant(4, text("scale")));
    Datum& bias = layer.in(at);
    if (!bias.constant || bias.type != Type::Int32)
        layer.fail(text("found a bias of another type, expected constant int32"));
    Quantisation q;
    for (const double scale : w) q.scales.push_back(static_cast<float>(x.at(0)) * static_cast<float>(scale));
    q.zero_points.assign(q.scales.size(), 0);
    if (q.per_channel() && (bias.rank() != 1 || static_cast<std::size_t>(bias.shape[0]) != q.scales.size()))
        layer.fail(text("found a bias of {}, expected {}", bias.elements(), q.scales.size()));
    return layer.real_of(bias, q);
}

void read_qlinear_conv(Layer& layer) {
    Inside inside(layer);
    std::vector<Datum> inputs{inside.real(0), inside.real(3)};
    if (layer.has(8)) inputs.push_back(real_bias(layer, 8));
    inside.give(run_real(layer, "Conv", std::move(inputs)), 6);
}

// Without an output scale the answer is float.
void read_qgemm(Layer& layer) {
    Inside inside(layer);
    std::vector<Datum> inputs{inside.real(0), inside.real(3, layer.integer("transB", 0) != 0 ? 0 : 1)};
    if (layer.has(6)) inputs.push_back(real_bias(layer, 6));
    Datum y = run_real(layer, "Gemm", std::move(inputs));
    if (!layer.has(7)) return layer.give(0, y);
    inside.give(std::move(y), 7);
}

void read_qlinear_matmul(Layer& layer) {
    Inside inside(layer);
    inside.give(run_real(layer, "MatMul", {inside.real(0), inside.real(3, -1)}), 6);
}

void read_qlinear_binary(Layer& layer, std::string_view op) {
    Inside inside(layer);
    inside.give(run_real(layer, op, {inside.real(0), inside.real(3)}), 6);
}

void read_qlinear_unary(Layer& layer, std::string_view op) {
    if (layer.integer("channels_last", 0) != 0) layer.fail(text("found channels last, expected them second"));
    Inside inside(layer);
    inside.give(run_real(layer, op, {inside.real(0)}), 3);
}

// (scale, zero point) of the output, then (value, scale, zero point) of every input.
void read_qlinear_concat(Layer& layer) {
    Inside inside(layer);
    std::vector<Datum> inputs;
    for (std::size_t i = 2; i + 2 < layer.inputs(); i += 3) inputs.push_back(inside.real(i));
    inside.give(run_real(layer, "Concat", std::move(inputs)), 0);
}

}  // namespace

std::span<const Rule> integer_rules() {
    static constexpr std::array rules{
        Rule{"QuantizeLinear", read_quantize},
        Rule{"DequantizeLinear", read_dequantize},
        Rule{"QLinearConv", read_qlinear_conv},
        Rule{"QLinearMatMul", read_qlinear_matmul},
        Rule{"QGemm", read_qgemm},
        Rule{"QLinearAdd", [](Layer& l) { read_qlinear_binary(l, "Add"); }},
        Rule{"QLinearMul", [](Layer& l) { read_qlinear_binary(l, "Mul"); }},
        Rule{"QLinearSigmoid", [](Layer& l) { read_qlinear_unary(l, "Sigmoid"); }},
        Rule{"QLinearLeakyRelu", [](Layer& l) { read_qlinear_unary(l, "LeakyRelu"); }},
        Rule{"QLinearAveragePool", [](Layer& l) { read_qlinear_unary(l, "AveragePool"); }},
        Rule{"QLinearGlobalAveragePool", [](Layer& l) { read_qlinear_unary(l, "GlobalAveragePool"); }},
        Rule{"QLinearSoftmax", [](Layer& l) { read_qlinear_unary(l, "Softmax"); }},
        Rule{"QLinearConcat", read_qlinear_concat},
    };
    return rules;
}

}  // namespace jatai::onnx
