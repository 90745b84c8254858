// dispatch.h: the kernels in AVX2, when this processor has it.
//
//     if (const Kernel* fast = find_avx2_kernel(key)) kernel = fast;
//
// Null: the processor has no AVX2, or there is no such version: the reference kernel does it.
#pragma once

#include "device/kernel.h"

namespace jatai {

bool has_avx2();
const Kernel* find_avx2_kernel(KernelKey key);

}  // namespace jatai
