#include "device/x86/dispatch.h"

#if defined(__x86_64__)

#include "device/simd/kernels.h"
#include "device/x86/avx2.h"

namespace jatai {

bool has_avx2() { return __builtin_cpu_supports("avx2") != 0; }

const Kernel* find_avx2_kernel(KernelKey key) {
    static constexpr SimdKernels kKernels = simd_kernels<Avx2>();
    if (!has_avx2()) return nullptr;
    for (const Kernel& kernel : kKernels.all) {
        if (kernel.key == key) return &kernel;
    }
    return nullptr;
}

}  // namespace jatai

#else

namespace jatai {

bool has_avx2() { return false; }
const Kernel* find_avx2_kernel(KernelKey /*unused*/) { return nullptr; }

}  // namespace jatai

#endif
