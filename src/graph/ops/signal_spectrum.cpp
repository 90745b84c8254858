#include "device/kernels/signal_spectrum.h"

#include <bit>
#include <cmath>
#include <numbers>

#include "device/kernels/signal_window.h"
#include "src/graph/ops/ops.h"
#include "src/graph/ops/signal.h"

namespace jatai {
namespace {

constexpr const char* kSpectrumHeader = "device/kernels/signal_spectrum.h";

void verify_window(const Graph& graph, const Node& node) {
    need_operands(graph, node, 2, 2);
    need_type(graph, node, node.inputs[0], Type::Int16);
    const Tensor& in = graph.tensor(node.inputs[0]);
    need_elements(graph, node, node.outputs[0], Type::Int16, in.elements());
    const std::int64_t size = in.shape.empty() ? 1 : in.shape.back();
    need_elements(graph, node, node.inputs[1], Type::Int16, size);
    setting(graph, node, "shift", 31);
}

Lowered lower_window(const Graph& graph, const Node& node, Family) {
    const std::uint32_t size = elements_of(graph, node.inputs[1]);
    const SignalWindowParams params{elements_of(graph, node.inputs[0]) / size, size,
                                    setting(graph, node, "shift")};
    return {kSignalWindow.key,
            params_bytes(params),
            {Operand::of(node.inputs[0]), Operand::of(node.inputs[1]), Operand::of(node.outputs[0])}};
}

void verify_auto_scale(const Graph& graph, const Node& node) {
    need_operands(graph, node, 1, 1, 2);
    need_type(graph, node, node.inputs[0], Type::Int16);
    need_elements(graph, node, node.outputs[0], Type::Int16, graph.tensor(node.inputs[0]).elements());
    need_elements(graph, node, node.outputs[1], Type::Int32, 1);
}

Lowered lower_auto_scale(const Graph& graph, const Node& node, Family) {
    const SignalAutoScaleParams params{elements_of(graph, node.inputs[0])};
    return {kSignalFftAutoScale.key,
            params_bytes(params),
            {Operand::of(node.inputs[0]), Operand::of(node.outputs[0]), Operand::of(node.outputs[1])}};
}

SignalRfftParams rfft_params(const Graph& graph, const Node& node) {
    const Tensor& in = graph.tensor(node.inputs[0]);
    const auto length = static_cast<std::uint32_t>(in.shape.empty() ? 1 : in.shape.back());
    const auto n = static_cast<std::uint32_t>(node.attributes.integer("fft_length"));
    return {static_cast<std::uint32_t>(in.elements() / length), length,
            static_cast<std::uint32_t>(std::bit_width(n)) - 1};
}

void verify_rfft(const Graph& graph, const Node& node) {
    need_operands(graph, node, 1, 1);
    need_type(graph, node, node.inputs[0], Type::Int16);
    const std::int64_t n = node.attributes.integer("fft_length");
    if (n < 1 << kMinRfftBits || n > 1 << kMaxRfftBits || (n & (n - 1)) != 0) {
        reject(graph, node,
               text("found fft_length {}, expected a power of two from {} to {}", n, 1 << kMinRfftBits,
                    1 << kMaxRfftBits));
    }
    const SignalRfftParams params = rfft_params(graph, node);
    if (params.in_length > n || params.rows > 0xFFFFFF) {
        reject(graph, node,
               text("found {}, expected rows of at most {} samples", shape_text(graph.tensor(node.inputs[0])),
                    n));
    }
    need_elements(graph, node, node.outputs[0], Type::Int16, std::int64_t{params.rows} * (n + 2));
}

// exp(-j phase) in Q0.15, rounded as kissfft does: halves up.
Complex16 turn(double phase) {
    const auto q15 = [](double x) { return static_cast<std::int16_t>(std::floor(0.5 + 32767 * x)); };
    return {q15(std::cos(phase)), q15(-std::sin(phase))};
}

std::vector<Complex16> make_turns(std::uint32_t bits) {
    const std::uint32_t half = 1u << (bits - 1);
    std::vector<Complex16> turns;
    for (std::uint32_t i = 0; i < half; ++i) turns.push_back(turn(2 * std::numbers::pi * i / half));
    for (std::uint32_t i = 1; i <= half / 2; ++i)
        turns.push_back(turn(std::numbers::pi * (static_cast<double>(i) / half + 0.5)));
    return turns;
}

Lowered lower_rfft(const Graph& graph, const Node& node, Family) {
    const SignalRfftParams params = rfft_params(graph, node);
    return {kSignalRfft.key,
            params_bytes(params),
            {Operand::of(node.inputs[0]), Operand::of(table_bytes(make_turns(params.bits))),
             Operand::of(node.outputs[0]), scratch_operand(std::uint64_t{2} << params.bits)}};
}

void verify_energy(const Graph& graph, const Node& node) {
    need_operands(graph, node, 1, 1);
    need_type(graph, node, node.outputs[0], Type::UInt32);
    const std::int64_t bins = graph.tensor(node.outputs[0]).elements();
    need_elements(graph, node, node.inputs[0], Type::Int16, 2 * bins);
    const std::uint32_t start = setting(graph, node, "start_index");
    const std::uint32_t end = setting(graph, node, "end_index");
    if (start > end || end > bins)
        reject(graph, node, text("found bins {} to {}, expected them within {}", start, end, bins));
}

Lowered lower_energy(const Graph& graph, const Node& node, Family) {
    const SignalEnergyParams params{elements_of(graph, node.outputs[0]), setting(graph, node, "start_index"),
                                    setting(graph, node, "end_index")};
    return {
        kSignalEnergy.key, params_bytes(params), {Operand::of(node.inputs[0]), Operand::of(node.outputs[0])}};
}

}  // namespace

const OpDef& signal_window_def() {
    static const OpDef def = [] {
        OpDef made = custom_op(Op::SignalWindow, "SignalWindow", {{"shift", 0, FieldType::Int32, 0}},
                               {&kSignalWindow, "kSignalWindow", "device/kernels/signal_window.h"});
        made.verify = verify_window;
        made.lower = lower_window;
        return made;
    }();
    return def;
}

const OpDef& signal_fft_auto_scale_def() {
    static const OpDef def = [] {
        OpDef made = custom_op(Op::SignalFftAutoScale, "SignalFftAutoScale", {},
                               {&kSignalFftAutoScale, "kSignalFftAutoScale", kSpectrumHeader});
        made.verify = verify_auto_scale;
        made.lower = lower_auto_scale;
        return made;
    }();
    return def;
}

const OpDef& signal_rfft_def() {
    static const OpDef def = [] {
        OpDef made = custom_op(Op::SignalRfft, "SignalRfft",
                               {{"T", 0, FieldType::Int32, 7}, {"fft_length", 1, FieldType::Int32, 0}},
                               {&kSignalRfft, "kSignalRfft", kSpectrumHeader});
        made.verify = verify_rfft;
        made.lower = lower_rfft;
        return made;
    }();
    return def;
}

const OpDef& signal_energy_def() {
    static const OpDef def = [] {
        OpDef made =
            custom_op(Op::SignalEnergy, "SignalEnergy",
                      {{"end_index", 0, FieldType::Int32, 0}, {"start_index", 1, FieldType::Int32, 0}},
                      {&kSignalEnergy, "kSignalEnergy", kSpectrumHeader});
        made.verify = verify_energy;
        made.lower = lower_energy;
        return made;
    }();
    return def;
}

}  // namespace jatai
