// test_model.h: small .onnx files for tests and fuzz seeds, written field by field.
//
//     ModelWriter m(13);
//     m.input("x", {1, 3, 8, 8});
//     m.floats("w", {4, 3, 3, 3}, weights);
//     m.node("Conv", {"x", "w"}, {"y"}, {{"pads", {1, 1, 1, 1}}});
//     m.output("y", {1, 4, 8, 8});
//     Bytes file = m.bytes();
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "src/base/bytes.h"

namespace jatai::onnx {

class ModelWriter {
  public:
    using Extents = std::vector<std::int64_t>;
    using Settings = std::vector<std::pair<std::string, Extents>>;  // one value: an integer; more: a list

    explicit ModelWriter(int opset) : opset_(opset) {}

    void input(const std::string& name, const Extents& extents, int type = 1) {
        door(11, name, extents, type);
    }
    void output(const std::string& name, const Extents& extents, int type = 1) {
        door(12, name, extents, type);
    }
    void floats(const std::string& name, const Extents& extents, const std::vector<float>& values) {
        tensor(name, extents, 1, raw(values));
    }
    void bytes8(const std::string& name, const Extents& extents, const std::vector<std::int8_t>& values,
                int type = 3) {
        tensor(name, extents, type, raw(values));
    }
    void int32s(const std::string& name, const Extents& extents, const std::vector<std::int32_t>& values) {
        tensor(name, extents, 6, raw(values));
    }
    void int64s(const std::string& name, const Extents& extents, const std::vector<std::int64_t>& values) {
        tensor(name, extents, 7, raw(values));
    }
    void node(const std::string& op, const std::vector<std::string>& inputs,
              const std::vector<std::string>& outputs, const Settings& settings = {},
              const std::vector<std::pair<std::string, float>>& reals = {}) {
        Bytes body;
        for (const auto& input : inputs) word(body, 1, input);
        for (const auto& output : outputs) word(body, 2, output);
        word(body, 3, op + "_" + outputs[0]);
        word(body, 4, op);
        for (const auto& [name, values] : settings) {
            Bytes attribute;
            word(attribute, 1, name);
            const bool list =
                values.size() != 1 || name == "axes" || name == "pads" || name == "kernel_shape";
            for (const std::int64_t value : values) integer(attribute, list ? 8 : 3, value);
            integer(attribute, 20, list ? 7 : 2);
            part(body, 5, attribute);
        }
        for (const auto& [name, value] : reals) {
            Bytes attribute;
            word(attribute, 1, name);
            varint(attribute, 2 << 3 | 5);
            const Bytes four = raw(std::vector{value});
            attribute.insert(attribute.end(), four.begin(), four.end());
            part(body, 5, attribute);
        }
        part(graph_, 1, body);
    }
    Bytes bytes() const {
        Bytes model, graph = graph_, opset;
        integer(model, 1, 8);
        word(model, 2, "jatai");
        word(graph, 2, "made");
        part(model, 7, graph);
        word(opset, 1, "");
        integer(opset, 2, opset_);
        part(model, 8, opset);
        return model;
    }

  private:
    static void varint(Bytes& to, std::uint64_t value) {
        for (; value > 127; value >>= 7) to.push_back(static_cast<std::uint8_t>(value | 128));
        to.push_back(static_cast<std::uint8_t>(value));
    }
    static void integer(Bytes& to, unsigned field, std::int64_t value) {
        varint(to, field << 3);
        varint(to, static_cast<std::uint64_t>(value));
    }
    static void part(Bytes& to, unsigned field, const Bytes& body) {
        varint(to, field << 3 | 2);
        varint(to, body.size());
        to.insert(to.end(), body.begin(), body.end());
    }
    static void word(Bytes& to, unsigned field, const std::string& value) {
        part(to, field, Bytes(value.begin(), value.end()));
    }
    template <typename T>
    static Bytes raw(const std::vector<T>& values) {
        Bytes bytes(values.size() * sizeof(T));
        if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
        return bytes;
    }
    void tensor(const std::string& name, const Extents& extents, int type, const Bytes& data) {
        Bytes body;
        for (const std::int64_t extent : extents) integer(body, 1, extent);
        integer(body, 2, type);
        word(body, 8, name);
        part(body, 9, data);
        part(graph_, 5, body);
    }
    void door(unsigned field, const std::string& name, const Extents& extents, int type) {
        Bytes shape, tensor, kind, body;
        for (const std::int64_t extent : extents) {
            Bytes dimension;
            if (extent > 0) integer(dimension, 1, extent);
            if (extent <= 0) word(dimension, 2, "N");
            part(shape, 1, dimension);
        }
        integer(tensor, 1, type);
        part(tensor, 2, shape);
        part(kind, 1, tensor);
        word(body, 1, name);
        part(body, 2, kind);
        part(graph_, field, body);
    }

    int opset_;
    Bytes graph_;
};

// Numbers that look random and are always the same: in -1..1.
inline std::vector<float> some_floats(std::size_t count, unsigned seed) {
    std::vector<float> values(count);
    std::uint32_t x = seed * 2654435761u + 12345u;
    for (float& value : values) {
        x = x * 1664525u + 1013904223u;
        value = static_cast<float>(static_cast<int>(x >> 16 & 0x3FF) - 512) / 512.0f;
    }
    return values;
}

// A small classifier: convolution, normalisation, depthwise, residual, pools, dense, softmax.
inline Bytes float_cnn() {
    ModelWriter m(13);
    m.input("image", {-1, 3, 8, 8});
    m.floats("w1", {8, 3, 3, 3}, some_floats(216, 1));
    m.floats("b1", {8}, some_floats(8, 2));
    m.floats("gamma", {8}, some_floats(8, 3));
    m.floats("beta", {8}, some_floats(8, 4));
    m.floats("mean", {8}, some_floats(8, 5));
    m.floats("variance", {8}, std::vector<float>(8, 0.5f));
    m.floats("w2", {8, 1, 3, 3}, some_floats(72, 6));
    m.floats("w3", {64, 5}, some_floats(320, 7));
    m.floats("b3", {5}, some_floats(5, 8));
    m.node("Conv", {"image", "w1", "b1"}, {"c1"}, {{"pads", {1, 1, 1, 1}}});
    m.node("BatchNormalization", {"c1", "gamma", "beta", "mean", "variance"}, {"n1"});
    m.node("Relu", {"n1"}, {"r1"});
    m.node("Conv", {"r1", "w2"}, {"c2"}, {{"pads", {1, 1, 1, 1}}, {"group", {8}}});
    m.node("Add", {"r1", "c2"}, {"sum"});
    m.node("MaxPool", {"sum"}, {"p1"}, {{"kernel_shape", {2, 2}}, {"strides", {2, 2}}});
    m.node("AveragePool", {"p1"}, {"p2"},
           {{"kernel_shape", {2, 2}}, {"strides", {1, 1}}, {"pads", {0, 0, 1, 1}}});
    m.node("MaxPool", {"p2"}, {"p3"}, {{"kernel_shape", {2, 1}}, {"strides", {2, 1}}});
    m.node("Flatten", {"p3"}, {"flat"});
    m.node("Gemm", {"flat", "w3", "b3"}, {"dense"});
    m.node("Softmax", {"dense"}, {"answer"});
    m.output("answer", {-1, 5});
    return m.bytes();
}

// The same kind, quantised: every value passes QuantizeLinear and DequantizeLinear.
inline Bytes qdq_cnn() {
    ModelWriter m(13);
    m.input("image", {1, 3, 4, 4});
    const auto pair = [&](const std::string& from, const std::string& to, float scale, std::int8_t zero) {
        m.floats(to + "_s", {}, {scale});
        m.bytes8(to + "_z", {}, {zero});
        m.node("QuantizeLinear", {from, to + "_s", to + "_z"}, {to + "_q"});
        m.node("DequantizeLinear", {to + "_q", to + "_s", to + "_z"}, {to});
    };
    const auto weights = [&](const std::string& name, const ModelWriter::Extents& extents, std::size_t count,
                             std::size_t channels, unsigned seed) {
        std::vector<std::int8_t> values;
        for (const float value : some_floats(count, seed))
            values.push_back(static_cast<std::int8_t>(value * 100));
        m.bytes8(name + "_i", extents, values);
        std::vector<float> scales;
        for (std::size_t c = 0; c < channels; ++c) scales.push_back(0.01f + 0.001f * static_cast<float>(c));
        m.floats(name + "_s", {static_cast<std::int64_t>(channels)}, scales);
        m.bytes8(name + "_z", {static_cast<std::int64_t>(channels)}, std::vector<std::int8_t>(channels, 0));
        m.node("DequantizeLinear", {name + "_i", name + "_s", name + "_z"}, {name}, {{"axis", {0}}});
    };
    pair("image", "x", 0.0078125f, 0);
    weights("w1", {4, 3, 3, 3}, 108, 4, 1);
    m.floats("b1", {4}, {0.1f, -0.2f, 0.3f, 0.0f});
    m.node("Conv", {"x", "w1", "b1"}, {"c1"}, {{"pads", {1, 1, 1, 1}}});
    m.node("Relu", {"c1"}, {"r1"});
    pair("r1", "a1", 0.05f, -128);
    m.node("MaxPool", {"a1"}, {"p1"}, {{"kernel_shape", {2, 2}}, {"strides", {2, 2}}});
    pair("p1", "a2", 0.05f, -128);
    m.node("Flatten", {"a2"}, {"flat"});
    pair("flat", "a3", 0.05f, -128);
    weights("w2", {3, 16}, 48, 3, 2);
    m.node("Gemm", {"a3", "w2"}, {"dense"}, {{"transB", {1}}});
    pair("dense", "a4", 0.1f, 3);
    m.output("a4", {1, 3});
    return m.bytes();
}

}  // namespace jatai::onnx
