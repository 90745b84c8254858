// package_form.cpp: the model as a package in flash, run by the engine.
#include "boards/bench_m4/bench.h"
#include "device/engine.h"
#include "device/manifest.h"

// The package, by .incbin (src/package/bench.cpp).
extern "C" const uint8_t bench_package[];
extern "C" const uint8_t bench_package_end[];

namespace {

alignas(16) __attribute__((section(".arena"))) uint8_t arena[BENCH_ARENA_BYTES];
jatai::Engine engine;

#ifdef BENCH_MARKS
void before(void*, uint32_t) { bench_op_begin(); }
void after(void*, uint32_t) { bench_op_end(); }
#endif

}  // namespace

namespace bench {

bool open() {
    return engine.open(bench_package, static_cast<uint32_t>(bench_package_end - bench_package), arena,
                       sizeof arena, jatai::linked_kernels()) == jatai::Status::Ok;
}

uint32_t input_count() { return engine.input_count(); }
uint32_t output_count() { return engine.output_count(); }

Door input(uint32_t i) {
    const jatai::TensorView view = engine.input(i);
    return {view.data, view.bytes};
}

Door output(uint32_t i) {
    const jatai::TensorView view = engine.output(i);
    return {view.data, view.bytes};
}

void run() {
#ifdef BENCH_MARKS
    const jatai::StepHook hook = {before, after, nullptr};
    engine.run(hook);
#else
    engine.run();
#endif
}

}  // namespace bench
