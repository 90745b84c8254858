// fully_connected.h: FULLY_CONNECTED, int8.
//
//     out[n,o] = clamp(zero + rescale(bias[o] + sum over i of weight[o,i] * in[n,i]))
//
// Version 1 has one scale for the layer, version 2 one per output. `bias` already holds
// -input_zero_point * sum(weights).
// Operands: 0 input [batches, depth] int8, 1 weights [outputs, depth] int8, 2 int32 bias[outputs] (version 1)
// or Channel[outputs] (version 2), 3 output [batches, outputs] int8. Formula:
// docs/reference/ops.md#fully_connected.
#pragma once

#include "device/kernels/check.h"
#include "device/kernels/requantize.h"

namespace jatai {

struct FullyConnectedParams {
    uint16_t batches;
    uint16_t reserved;
    uint32_t depth;
    uint32_t outputs;
    int32_t multiplier;  // version 1; version 2 reads its Channel
    int32_t shift;
    Range range;
    uint8_t facts;  // kShortRequantise
};
static_assert(sizeof(FullyConnectedParams) == 24, "the layout in flash");

inline bool fits_fully_connected(const Claim& claim, uint32_t bytes_per_output) {
    const FullyConnectedParams* p = claim.parameters<FullyConnectedParams>();
    return p != nullptr && none_zero(p->batches, p->depth, p->outputs) && p->depth <= 0xFFFFFF &&
           p->outputs <= 0xFFFFFF && holds(claim, 0, uint64_t{p->batches} * p->depth) &&
           holds(claim, 1, uint64_t{p->outputs} * p->depth) &&
           holds(claim, 2, uint64_t{p->outputs} * bytes_per_output) &&
           fills(claim, 3, uint64_t{p->batches} * p->outputs);
}

inline bool fits_fully_connected_one_scale(const Claim& claim) {
    return fits_fully_connected(claim, sizeof(int32_t));
}
inline bool fits_fully_connected_per_channel(const Claim& claim) {
    return fits_fully_connected(claim, sizeof(Channel));
}

JATAI_HOT_BEGIN

JATAI_NOINLINE int32_t weigh(const int8_t* in, const int8_t* weights, uint32_t depth, int32_t bias) {
    uint32_t sum = static_cast<uint32_t>(bias);
    for (uint32_t i = 0; i < depth; ++i) sum += static_cast<uint32_t>(weights[i] * in[i]);
    return static_cast<int32_t>(sum);
}

inline void run_fully_connected_one_scale(const Call& call) {
    const FullyConnectedParams& p = call.parameters<FullyConnectedParams>();
    const int8_t* in = call.in<int8_t>(0);
    const int32_t* bias = call.in<int32_t>(2);
    int8_t* out = call.out<int8_t>(3);
    for (uint32_t n = 0; n < p.batches; ++n, in += p.depth) {
        const int8_t* weights = call.in<int8_t>(1);
        for (uint32_t o = 0; o < p.outputs; ++o, weights += p.depth) {
            *out++ = to_int8(weigh(in, weights, p.depth, bias[o]), p.multiplier, p.shift, p.range);
        }
    }
}

inline void run_fully_connected_per_channel(const Call& call) {
    const FullyConnectedParams& p = call.parameters<FullyConnectedParams>();
    const int8_t* in = call.in<int8_t>(0);
    const Channel* channels = call.in<Channel>(2);
    int8_t* out = call.out<int8_t>(3);
    for (uint32_t n = 0; n < p.batches; ++n, in += p.depth) {
        const int8_t* weights = call.in<int8_t>(1);
        for (uint32_t o = 0; o < p.outputs; ++o, weights += p.depth) {
            const Channel& c = channels[o];
            *out++ = to_int8(weigh(in, weights, p.depth, c.bias), c.multiplier, c.shift, p.range);
        }
    }
}

JATAI_HOT_END

constexpr Kernel kFullyConnectedInt8{
    {Op::FullyConnected, Type::Int8, 1}, fits_fully_connected_one_scale, run_fully_connected_one_scale};
constexpr Kernel kFullyConnectedPerChannelInt8{
    {Op::FullyConnected, Type::Int8, 2}, fits_fully_connected_per_channel, run_fully_connected_per_channel};

}  // namespace jatai
