#include "device/kernels/signal_filter_bank.h"

#include <cmath>

#include "src/graph/ops/ops.h"
#include "src/graph/ops/signal.h"

namespace jatai {
namespace {

constexpr const char* kBankHeader = "device/kernels/signal_filter_bank.h";

std::int16_t entry(const Graph& graph, TensorId id, std::size_t i) {
    std::int16_t value = 0;
    std::memcpy(&value, graph.tensor(id).data.data() + i * sizeof value, sizeof value);
    return value;
}

// Inputs: energies, weights, their complements, then per row first bin, first weight and width.
void verify_bank(const Graph& graph, const Node& node) {
    need_operands(graph, node, 6, 6);
    need_type(graph, node, node.inputs[0], Type::UInt32);
    need_type(graph, node, node.inputs[1], Type::Int16);
    const std::int64_t bins = graph.tensor(node.inputs[0]).elements();
    const std::int64_t weights = graph.tensor(node.inputs[1]).elements();
    need_elements(graph, node, node.inputs[2], Type::Int16, weights);
    const std::uint32_t channels = setting(graph, node, "num_channels", kMaxFilterBankRows - 1);
    need_elements(graph, node, node.outputs[0], Type::UInt64, channels);
    for (std::size_t i = 3; i < 6; ++i) {
        need_elements(graph, node, node.inputs[i], Type::Int16, channels + 1);
        if (!graph.tensor(node.inputs[i]).constant())
            reject(graph, node, text("found slopes computed by another layer, expected constants"));
    }
    for (std::size_t r = 0; r <= channels; ++r) {
        const int bin = entry(graph, node.inputs[3], r);
        const int weight = entry(graph, node.inputs[4], r);
        const int width = entry(graph, node.inputs[5], r);
        if (bin < 0 || weight < 0 || width < 0 || bin + width > bins || weight + width > weights) {
            reject(graph, node,
                   text("found slope {} of {} bins from {} and weights from {}, expected it within {} bins "
                        "and {} weights",
                        r, width, bin, weight, bins, weights));
        }
    }
}

Lowered lower_bank(const Graph& graph, const Node& node, Family) {
    const std::uint32_t channels = elements_of(graph, node.outputs[0]);
    const FilterBankParams params{channels + 1, elements_of(graph, node.inputs[0]),
                                  elements_of(graph, node.inputs[1])};
    std::vector<FilterBankRow> rows;
    for (std::size_t r = 0; r <= channels; ++r) {
        const auto number = [&](std::size_t input) {
            return static_cast<std::uint16_t>(entry(graph, node.inputs[input], r));
        };
        rows.push_back({number(3), number(4), number(5), 0});
    }
    Bytes bytes = params_bytes(params);
    const Bytes table = table_bytes(rows);
    bytes.insert(bytes.end(), table.begin(), table.end());
    return {kSignalFilterBank.key,
            std::move(bytes),
            {Operand::of(node.inputs[0]), Operand::of(node.inputs[1]), Operand::of(node.inputs[2]),
             Operand::of(node.outputs[0])}};
}

void verify_root(const Graph& graph, const Node& node) {
    need_operands(graph, node, 2, 2);
    need_type(graph, node, node.inputs[0], Type::UInt64);
    need_elements(graph, node, node.inputs[1], Type::Int32, 1);
    need_elements(graph, node, node.outputs[0], Type::UInt32, graph.tensor(node.inputs[0]).elements());
}

Lowered lower_root(const Graph& graph, const Node& node, Family) {
    const FilterBankRootParams params{elements_of(graph, node.inputs[0])};
    return {kSignalFilterBankSquareRoot.key,
            params_bytes(params),
            {Operand::of(node.inputs[0]), Operand::of(node.inputs[1]), Operand::of(node.outputs[0])}};
}

// The file has one input: the operator keeps the noise it heard where nobody sees it. Here it is a state.
void add_noise(Graph& graph, Node& node) {
    const bool read = node.inputs.size() == 1 && node.inputs[0] >= 0 &&
                      static_cast<std::size_t>(node.inputs[0]) < graph.tensors.size();
    if (!read) return;  // written by us, with its state; or damaged, and verify() tells
    Tensor noise;
    noise.name = node.name + "_noise";
    noise.type = Type::UInt32;
    noise.shape = graph.tensor(node.inputs[0]).shape;
    noise.state = true;
    node.inputs.push_back(graph.add(std::move(noise)));
}

void verify_subtraction(const Graph& graph, const Node& node) {
    need_operands(graph, node, 2, 2, 2);
    const std::uint32_t channels = setting(graph, node, "num_channels");
    need_elements(graph, node, node.inputs[0], Type::UInt32, channels);
    need_elements(graph, node, node.inputs[1], Type::UInt32, channels);
    need_elements(graph, node, node.outputs[0], Type::UInt32, channels);
    need_elements(graph, node, node.outputs[1], Type::UInt32, channels);
    if (!graph.tensor(node.inputs[1]).state)
        reject(graph, node, text("found a noise estimate that is not kept between runs"));
    for (const TensorId id : node.outputs) {
        if (graph.tensor(id).state) reject(graph, node, text("found an output that is kept between runs"));
    }
    setting(graph, node, "smoothing_bits", 31);
    setting(graph, node, "spectral_subtraction_bits", 63);
}

// As stored: 32 bits, taken without a sign.
std::uint32_t bits_of(const Node& node, const char* name) {
    return static_cast<std::uint32_t>(node.attributes.integer(name));
}

Lowered lower_subtraction(const Graph& graph, const Node& node, Family) {
    SpectralSubtractionParams params{};
    params.channels = elements_of(graph, node.inputs[0]);
    params.smoothing[0] = bits_of(node, "smoothing");
    params.smoothing[1] = bits_of(node, "alternate_smoothing");
    params.one_minus_smoothing[0] = bits_of(node, "one_minus_smoothing");
    params.one_minus_smoothing[1] = bits_of(node, "alternate_one_minus_smoothing");
    params.min_signal_remaining = bits_of(node, "min_signal_remaining");
    params.smoothing_bits = static_cast<std::uint8_t>(bits_of(node, "smoothing_bits"));
    params.subtraction_bits = static_cast<std::uint8_t>(bits_of(node, "spectral_subtraction_bits"));
    params.clamping = node.attributes.flag("clamping");
    return {kSignalFilterBankSpectralSubtraction.key,
            params_bytes(params),
            {Operand::of(node.inputs[0]), Operand::of(node.inputs[1]), Operand::of(node.outputs[0]),
             Operand::of(node.outputs[1])}};
}

void verify_pcan(const Graph& graph, const Node& node) {
    need_operands(graph, node, 3, 3);
    need_type(graph, node, node.inputs[0], Type::UInt32);
    const std::int64_t channels = graph.tensor(node.inputs[0]).elements();
    need_elements(graph, node, node.inputs[1], Type::UInt32, channels);
    need_elements(graph, node, node.inputs[2], Type::Int16, kPcanLutEntries);
    need_elements(graph, node, node.outputs[0], Type::UInt32, channels);
    setting(graph, node, "snr_shift", 63);
}

Lowered lower_pcan(const Graph& graph, const Node& node, Family) {
    const PcanParams params{elements_of(graph, node.inputs[0]), setting(graph, node, "snr_shift")};
    return {kSignalPcan.key,
            params_bytes(params),
            {Operand::of(node.inputs[0]), Operand::of(node.inputs[1]), Operand::of(node.inputs[2]),
             Operand::of(node.outputs[0])}};
}

void verify_log(const Graph& graph, const Node& node) {
    need_operands(graph, node, 1, 1);
    need_type(graph, node, node.inputs[0], Type::UInt32);
    need_elements(graph, node, node.outputs[0], Type::Int16, graph.tensor(node.inputs[0]).elements());
    setting(graph, node, "input_correction_bits", 31);
}

// 65536 * (log2(1 + x) - x) at x = i / 128.
std::vector<std::uint16_t> make_bends() {
    std::vector<std::uint16_t> bends;
    for (std::uint32_t i = 0; i <= kLogSegments; ++i) {
        const double x = static_cast<double>(i) / kLogSegments;
        bends.push_back(static_cast<std::uint16_t>(std::lround(65536 * (std::log2(1 + x) - x))));
    }
    return bends;
}

Lowered lower_log(const Graph& graph, const Node& node, Family) {
    const FilterBankLogParams params{elements_of(graph, node.inputs[0]), bits_of(node, "output_scale"),
                                     setting(graph, node, "input_correction_bits")};
    return {
        kSignalFilterBankLog.key,
        params_bytes(params),
        {Operand::of(node.inputs[0]), Operand::of(table_bytes(make_bends())), Operand::of(node.outputs[0])}};
}

OptionField number(const char* name, std::uint16_t field) { return {name, field, FieldType::Int32, 0}; }

}  // namespace

const OpDef& signal_filter_bank_def() {
    static const OpDef def = [] {
        OpDef made = custom_op(Op::SignalFilterBank, "SignalFilterBank", {number("num_channels", 0)},
                               {&kSignalFilterBank, "kSignalFilterBank", kBankHeader});
        made.verify = verify_bank;
        made.lower = lower_bank;
        return made;
    }();
    return def;
}

const OpDef& signal_filter_bank_square_root_def() {
    static const OpDef def = [] {
        OpDef made = custom_op(Op::SignalFilterBankSquareRoot, "SignalFilterBankSquareRoot", {},
                               {&kSignalFilterBankSquareRoot, "kSignalFilterBankSquareRoot", kBankHeader});
        made.verify = verify_root;
        made.lower = lower_root;
        return made;
    }();
    return def;
}

const OpDef& signal_filter_bank_spectral_subtraction_def() {
    static const OpDef def = [] {
        OpDef made = custom_op(
            Op::SignalFilterBankSpectralSubtraction, "SignalFilterBankSpectralSubtraction",
            {number("alternate_one_minus_smoothing", 0),
             number("alternate_smoothing", 1),
             {"clamping", 2, FieldType::Bool, 0},
             number("min_signal_remaining", 3),
             number("num_channels", 4),
             number("one_minus_smoothing", 5),
             number("smoothing", 6),
             number("smoothing_bits", 7),
             number("spectral_subtraction_bits", 8)},
            {&kSignalFilterBankSpectralSubtraction, "kSignalFilterBankSpectralSubtraction", kBankHeader});
        made.verify = verify_subtraction;
        made.lower = lower_subtraction;
        made.complete = add_noise;
        return made;
    }();
    return def;
}

const OpDef& signal_pcan_def() {
    static const OpDef def = [] {
        OpDef made = custom_op(Op::SignalPcan, "SignalPCAN", {number("snr_shift", 0)},
                               {&kSignalPcan, "kSignalPcan", kBankHeader});
        made.verify = verify_pcan;
        made.lower = lower_pcan;
        return made;
    }();
    return def;
}

const OpDef& signal_filter_bank_log_def() {
    static const OpDef def = [] {
        OpDef made = custom_op(Op::SignalFilterBankLog, "SignalFilterBankLog",
                               {number("input_correction_bits", 0), number("output_scale", 1)},
                               {&kSignalFilterBankLog, "kSignalFilterBankLog", kBankHeader});
        made.verify = verify_log;
        made.lower = lower_log;
        return made;
    }();
    return def;
}

}  // namespace jatai
