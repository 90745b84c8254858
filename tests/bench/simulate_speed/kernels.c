// What firmware does, in small: sums of products, a checksum, lists, a state machine, sorting, floats. A
// measuring load.
#include <stdint.h>

enum { kRounds = 2000 };

static int8_t weights[64 * 64], inputs[64];
static int32_t sums[64];
static uint16_t numbers[256];
static float wave[128];
struct Node {
    struct Node* next;
    uint32_t value;
};
static struct Node nodes[100];

static uint32_t layer(uint32_t round) {
    uint32_t mix = 0;
    for (int row = 0; row < 64; ++row) {
        int32_t sum = (int32_t)round;
        for (int i = 0; i < 64; ++i) sum += weights[row * 64 + i] * inputs[i];
        sums[row] = sum;
        mix ^= (uint32_t)sum << (row & 15);
    }
    return mix;
}
static uint32_t checksum(const uint8_t* bytes, uint32_t count) {
    uint32_t crc = 0xFFFFFFFF;
    for (uint32_t i = 0; i < count; ++i) {
        crc ^= bytes[i];
        for (int k = 0; k < 8; ++k) crc = (crc >> 1) ^ (crc & 1 ? 0xEDB88320u : 0);
    }
    return crc;
}
static uint32_t walk(void) {
    uint32_t best = 0;
    for (const struct Node* node = &nodes[99]; node; node = node->next)
        if (node->value > best) best = node->value;
    return best;
}
static void sort(void) {
    for (int i = 1; i < 256; ++i) {
        const uint16_t x = numbers[i];
        int j = i;
        for (; j > 0 && numbers[j - 1] > x; --j) numbers[j] = numbers[j - 1];
        numbers[j] = x;
    }
}
static uint32_t parse(const uint8_t* text, uint32_t count) {
    uint32_t state = 0, words = 0;
    for (uint32_t i = 0; i < count; ++i) switch (state) {
            case 0:
                state = text[i] < 40 ? 0 : 1;
                break;
            case 1:
                state = text[i] < 40 ? (++words, 0) : text[i] > 200 ? 2 : 1;
                break;
            default:
                state = text[i] & 1 ? 1 : 2;
                break;
        }
    return words;
}
static float smooth(void) {
    float level = 0;
    for (int i = 0; i < 128; ++i) {
        wave[i] = wave[i] * 0.9f + 0.1f * (float)inputs[i & 63];
        level += wave[i] * wave[i];
    }
    return level;
}

static void exit_with(int code) {
    const uint32_t block[2] = {0x20026, (uint32_t)code};
    register int r0 __asm("r0") = 0x20;
    register const void* r1 __asm("r1") = block;
    __asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

extern uint32_t __stack_top, __bss_start, __bss_end;
__attribute__((noreturn, used)) void start(void) {
    *(volatile uint32_t*)0xE000ED88u |= 0xFu << 20;
    __asm volatile("dsb\n isb");
    for (uint32_t* d = &__bss_start; d < &__bss_end;) *d++ = 0;
    uint32_t seed = 1, mix = 0;
    for (int i = 0; i < 64 * 64; ++i) weights[i] = (int8_t)((seed = seed * 1664525u + 1013904223u) >> 24);
    for (int i = 0; i < 100; ++i) nodes[i] = (struct Node){i ? &nodes[i - 1] : 0, (uint32_t)weights[i]};
    for (uint32_t round = 0; round < kRounds; ++round) {
        for (int i = 0; i < 64; ++i) inputs[i] = (int8_t)(weights[i + (round & 63)] ^ (int)round);
        for (int i = 0; i < 256; ++i) numbers[i] = (uint16_t)(weights[i] * 77 + (int)(round * 13 % 97));
        mix ^= layer(round) ^ checksum((const uint8_t*)weights, 512) ^ walk() ^
               parse((const uint8_t*)weights, 2048);
        if ((round & 15) == 0) sort();
        mix += (uint32_t)smooth();
    }
    exit_with(mix == 0);
    for (;;) {
    }
}
__attribute__((section(".vectors"), used)) void* const vectors[16] = {&__stack_top, start};
