// layer.h: one random layer, and how two kernels are compared on it.
//
//     Layer layer(&params, sizeof params);
//     uint8_t* in = layer.add(bytes, true);                    // null: no room
//     return compare(fast, reference, layer, 1);               // null: they agree
//
// Every operand lies between guard bytes, and each layer is run with two different fillings of the guards: a
// kernel that writes outside is caught by the guards, one whose answer depends on bytes outside by the
// difference.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "device/kernels/channel_pairs.h"
#include "device/kernels/check.h"
#include "device/kernels/window.h"

namespace jatai {

struct Random {
    uint32_t state = 12345;
    uint32_t next() {
        state = state * 1664525u + 1013904223u;
        return state >> 8;
    }
    // low .. high, both ends included
    int32_t in(int32_t low, int32_t high) {
        return low + static_cast<int32_t>(next() % static_cast<uint32_t>(high - low + 1));
    }
    bool one_in(uint32_t n) { return next() % n == 0; }
};
extern Random random;

constexpr uint32_t kGuard = 16;
constexpr uint32_t kOperands = 8;
constexpr uint32_t kRoom = 100 * 1024;
extern uint8_t memory[kRoom];

// One layer: its parameters and operands, side by side in `memory`.
struct Layer {
    const void* params;
    uint32_t params_bytes;
    uint32_t count = 0;
    uint32_t bytes[kOperands] = {};
    uint32_t begin[kOperands] = {};
    bool writable[kOperands] = {};
    uint32_t used = kGuard;
    uint8_t* kept = nullptr;  // the first of the operands that are set anew before each run
    uint32_t kept_bytes = 0;

    Layer(const void* p, uint32_t n) : params(p), params_bytes(n) {}

    // Returns the operand's bytes, or null when there is no room.
    uint8_t* add(uint32_t size, bool may_write, uint32_t misalign = 0) {
        begin[count] = (used + 7) / 8 * 8 + misalign;
        bytes[count] = size;
        writable[count] = may_write;
        used = begin[count] + size + kGuard;
        ++count;
        return used <= kRoom ? memory + begin[count - 1] : nullptr;
    }
    // A state: every run begins with the same random bytes. Called in the order of the operands.
    void keep(uint8_t* bytes, uint32_t size) {
        if (kept == nullptr) kept = bytes;
        kept_bytes = static_cast<uint32_t>(bytes + size - kept);
    }
    Claim claim() const { return {params, params_bytes, count, bytes, writable}; }
};

void paint_guards(const Layer& layer, uint8_t colour);
bool guards_hold(const Layer& layer, uint8_t colour);
void run(const Kernel& kernel, const Layer& layer);

// Null when both kernels accept the layer and agree; else what went wrong.
const char* compare(const Kernel& fast, const Kernel& reference, const Layer& layer, uint32_t output);

void fill(uint8_t* to, uint32_t count);
Range random_range();
// Biases and factors of `count` channels whose sums have up to `terms` products; says what holds of them.
uint8_t fill_channels(Channel* channels, uint32_t count, uint32_t terms);
Window random_window(int32_t largest_kernel);
// Weights of random bytes, packed by the definition of PairLayout; B is never -128, so that every lane fits.
void pack_pairs(uint32_t* words, PairLayout layout, uint32_t channels);

// Runs `cases` random layers; says how many failed, and how the first one did.
uint32_t repeat(const char* name, const char* (*check)(), uint32_t cases);

// Each returns how many checks failed.
uint32_t check_convolutions();
uint32_t check_others();
uint32_t check_hostile_parameters();

}  // namespace jatai
