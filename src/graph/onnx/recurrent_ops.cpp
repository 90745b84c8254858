// LSTM, GRU and RNN. A GRU that begins at zero is one GRU layer; the others are unrolled: one dense layer for
// the inputs of all steps, then the steps one after another. The answer of every step is that of ONNX's
// equations; steps are known, so nothing is kept between runs.
#include <algorithm>
#include <array>
#include <functional>

#include "src/base/error.h"
#include "src/graph/onnx/importer.h"

namespace jatai::onnx {
namespace {

constexpr std::int32_t kMostSteps = 256;

// One direction of one layer. Shapes: n batch, h hidden, g gates.
class Direction {
  public:
    Direction(Layer& layer, std::int32_t gates, std::int32_t index)
        : layer_(layer), gates_(gates), index_(index) {
        const Datum& x = layer.in(0);
        const Datum& r = layer.constant(2, text("weights"));
        const bool batch_first = layer.integer("layout", 0) != 0;
        steps_ = x.shape[batch_first ? 1 : 0], batch_ = x.shape[batch_first ? 0 : 1], depth_ = x.shape[2];
        hidden_ = r.shape[2];
    }

    TensorId weights(std::size_t input, std::int32_t first, std::int32_t count, std::int32_t columns) {
        return layer_.constant_tensor(part(input, first * hidden_, count * hidden_, columns));
    }
    // Of the input half (0) or the hidden half (1) of B; zeros where there is none.
    std::vector<double> bias(int half, std::int32_t first, std::int32_t count) {
        std::vector<double> values(static_cast<std::size_t>(count * hidden_), 0.0);
        if (!layer_.has(3)) return values;
        const std::vector<double> all = reals(layer_.constant(3, text("bias")));
        const std::int32_t begin = (index_ * 2 + half) * gates_ * hidden_ + first * hidden_;
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = all.at(static_cast<std::size_t>(begin) + i);
        return values;
    }
    TensorId bias_tensor(const std::vector<double>& values) {
        return layer_.constant_tensor(constant_of(values, {static_cast<std::int32_t>(values.size())}));
    }
    // What the inputs of all steps contribute to all gates: [steps * n, gates * h].
    TensorId inputs_of_gates(TensorId x, const std::vector<double>& bias) {
        const TensorId rows = layer_.reshape_tensor(x, {steps_ * batch_, depth_});
        return dense(rows, weights(1, 0, gates_, depth_), bias_tensor(bias),
                     {steps_ * batch_, gates_ * hidden_});
    }
    TensorId dense(TensorId x, TensorId w, TensorId b, const Shape& shape) {
        std::vector<TensorId> operands{x, w};
        if (b != kNoTensor) operands.push_back(b);
        return layer_.emit("FULLY_CONNECTED", operands, shape, Type::Float32);
    }
    // Columns or rows of a matrix.
    TensorId box(TensorId from, std::int64_t row, std::int64_t column, const Shape& shape) {
        if (layer_.graph().tensor(from).shape == shape) return from;
        return layer_.emit("SLICE",
                           {from, layer_.numbers({row, column}), layer_.numbers({shape[0], shape[1]})}, shape,
                           Type::Float32);
    }
    TensorId op(const char* name, TensorId a) { return layer_.emit(name, {a}, state(), Type::Float32); }
    TensorId op(const char* name, TensorId a, TensorId b) {
        return layer_.emit(name, {a, b}, state(), Type::Float32);
    }
    // What a state begins with: [n, h].
    TensorId begin(std::size_t input) {
        if (!layer_.has(input)) {
            const auto count = static_cast<std::size_t>(batch_) * static_cast<std::size_t>(hidden_);
            layer_.spend(count * 8);
            return layer_.constant_tensor(constant_of(std::vector<double>(count, 0.0), state()));
        }
        Datum all = layer_.in(input);
        if (layer_.integer("layout", 0) != 0 && all.rank() == 3) all = layer_.ordered(all, {1, 0, 2});
        const Shape s = all.shape;
        if (s.size() != 3 || s[1] != batch_ || s[2] != hidden_ || index_ >= s[0])
            layer_.fail(text("found a first state that does not fit"));
        const TensorId rows = layer_.reshape_tensor(layer_.plain(all), {s[0] * batch_, hidden_});
        return box(rows, index_ * batch_, 0, state());
    }
    Shape state() const { return {batch_, hidden_}; }
    Layer& layer() { return layer_; }
    std::int32_t gates() const { return gates_; }
    std::int32_t hidden() const { return hidden_; }
    std::int32_t steps() const { return steps_; }
    std::int32_t batch() const { return batch_; }
    std::int32_t index() const { return index_; }
    bool backwards() const {
        const std::string_view direction = layer_.word("direction", "forward");
        return direction == "reverse" || index_ == 1;
    }
    // The function ONNX names for this direction's gate, or its default.
    TensorId activate(TensorId x, std::size_t which, std::size_t each, std::string_view fallback) {
        const Attribute* names = layer_.setting("activations");
        const std::size_t at = static_cast<std::size_t>(index_) * each + which;
        const std::string_view name = names && at < names->words.size() ? names->words[at] : fallback;
        if (name == "Sigmoid") return op("LOGISTIC", x);
        if (name == "Tanh") return op("TANH", x);
        if (name == "Relu") return op("RELU", x);
        layer_.fail(text("found gates of {}, expected Sigmoid, Tanh or Relu", std::string(name)));
    }

  private:
    Datum part(std::size_t input, std::int32_t first, std::int32_t rows, std::int32_t columns) {
        const Datum& all = layer_.constant(input, text("weights"));
        Datum one;
        one.type = Type::Float32;
        one.constant = true;
        one.shape = {rows, columns};
        const std::size_t width = static_cast<std::size_t>(columns) * sizeof(float);
        const std::size_t begin = (static_cast<std::size_t>(index_) * static_cast<std::size_t>(gates_) *
                                       static_cast<std::size_t>(hidden_) +
                                   static_cast<std::size_t>(first)) *
                                  width;
        const auto at = all.data.begin() + static_cast<std::ptrdiff_t>(begin);
        one.data.assign(at, at + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(rows) * width));
        return one;
    }

    Layer& layer_;
    std::int32_t gates_, index_;
    std::int32_t steps_ = 0, batch_ = 0, depth_ = 0, hidden_ = 0;
};

// The states after a step; `cell` only of an LSTM.
struct States {
    TensorId hidden = kNoTensor, cell = kNoTensor;
};
// One step: what the inputs contribute [n, gates * h], the states before; gives the states after.
using Step = std::function<States(TensorId, States)>;

std::vector<double> sum(std::vector<double> a, const std::vector<double>& b) {
    for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
    return a;
}

// h = f(W x + R h + b)
Step rnn_step(Direction& d, TensorId x, TensorId& gates) {
    gates = d.inputs_of_gates(x, sum(d.bias(0, 0, 1), d.bias(1, 0, 1)));
    const TensorId r = d.weights(2, 0, 1, d.hidden());
    return [&d, r](TensorId in, States before) {
        const TensorId pushed = d.dense(before.hidden, r, kNoTensor, d.state());
        return States{d.activate(d.op("ADD", in, pushed), 0, 1, "Tanh"), kNoTensor};
    };
}

// i, o, f = sigmoid(W x + R h + P c + b); c' = f c + i tanh(...); h' = o tanh(c')
Step lstm_step(Direction& d, TensorId x, TensorId& gates) {
    gates = d.inputs_of_gates(x, sum(d.bias(0, 0, 4), d.bias(1, 0, 4)));
    const TensorId r = d.weights(2, 0, 4, d.hidden());
    std::array<TensorId, 3> peepholes{kNoTensor, kNoTensor, kNoTensor};  // of i, o, f
    if (d.layer().has(7)) {
        const std::vector<double> all = reals(d.layer().constant(7, text("peepholes")));
        for (std::int32_t k = 0; k < 3; ++k) {
            std::vector<double> one;
            for (std::int32_t j = 0; j < d.hidden(); ++j)
                one.push_back(all.at(static_cast<std::size_t>((d.index() * 3 + k) * d.hidden() + j)));
            peepholes[static_cast<std::size_t>(k)] = d.bias_tensor(one);
        }
    }
    return [&d, r, peepholes](TensorId in, States before) {
        const Shape wide{d.batch(), 4 * d.hidden()};
        const TensorId pushed = d.dense(before.hidden, r, kNoTensor, wide);
        const TensorId all = d.layer().emit("ADD", {in, pushed}, wide, Type::Float32);
        const auto gate = [&](std::int32_t k, TensorId cell) {
            TensorId one = d.box(all, 0, k * d.hidden(), d.state());
            const TensorId peephole = k < 3 ? peepholes[static_cast<std::size_t>(k)] : kNoTensor;
            if (peephole != kNoTensor) one = d.op("ADD", one, d.op("MUL", cell, peephole));
            return one;
        };
        const TensorId i = d.activate(gate(0, before.cell), 0, 3, "Sigmoid");
        const TensorId f = d.activate(gate(2, before.cell), 0, 3, "Sigmoid");
        const TensorId candidate = d.activate(gate(3, before.cell), 1, 3, "Tanh");
        const TensorId cell = d.op("ADD", d.op("MUL", f, before.cell), d.op("MUL", i, candidate));
        const TensorId o = d.activate(gate(1, cell), 0, 3, "Sigmoid");
        return States{d.op("MUL", o, d.activate(cell, 2, 3, "Tanh")), cell};
    };
}

// z, r = sigmoid(W x + R h + b); n = tanh(W x + b + r (R h + b)) or tanh(W x + R (r h) + b); h' = n + z (h -
// n)
Step gru_step(Direction& d, TensorId x, TensorId& gates) {
    const bool linear = d.layer().integer("linear_before_reset", 0) != 0;
    std::vector<double> bias = d.bias(0, 0, 3);
    const std::vector<double> pushed = d.bias(1, 0, 3);
    const auto split = static_cast<std::size_t>(2 * d.hidden());
    for (std::size_t i = 0; i < bias.size(); ++i) {
        if (i < split || !linear) bias[i] += pushed[i];
    }
    gates = d.inputs_of_gates(x, bias);
    const TensorId r_zr = d.weights(2, 0, 2, d.hidden()), r_n = d.weights(2, 2, 1, d.hidden());
    const TensorId b_n =
        linear ? d.bias_tensor({pushed.begin() + static_cast<std::ptrdiff_t>(split), pushed.end()})
               : kNoTensor;
    return [&d, r_zr, r_n, b_n, linear](TensorId in, States before) {
        const Shape two{d.batch(), 2 * d.hidden()};
        const TensorId zr = d.layer().emit(
            "ADD", {d.box(in, 0, 0, two), d.dense(before.hidden, r_zr, kNoTensor, two)}, two, Type::Float32);
        const TensorId z = d.activate(d.box(zr, 0, 0, d.state()), 0, 2, "Sigmoid");
        const TensorId r = d.activate(d.box(zr, 0, d.hidden(), d.state()), 0, 2, "Sigmoid");
        const TensorId reset = linear ? d.op("MUL", r, d.dense(before.hidden, r_n, b_n, d.state()))
                                      : d.dense(d.op("MUL", r, before.hidden), r_n, kNoTensor, d.state());
        const TensorId n =
            d.activate(d.op("ADD", d.box(in, 0, 2 * d.hidden(), d.state()), reset), 1, 2, "Tanh");
        return States{d.op("ADD", n, d.op("MUL", z, d.op("SUB", before.hidden, n))), kNoTensor};
    };
}

using MakeStep = Step (*)(Direction&, TensorId, TensorId&);

struct Ran {
    std::vector<TensorId> outputs;  // by step, in the order of the sequence; or
    TensorId sequence = kNoTensor;  // all steps in one, [steps, n, h]
    States end;
};

Ran run_direction(Direction& d, TensorId x, MakeStep make) {
    TensorId gates = kNoTensor;
    const Step step = make(d, x, gates);
    States states{d.begin(5), kNoTensor};
    if (d.gates() == 4) states.cell = d.begin(6);
    Ran ran;
    ran.outputs.resize(static_cast<std::size_t>(d.steps()));
    const Shape rows{d.batch(), d.gates() * d.hidden()};
    for (std::int32_t k = 0; k < d.steps(); ++k) {
        const std::int32_t t = d.backwards() ? d.steps() - 1 - k : k;
        states = step(d.box(gates, t * d.batch(), 0, rows), states);
        ran.outputs[static_cast<std::size_t>(t)] = states.hidden;
    }
    ran.end = states;
    return ran;
}

// Tensors of [n, h] one behind another, as [count, n, h] and so on.
TensorId stacked(Layer& layer, const std::vector<TensorId>& parts, const Shape& shape) {
    const Shape one = layer.graph().tensor(parts[0]).shape;
    TensorId all = parts[0];
    if (parts.size() > 1) {
        const Shape rows{one[0] * static_cast<std::int32_t>(parts.size()), one[1]};
        all = layer.emit("CONCATENATION", parts, rows, Type::Float32, {{"axis", std::int64_t{0}}});
    }
    return layer.reshape_tensor(all, shape);
}

// Does the GRU operator say the same: the usual functions, nothing given to begin with?
bool is_one_gru(Layer& layer, std::int32_t gates) {
    return gates == 3 && Layer::known("GRU") && !layer.has(5) && !layer.setting("activations");
}

// A whole direction as one layer; the sequence is turned around for the one that runs backwards.
Ran run_gru(Direction& d, TensorId x) {
    Layer& layer = d.layer();
    const Shape in = layer.graph().tensor(x).shape, out{d.steps(), d.batch(), d.hidden()};
    const auto turned = [&](TensorId id, const Shape& shape) {
        return d.backwards() ? layer.emit("REVERSE_V2", {id, layer.numbers({0})}, shape, Type::Float32) : id;
    };
    std::vector<double> biases = d.bias(0, 0, 3);
    const std::vector<double> more = d.bias(1, 0, 3);
    biases.insert(biases.end(), more.begin(), more.end());
    TensorId y = layer.emit(
        "GRU",
        {turned(x, in), d.weights(1, 0, 3, in[2]), d.weights(2, 0, 3, d.hidden()), d.bias_tensor(biases)},
        out, Type::Float32,
        {{"time_major", true}, {"linear_before_reset", layer.integer("linear_before_reset", 0) != 0}});
    Ran ran;
    const TensorId rows = layer.reshape_tensor(y, {d.steps() * d.batch(), d.hidden()});
    ran.end.hidden = d.box(rows, std::int64_t{d.steps() - 1} * d.batch(), 0, d.state());
    ran.sequence = turned(y, out);
    return ran;
}

void check(Layer& layer, std::int32_t gates, std::int32_t directions) {
    const Datum& x = layer.in(0);
    const Datum &w = layer.constant(1, text("weights")), &r = layer.constant(2, text("weights"));
    const bool shapes = x.rank() == 3 && w.rank() == 3 && r.rank() == 3 && r.shape[2] >= 1 &&
                        w.shape == Shape{directions, gates * r.shape[2], x.shape[2]} &&
                        r.shape == Shape{directions, gates * r.shape[2], r.shape[2]} &&
                        r.shape[2] < (1 << 20);
    if (!shapes || w.type != Type::Float32 || r.type != Type::Float32)
        layer.fail(text("found weights that do not fit the input"));
    if (layer.has(3) && layer.constant(3, text("bias")).elements() != 2ll * directions * gates * r.shape[2])
        layer.fail(text("found a bias that does not fit the weights"));
    if (layer.has(7) && layer.constant(7, text("peepholes")).elements() != 3ll * directions * r.shape[2])
        layer.fail(text("found peepholes that do not fit the weights"));
    const std::int32_t steps = x.shape[layer.integer("layout", 0) != 0 ? 1 : 0];
    if (steps > kMostSteps && !is_one_gru(layer, gates)) {
        layer.fail(text("found {} steps, expected at most {}", steps, kMostSteps),
                   text("shorten the sequence, or export the model as .tflite"));
    }
    if (layer.has(4)) {  // lengths: only those of whole sequences
        for (const std::int64_t length : layer.list_of(4, text("sequence lengths"))) {
            if (length != steps)
                layer.fail(text("found a sequence of {} in {} steps, expected whole ones", length, steps));
        }
    }
    if (layer.setting("clip") || layer.integer("input_forget", 0) != 0)
        layer.fail(text("found clip or input_forget, expected neither"));
}

void read_recurrent(Layer& layer, std::int32_t gates, MakeStep make) {
    const std::int32_t directions = layer.word("direction", "forward") == "bidirectional" ? 2 : 1;
    check(layer, gates, directions);
    // Steps first, as the rest of this file has it; with layout 1 the file has the batch first.
    const bool batch_first = layer.integer("layout", 0) != 0;
    Datum sequence = batch_first ? layer.ordered(layer.in(0), {1, 0, 2}) : layer.in(0);
    const TensorId x = layer.plain(sequence);
    const Shape in = sequence.shape;
    const std::int32_t hidden = layer.in(2).shape[2];
    std::vector<Ran> ran;
    const bool fused = is_one_gru(layer, gates);
    for (std::int32_t k = 0; k < directions; ++k) {
        Direction direction(layer, gates, k);
        ran.push_back(fused ? run_gru(direction, x) : run_direction(direction, x, make));
    }
    const auto give = [&](std::size_t output, const std::vector<TensorId>& parts, const Shape& shape,
                          const std::vector<int>& order) {
        Datum all = layer.datum(stacked(layer, parts, shape), Form::Plain);
        layer.give(output, batch_first ? layer.ordered(all, order) : all);
    };
    if (layer.wanted(0) && fused) {
        const Shape one{in[0], 1, in[1], hidden}, all{in[0], directions, in[1], hidden};
        std::vector<TensorId> parts;
        for (const Ran& direction : ran) parts.push_back(layer.reshape_tensor(direction.sequence, one));
        const TensorId y = directions == 1 ? parts[0]
                                           : layer.emit("CONCATENATION", parts, all, Type::Float32,
                                                        {{"axis", std::int64_t{1}}});
        Datum answer = layer.datum(y, Form::Plain);
        layer.give(0, batch_first ? layer.ordered(answer, {2, 0, 1, 3}) : answer);
    } else if (layer.wanted(0)) {
        std::vector<TensorId> parts;
        for (std::size_t t = 0; t < static_cast<std::size_t>(in[0]); ++t) {
            for (const Ran& one : ran) parts.push_back(one.outputs[t]);
        }
        give(0, parts, {in[0], directions, in[1], hidden}, {2, 0, 1, 3});
    }
    for (const std::size_t output : {std::size_t{1}, std::size_t{2}}) {
        if (!layer.wanted(output)) continue;
        std::vector<TensorId> parts;
        for (const Ran& one : ran) parts.push_back(output == 1 ? one.end.hidden : one.end.cell);
        if (parts[0] == kNoTensor) layer.fail(text("found a third output, expected two"));
        give(output, parts, {directions, in[1], hidden}, {1, 0, 2});
    }
}

}  // namespace

std::span<const Rule> recurrent_rules() {
    static constexpr std::array rules{
        Rule{"LSTM", [](Layer& l) { read_recurrent(l, 4, lstm_step); }},
        Rule{"GRU", [](Layer& l) { read_recurrent(l, 3, gru_step); }},
        Rule{"RNN", [](Layer& l) { read_recurrent(l, 1, rnn_step); }},
    };
    return rules;
}

}  // namespace jatai::onnx
