// others.cpp: dense layers, pools, sums and products of two tensors, recurrent layers, on random numbers.
#include "device/cortex_m/add.h"
#include "device/cortex_m/average_pool2d.h"
#include "device/cortex_m/fully_connected.h"
#include "device/cortex_m/fully_connected_pairs.h"
#include "device/cortex_m/lstm.h"
#include "device/cortex_m/max_pool2d.h"
#include "device/cortex_m/rescaled_pair.h"
#include "device/cortex_m/svdf.h"
#include "device/cortex_m0/add.h"
#include "tests/oracle_kernels/layer.h"

namespace jatai {
namespace {

const char* check_fully_connected() {
    const bool per_channel = random.one_in(2);
    FullyConnectedParams p{};
    p.batches = static_cast<uint16_t>(random.in(1, 3));
    p.depth = static_cast<uint32_t>(random.in(1, 90));
    p.outputs = static_cast<uint32_t>(random.in(1, 20));
    p.range = random_range();
    Layer layer(&p, sizeof p);
    const uint32_t misalign = static_cast<uint32_t>(random.in(0, 3));
    uint8_t* in = layer.add(p.batches * p.depth, true, misalign);
    uint8_t* weights = layer.add(p.outputs * p.depth, false, misalign);
    uint8_t* table = layer.add(p.outputs * (per_channel ? 12u : 4u), false);
    layer.add(p.batches * p.outputs, true, misalign);
    layer.add(static_cast<uint32_t>(fully_connected_scratch_bytes(p.depth)), true);
    fill(in, p.batches * p.depth);
    fill(weights, p.outputs * p.depth);
    Channel channels[20];
    p.facts = fill_channels(channels, per_channel ? p.outputs : 1, p.depth);
    p.multiplier = channels[0].multiplier;
    p.shift = channels[0].shift;
    for (uint32_t o = 0; o < p.outputs; ++o) {
        if (per_channel) {
            memcpy(table + o * 12, &channels[o], 12);
        } else {
            const int32_t bias = random.in(-100000, 100000);
            memcpy(table + o * 4, &bias, 4);
        }
    }
    return per_channel
               ? compare(kFullyConnectedPerChannelInt8CortexM, kFullyConnectedPerChannelInt8, layer, 3)
               : compare(kFullyConnectedInt8CortexM, kFullyConnectedInt8, layer, 3);
}

const char* check_fully_connected_pairs() {
    const bool per_channel = random.one_in(2);
    FullyConnectedParams p{};
    p.batches = static_cast<uint16_t>(random.in(1, 3));
    p.depth = static_cast<uint32_t>(random.in(1, 90));
    p.outputs = static_cast<uint32_t>(random.in(1, 20));
    p.range = random_range();
    const PairLayout layout{p.depth};
    Layer layer(&p, sizeof p);
    const uint32_t misalign = static_cast<uint32_t>(random.in(0, 3));
    uint8_t* in = layer.add(p.batches * p.depth, true, misalign);
    uint8_t* words = layer.add((p.outputs + 3) / 4 * layout.words_per_block() * 4, false);
    uint8_t* table = layer.add(p.outputs * (per_channel ? 12u : 4u), false);
    layer.add(p.batches * p.outputs, true, misalign);
    layer.add(static_cast<uint32_t>(fully_connected_scratch_bytes(p.depth)), true);
    fill(in, p.batches * p.depth);
    pack_pairs(reinterpret_cast<uint32_t*>(words), layout, p.outputs);
    Channel channels[20];
    p.facts = fill_channels(channels, per_channel ? p.outputs : 1, p.depth);
    p.multiplier = channels[0].multiplier;
    p.shift = channels[0].shift;
    for (uint32_t o = 0; o < p.outputs; ++o) {
        const int32_t bias = random.in(-100000, 100000);
        memcpy(table + o * (per_channel ? 12 : 4),
               per_channel ? static_cast<const void*>(&channels[o]) : &bias, per_channel ? 12 : 4);
    }
    return per_channel ? compare(kFullyConnectedPairsPerChannelInt8CortexM,
                                 kFullyConnectedPairsPerChannelInt8, layer, 3)
                       : compare(kFullyConnectedPairsInt8CortexM, kFullyConnectedPairsInt8, layer, 3);
}

const char* check_pool2d(const Kernel& fast, const Kernel& reference) {
    Pool2dParams p{};
    p.window = random_window(6);
    Window& w = p.window;
    w.dilation_h = w.dilation_w = 1;
    if (random.one_in(4)) {  // more taps than one lane can hold
        w.in_h = w.kernel_h = 20;
        w.in_w = w.kernel_w = 17;
        w.out_h = w.out_w = 1;
        w.pad_top = w.pad_left = 0;
    }
    w.in_c = w.out_c = static_cast<uint16_t>(random.in(1, 11));
    const Range range = random_range();
    p.low = range.low;
    p.high = range.high;
    Layer layer(&p, sizeof p);
    const uint32_t misalign = static_cast<uint32_t>(random.in(0, 3));
    uint8_t* in = layer.add(static_cast<uint32_t>(input_bytes(w)), true, misalign);
    layer.add(static_cast<uint32_t>(output_bytes(w)), true, misalign);
    fill(in, static_cast<uint32_t>(input_bytes(w)));
    return compare(fast, reference, layer, 1);
}
const char* check_average_pool2d() { return check_pool2d(kAveragePool2dInt8CortexM, kAveragePool2dInt8); }
const char* check_max_pool2d() { return check_pool2d(kMaxPool2dInt8CortexM, kMaxPool2dInt8); }

// Rows of elements, twice in planes; an operand is repeated along elements, rows or planes, or along none.
struct RandomPair {
    Walk<2> walk;
    uint32_t elements[2], count;

    RandomPair() {
        const uint32_t planes = static_cast<uint32_t>(random.in(1, 2));
        const bool is_short = random.one_in(2);
        const uint32_t rows = static_cast<uint32_t>(random.in(1, is_short ? 50 : 4)),
                       length = static_cast<uint32_t>(random.in(1, is_short ? 6 : 40));
        walk = {{1, planes, rows, length}, {}};
        count = planes * rows * length;
        const uint32_t repeated = random.next() % 3;  // a, b, or none
        for (uint32_t i = 0; i < 2; ++i) move(i, repeated == i ? random.next() % 8 : 7);
    }

    // Half of the rows that may be held are; the plain kernels take the others.
    bool is_held() const { return is_held_rows(walk) && random.one_in(2); }

    // Bit 0: it moves along elements, 1: rows, 2: planes.
    void move(uint32_t i, uint32_t moves) {
        uint32_t step = 1;
        for (uint32_t bit = 0; bit < 3; ++bit) {
            if (!(moves >> bit & 1)) continue;
            walk.stride[i][3 - bit] = step;
            step *= walk.shape[3 - bit];
        }
        elements[i] = step;
    }
};

template <typename Params>
const char* compare_pairs(const Kernel& fast, const Kernel& reference, const RandomPair& pair, Params& p) {
    p.walk = pair.walk;
    Layer layer(&p, sizeof p);
    uint8_t* a = layer.add(pair.elements[0], true, 1);
    uint8_t* b = layer.add(pair.elements[1], true, 2);
    layer.add(pair.count, true, 3);
    fill(a, pair.elements[0]);
    fill(b, pair.elements[1]);
    return compare(fast, reference, layer, 2);
}

RescaledPairParams random_rescaled_pair() {
    RescaledPairParams p{};
    p.a_zero_point = random.in(-128, 127);
    p.b_zero_point = random.in(-128, 127);
    p.multiplier = (1 << 30) + random.in(0, 0x3FFFFFFF);
    const Range range = random_range();
    p.zero_point = range.zero_point;
    p.low = range.low;
    p.high = range.high;
    return p;
}

const char* check_mul() {
    const RandomPair pair;
    RescaledPairParams p = random_rescaled_pair();
    p.shift = random.one_in(8) ? random.in(-31, 6) : random.in(-22, -1);
    return pair.is_held() ? compare_pairs(kMulHeldInt8CortexM, kMulHeldInt8, pair, p)
                          : compare_pairs(kMulInt8CortexM, kMulInt8, pair, p);
}

// The factors of a and b: one of them, or both, are halved.
struct SharedFactors {
    int32_t a_multiplier = 1 << 30, a_shift = 0, b_multiplier = 1 << 30, b_shift = 0;

    SharedFactors() {
        const uint32_t larger = random.next() % 3;
        const bool nothing = random.one_in(9);
        const int32_t multiplier = nothing ? 0 : (1 << 30) + random.in(0, 0x3FFFFFFF);
        const int32_t shift = nothing ? 0 : (random.one_in(3) ? random.in(-31, 0) : random.in(-12, -1));
        if (larger == 1) a_multiplier = multiplier, a_shift = shift;
        if (larger == 0) b_multiplier = multiplier, b_shift = shift;
    }
};

const char* check_sub() {
    const RandomPair pair;
    const SharedFactors f;
    RescaledPairParams p = random_rescaled_pair();
    p.a_multiplier = f.a_multiplier, p.a_shift = f.a_shift;
    p.b_multiplier = f.b_multiplier, p.b_shift = f.b_shift;
    p.shift = random.in(-22, -14);
    p.spare_bits = random.one_in(8) ? 15 : 20;
    return pair.is_held() ? compare_pairs(kSubHeldInt8CortexM, kSubHeldInt8, pair, p)
                          : compare_pairs(kSubInt8CortexM, kSubInt8, pair, p);
}

const char* check_add_by(const Kernel& fast) {
    const RandomPair pair;
    const SharedFactors f;
    AddParams p{};
    p.a_multiplier = f.a_multiplier, p.a_shift = f.a_shift;
    p.b_multiplier = f.b_multiplier, p.b_shift = f.b_shift;
    p.multiplier = (1 << 30) + random.in(0, 0x3FFFFFFF);
    p.shift = random.in(-22, -14);
    p.a_zero_point = static_cast<int8_t>(random.in(-128, 127));
    p.b_zero_point = static_cast<int8_t>(random.in(-128, 127));
    p.range = random_range();
    const bool close = f.a_shift >= -22 && f.b_shift >= -22;
    p.facts = random.one_in(5) || !close ? 0 : kShortRequantise;
    const bool held = fast.run == kAddInt8CortexM.run && pair.is_held();
    return held ? compare_pairs(kAddHeldInt8CortexM, kAddHeldInt8, pair, p)
                : compare_pairs(fast, kAddInt8, pair, p);
}

const char* check_add() { return check_add_by(kAddInt8CortexM); }
const char* check_plain_add() { return check_add_by(kAddInt8CortexM0); }

// Gates of random factors, as they stand in a package.
const char* check_lstm() {
    LstmParams p{};
    Sequence& s = p.sequence;
    s = {static_cast<uint32_t>(random.in(1, 2)), static_cast<uint32_t>(random.in(1, 4)),
         static_cast<uint32_t>(random.in(1, 40)), static_cast<uint32_t>(random.in(1, 21)), random.next() & 1};
    const auto factor = [](int32_t low, int32_t high) {
        return GateFactor{(1 << 30) + random.in(0, 0x3FFFFFFF), random.in(low, high)};
    };
    for (uint32_t gate = 0; gate < kLstmGates; ++gate) {
        p.input[gate] = factor(-8, 1);
        p.recurrent[gate] = factor(-8, 1);
    }
    p.forget_cell = factor(-15, -14);
    p.input_cell = factor(-15, -12);
    p.hidden = factor(-23, -20);
    p.tanh_multiplier = random.in(1, 24000);
    p.tanh_shift = static_cast<uint8_t>(random.in(0, 14));
    p.hidden_zero_point = static_cast<int8_t>(random.in(-128, 127));
    Layer layer(&p, sizeof p);
    const uint32_t values = s.batches * s.steps;
    uint8_t* in = layer.add(values * s.inputs, true, 1);
    uint8_t* weights = layer.add(kLstmGates * s.units * (s.inputs + s.units), false, 3);
    uint8_t* biases = layer.add(2 * kLstmGates * s.units * 4, false);
    uint8_t* table = layer.add(kSigmoidTableEntries * 2, false);
    uint8_t* h = layer.add(s.batches * s.units, true, 1);
    uint8_t* c = layer.add(s.batches * s.units * 2, true);
    layer.add(values * s.units, true, 1);
    layer.add(kLstmGates * s.units * 2, true);
    fill(in, values * s.inputs);
    fill(weights, kLstmGates * s.units * (s.inputs + s.units));
    for (uint32_t i = 0; i < 2 * kLstmGates * s.units; ++i) {
        const int32_t bias = random.in(-100000, 100000);
        memcpy(biases + 4 * i, &bias, 4);
    }
    fill(table, kSigmoidTableEntries * 2);
    layer.keep(h, s.batches * s.units);
    layer.keep(c, s.batches * s.units * 2);
    return compare(kLstmInt8CortexM, kLstmInt8, layer, 6);
}

const char* check_svdf() {
    SvdfParams p{};
    p.shape = {static_cast<uint32_t>(random.in(1, 2)), static_cast<uint32_t>(random.in(1, 50)),
               static_cast<uint32_t>(random.in(1, 9)), static_cast<uint16_t>(random.in(1, 3)),
               static_cast<uint16_t>(random.in(1, 12))};
    p.feature_multiplier = (1 << 30) + random.in(0, 0x3FFFFFFF);
    p.feature_shift = random.in(-10, 0);
    p.output_multiplier = (1 << 30) + random.in(0, 0x3FFFFFFF);
    p.output_shift = random.in(-22, -12);
    p.state_zero_point = static_cast<int16_t>(random.one_in(8) ? random.in(-9, 9) : 0);
    p.input_zero_point = static_cast<int8_t>(random.in(-128, 127));
    p.output_zero_point = static_cast<int8_t>(random.in(-128, 127));
    const SvdfShape& s = p.shape;
    const uint32_t filters = s.units * s.rank;
    Layer layer(&p, sizeof p);
    uint8_t* in = layer.add(s.batches * s.inputs, true, 1);
    uint8_t* features = layer.add(filters * s.inputs, false, 3);
    uint8_t* time = layer.add(filters * s.memory * 2, false);
    uint8_t* bias = layer.add(s.units * 4, false);
    uint8_t* state = layer.add(s.batches * filters * s.memory * 2, true);
    layer.add(s.batches * s.units, true, 1);
    fill(in, s.batches * s.inputs);
    fill(features, filters * s.inputs);
    fill(time, filters * s.memory * 2);
    for (uint32_t u = 0; u < s.units; ++u) {
        const int32_t value = random.in(-100000, 100000);
        memcpy(bias + 4 * u, &value, 4);
    }
    layer.keep(state, s.batches * filters * s.memory * 2);
    return compare(kSvdfInt16StateCortexM, kSvdfInt16State, layer, 5);
}

}  // namespace

uint32_t check_others() {
    uint32_t failures = 0;
    failures += repeat("FULLY_CONNECTED", check_fully_connected, 400);
    failures += repeat("FULLY_CONNECTED in pairs", check_fully_connected_pairs, 400);
    failures += repeat("AVERAGE_POOL_2D", check_average_pool2d, 400);
    failures += repeat("MAX_POOL_2D", check_max_pool2d, 400);
    failures += repeat("MUL", check_mul, 600);
    failures += repeat("SUB", check_sub, 600);
    failures += repeat("ADD", check_add, 600);
    failures += repeat("ADD by halves", check_plain_add, 400);
    failures += repeat("UNIDIRECTIONAL_SEQUENCE_LSTM", check_lstm, 100);
    failures += repeat("SVDF", check_svdf, 200);
    return failures;
}

}  // namespace jatai
