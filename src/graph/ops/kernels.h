// kernels.h: where the code of each kernel is: in this program, and in the tree for generated code.
//
//     const Kernel* kernel = find_kernel(step.kernel, host_code());             // the one the host runs
//     const KernelSource source = kernel_source(step.kernel, Family::CortexM);  // what generated code
//     includes
//
// A family of cores has a faster version of some kernels, with the same key, parameters, operands and
// answers. So has the host, where its processor allows (device/x86/).
#pragma once

#include <vector>

#include "device/kernel.h"
#include "src/graph/op_def.h"

namespace jatai {

struct KernelSource {
    KernelKey key;
    const char* symbol;  // "kConv2dInt8": a constexpr Kernel in namespace jatai
    const char* header;  // "device/kernels/conv2d.h"
};

// Portable: the reference kernels of device/kernels/. Fastest: this processor's versions where it has one.
enum class HostCode : std::uint8_t { Portable, Fastest };

// Fastest, unless the environment says JATAI_KERNELS=portable.
HostCode host_code();

// Every kernel, linked into this program.
const KernelSet& host_kernels(HostCode code = host_code());

// Null: there is no such kernel.
const Kernel* find_kernel(KernelKey key, HostCode code = HostCode::Portable);

// The family's own version where it has one, else the reference. Needs: find_kernel(key) is not null.
KernelSource kernel_source(KernelKey key, Family family);

// One per kernel of host_kernels(), in its order.
std::vector<KernelSource> kernel_sources(Family family);

}  // namespace jatai
