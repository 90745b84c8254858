// measure.h: runs any model on a board and says over the serial line what it costs there.
//
//     static jatai::MeasureApp app;
//     Status status = app.open(port, {package, bytes}, {memory, bytes}, kernels);
//     if (status == Status::Ok) for (;;) app.step();          // one run, and its lines
//
// The input is the zero point of every input tensor: what `jatai compile` models, so the figures can be laid
// side by side. Of the output it sends a checksum, so the answers can be too. Lines:
// docs/reference/measure_app.md.
//
// Memory   Nothing is allocated; `memory` is the model's arena.
// Threads  Main loop of one board.
#pragma once

#include <stdint.h>

#include "device/engine.h"
#include "device/port.h"

namespace jatai {

constexpr uint32_t kMaxMeasuredSteps = 256;  // of more steps, the first so many are listed

class MeasureApp {
  public:
    Status open(const Port& port, const void* package, uint32_t package_bytes, void* memory,
                uint32_t memory_bytes, const KernelSet& kernels);

    // One run from the beginning state, with its cycles; the cycles of every step after the first run.
    void step();

    const Engine& engine() const { return engine_; }
    uint16_t refused_record() const { return engine_.refused_record(); }

  private:
    static void before(void* self, uint32_t step);
    static void after(void* self, uint32_t step);
    void fill_inputs() const;
    uint32_t checksum() const;
    void send_run(uint32_t cycles) const;
    void send_steps() const;

    const Port* port_ = nullptr;
    Engine engine_;
    uint32_t runs_ = 0;
    uint32_t began_ = 0;  // of the step that runs
    uint32_t cycles_[kMaxMeasuredSteps] = {};
};

}  // namespace jatai
