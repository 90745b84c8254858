// Matrix products and normalisation.
#include <array>
#include <cmath>

#include "src/base/error.h"
#include "src/graph/onnx/importer.h"

namespace jatai::onnx {
namespace {

Datum scaled(const Datum& constant, double factor) {
    if (factor == 1) return constant;
    std::vector<double> values = reals(constant);
    for (double& value : values) value *= factor;
    return constant_of(values, constant.shape);
}

// The columns of [outputs, k], for an input whose channels are last instead of first.
Datum sorted_columns(const Datum& weights, const Shape& image) {
    Datum wide = weights;
    wide.shape = {weights.shape[0]};
    wide.shape.insert(wide.shape.end(), image.begin() + 1, image.end());
    std::vector<int> order{0};
    for (const int axis : channels_last(image.size())) {
        if (axis != 0) order.push_back(axis);
    }
    Datum sorted = transpose(wide, order);
    sorted.shape = weights.shape;
    return sorted;
}

// x [..., k] by constant weights [outputs, k].
Datum dense(Layer& layer, Datum& x, Datum weights, TensorId bias) {
    weights.plain = weights.last = kNoTensor;
    TensorId from = kNoTensor;
    if (x.plain == kNoTensor && x.unflattened) {
        Datum& image = *x.unflattened;
        layer.spend(weights.data.size());
        weights = sorted_columns(weights, image.shape);
        from = layer.reshape_tensor(layer.last(image), x.shape);
    } else {
        from = layer.plain(x);
    }
    Shape shape = x.shape;
    shape.back() = weights.shape[0];
    std::vector<TensorId> inputs{from, layer.constant_tensor(weights)};
    if (bias != kNoTensor) inputs.push_back(bias);
    return layer.datum(
        layer.emit("FULLY_CONNECTED", inputs, shape, Type::Float32, {{"keep_num_dims", x.rank() > 2}}),
        Form::Plain);
}

Datum add_to(Layer& layer, Datum& y, Datum& c) {
    const auto shape = broadcast(y.shape, c.shape);
    if (!shape || *shape != y.shape) layer.fail(text("found a bias that does not fit the output"));
    return layer.datum(layer.emit("ADD", {layer.plain(y), layer.plain(c)}, y.shape, Type::Float32),
                       Form::Plain);
}

// The constant C as a bias of every row, or nothing when it is no such thing.
TensorId row_bias(Layer& layer, const Datum& c, double beta, std::int32_t outputs) {
    const bool row = c.constant && (c.elements() == 1 || (c.rank() >= 1 && c.shape.back() == outputs)) &&
                     c.rank() <= 2 && (c.rank() < 2 || c.shape[0] == 1);
    if (!row) return kNoTensor;
    Datum bias = scaled(c, beta);
    if (bias.elements() == 1 && outputs != 1) {
        layer.spend(static_cast<std::uint64_t>(outputs) * 8);
        bias = constant_of(std::vector<double>(static_cast<std::size_t>(outputs), reals(bias)[0]), {outputs});
    }
    bias.shape = {outputs};
    bias.plain = bias.last = kNoTensor;
    return layer.constant_tensor(bias);
}

void need_matrix(Layer& layer, const Datum& datum) {
    if (datum.rank() == 2) return;
    layer.fail(text("found an operand of {} dimensions, expected 2", datum.rank()));
}

void read_gemm(Layer& layer) {
    Datum& a = layer.in(0);
    Datum& b = layer.in(1);
    need_matrix(layer, a);
    need_matrix(layer, b);
    const double alpha = layer.real("alpha", 1), beta = layer.real("beta", 1);
    Datum x = layer.integer("transA", 0) ? layer.ordered(a, {1, 0}) : a;
    const bool b_is_rows = layer.integer("transB", 0) != 0;
    const std::int32_t depth = b.shape[b_is_rows ? 1 : 0], outputs = b.shape[b_is_rows ? 0 : 1];
    if (x.shape[1] != depth)
        layer.fail(text("found {} columns by {} rows, expected as many", x.shape[1], depth));
    Datum y;
    bool biased = false;
    if (b.constant && !x.constant) {
        layer.spend(b.data.size() * 2);
        const Datum weights = scaled(b_is_rows ? b : transpose(b, {1, 0}), alpha);
        const TensorId bias = layer.has(2) ? row_bias(layer, layer.in(2), beta, outputs) : kNoTensor;
        biased = bias != kNoTensor;
        y = dense(layer, x, weights, bias);
    } else {
        const Shape shape{x.shape[0], outputs};
        TensorId id = layer.emit("BATCH_MATMUL", {layer.plain(x), layer.plain(b)}, shape, Type::Float32,
                                 {{"adj_y", b_is_rows}});
        if (alpha != 1) id = layer.emit("MUL", {id, layer.scalar(alpha)}, shape, Type::Float32);
        y = layer.datum(id, Form::Plain);
    }
    if (layer.has(2) && !biased) {
        Datum c = layer.in(2);
        if (beta != 1 && c.constant) {
            c = scaled(c, beta);
            c.plain = c.last = kNoTensor;
        } else if (beta != 1) {
            c = layer.datum(layer.emit("MUL", {layer.plain(c), layer.scalar(beta)}, c.shape, Type::Float32),
                            Form::Plain);
        }
        y = add_to(layer, y, c);
    }
    layer.give(0, std::move(y));
}

// Leading dimensions broadcast; a vector counts as a row in front and a column behind.
void read_matmul(Layer& layer) {
    Datum& a = layer.in(0);
    Datum& b = layer.in(1);
    if (a.rank() < 1 || b.rank() < 1) layer.fail(text("found a single number, expected a matrix"));
    if (b.constant && b.rank() == 2 && a.rank() >= 2 && !a.constant) {
        if (a.shape.back() != b.shape[0])
            layer.fail(text("found {} columns by {} rows, expected as many", a.shape.back(), b.shape[0]));
        layer.spend(b.data.size());
        layer.give(0, dense(layer, a, transpose(b, {1, 0}), kNoTensor));
        return;
    }
    Shape rows = a.shape, columns = b.shape;
    if (a.rank() == 1) rows.insert(rows.begin(), 1);
    if (b.rank() == 1) columns.push_back(1);
    if (rows.back() != columns[columns.size() - 2])
        layer.fail(
            text("found {} columns by {} rows, expected as many", rows.back(), columns[columns.size() - 2]));
    const auto batch =
        broadcast(Shape(rows.begin(), rows.end() - 2), Shape(columns.begin(), columns.end() - 2));
    if (!batch) layer.fail(text("found shapes that cannot be broadcast"));
    Shape shape = *batch;
    shape.push_back(rows[rows.size() - 2]);
    shape.push_back(columns.back());
    Datum x = layer.reshape(a, rows), y = layer.reshape(b, columns);
    Datum product = layer.datum(
        layer.emit("BATCH_MATMUL", {layer.plain(x), layer.plain(y)}, shape, Type::Float32), Form::Plain);
    if (b.rank() == 1) shape.pop_back();
    if (a.rank() == 1) shape.erase(shape.end() - (b.rank() == 1 ? 1 : 2));
    layer.give(0, layer.reshape(product, shape));
}

// (x - mean) / sqrt(variance + epsilon) * scale + bias, as one product and one sum per channel; fuse() lets a
// convolution before it swallow both.
void read_batch_normalization(Layer& layer) {
    Datum& x = layer.in(0);
    if (layer.integer("training_mode", 0) != 0 || layer.wanted(1)) {
        layer.fail(text("found normalisation that still learns, expected fixed statistics"),
                   text("export the model for inference: model.eval()"));
    }
    if (x.rank() < 2 || x.rank() > 5) layer.fail(text("found {} dimensions, expected 2 to 5", x.rank()));
    const auto scale = reals(layer.constant(1, text("scale"))), bias = reals(layer.constant(2, text("bias")));
    const auto mean = reals(layer.constant(3, text("mean"))),
               variance = reals(layer.constant(4, text("variance")));
    const auto channels = static_cast<std::size_t>(x.shape[1]);
    if (scale.size() != channels || bias.size() != channels || mean.size() != channels ||
        variance.size() != channels) {
        layer.fail(text("found statistics of {} channels, expected {}", scale.size(), channels));
    }
    std::vector<double> factor(channels), offset(channels);
    for (std::size_t c = 0; c < channels; ++c) {
        factor[c] = scale[c] / std::sqrt(variance[c] + layer.real("epsilon", 1e-5));
        offset[c] = bias[c] - mean[c] * factor[c];
    }
    const Form form = x.rank() == 2 ? Form::Plain : Form::Last;
    const Shape shape = Layer::shape_in(form, x.shape);
    const Shape row{x.shape[1]};
    const TensorId from = layer.in_form(x, form);
    const TensorId product =
        layer.emit("MUL", {from, layer.constant_tensor(constant_of(factor, row))}, shape, Type::Float32);
    const TensorId sum =
        layer.emit("ADD", {product, layer.constant_tensor(constant_of(offset, row))}, shape, Type::Float32);
    layer.give(0, layer.datum(sum, form));
}

// (x - mean) / sqrt(mean of (x - mean)^2 + epsilon) along `axes` of the form.
TensorId normalised(Layer& layer, TensorId x, const std::vector<std::int64_t>& axes, double epsilon) {
    const Shape shape = layer.graph().tensor(x).shape;
    Shape one = shape;
    for (const std::int64_t axis : axes) one[static_cast<std::size_t>(axis)] = 1;
    const Settings keep{{"keep_dims", true}};
    const TensorId mean = layer.emit("MEAN", {x, layer.numbers(axes)}, one, Type::Float32, keep);
    const TensorId centred = layer.emit("SUB", {x, mean}, shape, Type::Float32);
    const TensorId squares = layer.emit("MUL", {centred, centred}, shape, Type::Float32);
    const TensorId variance = layer.emit("MEAN", {squares, layer.numbers(axes)}, one, Type::Float32, keep);
    const TensorId above = layer.emit("ADD", {variance, layer.scalar(epsilon)}, one, Type::Float32);
    const TensorId factor = layer.emit("RSQRT", {above}, one, Type::Float32);
    return layer.emit("MUL", {centred, factor}, shape, Type::Float32);
}

void read_instance_normalization(Layer& layer) {
    Datum& x = layer.in(0);
    if (!Layer::has_last(x)) layer.fail(text("found {} dimensions, expected 3 to 5", x.rank()));
    std::vector<std::int64_t> axes;
    for (std::size_t k = 1; k + 1 < x.rank(); ++k) axes.push_back(static_cast<std::int64_t>(k));
    const TensorId from = layer.last(x);
    const Shape shape = layer.graph().tensor(from).shape;
    TensorId y = normalised(layer, from, axes, layer.real("epsilon", 1e-5));
    for (const auto& [i, op] : {std::pair{1u, "MUL"}, {2u, "ADD"}}) {
        Datum& row = layer.in(i);
        if (row.rank() != 1 || row.shape[0] != x.shape[1])
            layer.fail(text("found a scale that does not fit"));
        y = layer.emit(op, {y, layer.plain(row)}, shape, Type::Float32);
    }
    layer.give(0, layer.datum(y, Form::Last));
}

void read_layer_normalization(Layer& layer) {
    Datum& x = layer.in(0);
    std::vector<std::int64_t> axes;
    for (std::size_t k = layer.axis(layer.integer("axis", -1), x.rank()); k < x.rank(); ++k)
        axes.push_back(static_cast<std::int64_t>(k));
    if (layer.wanted(1) || layer.wanted(2))
        layer.fail(text("found the statistics asked for, expected only the result"));
    TensorId y = normalised(layer, layer.plain(x), axes, layer.real("epsilon", 1e-5));
    for (const auto& [i, op] : {std::pair{1u, "MUL"}, {2u, "ADD"}}) {
        if (!layer.has(i)) continue;
        const auto shape = broadcast(x.shape, layer.in(i).shape);
        if (!shape || *shape != x.shape) layer.fail(text("found a scale that does not fit"));
        y = layer.emit(op, {y, layer.plain(layer.in(i))}, x.shape, Type::Float32);
    }
    layer.give(0, layer.datum(y, Form::Plain));
}

}  // namespace

std::span<const Rule> dense_rules() {
    static constexpr std::array rules{
        Rule{"Gemm", read_gemm},
        Rule{"MatMul", read_matmul},
        Rule{"BatchNormalization", read_batch_normalization},
        Rule{"InstanceNormalization", read_instance_normalization},
        Rule{"LayerNormalization", read_layer_normalization},
    };
    return rules;
}

}  // namespace jatai::onnx
