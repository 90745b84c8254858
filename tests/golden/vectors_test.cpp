// The vectors of CMSIS-NN and of TFLM's SEANet tests, through our kernels; what cannot run is listed with the
// reason.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "device/kernels/average_pool2d.h"
#include "device/kernels/batch_matmul.h"
#include "device/kernels/conv2d.h"
#include "device/kernels/depthwise_conv2d.h"
#include "device/kernels/fully_connected.h"
#include "device/kernels/lstm.h"
#include "device/kernels/max_pool2d.h"
#include "device/kernels/multiply_int16.h"
#include "device/kernels/multiply_int8.h"
#include "device/kernels/plain_test.h"
#include "device/kernels/softmax.h"
#include "device/kernels/svdf.h"
#include "src/base/error.h"
#include "src/data/archive.h"
#include "src/graph/interpret.h"
#include "src/graph/ops/sigmoid_table.h"
#include "src/graph/tflite.h"

namespace jatai {
namespace {

using Json = nlohmann::json;

struct Tally {
    int right = 0, wrong = 0;
    std::map<std::string, std::vector<std::string>> left_out;  // by reason

    void print(const char* what) const {
        std::size_t left = 0;
        for (const auto& [reason, cases] : left_out) {
            left += cases.size();
            std::printf("%s: %zu not run: %s:", what, cases.size(), reason.c_str());
            for (const std::string& name : cases) std::printf(" %s", name.c_str());
            std::printf("\n");
        }
        std::printf("%s: %d right, %d wrong, %zu not run\n", what, right, wrong, left);
    }
};

// One case of CMSIS-NN: numbers and arrays by their names without the name of the case. Some cases were made
// twice, by an older and a newer generator, and hold both: `older` says whose arrays are taken.
class Case {
  public:
    explicit Case(const Json& json, bool older = false) : name(json.at("case")), older_(older) {
        std::string upper = name;
        for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        for (const auto& [key, value] : json.at("defines").items())
            if (key.starts_with(upper + "_"))
                defines_[key.substr(upper.size() + 1)] = value.get<std::string>();
        for (const auto& [key, value] : json.at("arrays").items())
            if (key.starts_with(name + "_")) arrays_[key.substr(name.size() + 1)] = value;
    }
    int number(const std::string& key, int otherwise = 0) const {
        const auto found = defines_.find(key);
        return found == defines_.end() ? otherwise : std::atoi(found->second.c_str());
    }
    bool has(const std::string& key) const { return arrays_.contains(key); }
    // The first of these names there is.
    template <typename T>
    std::vector<T> array(std::initializer_list<const char*> names) const {
        const Json* found = find(names);
        return found == nullptr ? std::vector<T>{} : found->at("data").get<std::vector<T>>();
    }
    std::string type(std::initializer_list<const char*> names) const {
        const Json* found = find(names);
        return found == nullptr ? std::string{} : found->at("type").get<std::string>();
    }
    std::string name;

  private:
    // The newer generator's name stands first.
    const Json* find(std::initializer_list<const char*> names) const {
        std::vector<const char*> order(names);
        if (older_) std::reverse(order.begin(), order.end());
        for (const char* key : order) {
            const auto found = arrays_.find(key);
            if (found != arrays_.end()) return &found->second;
        }
        return nullptr;
    }

    bool older_;
    std::map<std::string, std::string> defines_;
    std::map<std::string, Json> arrays_;
};

// Right, wrong, or why it was not run.
struct Verdict {
    bool right = false;
    std::string reason;
};

template <typename T>
Verdict same(const T* ours, const std::vector<T>& expected) {
    return {!expected.empty() && std::equal(expected.begin(), expected.end(), ours), {}};
}

Verdict not_run(std::string reason) { return {false, std::move(reason)}; }

// Runs a kernel, whose output is the last operand added, and compares.
template <typename T, typename Params>
Verdict run_and_compare(const Kernel& kernel, const Params& params, Operands& operands, const T* out,
                        const std::vector<T>& expected) {
    if (!operands.try_run(kernel, &params, sizeof params))
        return not_run("the kernel refused the parameters");
    return same(out, expected);
}

std::int8_t byte(int x) { return static_cast<std::int8_t>(x); }

Window window_of(const Case& c, bool depthwise) {
    const auto n = [&](const char* key, int otherwise) {
        return static_cast<std::uint16_t>(c.number(key, otherwise));
    };
    Window w{};
    w.batches = n("INPUT_BATCHES", c.number("BATCH_SIZE", 1));
    w.in_h = n("INPUT_H", 1), w.in_w = n("INPUT_W", 1), w.in_c = n("IN_CH", 1);
    w.out_h = n("OUTPUT_H", 1), w.out_w = n("OUTPUT_W", 1), w.out_c = n("OUT_CH", 1);
    w.kernel_h = n("FILTER_Y", 1), w.kernel_w = n("FILTER_X", 1);
    w.stride_h = n("STRIDE_Y", 1), w.stride_w = n("STRIDE_X", 1);
    w.dilation_h = n("DILATION_Y", 1), w.dilation_w = n("DILATION_X", 1);
    w.pad_top = n("PAD_Y", 0), w.pad_left = n("PAD_X", 0);
    w.groups = depthwise ? 1 : static_cast<std::uint16_t>(w.in_c / c.number("FILTER_CH", w.in_c));
    return w;
}

Range range_of(const Case& c) {
    return {byte(c.number("OUTPUT_OFFSET")), byte(c.number("OUT_ACTIVATION_MIN", -128)),
            byte(c.number("OUT_ACTIVATION_MAX", 127))};
}

struct Factors {
    std::vector<std::int32_t> multipliers, shifts;
};
Factors factors_of(const Case& c, std::size_t channels) {
    Factors f{c.array<std::int32_t>({"output_multiplier", "output_mult"}),
              c.array<std::int32_t>({"output_shift"})};
    if (c.number("OUTPUT_MULTIPLIER") != 0) {
        f.multipliers.assign(channels, c.number("OUTPUT_MULTIPLIER"));
        f.shifts.assign(channels, c.number("OUTPUT_SHIFT"));
    }
    return f;
}

std::vector<Channel> channels_of(const Case& c, std::size_t count) {
    const Factors f = factors_of(c, count);
    auto bias = c.array<std::int32_t>({"input_bias", "bias", "biases"});
    bias.resize(count);
    std::vector<Channel> channels;
    for (std::size_t o = 0; o < count && o < f.multipliers.size(); ++o)
        channels.push_back({bias[o], f.multipliers[o], f.shifts[o]});
    return channels;
}

std::vector<WideChannel> wide_channels_of(const Case& c, std::size_t count) {
    const Factors f = factors_of(c, count);
    auto bias = c.array<std::int64_t>({"input_bias", "bias", "biases"});
    bias.resize(count);
    std::vector<WideChannel> channels;
    for (std::size_t o = 0; o < count && o < f.multipliers.size(); ++o) {
        const auto b = static_cast<std::uint64_t>(bias[o]);
        const std::int32_t m = f.multipliers[o];
        channels.push_back({static_cast<std::uint32_t>(b), static_cast<std::uint32_t>(b >> 32),
                            m < 0x7FFF0000 ? (m + (1 << 15)) >> 16 : 0x7FFF, 15 - f.shifts[o]});
    }
    return channels;
}

// The weights one byte each, and the kernels that read them: packed nibbles where the case has those.
struct WeightForm {
    std::vector<std::int8_t> bytes;
    bool packed;
};
WeightForm weights_of(const Case& c, std::size_t elements) {
    auto bytes = c.array<std::int8_t>({"input_weights", "weights"});
    return {bytes, bytes.size() < elements};
}

template <typename Params>
Verdict run_int8(const Case& c, const Kernel& kernel, const Params& params, const WeightForm& weights,
                 std::size_t channels) {
    const auto expected = c.array<std::int8_t>({"output", "output_ref"});
    Operands operands;
    operands.add(c.array<std::int8_t>({"input", "input_tensor"}), false);
    operands.add(weights.bytes, false);
    operands.add(channels_of(c, channels), false);
    const std::int8_t* out = operands.add(std::vector<std::int8_t>(expected.size()), true);
    return run_and_compare(kernel, params, operands, out, expected);
}

template <typename Params>
Verdict run_int16(const Case& c, const Kernel& narrow, const Kernel& wide, const Params& params,
                  std::size_t channels, bool in_32) {
    const auto expected = c.array<std::int16_t>({"output", "output_ref"});
    Operands operands;
    operands.add(c.array<std::int16_t>({"input", "input_tensor"}), false);
    operands.add(c.array<std::int8_t>({"input_weights", "weights"}), false);
    if (in_32) operands.add(channels_of(c, channels), false);
    if (!in_32) operands.add(wide_channels_of(c, channels), false);
    const std::int16_t* out = operands.add(std::vector<std::int16_t>(expected.size()), true);
    return run_and_compare(in_32 ? narrow : wide, params, operands, out, expected);
}

bool is_int16(const Case& c) { return c.type({"input", "input_tensor"}) == "int16_t"; }
bool has_int32_bias(const Case& c) {
    const std::string type = c.type({"input_bias", "bias", "biases"});
    return type == "int32_t" || type.empty();
}

Verdict run_conv(const Case& c, bool depthwise) {
    const Window w = window_of(c, depthwise);
    if (is_int16(c)) {
        const Int16ConvParams params{w, static_cast<std::int16_t>(c.number("OUT_ACTIVATION_MIN", -32768)),
                                     static_cast<std::int16_t>(c.number("OUT_ACTIVATION_MAX", 32767))};
        return run_int16(c, kConv2dInt16, depthwise ? kDepthwiseConv2dWide : kConv2dWide, params, w.out_c,
                         !depthwise && has_int32_bias(c));
    }
    const ZeroedConvParams params{w, {byte(-c.number("INPUT_OFFSET")), 0, range_of(c), {}}};
    const auto elements = depthwise ? depthwise_weight_elements(w) : conv2d_weight_elements(w);
    const WeightForm weights = weights_of(c, elements);
    const Kernel& kernel = depthwise ? (weights.packed ? kDepthwiseConv2dInt4 : kDepthwiseConv2dZeroed)
                                     : (weights.packed ? kConv2dInt4 : kConv2dZeroed);
    return run_int8(c, kernel, params, weights, w.out_c);
}

Verdict run_dense(const Case& c) {
    const auto outputs = static_cast<std::uint32_t>(c.number("OUT_CH"));
    const auto depth = static_cast<std::uint32_t>(c.number("ACCUMULATION_DEPTH", c.number("IN_CH")));
    const Dense dense{static_cast<std::uint32_t>(c.number("INPUT_BATCHES", 1)), depth, outputs};
    if (is_int16(c)) {
        const Int16DenseParams params{dense,
                                      static_cast<std::int16_t>(c.number("OUT_ACTIVATION_MIN", -32768)),
                                      static_cast<std::int16_t>(c.number("OUT_ACTIVATION_MAX", 32767))};
        return run_int16(c, kFullyConnectedInt16, kFullyConnectedWide, params, outputs, has_int32_bias(c));
    }
    const ZeroedDenseParams params{
        dense, {byte(-c.number("INPUT_OFFSET")), byte(-c.number("FILTER_OFFSET")), range_of(c), {}}};
    const WeightForm weights = weights_of(c, std::size_t{depth} * outputs);
    return run_int8(c, weights.packed ? kFullyConnectedInt4 : kFullyConnectedZeroed, params, weights,
                    outputs);
}

MatmulStrides strides_of(const Case& c, const std::string& side, bool transposed, bool line_is_row) {
    const auto n = [&](const char* end) { return static_cast<std::uint32_t>(c.number(side + end)); };
    const auto out = [&](const char* end) {
        return static_cast<std::uint32_t>(c.number(std::string("OUTPUT") + end));
    };
    const std::uint32_t matrix = n("_ROWS") * n("_COLS");
    MatmulStrides s{};
    s.batch[1] = n("_BATCH") == 1 && out("_BATCH") != 1 ? 0 : matrix * n("_HEIGHT");
    s.batch[2] = n("_HEIGHT") == 1 && out("_HEIGHT") != 1 ? 0 : matrix;
    const bool along_row = line_is_row != transposed;  // a line of the product is a row of what is stored
    s.line = along_row ? n("_COLS") : 1;
    s.depth = along_row ? 1 : n("_COLS");
    return s;
}

Verdict run_matmul(const Case& c) {
    const bool a_t = c.number("ADJ_X") != 0, b_t = c.number("ADJ_Y") != 0;
    const auto n = [&](const char* key) { return static_cast<std::uint32_t>(c.number(key)); };
    MatmulParams p{};
    p.batches[0] = 1, p.batches[1] = n("OUTPUT_BATCH"), p.batches[2] = n("OUTPUT_HEIGHT");
    p.rows = n("OUTPUT_ROWS"), p.columns = n("OUTPUT_COLS");
    p.depth = a_t ? n("LHS_ROWS") : n("LHS_COLS");
    p.a = strides_of(c, "LHS", a_t, true);
    p.b = strides_of(c, "RHS", b_t, false);
    p.multiplier = c.number("OUTPUT_MULTIPLIER"), p.shift = c.number("OUTPUT_SHIFT");
    p.a_zero_point = byte(-c.number("LHS_OFFSET")), p.b_zero_point = byte(-c.number("RHS_OFFSET"));
    p.zero_point = byte(c.number("OUTPUT_OFFSET"));
    const auto run = [&](const Kernel& kernel, auto element) {
        using T = decltype(element);
        const auto expected = c.array<T>({"output"});
        Operands operands;
        operands.add(c.array<T>({"lhs_input_tensor"}), false);
        operands.add(c.array<T>({"rhs_input_tensor"}), false);
        const T* out = operands.add(std::vector<T>(expected.size()), true);
        return run_and_compare(kernel, p, operands, out, expected);
    };
    if (c.type({"lhs_input_tensor"}) == "int8_t") return run(kBatchMatmulInt8, std::int8_t{});
    p.multiplier = (p.multiplier + (1 << 15)) >> 16;
    p.shift = 15 - p.shift;
    return run(kBatchMatmulInt16, std::int16_t{});
}

GateFactor factor_of(const Case& c, const std::string& what) {
    return {c.number(what + "_MULTIPLIER"), c.number(what + "_SHIFT")};
}

// bias + offset * sum of the row, for so many rows.
std::vector<std::int32_t> folded(const std::vector<std::int8_t>& weights, std::vector<std::int32_t> bias,
                                 int offset, std::size_t rows) {
    bias.resize(rows);
    for (std::size_t i = 0; i < weights.size(); ++i) bias[i / (weights.size() / rows)] += offset * weights[i];
    return bias;
}

Verdict run_lstm_case(const Case& c) {
    constexpr const char* kGates[] = {"input", "forget", "cell", "output"};
    LstmParams p{};
    p.sequence = {static_cast<std::uint32_t>(c.number("BATCH_SIZE")),
                  static_cast<std::uint32_t>(c.number("TIME_STEPS")),
                  static_cast<std::uint32_t>(c.number("INPUT_SIZE")),
                  static_cast<std::uint32_t>(c.number("HIDDEN_SIZE")), 0};
    std::vector<std::int8_t> weights;
    std::vector<std::int32_t> biases;
    const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
    for (std::uint32_t g = 0; g < kLstmGates; ++g) {
        std::string upper = kGates[g];
        for (char& x : upper) x = static_cast<char>(std::toupper(static_cast<unsigned char>(x)));
        p.input[g] = factor_of(c, upper + "_GATE_INPUT");
        p.recurrent[g] = factor_of(c, upper + "_GATE_HIDDEN");
        const std::string gate = kGates[g];
        const auto w = c.array<std::int8_t>({(gate + "_gate_input_weights").c_str()});
        const auto r = c.array<std::int8_t>({(gate + "_gate_hidden_weights").c_str()});
        append(weights, w);
        append(weights, r);
        append(biases, folded(w, c.array<std::int32_t>({(gate + "_gate_bias").c_str()}),
                              c.number("INPUT_ZERO_POINT"), p.sequence.units));
        append(biases, folded(r, {}, -c.number("OUTPUT_ZERO_POINT"), p.sequence.units));
    }
    p.forget_cell = factor_of(c, "FORGET_TO_CELL");
    p.input_cell = factor_of(c, "INPUT_TO_CELL");
    p.hidden = factor_of(c, "OUTPUT");
    const int left = c.number("CELL_SCALE_POWER") + 12;
    p.tanh_multiplier = left > 0 ? 3 << left : 3;
    p.tanh_shift = static_cast<std::uint8_t>(left > 0 ? 0 : -left);
    p.hidden_zero_point = byte(c.number("OUTPUT_ZERO_POINT"));
    p.cell_clip = static_cast<std::int16_t>(c.number("CELL_CLIP"));
    const auto expected = c.array<std::int8_t>({"output", "output_ref"});
    Operands operands;
    operands.add(c.array<std::int8_t>({"input", "input_tensor"}), false);
    operands.add(weights, false);
    operands.add(biases, false);
    operands.add(logistic_table(), false);
    operands.add(std::vector<std::int8_t>(p.sequence.state_elements(), p.hidden_zero_point), true);
    operands.add(std::vector<std::int16_t>(p.sequence.state_elements()), true);
    const std::int8_t* out = operands.add(std::vector<std::int8_t>(expected.size()), true);
    operands.add(std::vector<std::int16_t>(kLstmGates * p.sequence.units), true);
    return run_and_compare(kLstmInt8, p, operands, out, expected);
}

Verdict run_svdf_case(const Case& c) {
    SvdfParams p{};
    const int filters = c.number("FEATURE_BATCHES"), rank = c.number("RANK");
    const int inputs = c.number("INPUT_SIZE"), batches = c.number("INPUT_BATCHES");
    p.shape = {static_cast<std::uint32_t>(batches), static_cast<std::uint32_t>(inputs),
               static_cast<std::uint32_t>(filters / rank), static_cast<std::uint16_t>(rank),
               static_cast<std::uint16_t>(c.number("TIME_BATCHES"))};
    p.feature_multiplier = c.number("MULTIPLIER_IN"), p.feature_shift = c.number("SHIFT_1");
    p.output_multiplier = c.number("MULTIPLIER_OUT"), p.output_shift = c.number("SHIFT_2");
    p.input_zero_point = byte(-c.number("INPUT_OFFSET"));
    p.output_zero_point = byte(c.number("OUTPUT_OFFSET"));
    const auto sequence = c.array<std::int8_t>({"input_sequence"});
    const auto expected = c.array<std::int8_t>({"output_ref"});
    const auto step = static_cast<std::size_t>(inputs * batches);
    Operands operands;
    std::int8_t* in = operands.add(std::vector<std::int8_t>(step), false);
    operands.add(c.array<std::int8_t>({"weights_feature"}), false);
    operands.add(c.array<std::int16_t>({"weights_time"}), false);
    operands.add(c.array<std::int32_t>({"biases"}), false);
    operands.add(c.array<std::int16_t>({"state"}), true);
    const std::int8_t* out = operands.add(std::vector<std::int8_t>(expected.size()), true);
    for (std::size_t at = 0; at + step <= sequence.size(); at += step) {
        std::copy_n(sequence.begin() + static_cast<std::ptrdiff_t>(at), step, in);
        if (!operands.try_run(kSvdfInt16State, &p, sizeof p))
            return not_run("the kernel refused the parameters");
    }
    return same(out, expected);
}

Verdict run_pool(const Case& c, const Kernel& kernel) {
    if (is_int16(c)) return not_run("pools of int16 are run as models, not from raw parameters");
    const auto n = [&](const char* key) { return static_cast<std::uint16_t>(c.number(key, 1)); };
    Pool2dParams p{};
    p.window = {n("INPUT_N"),
                n("INPUT_H"),
                n("INPUT_W"),
                n("INPUT_C"),
                n("OUTPUT_H"),
                n("OUTPUT_W"),
                n("OUTPUT_C"),
                n("FILTER_H"),
                n("FILTER_W"),
                n("STRIDE_H"),
                n("STRIDE_W"),
                1,
                1,
                static_cast<std::uint16_t>(c.number("PADDING_H")),
                static_cast<std::uint16_t>(c.number("PADDING_W")),
                1};
    p.low = byte(c.number("ACTIVATION_MIN"));
    p.high = byte(c.number("ACTIVATION_MAX"));
    const auto expected = c.array<std::int8_t>({"output"});
    Operands operands;
    operands.add(c.array<std::int8_t>({"input_tensor"}), false);
    const std::int8_t* out = operands.add(std::vector<std::int8_t>(expected.size()), true);
    return run_and_compare(kernel, p, operands, out, expected);
}

Verdict run_softmax_case(const Case& c) {
    const SoftmaxParams p{static_cast<std::uint32_t>(c.number("NUM_ROWS")),
                          static_cast<std::uint32_t>(c.number("ROW_SIZE")), c.number("INPUT_MULT"),
                          c.number("INPUT_LEFT_SHIFT"), c.number("DIFF_MIN")};
    const auto expected = c.array<std::int8_t>({"output_ref"});
    Operands operands;
    operands.add(c.array<std::int8_t>({"input"}), false);
    const std::int8_t* out = operands.add(std::vector<std::int8_t>(expected.size()), true);
    return run_and_compare(kSoftmaxInt8, p, operands, out, expected);
}

Verdict run_case(const Case& c) {
    const auto is = [&](const char* start) { return c.name.starts_with(start); };
    if (is("conv_") || is("basic") || is("kernel1x1") || is("stride2pad1") || is("grouped") ||
        is("int16xint8") || is("requantize"))
        return run_conv(c, false);
    if (is("depthwise") || is("dw_")) return run_conv(c, true);
    if (is("fully_connected") || is("fc_")) return run_dense(c);
    if (is("batch_matmul")) return run_matmul(c);
    if (is("lstm")) return run_lstm_case(c);
    if (is("svdf")) return run_svdf_case(c);
    if (is("avgpool")) return run_pool(c, kAveragePool2dInt8);
    if (is("maxpool")) return run_pool(c, kMaxPool2dInt8);
    if (is("softmax")) return run_softmax_case(c);
    if (is("ds_cnn"))
        return not_run("a whole network without its shapes; the same layers run in the golden models");
    return not_run("no product and no sum: these operators are tested by models");
}

fs::path vectors() { return fs::path(JATAI_SHARED_DIR) / "data/op_vectors"; }

TEST(Vectors, CmsisNnCasesAreRight) {
    const fs::path archive = vectors() / "cmsis_nn/cases.tar.xz";
    if (!fs::exists(archive)) GTEST_SKIP() << "no shared data at " << JATAI_SHARED_DIR;
    Tally tally;
    read_archive(archive, [&](const std::string& name, Bytes bytes) {
        if (!name.ends_with(".json")) return;
        const Json json = Json::parse(bytes.begin(), bytes.end());
        const Case c(json);
        Verdict verdict = run_case(c);
        if (!verdict.right && verdict.reason.empty()) verdict = run_case(Case(json, true));
        // Where the names of the two generators coincide only one array is left: neither case is whole.
        if (!verdict.right && c.has("output") && c.has("output_ref"))
            verdict = not_run("the vector holds arrays of two generators and the settings of one");
        if (!verdict.reason.empty()) return tally.left_out[verdict.reason].push_back(c.name);
        (verdict.right ? tally.right : tally.wrong) += 1;
        EXPECT_TRUE(verdict.right) << c.name;
    });
    tally.print("CMSIS-NN vectors");
    EXPECT_GE(tally.right, 46);
}

// "1,2,-3" as numbers of this type.
Bytes numbers(const Bytes& csv, Type type) {
    Bytes bytes;
    std::istringstream words(std::string(csv.begin(), csv.end()));
    for (std::string word; std::getline(words, word, ',');) {
        const std::int64_t value = std::atoll(word.c_str());
        const auto* raw = reinterpret_cast<const std::uint8_t*>(&value);
        bytes.insert(bytes.end(), raw, raw + size_of(type));
    }
    return bytes;
}

// A model of one operator with its inputs and its answer.
struct SeanetCase {
    Bytes model, golden;
    std::map<std::string, Bytes> inputs;  // by file name: input0, input1
};

Verdict run_seanet(const std::string& name, const SeanetCase& c) {
    try {
        const Graph graph = read_tflite(c.model, name);
        std::vector<Bytes> inputs;
        for (const auto& [file, csv] : c.inputs) {
            if (inputs.size() < graph.inputs.size())
                inputs.push_back(numbers(csv, graph.tensor(graph.inputs[inputs.size()]).type));
        }
        const Bytes expected = numbers(c.golden, graph.tensor(graph.outputs.at(0)).type);
        return {run_graph(graph, inputs).at(0) == expected, {}};
    } catch (const Error& error) {
        const std::string what = error.what();
        return not_run(what.substr(what.find('(')));
    }
}

// The other operators of SEANet are compared where they live.
bool multiplies(const std::string& file) {
    return file.starts_with("conv") || file.starts_with("transpose_conv");
}

TEST(Vectors, SeanetConvolutionsAreRight) {
    const fs::path archive = vectors() / "seanet_int16/cases.tar.xz";
    if (!fs::exists(archive)) GTEST_SKIP() << "no shared data at " << JATAI_SHARED_DIR;
    std::map<std::string, SeanetCase> cases;
    read_archive(archive, [&](const std::string& path, Bytes bytes) {
        const std::string file = fs::path(path).filename().string();
        const auto cut = file.find("_golden") != std::string::npos  ? file.find("_golden")
                         : file.find("_input") != std::string::npos ? file.find("_input")
                                                                    : file.find(".tflite");
        if (cut == std::string::npos || !multiplies(file)) return;
        SeanetCase& c = cases[file.substr(0, cut)];
        if (file.ends_with(".tflite"))
            c.model = std::move(bytes);
        else if (file.find("_golden") != std::string::npos)
            c.golden = std::move(bytes);
        else
            c.inputs[file.substr(cut)] = std::move(bytes);
    });
    Tally tally;
    for (const auto& [name, c] : cases) {
        const Verdict verdict = run_seanet(name, c);
        if (!verdict.reason.empty()) {
            tally.left_out[verdict.reason].push_back(name);
            continue;
        }
        (verdict.right ? tally.right : tally.wrong) += 1;
        EXPECT_TRUE(verdict.right) << name;
    }
    tally.print("SEANet vectors");
    EXPECT_EQ(tally.right, 11);
}

}  // namespace
}  // namespace jatai
