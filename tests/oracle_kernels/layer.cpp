// layer.cpp: random layers, and the comparison of two kernels.
#include "tests/oracle_kernels/layer.h"

#include "tests/oracle_kernels/console.h"

namespace jatai {

Random random;
alignas(8) uint8_t memory[kRoom];

namespace {

uint8_t expected[16 * 1024];

bool is_guard(const Layer& layer, uint32_t at) {
    for (uint32_t i = 0; i < layer.count; ++i) {
        if (at >= layer.begin[i] && at < layer.begin[i] + layer.bytes[i]) return false;
    }
    return at < layer.used;
}

// One axis of a window: extents that TFLite could ask for, padded (SAME) or not (VALID).
void random_axis(uint16_t* in, uint16_t* out, uint16_t* kernel, uint16_t* stride, uint16_t* dilation,
                 uint16_t* pad, int32_t largest) {
    *kernel = static_cast<uint16_t>(random.one_in(2) ? 3 : random.in(1, largest));
    *stride = static_cast<uint16_t>(random.in(1, 3));
    *dilation = static_cast<uint16_t>(random.one_in(3) ? 2 : 1);
    const int32_t reach = (*kernel - 1) * *dilation + 1;
    const bool same = random.one_in(2);
    const int32_t size = same ? random.in(1, 9) : random.in(reach, reach + 7);
    *in = static_cast<uint16_t>(size);
    *out = static_cast<uint16_t>(same ? (size + *stride - 1) / *stride : (size - reach) / *stride + 1);
    const int32_t total = (*out - 1) * *stride + reach - size;
    *pad = static_cast<uint16_t>(same && total > 0 ? total / 2 : 0);
}

}  // namespace

void paint_guards(const Layer& layer, uint8_t colour) {
    for (uint32_t at = 0; at < layer.used; ++at) {
        if (is_guard(layer, at)) memory[at] = colour;
    }
}

bool guards_hold(const Layer& layer, uint8_t colour) {
    for (uint32_t at = 0; at < layer.used; ++at) {
        if (is_guard(layer, at) && memory[at] != colour) return false;
    }
    return true;
}

void run(const Kernel& kernel, const Layer& layer) {
    void* operands[kOperands];
    for (uint32_t i = 0; i < layer.count; ++i) operands[i] = memory + layer.begin[i];
    uint32_t state = 1;
    for (uint32_t i = 0; i < layer.kept_bytes; ++i) {
        if (is_guard(layer, static_cast<uint32_t>(layer.kept + i - memory))) continue;
        state = state * 1664525u + 1013904223u;
        layer.kept[i] = static_cast<uint8_t>(state >> 24);
    }
    kernel.run(Call{layer.params, operands});
}

// Null when both kernels accept the layer and agree; else what went wrong.
const char* compare(const Kernel& fast, const Kernel& reference, const Layer& layer, uint32_t output) {
    const uint32_t size = layer.bytes[output];
    if (layer.used > kRoom || size > sizeof expected) return "no room for the case";
    if (!(fast.key == reference.key)) return "the keys differ";
    if (!reference.fits(layer.claim())) return "the reference refuses it";
    if (!fast.fits(layer.claim())) return "the fast kernel refuses it";
    uint8_t* out = memory + layer.begin[output];
    paint_guards(layer, 0x5A);
    memset(out, 0x33, size);
    run(reference, layer);
    if (!guards_hold(layer, 0x5A)) return "the reference writes outside";
    memcpy(expected, out, size);
    for (uint32_t pass = 0; pass < 2; ++pass) {
        const uint8_t colour = pass == 0 ? 0x00 : 0x7F;
        paint_guards(layer, colour);
        if (layer.count > output + 1)
            memset(memory + layer.begin[output + 1], 0xA5 + static_cast<int>(pass), layer.bytes[output + 1]);
        memset(out, 0x44, size);
        run(fast, layer);
        if (!guards_hold(layer, colour)) return "the fast kernel writes outside";
        if (memcmp(expected, out, size) != 0) return "the answers differ";
    }
    // Of every operand, one byte less has to be refused.
    for (uint32_t i = 0; i < layer.count; ++i) {
        Layer small = layer;
        --small.bytes[i];
        if (fast.fits(small.claim())) return "the fast kernel accepts an operand that is a byte short";
    }
    return nullptr;
}

void fill(uint8_t* to, uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) to[i] = static_cast<uint8_t>(random.next());
    if (random.one_in(8)) memset(to, 0x80, count);  // -128 everywhere: the largest sums
}

Range random_range() {
    if (random.one_in(2)) return {static_cast<int8_t>(random.in(-128, 127)), -128, 127};
    const int32_t low = random.in(-128, 100);
    return {static_cast<int8_t>(random.in(-128, 127)), static_cast<int8_t>(low),
            static_cast<int8_t>(random.in(low, 127))};
}

// Biases and factors of `count` channels whose sums have up to `terms` products; says what holds of them.
uint8_t fill_channels(Channel* channels, uint32_t count, uint32_t terms) {
    const bool any_shift = random.one_in(3);
    uint8_t facts = kShortRequantise;
    for (uint32_t i = 0; i < count; ++i) {
        const int32_t shift = any_shift ? random.in(-31, 6) : random.in(-22, -1);
        channels[i] = {random.in(-100000, 100000) * static_cast<int32_t>(terms / 100 + 1),
                       (1 << 30) + random.in(0, 0x3FFFFFFF), shift};
        const int64_t largest = int64_t{terms} * 128 * 128 +
                                (channels[i].bias < 0 ? -int64_t{channels[i].bias} : channels[i].bias);
        if (shift > -1 || shift < -22 || largest >= 1 << 30) facts = 0;
    }
    return facts;
}

Window random_window(int32_t largest_kernel) {
    Window w{};
    w.batches = static_cast<uint16_t>(random.in(1, 2));
    random_axis(&w.in_h, &w.out_h, &w.kernel_h, &w.stride_h, &w.dilation_h, &w.pad_top, largest_kernel);
    random_axis(&w.in_w, &w.out_w, &w.kernel_w, &w.stride_w, &w.dilation_w, &w.pad_left, largest_kernel);
    w.groups = 1;
    return w;
}

// Weights of random bytes, packed by the definition of PairLayout; B is never -128, so that every lane fits.
void pack_pairs(uint32_t* words, PairLayout layout, uint32_t channels) {
    memset(words, 0, (channels + 3) / 4 * layout.words_per_block() * 4);
    for (uint32_t o = 0; o < channels; o += 2) {
        for (uint32_t k = 0; k < layout.taps; ++k) {
            const int32_t second = o + 1 < channels ? random.in(-127, 127) : 0;
            const uint32_t lane = static_cast<uint32_t>(random.in(-128, 127) + 256 * second) & 0xFFFF;
            words[layout.word(o, k)] |= lane << PairLayout::lane_shift(k);
        }
    }
}

// Runs `cases` random layers; says how many failed, and how the first one did.
uint32_t repeat(const char* name, const char* (*check)(), uint32_t cases) {
    uint32_t failures = 0;
    for (uint32_t i = 0; i < cases; ++i) {
        const char* wrong = check();
        if (wrong == nullptr) continue;
        if (failures++ == 0) {
            print(name);
            print(" case ");
            print_number(i);
            print(": ");
            print(wrong);
            print("\n");
        }
    }
    print(name);
    print(": ");
    print_number(cases - failures);
    print(" of ");
    print_number(cases);
    print(" layers agree\n");
    return failures;
}

}  // namespace jatai
