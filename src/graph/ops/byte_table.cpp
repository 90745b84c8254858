#include "src/graph/ops/byte_table.h"

#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "device/kernels/fixed_point.h"
#include "src/graph/ops/common.h"

namespace jatai {
namespace {

// The stored answer to a stored number; it may leave the range of the type.
using Answer = std::function<std::int64_t(std::int32_t stored)>;

struct Scales {
    Type type;
    const Quantisation& in;
    const Quantisation& out;
};

// A real function, rounded to the nearest step: TFLite's PopulateLookupTable, in single precision.
Answer rounded(const Scales& s, float (*function)(float)) {
    const float inverse = 1 / s.out.scale();
    return [=](std::int32_t x) -> std::int64_t {
        const float value = s.in.scale() * static_cast<float>(x - s.in.zero_point());
        const float steps = std::round(function(value) * inverse);
        return static_cast<std::int64_t>(std::clamp(steps, -1e6f, 1e6f)) + s.out.zero_point();
    };
}

// x brought to Q4.27, and from where on the answer is that of infinity.
struct Q4 {
    Multiplier multiplier;
    std::int32_t radius;
};

Q4 to_q4(float scale) {
    const double factor = static_cast<double>(scale) * (1 << 27);
    int shift = 0;
    std::frexp(factor, &shift);
    const double radius = std::floor(std::ldexp(15.0 * (1 << 27), -shift));
    return {quantize_multiplier(factor), static_cast<std::int32_t>(std::min(radius, 1e9))};
}

// gemmlowp's logistic and tanh of a number in Q4.27, in Q0.31.
std::int32_t fixed_logistic(std::int32_t x) {
    if (x == 0) return 1 << 30;
    const std::int32_t above = reciprocal_of_one_plus(exp_of<4>(x > 0 ? -x : x));
    return x > 0 ? above : std::numeric_limits<std::int32_t>::max() - above;
}

std::int32_t fixed_tanh(std::int32_t x) {
    if (x == 0) return 0;
    const std::int32_t above = one_minus_over_one_plus(exp_of<5>(x > 0 ? -x : x));  // exp(-2|x|)
    return x > 0 ? above : -above;
}

Answer fixed(const Scales& s, std::int32_t (*function)(std::int32_t), std::uint32_t fraction_bits,
             std::int32_t zero) {
    const Q4 q = to_q4(s.in.scale());
    return [=](std::int32_t stored) -> std::int64_t {
        const std::int32_t x = stored - s.in.zero_point();
        if (x <= -q.radius) return -128;
        if (x >= q.radius) return 127;
        const std::int32_t y = function(rescale(x, q.multiplier.multiplier, q.multiplier.shift));
        return divide_by_power(y, 31 - fraction_bits) + zero;
    };
}

Answer bounded(const Scales& s, RealBounds bounds) {
    const Multiplier m =
        quantize_multiplier(static_cast<double>(s.in.scale()) / static_cast<double>(s.out.scale()));
    const std::int64_t low = std::isinf(bounds.low) ? -1000 : stored_value(bounds.low, s.out);
    const std::int64_t high = std::isinf(bounds.high) ? 1000 : stored_value(bounds.high, s.out);
    return [=](std::int32_t x) {
        const std::int64_t y =
            std::int64_t{rescale(x - s.in.zero_point(), m.multiplier, m.shift)} + s.out.zero_point();
        return std::min(std::max(y, low), high);
    };
}

Answer leaky(const Scales& s, float alpha) {
    const Multiplier above = quantize_multiplier(s.in.scale() / s.out.scale());
    const Multiplier below = signed_multiplier(s.in.scale() * alpha / s.out.scale());
    return [=](std::int32_t stored) {
        const std::int32_t x = stored - s.in.zero_point();
        const Multiplier& m = x >= 0 ? above : below;
        return std::int64_t{rescale(x, m.multiplier, m.shift)} + s.out.zero_point();
    };
}

Answer magnitudes(const Scales& s) {
    const Multiplier m =
        quantize_multiplier(static_cast<double>(s.in.scale()) / static_cast<double>(s.out.scale()));
    return [=](std::int32_t stored) {
        return std::int64_t{rescale(std::abs(stored - s.in.zero_point()), m.multiplier, m.shift)} +
               s.out.zero_point();
    };
}

// Numbers at and below zero have no inverse root; they answer the largest there is.
Answer inverse_roots(const Scales& s) {
    constexpr std::int32_t kSpare = 20;
    const Multiplier m = inverse_root_multiplier(s.in, s.out);
    return [=](std::int32_t stored) -> std::int64_t {
        const std::int32_t x = stored - s.in.zero_point();
        if (x <= 0) return 1000;
        const Factor root = inverse_square_root(x);
        const std::int32_t y = rescale(1, root.multiplier, root.shift + kSpare);
        return std::int64_t{rescale(y, m.multiplier, m.shift - kSpare)} + s.out.zero_point();
    };
}

std::int32_t held16(std::int64_t x) {
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(x, -32768, 32767));
}

// round(a * b / 2^15), held within 16 bits.
std::int32_t multiply_high16(std::int32_t a, std::int32_t b) {
    if (a == -32768 && b == -32768) return 32767;
    const std::int32_t product = a * b;
    return (product + (product >= 0 ? 1 << 14 : 1 - (1 << 14))) / (1 << 15);
}

// The upper half of a multiplier.
std::int32_t upper_half(const Multiplier& m) {
    if (m.multiplier >= std::numeric_limits<std::int32_t>::max() - (1 << 15)) return 32767;
    return (m.multiplier + (1 << 15)) >> 16;
}

// x * min(6, max(0, x + 3)) / 6 on 16 bits: x + 3 as a number in [-1, 1) of units of 3, then halved and
// raised.
Answer hard_swish(const Scales& s) {
    const float fine = (1.0f / 128.0f) * s.in.scale();
    const Multiplier to_out = quantize_multiplier(fine / s.out.scale());
    const Multiplier to_three = quantize_multiplier(fine / (3.0f / 32768.0f));
    return [=](std::int32_t stored) -> std::int64_t {
        const std::int32_t x = held16(std::int64_t{stored - s.in.zero_point()} * 128);
        const std::int32_t scaled = multiply_high16(x, upper_half(to_out));
        std::int32_t gate = x;
        if (to_three.shift > 0) gate = held16(std::int64_t{gate} << (to_three.shift - 1));
        gate = multiply_high16(gate, upper_half(to_three));
        if (to_three.shift > 0) gate = held16(std::int64_t{gate} * 2);
        if (to_three.shift < 0) gate = divide_by_power(gate, static_cast<std::uint32_t>(-to_three.shift));
        gate = (gate + (1 << 15)) >> 1;
        const std::int32_t y = gate * scaled / (1 << 15);
        return std::int64_t{divide_by_power(y, static_cast<std::uint32_t>(-to_out.shift))} +
               s.out.zero_point();
    };
}

float logistic(float x) { return 1.0f / (1.0f + std::exp(-x)); }
float gelu(float x) { return 0.5f * x * (1.0f + std::erf(x * 0.707106781f)); }
float gelu_tanh(float x) { return 0.5f * x * (1.0f + std::tanh(0.797884561f * (x + 0.044715f * x * x * x))); }
float elu(float x) { return x < 0.0f ? std::exp(x) - 1.0f : x; }

Answer answer_of(const Graph& graph, const Node& node) {
    const Tensor& in = graph.tensor(node.inputs[0]);
    const Scales s{in.type, in.quantisation, graph.tensor(node.outputs[0]).quantisation};
    switch (node.op) {
        case Op::Logistic:
            return in.type == Type::Int8 ? fixed(s, fixed_logistic, 8, -128) : rounded(s, logistic);
        case Op::Tanh:
            return in.type == Type::Int8 ? fixed(s, fixed_tanh, 7, 0) : rounded(s, std::tanh);
        case Op::LeakyRelu:
            return leaky(s, static_cast<float>(node.attributes.real("alpha")));
        case Op::HardSwish:
            return hard_swish(s);
        case Op::Elu:
            return rounded(s, elu);
        case Op::Gelu:
            return rounded(s, node.attributes.flag("approximate") ? gelu_tanh : gelu);
        case Op::Exp:
            return rounded(s, std::exp);
        case Op::Abs:
            return magnitudes(s);
        case Op::Rsqrt:
            return inverse_roots(s);
        default:
            return bounded(s, relu_bounds(node.op));
    }
}

}  // namespace

Multiplier inverse_root_multiplier(const Quantisation& in, const Quantisation& out) {
    return quantize_multiplier(
        1.0 / (std::sqrt(static_cast<double>(in.scale())) * static_cast<double>(out.scale())));
}

Bytes byte_table(const Graph& graph, const Node& node) {
    const Answer answer = answer_of(graph, node);
    const Type type = graph.tensor(node.inputs[0]).type;
    const Limits limits = limits_of(type);
    Bytes table;
    for (std::int32_t b = 0; b < 256; ++b) {
        const std::int32_t stored = type == Type::Int8 && b > 127 ? b - 256 : b;
        const std::int64_t y = std::clamp<std::int64_t>(answer(stored), limits.low, limits.high);
        table.push_back(static_cast<std::uint8_t>(y));
    }
    return table;
}

RealBounds relu_bounds(Op op) {
    constexpr float kNone = std::numeric_limits<float>::infinity();
    if (op == Op::Relu6) return {0.0f, 6.0f};
    if (op == Op::ReluN1To1) return {-1.0f, 1.0f};
    if (op == Op::Relu0To1) return {0.0f, 1.0f};
    return {0.0f, kNone};
}

}  // namespace jatai
