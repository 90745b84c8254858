// kernels.h: where the code of each kernel is: in this program, and in the tree for generated code.
//
//     const Kernel* kernel = find_kernel(step.kernel);                          // the one the host runs
//     const KernelSource source = kernel_source(step.kernel, Family::CortexM);  // what generated code
//     includes
//
// The host runs the reference kernels of device/kernels; a family has a faster version of some of them, with
// the same key, parameters, operands and answers.
#pragma once

#include <vector>

#include "device/kernel.h"
#include "src/graph/op_def.h"

namespace jatai {

// The family of cores with the instructions of Armv6-M alone; Family::CortexM has the DSP extension.
constexpr Family kCortexM0{2};

struct KernelSource {
    KernelKey key;
    const char* symbol;  // "kConv2dInt8": a constexpr Kernel in namespace jatai
    const char* header;  // "device/kernels/conv2d.h"
};

// Every reference kernel, linked into this program.
const KernelSet& host_kernels();

// Null: there is no such kernel.
const Kernel* find_kernel(KernelKey key);

// The family's own version where it has one, else the reference. Needs: find_kernel(key) is not null.
KernelSource kernel_source(KernelKey key, Family family);

// One per kernel of host_kernels(), in its order.
std::vector<KernelSource> kernel_sources(Family family);

}  // namespace jatai
