// bench_main.cpp: reads samples, runs the model on each between two marks, writes what it answers.
//
// in.bin    samples back to back, each all inputs in order; out.bin likewise; both in the working folder.
// Console   "stack=N": the most stack one inference took; on a refusal, why.
// With BENCH_SIZE_ONLY the image holds what an application would: no files, no marks. Flash and RAM are
// judged on that one.
#include "boards/bench_m4/bench.h"

#ifdef BENCH_SIZE_ONLY

extern "C" void bench_fault() {
    for (;;) {
    }
}

int main() {
    while (bench::open()) bench::run();
    return 1;
}

#else

#include "boards/bench_m4/semihost.h"

extern "C" {
extern uint8_t __stack_bottom[];

__attribute__((noinline)) void bench_begin() { __asm volatile("" ::: "memory"); }
__attribute__((noinline)) void bench_end() { __asm volatile("" ::: "memory"); }
__attribute__((noinline)) void bench_op_begin() { __asm volatile("" ::: "memory"); }
__attribute__((noinline)) void bench_op_end() { __asm volatile("" ::: "memory"); }

void bench_fault() {
    semihost::print("the image faulted\n");
    semihost::leave(false);
}
}

namespace {

constexpr uint8_t kPaint = 0xA5;

uint8_t* stack_pointer() {
    uint8_t* sp;
    __asm volatile("mov %0, sp" : "=r"(sp));
    return sp;
}

// Paints the free stack, runs once, and says how much of the paint is gone.
__attribute__((noinline)) uint32_t run_on_painted_stack() {
    uint8_t* const top = stack_pointer();
    for (volatile uint8_t* at = __stack_bottom; at < top - 32; ++at) *at = kPaint;
    bench_begin();
    bench::run();
    bench_end();
    const volatile uint8_t* at = __stack_bottom;
    while (at < top && *at == kPaint) ++at;
    return static_cast<uint32_t>(top - const_cast<const uint8_t*>(at));
}

bool read_sample(int file) {
    for (uint32_t i = 0; i < bench::input_count(); ++i) {
        const bench::Door door = bench::input(i);
        if (!semihost::read(file, door.data, door.bytes)) return false;
    }
    return true;
}

bool write_answer(int file) {
    for (uint32_t i = 0; i < bench::output_count(); ++i) {
        const bench::Door door = bench::output(i);
        if (!semihost::write(file, door.data, door.bytes)) return false;
    }
    return true;
}

[[noreturn]] void fail(const char* reason) {
    semihost::print(reason);
    semihost::leave(false);
}

}  // namespace

int main() {
    if (!bench::open()) fail("the package was refused\n");
    const int in = semihost::open("in.bin", semihost::kRead);
    if (in < 0) fail("in.bin: not found in the working folder\n");
    const int out = semihost::open("out.bin", semihost::kWrite);
    if (out < 0) fail("out.bin: cannot be written in the working folder\n");
    uint32_t stack = 0;
    while (read_sample(in)) {
        const uint32_t used = run_on_painted_stack();
        stack = used > stack ? used : stack;
        if (!write_answer(out)) fail("out.bin: not all could be written\n");
    }
    semihost::close(out);
    semihost::print_number("stack", stack);
    semihost::leave(true);
}

#endif
