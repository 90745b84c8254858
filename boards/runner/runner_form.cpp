// runner_form.cpp: the model as a package put in later: `jatai run --board` needs no compiler.
//
// Linked with every kernel and with bench_main.cpp: reads in.bin, runs, writes out.bin, marks each op.
#include "boards/bench_m4/bench.h"
#include "boards/runner/prepare.h"
#include "device/engine.h"
#include "device/manifest.h"

extern "C" uint8_t __arena_start[], __arena_end[];

namespace {

jatai::Engine engine;

void before(void*, uint32_t) { bench_op_begin(); }
void after(void*, uint32_t) { bench_op_end(); }

}  // namespace

namespace bench {

bool open() {
    prepare_board();
    const jatai::Manifest& manifest = jatai::linked_manifest();
    return engine.open(manifest.package_start, manifest.package_bytes(), __arena_start,
                       static_cast<uint32_t>(__arena_end - __arena_start),
                       jatai::linked_kernels()) == jatai::Status::Ok;
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
    const jatai::StepHook hook = {before, after, nullptr};
    engine.run(hook);
}

}  // namespace bench
