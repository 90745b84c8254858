// engine.h: run one package on a chip.
//
//     alignas(16) static uint8_t arena[20 * 1024];          // `jatai compile` prints what is needed
//     static jatai::Engine engine;
//     if (engine.open(package, package_bytes, arena, sizeof arena, jatai::linked_kernels()) !=
//         jatai::Status::Ok) { return halt(); }
//     fill(engine.input(0));
//     engine.run();
//     act_on(engine.output(0));
//
// Memory   Nothing is allocated. The package stays in flash, every tensor lives in the arena. The caller owns
//          both and keeps them in place while the engine is open. Inputs share the arena with what comes
//          later: fill them before every run().
// Trust    open() checks every offset in the package once. After Status::Ok, run() cannot fail. open() does
//          not hash: whoever received the bytes calls check_hash() (device/package_hash.h) first.
// Threads  One engine, one thread. Two engines may run side by side on two arenas.
// Cost     Under 4 KB of code on a Cortex-M4 without kernels; 20 bytes of RAM.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "device/kernel.h"
#include "device/package.h"
#include "device/status.h"

namespace jatai {

// An input or output of an open package.
struct TensorView {
    void* data;
    uint32_t bytes;
    Type type;
    uint8_t rank;
    const int32_t* shape;
    float scale;
    int32_t zero_point;
    const char* name;
};

// A named section of the package; data is null when there is none of that name.
struct BlobView {
    const uint8_t* data;
    uint32_t bytes;
};

// Called round every step, for profiling.
struct StepHook {
    void (*before)(void* context, uint32_t step);
    void (*after)(void* context, uint32_t step);
    void* context;
};

class Engine {
  public:
    // Proves the package; after any answer but Ok the engine is closed. Both pointers lie at multiples of 16.
    Status open(const void* package, uint32_t package_bytes, void* arena, uint32_t arena_bytes,
                const KernelSet& kernels);
    bool is_open() const { return package_ != nullptr; }

    // After a refusal: the number of the table record (step, operand, kernel, tensor, blob) that was refused.
    uint16_t refused_record() const { return refused_; }

    // All below: only after open() answered Ok.
    void run();
    void run(const StepHook& hook);
    void reset();  // the state kept between runs is again what it was after open()

    uint32_t input_count() const { return header().inputs.count; }
    uint32_t output_count() const { return header().outputs.count; }
    TensorView input(uint32_t i = 0) const { return view(header().inputs, i); }
    TensorView output(uint32_t i = 0) const { return view(header().outputs, i); }
    BlobView blob(const char* name) const;
    const PackageHeader& header() const { return *reinterpret_cast<const PackageHeader*>(package_); }

  private:
    Status prove(uint32_t package_bytes, uint32_t arena_bytes);
    Status prove_header(uint32_t package_bytes, uint32_t arena_bytes) const;
    Status prove_tensors(const PackageTable& table, bool inputs);
    Status prove_kernels();
    Status prove_steps();
    Status prove_blobs();
    bool name_ok(uint32_t offset, uint32_t bytes) const;
    bool place_ok(const PlaceRecord& place) const;
    Status step_ok(const StepRecord& step) const;
    const Kernel* find(const KernelRecord& record) const;
    void run_step(uint32_t i) const;
    TensorView view(const PackageTable& table, uint32_t i) const;
    void* resolve(const PlaceRecord& place) const;
    template <typename Record>
    const Record* records(const PackageTable& table) const {
        return reinterpret_cast<const Record*>(package_ + table.offset);
    }

    const uint8_t* package_ = nullptr;
    uint8_t* arena_ = nullptr;
    KernelSet kernels_{nullptr, 0};
    uint16_t refused_ = 0;
};

}  // namespace jatai
