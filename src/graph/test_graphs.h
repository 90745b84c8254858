// test_graphs.h: small graphs for the tests of this room.
//
//     const Graph graph = parse_text(kTinyNet, "tiny");
#pragma once

namespace jatai {

// One of each operator: quantise, two convolutions, pools, add, fully connected, softmax, back to float.
inline constexpr const char* kTinyNet = R"(
graph tiny
metadata "labels" "yes,no"
%wave float32[1,8,8,1] = input
%conv_w int8[4,3,3,1] s=[0.01,0.02,0.03,0.04] = random 1
%conv_b int32[4] s=[0.0005,0.001,0.0015,0.002] = random 2
%deep_w int8[1,3,3,4] s=[0.01,0.02,0.03,0.04] axis=3 = random 3
%deep_b int32[4] s=[0.0005,0.001,0.0015,0.002] = {10,-20,30,-40}
%flat_shape int32[2] = {1,16}
%dense_w int8[2,16] s=0.02 = random 4
%dense_b int32[2] s=0.001 = fill 7
%x int8[1,8,8,1] s=0.05 z=-3 = QUANTIZE(%wave)
%conv int8[1,8,8,4] s=0.05 z=-128 = CONV_2D(%x, %conv_w, %conv_b) version=3 stride_w=1 stride_h=1 fused_activation_function=relu
%deep int8[1,8,8,4] s=0.05 z=4 = DEPTHWISE_CONV_2D(%conv, %deep_w, %deep_b) version=3 stride_w=1 stride_h=1 depth_multiplier=1
%sum int8[1,8,8,4] s=0.06 z=1 = ADD(%conv, %deep) version=2
%top int8[1,4,4,4] s=0.06 z=1 = MAX_POOL_2D(%sum) version=2 padding=valid stride_w=2 stride_h=2 filter_width=2 filter_height=2
%mean int8[1,2,2,4] s=0.06 z=1 = AVERAGE_POOL_2D(%top) version=2 padding=valid stride_w=2 stride_h=2 filter_width=2 filter_height=2
%flat int8[1,16] s=0.06 z=1 = RESHAPE(%mean, %flat_shape) new_shape=[1,16]
%dense int8[1,2] s=0.1 z=-5 = FULLY_CONNECTED(%flat, %dense_w, %dense_b) version=4
%score int8[1,2] s=0.00390625 z=-128 = SOFTMAX(%dense) version=2 beta=1
%answer float32[1,2] = DEQUANTIZE(%score) version=2
output %answer
)";

}  // namespace jatai
