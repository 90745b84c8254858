// op_def.h: everything the host knows about one operator, in one place.
//
//     const OpDef& def = op_def(node.op);
//     def.verify(graph, node);                    // throws Error naming the layer, what was found, what is
//     expected Lowered step = def.lower(graph, node, Family::CortexM);
//
// One op = a number in device/op.h + device/kernels/<op>.h + src/graph/ops/<op>.cpp, which holds its OpDef.
// The .tflite reader and writer, the verifier, the text form and the planner know ops only through this
// struct.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "device/kernel.h"
#include "src/graph/graph.h"

namespace jatai {

// A setting as the TFLite schema stores it in the op's options table: its name, its field number, its type.
enum class FieldType : std::uint8_t { Int8, Int32, Float32, Bool, Int32List };
struct OptionField {
    const char* name;
    std::uint16_t field;  // 0-based id in the options table of the public schema
    FieldType type;
    double fallback;  // the schema's default
};

// Which code the chip has for a kernel. A faster version of the same arithmetic may ask for scratch.
enum class Family : std::uint8_t { Reference = 0, CortexM = 1 };

// An operand of a lowered step: a tensor of the graph, or constant bytes made for the kernel, or scratch.
struct Operand {
    enum class Kind : std::uint8_t { Absent, Tensor, Constant, Scratch };
    Kind kind = Kind::Absent;
    TensorId tensor = kNoTensor;      // Tensor: an activation, or a constant of the graph used as it stands
    Bytes constant;                   // Constant: as the kernel reads it, little-endian
    std::uint32_t scratch_bytes = 0;  // Scratch
    std::uint32_t align = 4;          // of a constant or scratch, in bytes

    static Operand of(TensorId id) { return {Kind::Tensor, id, {}, 0, 4}; }
    static Operand of(Bytes bytes, std::uint32_t align = 4) {
        return {Kind::Constant, kNoTensor, std::move(bytes), 0, align};
    }
    static Operand scratch(std::uint32_t bytes) { return {Kind::Scratch, kNoTensor, {}, bytes, 4}; }
    static Operand absent() { return {}; }
};

// One step as the chip will run it. An empty `kernel.op` (Op::None) means: nothing to do, output is input
// (reshape).
struct Lowered {
    KernelKey kernel{Op::None, Type::None, 0};
    Bytes params;  // the kernel's parameter struct, as in flash
    std::vector<Operand> operands;
};

struct OpDef {
    Op op;
    const char* name;           // as in the TFLite schema: "CONV_2D"
    std::int32_t builtin_code;  // BuiltinOperator of the schema
    std::int32_t options_type;  // BuiltinOptions union member of the schema; 0: none
    int max_version;            // newest version of the op we read
    std::vector<OptionField> options;
    const char* header;  // device header of its kernels: "device/kernels/conv2d.h"

    // Checks types, shapes and settings. Throws Error in words ("layer 3 conv_a (CONV_2D): …").
    void (*verify)(const Graph& graph, const Node& node);
    // Multiply-accumulates of one run.
    std::int64_t (*macs)(const Graph& graph, const Node& node);
    Lowered (*lower)(const Graph& graph, const Node& node, Family family);
};

Value default_of(const OptionField& field);  // the schema's default, as a setting

const OpDef& op_def(Op op);
const OpDef* find_op(std::int32_t builtin_code);  // null: not known
const OpDef* find_op(const std::string& name);    // "CONV_2D"; null: not known
const std::vector<const OpDef*>& all_ops();

}  // namespace jatai
