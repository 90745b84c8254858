// bench.h: the model that an image measures, whichever form it has.
//
//     if (!bench::open()) { ... }
//     fill(bench::input(0));
//     bench::run();
//
// package_form.cpp answers with the engine and a package; generated code answers with the model as C++
// (src/package/bench.cpp).
#pragma once

#include <stdint.h>

namespace bench {

struct Door {
    void* data;
    uint32_t bytes;
};

bool open();
uint32_t input_count();
uint32_t output_count();
Door input(uint32_t i);
Door output(uint32_t i);
void run();

}  // namespace bench

// Where a measuring tool counts: round one inference, and round one op.
extern "C" {
void bench_begin();
void bench_end();
void bench_op_begin();
void bench_op_end();
}
