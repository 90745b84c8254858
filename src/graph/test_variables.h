// test_variables.h: for tests: a .tflite file with a variable, which write_tflite() cannot make.
//
//     Graph graph = read_tflite(variable_model({5, 6}), "sum");      // y = the sum of all x so far, from {5,
//     6}
//
// As TensorFlow's converter lays it out: CALL_ONCE runs a second graph that gives the variable its constant;
// VAR_HANDLE names it, READ_VARIABLE and ASSIGN_VARIABLE use it.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <vector>

#include "src/base/bytes.h"

namespace jatai {

class VariableModel {
  public:
    explicit VariableModel(std::vector<std::uint8_t> beginning) : beginning_(std::move(beginning)) {}

    Bytes write() {
        const std::vector<Offset> codes{code(129), code(142), code(143), code(144), code(0)};
        // Tensors: 0 input, 1 handle, 2 what it held, 3 sum. In the second graph: 0 handle, 1 constant.
        const std::vector<Offset> tensors{tensor("x", kInt8, 0), tensor("handle", kResource, 0),
                                          tensor("held", kInt8, 0), tensor("sum", kInt8, 0)};
        const std::vector<Offset> once{tensor("once_handle", kResource, 0), tensor("begin", kInt8, 1)};
        const std::vector<Offset> steps{node(0, {}, {}, 103, call_once()),
                                        node(1, {}, {1}, 111, var_handle()), node(2, {1}, {2}),
                                        node(4, {0, 2}, {3}, 11, empty()), node(3, {1, 3}, {})};
        const std::vector<Offset> once_steps{node(1, {}, {0}, 111, var_handle()), node(3, {0, 1}, {})};
        const std::vector<Offset> graphs{graph(tensors, {0}, {3}, steps), graph(once, {}, {}, once_steps)};
        const std::vector<Offset> buffers{buffer({}), buffer(beginning_)};
        const auto all_codes = out_.CreateVector(codes);
        const auto all_graphs = out_.CreateVector(graphs);
        const auto all_buffers = out_.CreateVector(buffers);
        const auto start = out_.StartTable();
        out_.AddElement<std::uint32_t>(slot(0), 3, 0);
        out_.AddOffset(slot(1), all_codes);
        out_.AddOffset(slot(2), all_graphs);
        out_.AddOffset(slot(4), all_buffers);
        out_.Finish(Offset(out_.EndTable(start)), "TFL3");
        return {out_.GetBufferPointer(), out_.GetBufferPointer() + out_.GetSize()};
    }

  private:
    using Offset = flatbuffers::Offset<void>;
    static constexpr std::int8_t kInt8 = 9, kResource = 13;

    static flatbuffers::voffset_t slot(int field) {
        return flatbuffers::FieldIndexToOffset(static_cast<flatbuffers::voffset_t>(field));
    }
    Offset code(int number) {
        const auto start = out_.StartTable();
        out_.AddElement<std::int8_t>(slot(0), static_cast<std::int8_t>(std::min(number, 127)), 0);
        out_.AddElement<std::int32_t>(slot(3), number, 0);
        return Offset(out_.EndTable(start));
    }
    Offset tensor(const char* name, std::int8_t type, std::uint32_t data) {
        const bool number = type == kInt8;
        const auto shape =
            out_.CreateVector(number ? std::vector<std::int32_t>{static_cast<std::int32_t>(beginning_.size())}
                                     : std::vector<std::int32_t>{});
        const auto words = out_.CreateString(name);
        const auto scale = out_.CreateVector(std::vector<float>{1.0f});
        const auto zero = out_.CreateVector(std::vector<std::int64_t>{0});
        auto start = out_.StartTable();
        out_.AddOffset(slot(2), scale);
        out_.AddOffset(slot(3), zero);
        const Offset quantisation(out_.EndTable(start));
        start = out_.StartTable();
        out_.AddOffset(slot(0), shape);
        out_.AddElement<std::int8_t>(slot(1), type, 0);
        out_.AddElement<std::uint32_t>(slot(2), data, 0);
        out_.AddOffset(slot(3), words);
        if (number) out_.AddOffset(slot(4), quantisation);
        return Offset(out_.EndTable(start));
    }
    Offset empty() { return Offset(out_.EndTable(out_.StartTable())); }
    Offset call_once() {
        const auto start = out_.StartTable();
        out_.AddElement<std::int32_t>(slot(0), 1, 0);
        return Offset(out_.EndTable(start));
    }
    Offset var_handle() {
        const auto name = out_.CreateString("total");
        const auto start = out_.StartTable();
        out_.AddOffset(slot(1), name);
        return Offset(out_.EndTable(start));
    }
    Offset node(std::uint32_t code, const std::vector<std::int32_t>& inputs,
                const std::vector<std::int32_t>& outputs, std::uint8_t kind = 0, Offset options = 0) {
        const auto from = out_.CreateVector(inputs);
        const auto to = out_.CreateVector(outputs);
        const auto start = out_.StartTable();
        out_.AddElement<std::uint32_t>(slot(0), code, 0);
        out_.AddOffset(slot(1), from);
        out_.AddOffset(slot(2), to);
        out_.AddElement<std::uint8_t>(slot(3), kind, 0);
        if (kind != 0) out_.AddOffset(slot(4), options);
        return Offset(out_.EndTable(start));
    }
    Offset graph(const std::vector<Offset>& tensors, const std::vector<std::int32_t>& inputs,
                 const std::vector<std::int32_t>& outputs, const std::vector<Offset>& nodes) {
        const auto all = out_.CreateVector(tensors);
        const auto in = out_.CreateVector(inputs);
        const auto out = out_.CreateVector(outputs);
        const auto steps = out_.CreateVector(nodes);
        const auto start = out_.StartTable();
        out_.AddOffset(slot(0), all);
        out_.AddOffset(slot(1), in);
        out_.AddOffset(slot(2), out);
        out_.AddOffset(slot(3), steps);
        return Offset(out_.EndTable(start));
    }
    Offset buffer(const std::vector<std::uint8_t>& bytes) {
        const auto data = out_.CreateVector(bytes);
        const auto start = out_.StartTable();
        if (!bytes.empty()) out_.AddOffset(slot(0), data);
        return Offset(out_.EndTable(start));
    }

    std::vector<std::uint8_t> beginning_;
    flatbuffers::FlatBufferBuilder out_;
};

inline Bytes variable_model(std::vector<std::uint8_t> beginning) {
    return VariableModel(std::move(beginning)).write();
}

}  // namespace jatai
