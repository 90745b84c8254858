// kernel.h: what an operator's code looks like to those who call it.
//
//     constexpr Kernel kSoftmaxInt8{{Op::Softmax, Type::Int8, 1}, fits_softmax, run_softmax};
//
// A kernel is two functions. `fits` proves, once, when a package is opened, that the parameters and the
// operands agree: every byte that `run` will touch lies inside an operand. `run` then carries no checks and
// cannot fail. The engine, generated C++ and the host all call kernels through this one door, so they cannot
// disagree.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "device/op.h"

namespace jatai {

constexpr uint32_t kMaxOperands = 32;

// Which arithmetic: the operator, the type it works in, and the version of its parameter layout.
struct KernelKey {
    Op op;
    Type type;
    uint8_t version;
};

constexpr bool operator==(KernelKey a, KernelKey b) {
    return a.op == b.op && a.type == b.type && a.version == b.version;
}

// One step with its addresses resolved. Operands stand in the order the kernel's header gives: inputs,
// constants, outputs, scratch. An operand that is absent is null.
struct Call {
    const void* params;
    void* const* operands;

    template <typename T>
    const T& parameters() const {
        return *static_cast<const T*>(params);
    }
    template <typename T>
    const T* in(uint32_t i) const {
        return static_cast<const T*>(operands[i]);
    }
    template <typename T>
    T* out(uint32_t i) const {
        return static_cast<T*>(operands[i]);
    }
};

// The same step before it is trusted: sizes instead of addresses. `writable[i]` is false for a constant in
// flash.
struct Claim {
    const void* params;
    uint32_t params_bytes;
    uint32_t operand_count;
    const uint32_t* operand_bytes;  // 0: absent
    const bool* writable;

    // The parameters, or null when the record is too short to hold them.
    template <typename T>
    const T* parameters() const {
        return params_bytes >= sizeof(T) ? static_cast<const T*>(params) : nullptr;
    }
};

struct Kernel {
    KernelKey key;
    bool (*fits)(const Claim& claim);
    void (*run)(const Call& call);
};

// The kernels a firmware was linked with. The compiler writes this table; nobody registers by hand.
struct KernelSet {
    const Kernel* const* kernels;
    uint32_t count;
};

}  // namespace jatai
