#include "src/train/kernels/vector_kernels.h"

namespace jatai::train {
namespace {

bool runs_here(std::string_view name) {
#if defined(__x86_64__)
    if (name == "avx2") return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (name == "avx512")
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("fma");
#endif
    return name == "portable";
}

}  // namespace

const VectorKernels* find_vector_kernels(std::string_view name) {
    if (!runs_here(name)) return nullptr;
#if defined(__x86_64__)
    if (name == "avx512") return &kAvx512Kernels;
    if (name == "avx2") return &kAvx2Kernels;
#endif
    return &kPortableKernels;
}

const VectorKernels& vector_kernels() {
    static const VectorKernels& best = []() -> const VectorKernels& {
        for (const char* name : {"avx512", "avx2"})
            if (const VectorKernels* found = find_vector_kernels(name)) return *found;
        return kPortableKernels;
    }();
    return best;
}

}  // namespace jatai::train
