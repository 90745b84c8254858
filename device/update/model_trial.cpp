#include "device/update/model_trial.h"

#include <string.h>

namespace jatai {
namespace {

int64_t element(const uint8_t* p, Type type) {
    switch (type) {
        case Type::Int8:
            return static_cast<int8_t>(*p);
        case Type::Int16: {
            int16_t x;
            memcpy(&x, p, sizeof x);
            return x;
        }
        case Type::Int32: {
            int32_t x;
            memcpy(&x, p, sizeof x);
            return x;
        }
        default:
            return *p;
    }
}

bool has_tolerance(Type type) {
    return type == Type::Int8 || type == Type::UInt8 || type == Type::Int16 || type == Type::Int32;
}

bool agrees(const TensorView& view, const uint8_t* expected, uint32_t tolerance) {
    const uint8_t* got = static_cast<const uint8_t*>(view.data);
    if (tolerance == 0 || !has_tolerance(view.type)) return memcmp(got, expected, view.bytes) == 0;
    for (uint32_t i = 0; i < view.bytes; i += size_of(view.type)) {
        const int64_t difference = element(got + i, view.type) - element(expected + i, view.type);
        if (difference > int64_t{tolerance} || -difference > int64_t{tolerance}) return false;
    }
    return true;
}

uint64_t sample_bytes(const Engine& engine) {
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < engine.input_count(); ++i) bytes += engine.input(i).bytes;
    for (uint32_t i = 0; i < engine.output_count(); ++i) bytes += engine.output(i).bytes;
    return bytes;
}

bool run_sample(Engine& engine, const uint8_t* sample, uint32_t tolerance) {
    engine.reset();
    for (uint32_t i = 0; i < engine.input_count(); ++i) {
        const TensorView view = engine.input(i);
        memcpy(view.data, sample, view.bytes);
        sample += view.bytes;
    }
    engine.run();
    for (uint32_t i = 0; i < engine.output_count(); ++i) {
        const TensorView view = engine.output(i);
        if (!agrees(view, sample, tolerance)) return false;
        sample += view.bytes;
    }
    return true;
}

}  // namespace

Verdict run_golden(Engine& engine) {
    const BlobView blob = engine.blob("golden");
    if (blob.data == nullptr) return {Reason::Ok, 0};
    GoldenHeader header;
    if (blob.bytes < sizeof header) return {Reason::SelfTestFailed, 255};
    memcpy(&header, blob.data, sizeof header);
    const uint64_t bytes = sample_bytes(engine);
    if (header.version != 1 || sizeof header + header.count * bytes != blob.bytes)
        return {Reason::SelfTestFailed, 255};
    const uint8_t* sample = blob.data + sizeof header;
    for (uint32_t i = 0; i < header.count; ++i, sample += bytes) {
        if (!run_sample(engine, sample, header.tolerance))
            return {Reason::SelfTestFailed, static_cast<uint8_t>(i < 254 ? i : 254)};
    }
    return {Reason::Ok, 0};
}

Verdict try_model(void* trial, const uint8_t* package, uint32_t bytes) {
    const ModelTrial& t = *static_cast<const ModelTrial*>(trial);
    Engine engine;
    const Status status = engine.open(package, bytes, t.arena, t.arena_bytes, *t.kernels);
    if (status != Status::Ok) return {Reason::BadPackage, static_cast<uint8_t>(status)};
    return run_golden(engine);
}

}  // namespace jatai
