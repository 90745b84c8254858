// networks.h: networks the tests make themselves, as large and as shaped as those people ship.
#pragma once

#include <string>

namespace jatai {

// A keyword spotter: a first layer of 10x4, then two pairs of depthwise and 1x1 layers, 49 by 10 features.
inline const char* keyword_net() {
    return R"(
        %x int8[1,49,10,1] s=0.6 z=83 = input
        %w0 int8[1,10,4,32] s=0.004 axis=3 = random 1
        %b0 int32[32] = fill 100
        %a0 int8[1,25,5,32] s=0.12 z=-128 = DEPTHWISE_CONV_2D(%x, %w0, %b0) padding=same stride_w=2 stride_h=2 depth_multiplier=32 fused_activation_function=relu
        %w1 int8[1,3,3,32] s=0.01 axis=3 = random 2
        %a1 int8[1,25,5,32] s=0.1 z=-128 = DEPTHWISE_CONV_2D(%a0, %w1, _) padding=same stride_w=1 stride_h=1 depth_multiplier=1 fused_activation_function=relu
        %w2 int8[32,1,1,32] s=0.01 = random 3
        %a2 int8[1,25,5,32] s=0.1 z=-128 = CONV_2D(%a1, %w2, _) padding=same stride_w=1 stride_h=1 fused_activation_function=relu
        %w3 int8[1,3,3,32] s=0.01 axis=3 = random 4
        %a3 int8[1,25,5,32] s=0.1 z=-128 = DEPTHWISE_CONV_2D(%a2, %w3, _) padding=same stride_w=1 stride_h=1 depth_multiplier=1 fused_activation_function=relu
        %w4 int8[32,3,3,32] s=0.003 = random 5
        %a4 int8[1,25,5,32] s=0.1 z=-5 = CONV_2D(%a3, %w4, _) padding=same stride_w=1 stride_h=1
        %sum int8[1,25,5,32] s=0.15 z=-60 = ADD(%a4, %a2)
        %p int8[1,5,1,32] s=0.15 z=-60 = AVERAGE_POOL_2D(%sum) padding=valid stride_w=5 stride_h=5 filter_width=5 filter_height=5
        %m int8[1,2,1,32] s=0.15 z=-60 = MAX_POOL_2D(%p) padding=valid stride_w=1 stride_h=2 filter_width=1 filter_height=2
        %r int8[1,64] s=0.15 z=-60 = RESHAPE(%m) new_shape=[1,64]
        %w5 int8[12,64] s=0.01 = random 6
        %f int8[1,12] s=0.5 z=10 = FULLY_CONNECTED(%r, %w5, _)
        %y int8[1,12] s=0.00390625 z=-128 = SOFTMAX(%f) beta=1
        output %y
        output %f
        output %sum)";
}

// A camera network: the first layers are where its memory goes.
inline const char* image_net() {
    return R"(
        %x int8[1,48,48,3] s=0.05 z=3 = input
        %w0 int8[8,3,3,3] s=0.01 = random 1
        %a int8[1,24,24,8] s=0.06 z=-128 = CONV_2D(%x, %w0, _) padding=same stride_w=2 stride_h=2 fused_activation_function=relu
        %w1 int8[1,3,3,8] s=0.02 axis=3 = random 2
        %b int8[1,24,24,8] s=0.05 z=-128 = DEPTHWISE_CONV_2D(%a, %w1, _) padding=same stride_w=1 stride_h=1 depth_multiplier=1 fused_activation_function=relu
        %w2 int8[16,1,1,8] s=0.03 = random 3
        %c int8[1,24,24,16] s=0.06 z=5 = CONV_2D(%b, %w2, _) padding=valid stride_w=1 stride_h=1
        %w3 int8[1,3,3,16] s=0.02 axis=3 = random 4
        %d int8[1,12,12,16] s=0.05 z=-3 = DEPTHWISE_CONV_2D(%c, %w3, _) padding=same stride_w=2 stride_h=2 depth_multiplier=1
        %p int8[1,2,2,16] s=0.05 z=-3 = AVERAGE_POOL_2D(%d) padding=valid stride_w=6 stride_h=6 filter_width=6 filter_height=6
        %r int8[1,64] s=0.05 z=-3 = RESHAPE(%p) new_shape=[1,64]
        %w5 int8[10,64] s=0.01 = random 6
        %f int8[1,10] s=0.05 z=10 = FULLY_CONNECTED(%r, %w5, _)
        output %f
        output %d)";
}

}  // namespace jatai
