// model.cpp: the engine for WebAssembly: load a package, run it, read its answers.
//
//     const wasm = await WebAssembly.instantiate(bytes, {});          // model.wasm asks for no imports
//     const at = wasm.jatai_room(package.length);                     // 0: there is none
//     new Uint8Array(wasm.memory.buffer, at).set(package);
//     wasm.jatai_open(at, package.length)                             // Status of device/status.h; 0: Ok
//     new Int8Array(wasm.memory.buffer, wasm.jatai_input(0), wasm.jatai_input_bytes(0)).set(...)
//     wasm.jatai_run();  wasm.jatai_output(0);  wasm.jatai_output_bytes(0);
//
// Memory   Grows with jatai_room(), and with jatai_open() for the arena; memory.buffer is another one then.
//          Nothing is given back: one page, one model; for another one, another instance.
// Trust    jatai_open() hashes the package and proves it. jatai_run() runs only what was opened.
// Kernels  Those of device/simd/ where there is one; built without -msimd128, the portable ones.
#if defined(__wasm__)

#include "device/engine.h"
#include "device/manifest.h"
#include "device/package_hash.h"

#if defined(__wasm_simd128__)
#include "device/simd/kernels.h"
#include "device/wasm/simd128.h"
#endif

extern "C" uint8_t __heap_base;  // of the linker
// The manifest names them; there is no flash here.
extern "C" const uint8_t __package_start[1] = {}, __package_end[1] = {}, __arena_start[1] = {},
                         __arena_end[1] = {};

namespace {

using namespace jatai;

constexpr uint32_t kPageBytes = 65536;
constexpr uint32_t kMostKernels = 512;
constexpr uint32_t kMostArena = 64u << 20;

Engine engine;
uint32_t taken_bytes = 0;  // behind __heap_base
const Kernel* kernels[kMostKernels];

// The kernel itself, or its version in vectors.
const Kernel* fastest(const Kernel* kernel) {
#if defined(__wasm_simd128__)
    static constexpr SimdKernels kSimd = simd_kernels<Simd128>();
    for (const Kernel& simd : kSimd.all) {
        if (simd.key == kernel->key) return &simd;
    }
#endif
    return kernel;
}

KernelSet fastest_kernels() {
    const KernelSet& linked = linked_kernels();
    const uint32_t count = linked.count < kMostKernels ? linked.count : kMostKernels;
    for (uint32_t i = 0; i < count; ++i) kernels[i] = fastest(linked.kernels[i]);
    return {kernels, count};
}

}  // namespace

#define JATAI_EXPORT(name) extern "C" __attribute__((export_name(#name), used))

// Where `bytes` more are free, at a multiple of 16.
JATAI_EXPORT(jatai_room) uint32_t jatai_room(uint32_t bytes) {
    const uint64_t base =
        (reinterpret_cast<uintptr_t>(&__heap_base) + uint64_t{taken_bytes} + 15) & ~uint64_t{15};
    const uint64_t end = base + bytes;
    const uint64_t has = uint64_t{__builtin_wasm_memory_size(0)} * kPageBytes;
    if (end > has) {
        const uint64_t pages = (end - has + kPageBytes - 1) / kPageBytes;
        if (pages > kPageBytes || __builtin_wasm_memory_grow(0, static_cast<uint32_t>(pages)) == SIZE_MAX)
            return 0;
    }
    taken_bytes = static_cast<uint32_t>(end - reinterpret_cast<uintptr_t>(&__heap_base));
    return static_cast<uint32_t>(base);
}

JATAI_EXPORT(jatai_open) uint32_t jatai_open(const uint8_t* package, uint32_t bytes) {
    const Status status = check_hash(package, bytes);
    if (status != Status::Ok) return static_cast<uint32_t>(status);
    PackageHeader header;
    memcpy(&header, package, sizeof header);
    const uint32_t arena = header.arena_bytes <= kMostArena ? jatai_room(header.arena_bytes) : 0;
    if (arena == 0) return static_cast<uint32_t>(Status::ArenaTooSmall);
    return static_cast<uint32_t>(
        engine.open(package, bytes, reinterpret_cast<void*>(arena), header.arena_bytes, fastest_kernels()));
}

JATAI_EXPORT(jatai_run) void jatai_run() {
    if (engine.is_open()) engine.run();
}
JATAI_EXPORT(jatai_reset) void jatai_reset() {
    if (engine.is_open()) engine.reset();
}

JATAI_EXPORT(jatai_input_count) uint32_t jatai_input_count() {
    return engine.is_open() ? engine.input_count() : 0;
}
JATAI_EXPORT(jatai_output_count) uint32_t jatai_output_count() {
    return engine.is_open() ? engine.output_count() : 0;
}
// Null, or 0 bytes: there is no such one.
JATAI_EXPORT(jatai_input) void* jatai_input(uint32_t i) {
    return i < jatai_input_count() ? engine.input(i).data : nullptr;
}
JATAI_EXPORT(jatai_input_bytes) uint32_t jatai_input_bytes(uint32_t i) {
    return i < jatai_input_count() ? engine.input(i).bytes : 0;
}
JATAI_EXPORT(jatai_output) void* jatai_output(uint32_t i) {
    return i < jatai_output_count() ? engine.output(i).data : nullptr;
}
JATAI_EXPORT(jatai_output_bytes) uint32_t jatai_output_bytes(uint32_t i) {
    return i < jatai_output_count() ? engine.output(i).bytes : 0;
}

#endif
