// op.h: every operator Jataí knows, by number.
//
//     Op::Conv2d        // the same number in the graph, in a package and in a kernel-set manifest
//
// Keeps: a number, once given, never changes its meaning: packages in the field carry it.
#pragma once

#include <stdint.h>

namespace jatai {

// Each operator: its name, its number, and the name of its host file, src/graph/ops/<file>.cpp or the file of
// its family, which defines <file>_def(). A new operator begins with a line here; a number once given stays.
// Not aligned, so that a line that one adds moves no line of another.
// clang-format off
#define JATAI_OPS(X) \
    X(Conv2d, 1, conv2d) \
    X(DepthwiseConv2d, 2, depthwise_conv2d) \
    X(FullyConnected, 3, fully_connected) \
    X(AveragePool2d, 4, average_pool2d) \
    X(MaxPool2d, 5, max_pool2d) \
    X(Add, 6, add) \
    X(Softmax, 7, softmax) \
    X(Reshape, 8, reshape) \
    X(Quantize, 9, quantize) \
    X(Dequantize, 10, dequantize) \
    X(ReadVariable, 11, read_variable) \
    X(AssignVariable, 12, assign_variable) \
    X(Mul, 20, mul) \
    X(Sub, 21, sub) \
    X(Div, 22, div) \
    X(Maximum, 23, maximum) \
    X(Minimum, 24, minimum) \
    X(SquaredDifference, 25, squared_difference) \
    X(FloorDiv, 26, floor_div) \
    X(FloorMod, 27, floor_mod) \
    X(Prelu, 28, prelu) \
    X(Logistic, 29, logistic) \
    X(Tanh, 30, tanh) \
    X(Relu, 31, relu) \
    X(Relu6, 32, relu6) \
    X(ReluN1To1, 33, relu_n1_to_1) \
    X(Relu0To1, 34, relu_0_to_1) \
    X(LeakyRelu, 35, leaky_relu) \
    X(HardSwish, 36, hard_swish) \
    X(Elu, 37, elu) \
    X(Abs, 38, abs) \
    X(Neg, 39, neg) \
    X(Ceil, 40, ceil) \
    X(Floor, 41, floor) \
    X(Round, 42, round) \
    X(Sqrt, 43, sqrt) \
    X(Rsqrt, 44, rsqrt) \
    X(Square, 45, square) \
    X(Exp, 46, exp) \
    X(Log, 47, log) \
    X(Sin, 48, sin) \
    X(Cos, 49, cos) \
    X(Cast, 50, cast) \
    X(LogicalAnd, 51, logical_and) \
    X(LogicalOr, 52, logical_or) \
    X(LogicalNot, 53, logical_not) \
    X(Equal, 54, equal) \
    X(NotEqual, 55, not_equal) \
    X(Greater, 56, greater) \
    X(GreaterEqual, 57, greater_equal) \
    X(Less, 58, less) \
    X(LessEqual, 59, less_equal) \
    X(Select, 60, select) \
    X(SelectV2, 61, select_v2) \
    X(L2Normalization, 62, l2_normalization) \
    X(LogSoftmax, 63, log_softmax) \
    X(Pow, 64, pow) \
    X(Sign, 65, sign) \
    X(Gelu, 66, gelu) \
    X(L2Pool2d, 67, l2_pool_2d) \
    X(TopKV2, 68, topk_v2) \
    X(Shape, 70, shape) \
    X(StridedSlice, 71, strided_slice) \
    X(Slice, 72, slice) \
    X(Pack, 73, pack) \
    X(Unpack, 74, unpack) \
    X(Split, 75, split) \
    X(SplitV, 76, split_v) \
    X(Concatenation, 77, concatenation) \
    X(ExpandDims, 78, expand_dims) \
    X(Squeeze, 79, squeeze) \
    X(Transpose, 80, transpose) \
    X(Tile, 81, tile) \
    X(BroadcastTo, 82, broadcast_to) \
    X(Fill, 83, fill) \
    X(ZerosLike, 84, zeros_like) \
    X(ReverseV2, 85, reverse_v2) \
    X(Pad, 86, pad) \
    X(PadV2, 87, pad_v2) \
    X(MirrorPad, 88, mirror_pad) \
    X(Gather, 89, gather) \
    X(GatherNd, 90, gather_nd) \
    X(EmbeddingLookup, 91, embedding_lookup) \
    X(SpaceToDepth, 92, space_to_depth) \
    X(DepthToSpace, 93, depth_to_space) \
    X(SpaceToBatchNd, 94, space_to_batch_nd) \
    X(BatchToSpaceNd, 95, batch_to_space_nd) \
    X(CumSum, 96, cum_sum) \
    X(AddN, 97, add_n) \
    X(Mean, 98, mean) \
    X(Sum, 99, sum) \
    X(ReduceMax, 100, reduce_max) \
    X(ReduceMin, 101, reduce_min) \
    X(ReduceProd, 102, reduce_prod) \
    X(ReduceAny, 103, reduce_any) \
    X(ReduceAll, 104, reduce_all) \
    X(ArgMax, 105, arg_max) \
    X(ArgMin, 106, arg_min) \
    X(ResizeNearestNeighbor, 107, resize_nearest_neighbor) \
    X(UnidirectionalSequenceLstm, 120, unidirectional_sequence_lstm) \
    X(Svdf, 121, svdf) \
    X(ResizeBilinear, 108, resize_bilinear) \
    X(DynamicUpdateSlice, 109, dynamic_update_slice) \
    X(TransposeConv, 122, transpose_conv) \
    X(BatchMatmul, 123, batch_matmul) \
    X(Gru, 124, gru) \
    X(SignalWindow, 140, signal_window) \
    X(SignalFftAutoScale, 141, signal_fft_auto_scale) \
    X(SignalRfft, 142, signal_rfft) \
    X(SignalEnergy, 143, signal_energy) \
    X(SignalFilterBank, 144, signal_filter_bank) \
    X(SignalFilterBankSquareRoot, 145, signal_filter_bank_square_root) \
    X(SignalFilterBankSpectralSubtraction, 146, signal_filter_bank_spectral_subtraction) \
    X(SignalPcan, 147, signal_pcan) \
    X(SignalFilterBankLog, 148, signal_filter_bank_log)

// clang-format on

enum class Op : uint16_t {
    None = 0,
#define JATAI_OP_NUMBER(name, number, file) name = number,
    JATAI_OPS(JATAI_OP_NUMBER)
#undef JATAI_OP_NUMBER
};

// Element types, of the graph and of the chip.
enum class Type : uint8_t {
    None = 0,
    Int8 = 1,
    UInt8 = 2,
    Int16 = 3,
    Int32 = 4,
    Int64 = 5,
    Float32 = 6,
    Bool = 7,
    UInt32 = 8,
    UInt64 = 9,
    // Only moved, and brought to another type by CAST.
    UInt16 = 10,
    Float16 = 11,
    Float64 = 12,
};
constexpr Type kLastType = Type::Float64;

// Bytes of one element.
constexpr uint32_t size_of(Type type) {
    return type == Type::Int64 || type == Type::UInt64 || type == Type::Float64   ? 8u
           : type == Type::Int32 || type == Type::UInt32 || type == Type::Float32 ? 4u
           : type == Type::Int16 || type == Type::UInt16 || type == Type::Float16 ? 2u
           : type == Type::None                                                   ? 0u
                                                                                  : 1u;
}

}  // namespace jatai
