// Every signature of the shared list of public models (operator, version, types, what is constant): a small
// layer of it is written as a .tflite file, read, and run; or it is listed with the reason it is refused.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "src/base/error.h"
#include "src/base/rng.h"
#include "src/graph/interpret.h"
#include "src/graph/op_def.h"
#include "src/graph/passes/passes.h"
#include "src/graph/tflite.h"

namespace jatai {
namespace {

using Shape = std::vector<std::int32_t>;
using Numbers = std::map<std::size_t, std::vector<std::int32_t>>;
using Settings = std::vector<std::pair<std::string, Value>>;

// One operand of a signature: "i8c*" is int8, constant, with a scale for each channel.
struct Slot {
    Type type = Type::None;
    bool absent = false, constant = false, per_channel = false;
};

struct Signature {
    std::string op;
    int version = 1;
    std::vector<Slot> in, out;
    std::string words;
};

// The shapes and settings of a layer of an operator that takes so many inputs and gives so many outputs.
struct Form {
    std::vector<Shape> in, out;
    Numbers numbers;
    Settings settings;
};

std::vector<std::string> split(const std::string& line, char mark) {
    std::vector<std::string> parts;
    std::istringstream words(line);
    for (std::string part; std::getline(words, part, mark);) parts.push_back(part);
    return parts;
}

std::vector<Slot> slots_of(const std::string& words) {
    static const std::map<std::string, Type> types{
        {"i8", Type::Int8},   {"u8", Type::UInt8},    {"i16", Type::Int16},  {"i32", Type::Int32},
        {"i64", Type::Int64}, {"f32", Type::Float32}, {"u32", Type::UInt32}, {"b", Type::Bool}};
    std::vector<Slot> slots;
    for (std::string word : split(words, ',')) {
        Slot slot;
        slot.absent = word == "-";
        if (word.ends_with('*')) slot.per_channel = true, word.pop_back();
        if (word.ends_with('c') && word != "-") slot.constant = true, word.pop_back();
        if (const auto type = types.find(word); type != types.end()) slot.type = type->second;
        slots.push_back(slot);
    }
    return slots;
}

Form form_of(const Signature& s) {
    const auto n = static_cast<std::int32_t>(s.in.size()), outs = static_cast<std::int32_t>(s.out.size());
    const Shape image{1, 2, 2, 4};
    Form same{{}, {image}, {}, {}};
    same.in.assign(s.in.size(), image);
    const Settings window{
        {"padding", std::int64_t{0}}, {"stride_w", std::int64_t{1}}, {"stride_h", std::int64_t{1}}};
    Settings pool = window;
    pool.insert(pool.end(), {{"filter_width", std::int64_t{2}}, {"filter_height", std::int64_t{2}}});
    Settings filter = window;
    filter.emplace_back("depth_multiplier", std::int64_t{1});
    const auto axis = [](std::int64_t a) { return Settings{{"axis", a}}; };
    const auto repeated = [](std::int32_t count, const Shape& shape) {
        return std::vector<Shape>(static_cast<std::size_t>(count), shape);
    };
    const std::map<std::string, Form> forms{
        {"ARG_MAX", {{{1, 4}, {1}}, {{1}}, {{1, {1}}}, {}}},
        {"AVERAGE_POOL_2D", {{image}, {image}, {}, pool}},
        {"MAX_POOL_2D", {{image}, {image}, {}, pool}},
        {"BATCH_MATMUL", {{{1, 2, 4}, {1, 4, 3}}, {{1, 2, 3}}, {}, {}}},
        {"CONCATENATION", {repeated(n, {1, 4}), {{1, 4 * n}}, {}, axis(1)}},
        {"CONV_2D", {{image, {8, 1, 1, 4}, {8}}, {{1, 2, 2, 8}}, {}, window}},
        {"DEPTHWISE_CONV_2D", {{image, {1, 3, 3, 4}, {4}}, {image}, {}, filter}},
        {"EXPAND_DIMS", {{{4}, {1}}, {{1, 4}}, {{1, {0}}}, {}}},
        {"FULLY_CONNECTED", {{{1, 4}, {3, 4}, {3}}, {{1, 3}}, {}, {}}},
        {"GATHER", {{{4, 3}, {2}}, {{2, 3}}, {{1, {1, 0}}}, {}}},
        {"GATHER_ND", {{{4, 3}, {2, 1}}, {{2, 3}}, {{1, {1, 0}}}, {}}},
        {"MEAN", {{image, {2}}, {{1, 4}}, {{1, {1, 2}}}, {}}},
        {"REDUCE_MAX", {{image, {2}}, {{1, 4}}, {{1, {1, 2}}}, {}}},
        {"PAD", {{image, {4, 2}}, {{1, 4, 4, 4}}, {{1, {0, 0, 1, 1, 1, 1, 0, 0}}}, {}}},
        {"MIRROR_PAD", {{image, {4, 2}}, {{1, 4, 4, 4}}, {{1, {0, 0, 1, 1, 1, 1, 0, 0}}}, {}}},
        {"PACK",
         {repeated(n, {4}), {{n, 4}}, {}, {{"values_count", std::int64_t{n}}, {"axis", std::int64_t{0}}}}},
        {"PRELU", {{image, {1, 1, 4}}, {image}, {}, {}}},
        {"RESHAPE", {{{1, 4}, {1}}, {{4}}, {{1, {4}}}, {{"new_shape", std::vector<std::int64_t>{4}}}}},
        {"RESIZE_BILINEAR", {{image, {2}}, {{1, 4, 4, 4}}, {{1, {4, 4}}}, {}}},
        {"RESIZE_NEAREST_NEIGHBOR", {{image, {2}}, {{1, 4, 4, 4}}, {{1, {4, 4}}}, {}}},
        {"SHAPE", {{image}, {{4}}, {}, {{"out_type", std::int64_t{2}}}}},
        {"SOFTMAX", {{{1, 4}}, {{1, 4}}, {}, {{"beta", 1.0}}}},
        {"LOG_SOFTMAX", {{{1, 4}}, {{1, 4}}, {}, {}}},
        {"SPACE_TO_DEPTH", {{image}, {{1, 1, 1, 16}}, {}, {{"block_size", std::int64_t{2}}}}},
        {"SPLIT",
         {{{}, {1, 2, 4 * outs}},
          repeated(outs, {1, 2, 4}),
          {{0, {2}}},
          {{"num_splits", std::int64_t{outs}}}}},
        {"SPLIT_V",
         {{{1, 4 * outs}, {outs}, {}},
          repeated(outs, {1, 4}),
          {{1, std::vector<std::int32_t>(s.out.size(), 4)}, {2, {1}}},
          {{"num_splits", std::int64_t{outs}}}}},
        {"SQUEEZE", {{{1, 4}}, {{4}}, {}, {{"squeeze_dims", std::vector<std::int64_t>{0}}}}},
        {"STRIDED_SLICE", {{{4}, {1}, {1}, {1}}, {{2}}, {{1, {1}}, {2, {3}}, {3, {1}}}, {}}},
        {"SVDF", {{{1, 4}, {8, 4}, {8, 5}, {8}, {1, 40}}, {{1, 8}}, {}, {{"rank", std::int64_t{1}}}}},
        {"TILE", {{{1, 4}, {2}}, {{1, 8}}, {{1, {1, 2}}}, {}}},
        {"TRANSPOSE", {{{1, 2, 3, 4}, {4}}, {{1, 3, 2, 4}}, {{1, {0, 2, 1, 3}}}, {}}},
        {"TRANSPOSE_CONV", {{{4}, {2, 2, 2, 4}, image, {2}}, {{1, 2, 2, 2}}, {{0, {1, 2, 2, 2}}}, window}},
        {"UNIDIRECTIONAL_SEQUENCE_LSTM",
         {{{1, 2, 4}, {3, 4}, {3, 4}, {3, 4}, {3, 4}, {3, 3}, {3, 3}, {3, 3}, {3, 3}, {}, {}, {},
           {3},       {3},    {3},    {3},    {},     {},     {1, 3}, {1, 3}, {},     {}, {}, {}},
          {{1, 2, 3}},
          {},
          {{"fused_activation_function", std::int64_t{4}}}}},
        {"UNPACK",
         {{{outs, 4}}, repeated(outs, {4}), {}, {{"num", std::int64_t{outs}}, {"axis", std::int64_t{0}}}}},
    };
    const auto known = forms.find(s.op);
    if (known != forms.end()) return known->second;
    same.out.assign(s.out.size(), image);
    return same;
}

Bytes bytes_of(const std::vector<std::int32_t>& numbers) {
    Bytes bytes(numbers.size() * 4);
    if (!numbers.empty()) std::memcpy(bytes.data(), numbers.data(), bytes.size());
    return bytes;
}

// Scales that a converter would choose; whole numbers of 32 bits mean what they store unless they must not.
Quantisation scale_of(const Signature& s, Type type, bool output) {
    const bool unit = output && (s.op == "SOFTMAX" || s.op == "LOGISTIC" || s.op == "TANH");
    const bool rescales = s.op == "QUANTIZE";
    if (s.op == "CAST" || type == Type::Float32 || type == Type::Bool) return {};
    if (type == Type::Int32) return rescales ? Quantisation{{1e-6f}, {0}, 0} : Quantisation{};
    if (type == Type::Int16 && s.op == "SOFTMAX" && output && s.in[0].type == Type::Int8)
        return {{1.0f / 65536}, {-32768}, 0};
    if (type == Type::Int16) return {{unit ? 1.0f / 32768 : 1.0f / 4096}, {0}, 0};
    if (s.op == "TANH" && unit) return {{1.0f / 128}, {type == Type::UInt8 ? 128 : 0}, 0};
    if (unit) return {{1.0f / 256}, {type == Type::UInt8 ? 0 : -128}, 0};
    return type == Type::Int8 || type == Type::UInt8 ? Quantisation{{0.05f}, {3}, 0} : Quantisation{};
}

bool weighs(const std::string& op) {
    static const std::set<std::string> ops{
        "CONV_2D",      "DEPTHWISE_CONV_2D",           "FULLY_CONNECTED", "SVDF", "TRANSPOSE_CONV",
        "BATCH_MATMUL", "UNIDIRECTIONAL_SEQUENCE_LSTM"};
    return ops.contains(op);
}

Tensor constant(const Signature& s, const Slot& slot, Tensor tensor, Rng& rng) {
    const bool depthwise = s.op == "DEPTHWISE_CONV_2D" && tensor.shape.size() == 4;
    tensor.quantisation.axis = depthwise ? 3 : 0;
    if (weighs(s.op)) {
        const auto channels =
            slot.per_channel ? static_cast<std::size_t>(depthwise ? tensor.shape[3] : tensor.shape[0]) : 1;
        tensor.quantisation.scales.assign(
            channels, slot.type == Type::Int8 || slot.type == Type::UInt8 ? 0.01f : 0.0005f);
        tensor.quantisation.zero_points.assign(channels, slot.type == Type::UInt8 ? 120 : 0);
        if (slot.type == Type::Float32) tensor.quantisation = {};
    }
    tensor.data.resize(static_cast<std::size_t>(tensor.bytes()));
    for (std::size_t i = 0; i < tensor.data.size(); i += size_of(slot.type))
        tensor.data[i] = static_cast<std::uint8_t>(rng.below(100));
    if (slot.type == Type::Float32) tensor.data.assign(tensor.data.size(), 0);
    return tensor;
}

// A list that the file computes: the extents of a second input.
TensorId computed_list(Graph& graph, const std::vector<std::int32_t>& extents) {
    const TensorId from = graph.add({"like", Type::Int8, extents, {{1}, {0}, 0}, {}});
    graph.inputs.push_back(from);
    Node node;
    node.op = Op::Shape;
    node.attributes.set("out_type", std::int64_t{2});
    node.inputs = {from};
    node.outputs = {graph.add({"extents", Type::Int32, {static_cast<std::int32_t>(extents.size())}, {}, {}})};
    graph.nodes.push_back(node);
    return node.outputs[0];
}

bool is_state(const Signature& s, std::size_t i) {
    return (s.op == "SVDF" && i == 4) || (s.op == "UNIDIRECTIONAL_SEQUENCE_LSTM" && i >= 18);
}

TensorId operand(Graph& graph, const Signature& s, const Form& form, std::size_t i, Rng& rng) {
    const Slot& slot = s.in[i];
    if (slot.absent) return kNoTensor;
    const auto numbers = form.numbers.find(i);
    Tensor tensor{"in" + std::to_string(i), slot.type, form.in.at(i), scale_of(s, slot.type, false), {}};
    if (numbers != form.numbers.end()) {
        if (!slot.constant && s.op != "GATHER_ND") return computed_list(graph, numbers->second);
        tensor.quantisation = {};
        if (slot.constant) tensor.data = bytes_of(numbers->second);
    } else if (slot.constant) {
        tensor = constant(s, slot, tensor, rng);
    }
    if (is_state(s, i)) tensor.state = true;
    if (s.op == "UNIDIRECTIONAL_SEQUENCE_LSTM" && i == 19) tensor.quantisation = {{1.0f / 2048}, {0}, 0};
    const bool given = !tensor.constant() && !tensor.state;
    const TensorId id = graph.add(std::move(tensor));
    if (given) graph.inputs.push_back(id);
    return id;
}

Graph layer_of(const Signature& s) {
    Rng rng(7);
    Graph graph;
    const OpDef* def = find_op(s.op);
    if (def == nullptr) throw Error{"no such operator"};
    for (const std::vector<Slot>& slots : {s.in, s.out}) {
        for (const Slot& slot : slots)
            if (slot.type == Type::None && !slot.absent) throw Error{"no such type"};
    }
    const Form form = form_of(s);
    Node node;
    node.op = def->op;
    node.version = s.version;
    for (const OptionField& field : def->options) node.attributes.set(field.name, default_of(field));
    if (node.attributes.has("pot_scale_int16")) node.attributes.set("pot_scale_int16", false);
    for (const auto& [name, value] : form.settings) node.attributes.set(name, value);
    for (std::size_t i = 0; i < s.in.size(); ++i) node.inputs.push_back(operand(graph, s, form, i, rng));
    for (std::size_t i = 0; i < s.out.size(); ++i)
        node.outputs.push_back(graph.add({"out" + std::to_string(i),
                                          s.out[i].type,
                                          form.out.at(i),
                                          scale_of(s, s.out[i].type, true),
                                          {}}));
    graph.outputs = node.outputs;
    if (graph.inputs.empty()) graph.inputs = {graph.add({"unused", Type::Int8, {1}, {{1}, {0}, 0}, {}})};
    graph.nodes.push_back(std::move(node));
    return graph;
}

// Written, read again as any file is, and run once.
void run_signature(const Signature& s) {
    Graph graph = read_tflite(write_tflite(layer_of(s)), "layer.tflite");
    run_passes(graph);
    std::vector<Bytes> inputs;
    for (const TensorId id : graph.inputs)
        inputs.emplace_back(static_cast<std::size_t>(graph.tensor(id).bytes()), 1);
    EXPECT_EQ(run_graph(graph, inputs).size(), s.out.size());
}

// What models that can run anywhere hold: not what is compiled for an accelerator, nor variables, which need
// a whole model, nor custom operators, which have tests of their own.
std::vector<Signature> signatures() {
    static const std::set<std::string> whole_models{"VAR_HANDLE", "CALL_ONCE", "READ_VARIABLE",
                                                    "ASSIGN_VARIABLE"};
    std::map<std::string, Signature> found;
    std::ifstream rows(fs::path(JATAI_SHARED_DIR) / "data" / "ops.tsv");
    std::string line;
    std::getline(rows, line);
    while (std::getline(rows, line)) {
        const std::vector<std::string> fields = split(line, '\t');
        if (fields.size() < 9 || fields[2] == "accel" || whole_models.contains(fields[5]) ||
            fields[5].starts_with("CUSTOM:"))
            continue;
        const auto cut = fields[8].find('>');
        Signature s{fields[5],
                    std::stoi(fields[6]),
                    slots_of(fields[8].substr(0, cut)),
                    slots_of(fields[8].substr(cut + 1)),
                    {}};
        s.words = fields[5] + " version " + fields[6] + ": " + fields[8];
        found[s.words] = s;
    }
    std::vector<Signature> all;
    for (auto& [words, s] : found) all.push_back(std::move(s));
    return all;
}

TEST(Signatures, OfPublicModelsRunOrAreRefusedForAKnownReason) {
    // The operator is none of ours; or types are mixed as TensorFlow Lite's own kernels refuse them.
    const std::set<std::string> refused{
        "UNIDIRECTIONAL_SEQUENCE_LSTM version 2: i8,i8c,i8c,i8c,i8c,i8c,i8c,i8c,i8c,-,-,-,i32c,"
        "i32c,i32c,i32c,i8c,i32c,i8,i16,i16c,i16c,i16c,i16c>i8",
        "COMPLEX_ABS",
        "RFFT2D",
        "LSTM",
        "RESHAPE version 1: c64,i32c>c64",
        "ADD version 1: f32,i8>i8",
        "ADD version 1: f32,u8>u8",
        "ADD version 1: i8,i8>f32",
        "ADD version 1: u8,u8>f32",
        "BATCH_MATMUL version 1: i16,i8c*>i16"};
    const std::vector<Signature> all = signatures();
    if (all.empty()) GTEST_SKIP() << "no shared data at " << JATAI_SHARED_DIR;
    int run = 0, known = 0;
    for (const Signature& s : all) {
        try {
            run_signature(s);
            ++run;
        } catch (const Error& error) {
            const bool foreign = refused.contains(s.op) || refused.contains(s.words);
            ++known;
            std::printf("refused: %s: %s\n", s.words.c_str(), error.what());
            EXPECT_TRUE(foreign) << s.words << ": " << error.what();
        }
    }
    std::printf("signatures: %d of %zu run, %d are refused\n", run, all.size(), known);
    EXPECT_GE(run, 172);
}

}  // namespace
}  // namespace jatai
