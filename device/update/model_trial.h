// model_trial.h: a new model proves itself on samples it carries before it becomes active.
//
//     static jatai::ModelTrial trial = {arena, arena_bytes, &jatai::linked_kernels()};
//     config.try_model = jatai::try_model, config.context = &trial;
//
// Opens the package on the arena given, which nobody else uses meanwhile, and runs the section `golden`
// (docs/reference/update.md#golden-samples). A package without it only has to open.
#pragma once

#include <stdint.h>

#include "device/engine.h"
#include "device/update/reason.h"

namespace jatai {

struct ModelTrial {
    void* arena;
    uint32_t arena_bytes;
    const KernelSet* kernels;
};

struct GoldenHeader {
    uint16_t version;  // 1
    uint16_t count;
    uint32_t tolerance;  // of integer outputs, in units of the stored number
};

// `trial` is a ModelTrial.
Verdict try_model(void* trial, const uint8_t* package, uint32_t bytes);

// The golden samples of an open engine, if it has any. detail: number of the sample that failed.
Verdict run_golden(Engine& engine);

}  // namespace jatai
