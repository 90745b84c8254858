// A firmware that takes every kind of exception and writes down what it saw: into out.bin, for QEMU and the
// simulator alike.
#include <stdint.h>

#define REG(address) (*(volatile uint32_t*)(address))
#define ICSR REG(0xE000ED04)
#define SHPR2 REG(0xE000ED1C)
#define SHPR3 REG(0xE000ED20)
#define SHCSR REG(0xE000ED24)
#define CFSR REG(0xE000ED28)
#define HFSR REG(0xE000ED2C)
#define BFAR REG(0xE000ED38)
#define CCR REG(0xE000ED14)
#define CPACR REG(0xE000ED88)
#define FPCCR REG(0xE000EF34)
#define SYST_CSR REG(0xE000E010)
#define SYST_RVR REG(0xE000E014)
#define SYST_CVR REG(0xE000E018)
#define NVIC_ISER0 REG(0xE000E100)
#define NVIC_ISPR0 REG(0xE000E200)
#define NVIC_IPR0 REG(0xE000E400)
#define STIR REG(0xE000EF00)

extern uint32_t __stack_top, __bss_start, __bss_end;
static uint32_t notes[512];
static uint32_t count;
static volatile uint32_t ticks;
static uint32_t thread_stack[128] __attribute__((aligned(8)));
static float kept[4];

static int semihost(int operation, const void* argument) {
    register int r0 __asm("r0") = operation;
    register const void* r1 __asm("r1") = argument;
    __asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}
static void note(uint32_t value) {
    if (count < 512) notes[count++] = value;
}
static uint32_t ipsr(void) {
    uint32_t value;
    __asm volatile("mrs %0, ipsr" : "=r"(value));
    return value;
}
static void barrier(void) { __asm volatile("dsb\n isb" ::: "memory"); }

// ---- handlers --------------------------------------------------------------------------------------------

// SVC n: notes n, the number the caller put in r0 and the kind of return; answers r0 + n.
__attribute__((used)) void svc_body(uint32_t* frame, uint32_t exc_return) {
    const uint32_t n = ((const uint8_t*)frame[6])[-2];
    note(0x5C000000 | n);
    note(frame[0]);
    note(exc_return);
    note(ipsr());
    if (n == 7) {
        ICSR = 1u << 28;  // PendSV must wait for the end of this handler
        barrier();
        note(0x5C00FFFF);
    }
    frame[0] += n;
}
__attribute__((naked)) static void svc(void) {
    __asm volatile("tst lr, #4\n ite eq\n mrseq r0, msp\n mrsne r0, psp\n mov r1, lr\n b svc_body");
}
static void pendsv(void) {
    note(0xE0000000 | ipsr());
    float x = kept[0];  // float registers in a handler: the thread's must come back
    for (int i = 0; i < 3; ++i) x = x * 1.5f + 1.0f;
    kept[1] = x;
}
static void systick(void) {
    ++ticks;
    note(0x71C00000 | ticks);
    if (ticks == 3) SYST_CSR = 0;
}
// Interrupt 0 is weak and pends interrupt 1, which is strong: it must run in the middle.
static void irq0(void) {
    note(0x10000001);
    NVIC_ISPR0 = 2;
    barrier();
    note(0x10000002);
    NVIC_ISPR0 = 4;  // as weak as this one: must wait, then tail-chain
    barrier();
    note(0x10000003);
}
static void irq1(void) { note(0x11000001); }
static void irq2(void) { note(0x12000001); }

// Faults: note the status registers and step over the instruction (16 or 32 bits wide).
__attribute__((used)) void fault_body(uint32_t* frame) {
    note(0xFA000000 | ipsr());
    note(CFSR & 0x03FF7FFF);
    note(HFSR & 0x40000000);
    if (CFSR & 0x8000) note(BFAR);
    CFSR = CFSR;
    HFSR = HFSR;
    const uint32_t width = (*(const uint16_t*)frame[6] >= 0xE800) ? 4 : 2;
    frame[6] += width;
}
__attribute__((naked)) static void fault(void) {
    __asm volatile(
        "tst lr, #4\n ite eq\n mrseq r0, msp\n mrsne r0, psp\n push {r4, lr}\n bl fault_body\n pop {r4, pc}");
}

// ---- scenes ----------------------------------------------------------------------------------------------

static uint32_t call(uint32_t value) {
    register uint32_t r0 __asm("r0") = value;
    __asm volatile("svc 5" : "+r"(r0) : : "memory");
    return r0;
}
static uint32_t call_and_pend(uint32_t value) {
    register uint32_t r0 __asm("r0") = value;
    __asm volatile("svc 7" : "+r"(r0) : : "memory");
    return r0;
}

static void supervisor_calls(void) {
    note(call(100));
    note(call_and_pend(200));
    __asm volatile("msr psp, %0\n mov r3, #2\n msr control, r3\n isb" ::"r"(thread_stack + 128)
                   : "r3", "memory");
    note(call(300));
    uint32_t control;
    __asm volatile("mrs %0, control" : "=r"(control));
    note(control & 3);
    __asm volatile("mov r3, #0\n msr control, r3\n isb" ::: "r3", "memory");
}

static void float_stacking(uint32_t how) {
    uint32_t words[4];
    FPCCR = (FPCCR & 0x3FFFFFFF) | how;
    kept[0] = 3.25f;
    __asm volatile(
        "vmov.f32 s0, #1.5\n vmov.f32 s7, #2.5\n vmov.f32 s15, #-3.0\n vmov.f32 s16, #4.0\n"
        "vcmp.f32 s0, s7\n"
        "ldr r0, =0xE000ED04\n mov r1, #1\n lsl r1, r1, #28\n str r1, [r0]\n dsb\n isb\n"
        "vmrs r2, fpscr\n vmov r3, s0\n stm %0!, {r2, r3}\n vmov r2, s7\n vmov r3, s15\n stm %0, {r2, r3}\n "
        "sub %0, #8"
        :
        : "r"(words)
        : "r0", "r1", "r2", "r3", "s0", "s7", "s15", "s16", "memory");
    for (int i = 0; i < 4; ++i) note(words[i]);
    uint32_t x;
    __builtin_memcpy(&x, &kept[1], 4);
    note(x);
}

static void interrupts(void) {
    NVIC_IPR0 = 0x00806080;  // 0 and 2 weak, 1 stronger
    NVIC_ISER0 = 7;
    NVIC_ISPR0 = 1;
    barrier();
    note(0x20000000);
    __asm volatile("cpsid i");
    STIR = 1;
    barrier();
    note(0x20000001);  // masked
    note(NVIC_ISPR0 & 7);
    __asm volatile("cpsie i\n isb");
    note(0x20000002);
    __asm volatile("mov r0, #0x60\n msr basepri, r0\n isb" ::: "r0");
    NVIC_ISPR0 = 7;
    barrier();
    note(0x20000003);
    __asm volatile("mov r0, #0\n msr basepri, r0\n isb" ::: "r0");
    note(0x20000004);
}

static void ticking(void) {
    SHPR3 = 0x40C00000;
    SYST_RVR = 5000;
    SYST_CVR = 0;
    SYST_CSR = 7;
    while (ticks < 3) __asm volatile("wfi");
    note(0x30000000 | ticks);
}

// An exception between the instructions of an IT block, by SVC inside it: the rest must keep its conditions.
static void inside_it(void) {
    uint32_t a = 1, b = 2;
    register uint32_t r0 __asm("r0") = 10;
    __asm volatile("cmp %1, %2\n ittet lt\n addlt %1, #10\n svclt 1\n addge %2, #100\n addlt %2, #20"
                   : "+r"(r0), "+r"(a), "+r"(b)
                   :
                   : "cc", "memory");
    note(a);
    note(b);
    note(r0);
}

static void faults(void) {
    __asm volatile(".short 0xDE00");     // UDF
    __asm volatile(".word 0xA000F7F0");  // UDF.W
    SHCSR |= 7u << 16;                   // from now on each fault has its own handler
    __asm volatile(".short 0xDE01");
    __asm volatile("ldr r0, =0x70000000\n ldr r1, [r0]" ::: "r0", "r1");
    __asm volatile("ldr r0, =0x70000004\n str r0, [r0]" ::: "r0", "memory");
    CCR |= 0x18;  // trap divisions by zero and misaligned words
    __asm volatile("mov r0, #5\n mov r1, #0\n udiv r2, r0, r1\n sdiv r2, r0, r1" ::: "r0", "r1", "r2");
    __asm volatile("ldr r0, =0x20000002\n ldr r1, [r0]\n ldrh r1, [r0]" ::: "r0", "r1");
    CCR &= ~0x18u;
    __asm volatile("ldr r0, =0x20000002\n ldrd r1, r2, [r0]\n ldm r0, {r1, r2}\n ldr r1, [r0]" ::
                       : "r0", "r1", "r2");
    CPACR = 0;
    barrier();
    __asm volatile("vmov.f32 s0, #1.0");
    CPACR = 0xFu << 20;
    barrier();
}

int main(void) {
    static const char kName[] = "out.bin";
    SHPR2 = 0x20u << 24;
    SHPR3 = 0xE0u << 16;
    supervisor_calls();
    float_stacking(0xC0000000);  // lazy
    float_stacking(0x80000000);  // eager
    FPCCR |= 0x40000000;
    interrupts();
    ticking();
    inside_it();
    faults();
    const uint32_t open[3] = {(uint32_t)kName, 5, 7};
    const uint32_t file = (uint32_t)semihost(1, open);
    const uint32_t block[3] = {file, (uint32_t)notes, count * 4};
    semihost(5, block);
    semihost(2, &file);
    semihost(0x18, (void*)0x20026);
    for (;;) {
    }
}

__attribute__((noreturn, used)) void start(void) {
    CPACR |= 0xFu << 20;
    barrier();
    for (uint32_t* d = &__bss_start; d < &__bss_end;) *d++ = 0;
    main();
    for (;;) {
    }
}
__attribute__((section(".vectors"), used)) void* const vectors[19] = {
    &__stack_top, start, fault, fault,  fault,   fault, fault, 0,   0, 0, 0,
    svc,          fault, 0,     pendsv, systick, irq0,  irq1,  irq2};
