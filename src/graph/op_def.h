// op_def.h: everything the host knows about one operator, in one place.
//
//     const OpDef& def = op_def(node.op);
//     def.verify(graph, node);                    // throws Error naming the layer, what was found, what is
//     expected Lowered step = def.lower(graph, node, Family::CortexM);
//
// One op = a line in device/op.h + device/kernels/<op>.h + src/graph/ops/<op>.cpp, which holds its OpDef, and
// its cases in <op>.case. A faster version for a family is device/cortex_m/<op>.h and a word in the OpDef.
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
// CortexM has the DSP extension; CortexM0 has the instructions of Armv6-M alone.
enum class Family : std::uint8_t { Reference = 0, CortexM = 1, CortexM0 = 2 };

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

// A kernel of the op: linked into this program as `kernel`; generated code reaches it by header and symbol.
struct KernelCode {
    const Kernel* kernel;
    const char* symbol;  // "kConv2dInt8": a constexpr Kernel in namespace jatai
    const char* header;  // "device/kernels/conv2d.h"
    // Family::CortexM has its own version: <symbol>CortexM in device/cortex_m/<the same file>.
    bool cortex_m = false;
};

constexpr std::int32_t kCustomOp = 32;  // of BuiltinOperator: an operator that the schema does not have

// A setting of our own: the answer may lie on an input, or the parts of a join where the whole will be
// (src/graph/passes/elementwise_in_place.h, join_in_place.h).
constexpr const char* kInPlace = "in_place";
// Another: the bias has taken in the zero point of the input (src/graph/passes/fold_zero_points.h).
constexpr const char* kZeroPointFolded = "zero_point_folded";

struct OpDef {
    Op op;
    const char* name;           // as in the TFLite schema: "CONV_2D"
    std::int32_t builtin_code;  // BuiltinOperator of the schema; kCustomOp: `name` is the custom code
    std::int32_t options_type;  // BuiltinOptions union member of the schema; 0: none
    int max_version;            // newest version of the op we read
    std::vector<OptionField> options;
    std::vector<KernelCode> kernels;

    // Checks types, shapes and settings. Throws Error in words ("layer 3 conv_a (CONV_2D): …").
    void (*verify)(const Graph& graph, const Node& node);
    // Multiply-accumulates of one run.
    std::int64_t (*macs)(const Graph& graph, const Node& node);
    Lowered (*lower)(const Graph& graph, const Node& node, Family family);

    // Element i of an input of the output's bytes and shape is read before element i of the output is
    // written: the answer may lie on that input.
    bool in_place = false;
    // The answer depends on the extents of the inputs alone (SHAPE), so it is known before the model runs.
    bool reads_extents_only = false;
    // Adds to a layer just read what its file leaves out, such as a state the operator keeps for itself.
    void (*complete)(Graph& graph, Node& node) = nullptr;
};

// For operators that multiply nothing: OpDef::macs.
std::int64_t no_macs(const Graph& graph, const Node& node);

Value default_of(const OptionField& field);  // the schema's default, as a setting

const OpDef& op_def(Op op);
const OpDef* find_op(std::int32_t builtin_code);              // of the schema; null: not known, or custom
const OpDef* find_op(const std::string& name);                // "CONV_2D"; null: not known
const OpDef* find_custom_op(const std::string& custom_code);  // "SignalRfft"; null: not known
const std::vector<const OpDef*>& all_ops();

}  // namespace jatai
