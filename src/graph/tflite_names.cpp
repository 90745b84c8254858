#include "src/graph/tflite_names.h"

#include <array>
#include <iterator>

#include "src/base/error.h"

namespace jatai {
namespace {

// BuiltinOperator, by number.
constexpr const char* kBuiltins[] = {
    "ADD",
    "AVERAGE_POOL_2D",
    "CONCATENATION",
    "CONV_2D",
    "DEPTHWISE_CONV_2D",
    "DEPTH_TO_SPACE",
    "DEQUANTIZE",
    "EMBEDDING_LOOKUP",
    "FLOOR",
    "FULLY_CONNECTED",
    "HASHTABLE_LOOKUP",
    "L2_NORMALIZATION",
    "L2_POOL_2D",
    "LOCAL_RESPONSE_NORMALIZATION",
    "LOGISTIC",
    "LSH_PROJECTION",
    "LSTM",
    "MAX_POOL_2D",
    "MUL",
    "RELU",
    "RELU_N1_TO_1",
    "RELU6",
    "RESHAPE",
    "RESIZE_BILINEAR",
    "RNN",
    "SOFTMAX",
    "SPACE_TO_DEPTH",
    "SVDF",
    "TANH",
    "CONCAT_EMBEDDINGS",
    "SKIP_GRAM",
    "CALL",
    "CUSTOM",
    "EMBEDDING_LOOKUP_SPARSE",
    "PAD",
    "UNIDIRECTIONAL_SEQUENCE_RNN",
    "GATHER",
    "BATCH_TO_SPACE_ND",
    "SPACE_TO_BATCH_ND",
    "TRANSPOSE",
    "MEAN",
    "SUB",
    "DIV",
    "SQUEEZE",
    "UNIDIRECTIONAL_SEQUENCE_LSTM",
    "STRIDED_SLICE",
    "BIDIRECTIONAL_SEQUENCE_RNN",
    "EXP",
    "TOPK_V2",
    "SPLIT",
    "LOG_SOFTMAX",
    "DELEGATE",
    "BIDIRECTIONAL_SEQUENCE_LSTM",
    "CAST",
    "PRELU",
    "MAXIMUM",
    "ARG_MAX",
    "MINIMUM",
    "LESS",
    "NEG",
    "PADV2",
    "GREATER",
    "GREATER_EQUAL",
    "LESS_EQUAL",
    "SELECT",
    "SLICE",
    "SIN",
    "TRANSPOSE_CONV",
    "SPARSE_TO_DENSE",
    "TILE",
    "EXPAND_DIMS",
    "EQUAL",
    "NOT_EQUAL",
    "LOG",
    "SUM",
    "SQRT",
    "RSQRT",
    "SHAPE",
    "POW",
    "ARG_MIN",
    "FAKE_QUANT",
    "REDUCE_PROD",
    "REDUCE_MAX",
    "PACK",
    "LOGICAL_OR",
    "ONE_HOT",
    "LOGICAL_AND",
    "LOGICAL_NOT",
    "UNPACK",
    "REDUCE_MIN",
    "FLOOR_DIV",
    "REDUCE_ANY",
    "SQUARE",
    "ZEROS_LIKE",
    "FILL",
    "FLOOR_MOD",
    "RANGE",
    "RESIZE_NEAREST_NEIGHBOR",
    "LEAKY_RELU",
    "SQUARED_DIFFERENCE",
    "MIRROR_PAD",
    "ABS",
    "SPLIT_V",
    "UNIQUE",
    "CEIL",
    "REVERSE_V2",
    "ADD_N",
    "GATHER_ND",
    "COS",
    "WHERE",
    "RANK",
    "ELU",
    "REVERSE_SEQUENCE",
    "MATRIX_DIAG",
    "QUANTIZE",
    "MATRIX_SET_DIAG",
    "ROUND",
    "HARD_SWISH",
    "IF",
    "WHILE",
    "NON_MAX_SUPPRESSION_V4",
    "NON_MAX_SUPPRESSION_V5",
    "SCATTER_ND",
    "SELECT_V2",
    "DENSIFY",
    "SEGMENT_SUM",
    "BATCH_MATMUL",
    "PLACEHOLDER_FOR_GREATER_OP_CODES",
    "CUMSUM",
    "CALL_ONCE",
    "BROADCAST_TO",
    "RFFT2D",
    "CONV_3D",
    "IMAG",
    "REAL",
    "COMPLEX_ABS",
    "HASHTABLE",
    "HASHTABLE_FIND",
    "HASHTABLE_IMPORT",
    "HASHTABLE_SIZE",
    "REDUCE_ALL",
    "CONV_3D_TRANSPOSE",
    "VAR_HANDLE",
    "READ_VARIABLE",
    "ASSIGN_VARIABLE",
    "BROADCAST_ARGS",
    "RANDOM_STANDARD_NORMAL",
    "BUCKETIZE",
    "RANDOM_UNIFORM",
    "MULTINOMIAL",
    "GELU",
    "DYNAMIC_UPDATE_SLICE",
    "RELU_0_TO_1",
    "UNSORTED_SEGMENT_PROD",
    "UNSORTED_SEGMENT_MAX",
    "UNSORTED_SEGMENT_SUM",
    "ATAN2",
    "UNSORTED_SEGMENT_MIN",
    "SIGN",
    "BITCAST",
    "BITWISE_XOR",
    "RIGHT_SHIFT",
    "STABLEHLO_LOGISTIC",
    "STABLEHLO_ADD",
    "STABLEHLO_DIVIDE",
    "STABLEHLO_MULTIPLY",
    "STABLEHLO_MAXIMUM",
    "STABLEHLO_RESHAPE",
    "STABLEHLO_CLAMP",
    "STABLEHLO_CONCATENATE",
    "STABLEHLO_BROADCAST_IN_DIM",
    "STABLEHLO_CONVOLUTION",
    "STABLEHLO_SLICE",
    "STABLEHLO_CUSTOM_CALL",
    "STABLEHLO_REDUCE",
    "STABLEHLO_ABS",
    "STABLEHLO_AND",
    "STABLEHLO_COSINE",
    "STABLEHLO_EXPONENTIAL",
    "STABLEHLO_FLOOR",
    "STABLEHLO_LOG",
    "STABLEHLO_MINIMUM",
    "STABLEHLO_NEGATE",
    "STABLEHLO_OR",
    "STABLEHLO_POWER",
    "STABLEHLO_REMAINDER",
    "STABLEHLO_RSQRT",
    "STABLEHLO_SELECT",
    "STABLEHLO_SUBTRACT",
    "STABLEHLO_TANH",
    "STABLEHLO_SCATTER",
    "STABLEHLO_COMPARE",
    "STABLEHLO_CONVERT",
    "STABLEHLO_DYNAMIC_SLICE",
    "STABLEHLO_DYNAMIC_UPDATE_SLICE",
    "STABLEHLO_PAD",
    "STABLEHLO_IOTA",
    "STABLEHLO_DOT_GENERAL",
    "STABLEHLO_REDUCE_WINDOW",
    "STABLEHLO_SORT",
    "STABLEHLO_WHILE",
    "STABLEHLO_GATHER",
    "STABLEHLO_TRANSPOSE",
    "DILATE",
    "STABLEHLO_RNG_BIT_GENERATOR",
    "REDUCE_WINDOW",
    "STABLEHLO_COMPOSITE",
    "STABLEHLO_SHIFT_LEFT",
    "STABLEHLO_CBRT",
    "STABLEHLO_CASE",
};
static_assert(std::size(kBuiltins) == 210);

// TensorType, by number.
constexpr const char* kTensorTypes[] = {
    "FLOAT32",   "FLOAT16", "INT32",    "UINT8",      "INT64",  "STRING",        "BOOL",        "INT16",
    "COMPLEX64", "INT8",    "FLOAT64",  "COMPLEX128", "UINT64", "RESOURCE",      "VARIANT",     "UINT32",
    "UINT16",    "INT4",    "BFLOAT16", "INT2",       "UINT4",  "FLOAT8_E4M3FN", "FLOAT8_E5M2",
};

struct TypeRow {
    Type type;
    int tensor_type;
    const char* name;
};
constexpr std::array<TypeRow, 12> kTypes{{{Type::Int8, 9, "int8"},
                                          {Type::UInt8, 3, "uint8"},
                                          {Type::Int16, 7, "int16"},
                                          {Type::Int32, 2, "int32"},
                                          {Type::Int64, 4, "int64"},
                                          {Type::Float32, 0, "float32"},
                                          {Type::Bool, 6, "bool"},
                                          {Type::UInt32, 15, "uint32"},
                                          {Type::UInt64, 12, "uint64"},
                                          {Type::UInt16, 16, "uint16"},
                                          {Type::Float16, 1, "float16"},
                                          {Type::Float64, 10, "float64"}}};

}  // namespace

std::string builtin_name(std::int32_t code) {
    if (code >= 0 && code < static_cast<std::int32_t>(std::size(kBuiltins))) return kBuiltins[code];
    return text("operator {}", code);
}

std::string nearest_thing(std::int32_t code) {
    const std::string name = builtin_name(code);
    const auto is = [&](std::string_view word) { return name == word; };
    const auto has = [&](const char* word) { return name.find(word) != std::string::npos; };
    if (has("LSTM") || has("RNN") || is("SVDF")) {
        return text(
            "UNIDIRECTIONAL_SEQUENCE_LSTM, as Keras exports its LSTM; or CONV_2D layers over the time axis");
    }
    if (has("VARIABLE") || is("VAR_HANDLE") || is("CALL_ONCE") || is("IF") || is("WHILE") || is("CALL")) {
        return text("export the model without state and branches: one graph, the whole window as its input");
    }
    if (has("STABLEHLO"))
        return text("convert with the builtin operators of TensorFlow Lite, without composites");
    if (is("BATCH_MATMUL")) return text("FULLY_CONNECTED does it when the weights are constant");
    if (is("WHERE")) return text("SELECT_V2 by a mask, or MUL by one, keeps the size fixed");
    if (has("RFFT") || has("COMPLEX"))
        return text("SignalRfft with the signal operators, or features computed outside");
    if (has("NON_MAX_SUPPRESSION"))
        return text("end the model before it, and choose among its boxes outside");
    if (has("CONV_3D")) return text("CONV_2D over two of the three dimensions");
    if (has("HASHTABLE") || is("LOOKUP"))
        return text("EMBEDDING_LOOKUP or GATHER, by numbers in place of words");
    return text("replace this layer by one that docs/reference/ops.md lists");
}

std::string nearest_to_custom(std::string_view name) {
    if (name.starts_with("Flex"))
        return text("export without FLEX ops: with the builtin operators of TensorFlow Lite only");
    if (name == "TFLite_Detection_PostProcess")
        return text(
            "end the model before it: its boxes and scores are outputs, and are chosen among outside");
    return text("do its work outside the model, or by layers that docs/reference/ops.md lists");
}

std::optional<Type> type_of(int tensor_type) {
    for (const TypeRow& row : kTypes) {
        if (row.tensor_type == tensor_type) return row.type;
    }
    return std::nullopt;
}

int tensor_type_of(Type type) {
    for (const TypeRow& row : kTypes) {
        if (row.type == type) return row.tensor_type;
    }
    CHECK(false);
}

std::string tensor_type_name(int tensor_type) {
    if (tensor_type >= 0 && tensor_type < static_cast<int>(std::size(kTensorTypes)))
        return kTensorTypes[tensor_type];
    return text("type {}", tensor_type);
}

const char* type_name(Type type) {
    for (const TypeRow& row : kTypes) {
        if (row.type == type) return row.name;
    }
    return "none";
}

Type type_named(std::string_view name) {
    for (const TypeRow& row : kTypes) {
        if (name == row.name) return row.type;
    }
    return Type::None;
}

}  // namespace jatai
