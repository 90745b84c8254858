// The bare-metal side of the differential test: runs every snippet with several sets of register values and
// writes what came out. Built into one image, run by QEMU and by the simulator.
#include <stdint.h>

enum { kIntegers = 1, kFloats = 2, kMemory = 4 };
struct Case {
    void (*run)(void);
    uint32_t kind;
};
extern const struct Case cases[];
extern const uint32_t case_count, sets_per_case;
extern uint32_t __bss_start, __bss_end, __stack_top;

struct Values {
    uint32_t r[13];
    uint32_t apsr;
    uint32_t fpscr;
    uint32_t unused;
    uint32_t s[32];
};
void run_case(void (*run)(void), const struct Values* in, struct Values* out);

#define SCRATCH_WORDS 64
uint32_t scratch[SCRATCH_WORDS];
static uint32_t buffer[16384];
static uint32_t used;
static int file;

static int semihost(int operation, const void* argument) {
    register int r0 __asm("r0") = operation;
    register const void* r1 __asm("r1") = argument;
    __asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}
static void flush(void) {
    const uint32_t block[3] = {(uint32_t)file, (uint32_t)buffer, used * 4};
    semihost(5, block);
    used = 0;
}
static void put(const uint32_t* words, uint32_t count) {
    if (used + count > sizeof buffer / 4) flush();
    for (uint32_t i = 0; i < count; ++i) buffer[used++] = words[i];
}

static uint32_t state;  // of the random numbers; main() seeds it
static uint32_t next(void) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}
static uint32_t integer(void) {
    static const uint32_t kEdges[] = {0,          1,          2,          31,         32,         33,
                                      0xFF,       0x7F,       0x80,       0x7FFF,     0x8000,     0xFFFF,
                                      0x10000,    0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFF, 0xFFFFFFFE,
                                      0xFFFF8000, 0x7FFF8000, 0x80008000};
    const uint32_t pick = next() % 5;
    if (pick == 0) return kEdges[next() % (sizeof kEdges / 4)];
    if (pick == 1) return next() % 64;
    return next();
}
static uint32_t real(void) {
    static const uint32_t kEdges[] = {0x00000000, 0x80000000, 0x3F800000, 0xBF800000, 0x7F800000, 0xFF800000,
                                      0x7FC00000, 0x7F800001, 0xFFC12345, 0xFF923456, 0x00000001, 0x80000001,
                                      0x007FFFFF, 0x00800000, 0x7F7FFFFF, 0xFF7FFFFF, 0x4F000000, 0xCF000000,
                                      0x4F800000, 0x3F000000, 0x3FC00000, 0x40200000, 0xC0200000, 0x477FE000,
                                      0x47800000, 0x38800000, 0x33800000};
    const uint32_t pick = next() % 8;
    if (pick == 0) return kEdges[next() % (sizeof kEdges / 4)];
    if (pick == 1) return next();
    return (next() & 0x807FFFFF) | (100 + next() % 56) << 23;  // about 2^-27 to 2^28
}
static uint32_t modes(uint32_t set) {
    if (set == 0) return 0;
    uint32_t mode = (next() & 3) << 22;
    if (next() % 4 == 0) mode |= 1u << 24;
    if (next() % 4 == 0) mode |= 1u << 25;
    if (next() % 8 == 0) mode |= 1u << 26;
    return mode;
}

static void run_one(const struct Case* c, uint32_t set) {
    struct Values in, out;
    for (int i = 0; i < 13; ++i) in.r[i] = integer();
    in.apsr = next() & 0xF80F0000;
    in.fpscr = (c->kind & kFloats) ? modes(set) | (next() & 0xF0000000) : 0;
    for (int i = 0; i < 32; ++i) in.s[i] = real();
    for (int i = 0; i < SCRATCH_WORDS; ++i) scratch[i] = next();
    run_case(c->run, &in, &out);
    put(out.r, 14);
    if (c->kind & kFloats) {
        put(&out.fpscr, 1);
        put(out.s, 32);
    }
    if (c->kind & kMemory) put(scratch, SCRATCH_WORDS);
}

int main(void) {
    state = 2463534242u;
    static const char kName[] = "out.bin";
    const uint32_t open[3] = {(uint32_t)kName, 5, 7};
    file = semihost(1, open);
    for (uint32_t i = 0; i < case_count; ++i)
        for (uint32_t set = 0; set < sets_per_case; ++set) run_one(&cases[i], set);
    flush();
    const uint32_t close[1] = {(uint32_t)file};
    semihost(2, close);
    semihost(0x18, (void*)0x20026);
    for (;;) {
    }
}

__attribute__((noreturn, used)) void start(void) {
    *(volatile uint32_t*)0xE000ED88u |= 0xFu << 20;
    __asm volatile("dsb\n isb");
    for (uint32_t* d = &__bss_start; d < &__bss_end;) *d++ = 0;
    main();
    for (;;) {
    }
}
static void fault(void) {
    semihost(4, "fault\n");
    semihost(0x18, (void*)0x20023);
    for (;;) {
    }
}
__attribute__((section(".vectors"), used)) void* const vectors[16] = {
    &__stack_top, start, fault, fault, fault, fault, fault, 0, 0, 0, 0, fault, fault, 0, fault, fault};
