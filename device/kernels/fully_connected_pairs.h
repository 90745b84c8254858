// fully_connected_pairs.h: FULLY_CONNECTED, int8, with the weights of two outputs in one 16-bit lane.
//
//     out as in fully_connected.h; only the weights lie otherwise
//
// Why and when: channel_pairs.h. Version 5 has one scale for the layer, version 6 one per output.
// Operands: 0 input [batches, depth] int8, 1 weights in words as PairLayout says, 2 int32 bias[outputs]
// (version 5) or Channel[outputs] (version 6), 3 output [batches, outputs] int8, 4 scratch of
// fully_connected_scratch_bytes(depth). Formula: docs/reference/ops.md#fully_connected.
#pragma once

#include "device/kernels/channel_pairs.h"
#include "device/kernels/fully_connected.h"

namespace jatai {

inline bool fits_fully_connected_pairs(const Claim& claim, uint32_t bytes_per_output) {
    const FullyConnectedParams* p = claim.parameters<FullyConnectedParams>();
    return p != nullptr && none_zero(p->batches, p->depth, p->outputs) && p->depth <= 0xFFFFFF &&
           p->outputs <= 0xFFFFFF && holds(claim, 0, uint64_t{p->batches} * p->depth) &&
           holds(claim, 1, round_up4(p->outputs) * round_up4(p->depth)) &&
           holds(claim, 2, uint64_t{p->outputs} * bytes_per_output) &&
           fills(claim, 3, uint64_t{p->batches} * p->outputs) &&
           fills(claim, 4, fully_connected_scratch_bytes(p->depth));
}

inline bool fits_fully_connected_pairs_one_scale(const Claim& claim) {
    return fits_fully_connected_pairs(claim, sizeof(int32_t));
}
inline bool fits_fully_connected_pairs_per_channel(const Claim& claim) {
    return fits_fully_connected_pairs(claim, sizeof(Channel));
}

JATAI_HOT_BEGIN

// Channel o of either version.
inline Channel channel_of(const Call& call, uint32_t o, bool per_channel) {
    const FullyConnectedParams& p = call.parameters<FullyConnectedParams>();
    if (per_channel) return call.in<Channel>(2)[o];
    return {call.in<int32_t>(2)[o], p.multiplier, p.shift};
}

JATAI_NOINLINE void run_fully_connected_pairs(const Call& call, bool per_channel) {
    const FullyConnectedParams& p = call.parameters<FullyConnectedParams>();
    const PairLayout layout{p.depth};
    for (uint32_t o = 0; o < p.outputs; ++o) {
        const Channel c = channel_of(call, o, per_channel);
        const int8_t* in = call.in<int8_t>(0);
        int8_t* out = call.out<int8_t>(3) + o;
        for (uint32_t n = 0; n < p.batches; ++n, in += p.depth, out += p.outputs) {
            uint32_t sum = static_cast<uint32_t>(c.bias);
            for (uint32_t k = 0; k < p.depth; ++k)
                sum += static_cast<uint32_t>(unpack_weight(call.in<uint32_t>(1), layout, o, k) * in[k]);
            *out = to_int8(static_cast<int32_t>(sum), c.multiplier, c.shift, p.range);
        }
    }
}

inline void run_fully_connected_pairs_one_scale(const Call& call) { run_fully_connected_pairs(call, false); }
inline void run_fully_connected_pairs_per_channel(const Call& call) { run_fully_connected_pairs(call, true); }

JATAI_HOT_END

constexpr Kernel kFullyConnectedPairsInt8{{Op::FullyConnected, Type::Int8, 5},
                                          fits_fully_connected_pairs_one_scale,
                                          run_fully_connected_pairs_one_scale};
constexpr Kernel kFullyConnectedPairsPerChannelInt8{{Op::FullyConnected, Type::Int8, 6},
                                                    fits_fully_connected_pairs_per_channel,
                                                    run_fully_connected_pairs_per_channel};

}  // namespace jatai
