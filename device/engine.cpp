#include "device/engine.h"

namespace jatai {

namespace {

// Whether [offset, offset + bytes) lies in [0, total), without overflow.
bool inside(uint32_t offset, uint32_t bytes, uint32_t total) {
    return offset <= total && bytes <= total - offset;
}

bool table_ok(const PackageTable& table, uint32_t record_bytes, uint32_t total) {
    return table.offset % kPackageAlign == 0 && table.offset >= sizeof(PackageHeader) &&
           table.offset <= total && table.count <= (total - table.offset) / record_bytes;
}

bool all_zero(const uint8_t* bytes, uint32_t count) {
    uint8_t any = 0;
    for (uint32_t i = 0; i < count; ++i) any = static_cast<uint8_t>(any | bytes[i]);
    return any == 0;
}

// Whether type, rank and shape give exactly the bytes of the place.
bool shape_ok(const TensorRecord& tensor) {
    if (tensor.type == 0 || tensor.type > static_cast<uint8_t>(kLastType) || tensor.rank > kMaxRank)
        return false;
    uint64_t bytes = size_of(static_cast<Type>(tensor.type));
    for (uint32_t i = 0; i < kMaxRank; ++i) {
        if (tensor.shape[i] < 1 || (i >= tensor.rank && tensor.shape[i] != 1)) return false;
        bytes *= static_cast<uint32_t>(tensor.shape[i]);
        if (bytes > tensor.place.bytes) return false;
    }
    return bytes == tensor.place.bytes;
}

bool aligned(const void* pointer) { return reinterpret_cast<uintptr_t>(pointer) % kPackageAlign == 0; }

}  // namespace

Status Engine::open(const void* package, uint32_t package_bytes, void* arena, uint32_t arena_bytes,
                    const KernelSet& kernels) {
    package_ = static_cast<const uint8_t*>(package);
    arena_ = static_cast<uint8_t*>(arena);
    kernels_ = kernels;
    refused_ = 0;
    const Status status = prove(package_bytes, arena_bytes);
    if (status != Status::Ok) {
        package_ = nullptr;
        return status;
    }
    reset();
    return Status::Ok;
}

Status Engine::prove(uint32_t package_bytes, uint32_t arena_bytes) {
    if (package_ == nullptr || package_bytes < sizeof(PackageHeader)) return Status::TooShort;
    if (!aligned(package_)) return Status::PackageUnaligned;
    if (!aligned(arena_)) return Status::ArenaUnaligned;
    Status status = prove_header(package_bytes, arena_bytes);
    if (status == Status::Ok) status = prove_tensors(header().inputs, true);
    if (status == Status::Ok) status = prove_tensors(header().outputs, false);
    if (status == Status::Ok) status = prove_blobs();
    if (status == Status::Ok) status = prove_kernels();
    if (status == Status::Ok) status = prove_steps();
    return status;
}

Status Engine::prove_header(uint32_t package_bytes, uint32_t arena_bytes) const {
    const PackageHeader& h = header();
    if (h.magic != kPackageMagic) return Status::BadMagic;
    if (h.version != kPackageVersion) return Status::BadVersion;
    const uint32_t total = h.total_bytes;
    if (total > package_bytes || total < sizeof h || total % kPackageAlign != 0) return Status::BadLength;
    if (h.header_bytes != sizeof h || h.flags != 0 || !all_zero(h.reserved, sizeof h.reserved) ||
        h.board[sizeof h.board - 1] != 0 || h.arena_bytes % kPackageAlign != 0 ||
        h.arena_bytes >= kConstantFlag || h.state_bytes > h.arena_bytes) {
        return Status::BadHeader;
    }
    if (!table_ok(h.inputs, sizeof(TensorRecord), total) ||
        !table_ok(h.outputs, sizeof(TensorRecord), total) || !table_ok(h.steps, sizeof(StepRecord), total) ||
        !table_ok(h.operands, sizeof(PlaceRecord), total) ||
        !table_ok(h.kernels, sizeof(KernelRecord), total) || !table_ok(h.blobs, sizeof(BlobRecord), total) ||
        !table_ok(h.constants, 1, total) ||
        (h.initial.count != 0 && (h.initial.count != h.state_bytes || !table_ok(h.initial, 1, total)))) {
        return Status::BadTable;
    }
    if (!name_ok(h.name, h.name_bytes)) return Status::BadName;
    return h.arena_bytes > arena_bytes || (h.arena_bytes > 0 && arena_ == nullptr) ? Status::ArenaTooSmall
                                                                                   : Status::Ok;
}

Status Engine::prove_tensors(const PackageTable& table, bool inputs) {
    const TensorRecord* tensors = records<TensorRecord>(table);
    for (uint32_t i = 0; i < table.count; ++i) {
        const TensorRecord& tensor = tensors[i];
        refused_ = static_cast<uint16_t>(i);
        if (!name_ok(tensor.name, tensor.name_bytes)) return Status::BadName;
        if (tensor.place.where == kAbsent || !place_ok(tensor.place) || !shape_ok(tensor))
            return Status::BadTensor;
        if (inputs && tensor.place.where >= kConstantFlag) return Status::BadTensor;
    }
    return Status::Ok;
}

Status Engine::prove_blobs() {
    const BlobRecord* blobs = records<BlobRecord>(header().blobs);
    uint32_t end = 0;
    for (uint32_t i = 0; i < header().blobs.count; ++i) {
        const BlobRecord& blob = blobs[i];
        refused_ = static_cast<uint16_t>(i);
        if (!name_ok(blob.name, blob.name_bytes)) return Status::BadName;
        if (blob.offset % kPackageAlign != 0 || blob.offset < end ||
            !inside(blob.offset, blob.bytes, header().total_bytes)) {
            return Status::BadBlob;
        }
        end = blob.offset + blob.bytes;
    }
    return Status::Ok;
}

Status Engine::prove_kernels() {
    const KernelRecord* kernels = records<KernelRecord>(header().kernels);
    for (uint32_t i = 0; i < header().kernels.count; ++i) {
        refused_ = static_cast<uint16_t>(i);
        if (find(kernels[i]) == nullptr) return Status::MissingKernel;
    }
    return Status::Ok;
}

Status Engine::prove_steps() {
    const StepRecord* steps = records<StepRecord>(header().steps);
    for (uint32_t i = 0; i < header().steps.count; ++i) {
        refused_ = static_cast<uint16_t>(i);
        const Status status = step_ok(steps[i]);
        if (status != Status::Ok) return status;
    }
    return Status::Ok;
}

Status Engine::step_ok(const StepRecord& step) const {
    const PackageHeader& h = header();
    if (step.kernel >= h.kernels.count || step.operand_count > kMaxOperands ||
        !inside(step.operands, step.operand_count, h.operands.count) || step.params % kPlaceAlign != 0 ||
        !inside(step.params, step.params_bytes, h.constants.count)) {
        return Status::BadStep;
    }
    uint32_t bytes[kMaxOperands];
    bool writable[kMaxOperands];
    const PlaceRecord* places = records<PlaceRecord>(h.operands) + step.operands;
    for (uint32_t i = 0; i < step.operand_count; ++i) {
        if (!place_ok(places[i])) return Status::BadOperand;
        bytes[i] = places[i].bytes;
        writable[i] = places[i].where < kConstantFlag;
    }
    const Claim claim{package_ + h.constants.offset + step.params, step.params_bytes, step.operand_count,
                      bytes, writable};
    const Kernel* kernel = find(records<KernelRecord>(h.kernels)[step.kernel]);
    return kernel->fits(claim) ? Status::Ok : Status::KernelRefused;
}

bool Engine::name_ok(uint32_t offset, uint32_t bytes) const {
    const uint32_t total = header().total_bytes;
    return bytes <= kMaxNameBytes && offset < total && bytes < total - offset &&
           package_[offset + bytes] == 0;
}

// Absent places are in order here: each kernel knows which operands it can do without.
bool Engine::place_ok(const PlaceRecord& place) const {
    if (place.where == kAbsent) return place.bytes == 0;
    const bool constant = place.where >= kConstantFlag;
    const uint32_t offset = constant ? place.where - kConstantFlag : place.where;
    return place.bytes > 0 && offset % kPlaceAlign == 0 &&
           inside(offset, place.bytes, constant ? header().constants.count : header().arena_bytes);
}

const Kernel* Engine::find(const KernelRecord& record) const {
    for (uint32_t i = 0; i < kernels_.count; ++i) {
        const KernelKey& key = kernels_.kernels[i]->key;
        if (static_cast<uint16_t>(key.op) == record.op && static_cast<uint8_t>(key.type) == record.type &&
            key.version == record.version) {
            return kernels_.kernels[i];
        }
    }
    return nullptr;
}

void* Engine::resolve(const PlaceRecord& place) const {
    if (place.where < kConstantFlag) return arena_ + place.where;
    if (place.where == kAbsent) return nullptr;
    // Kernels never write to a constant: fits() was told which operands are writable.
    return const_cast<uint8_t*>(package_ + header().constants.offset + (place.where - kConstantFlag));
}

void Engine::run_step(uint32_t i) const {
    const PackageHeader& h = header();
    const StepRecord& step = records<StepRecord>(h.steps)[i];
    const PlaceRecord* places = records<PlaceRecord>(h.operands) + step.operands;
    void* operands[kMaxOperands];
    for (uint32_t k = 0; k < step.operand_count; ++k) operands[k] = resolve(places[k]);
    const Call call{package_ + h.constants.offset + step.params, operands};
    find(records<KernelRecord>(h.kernels)[step.kernel])->run(call);
}

void Engine::run() {
    for (uint32_t i = 0; i < header().steps.count; ++i) run_step(i);
}

void Engine::run(const StepHook& hook) {
    for (uint32_t i = 0; i < header().steps.count; ++i) {
        hook.before(hook.context, i);
        run_step(i);
        hook.after(hook.context, i);
    }
}

void Engine::reset() {
    const PackageHeader& h = header();
    const uint8_t* initial = package_ + h.initial.offset;
    // Seldom and few: a loop, where the C library's functions would take 470 bytes of flash.
    for (uint32_t i = 0; i < h.state_bytes; ++i) arena_[i] = h.initial.count == 0 ? 0 : initial[i];
}

TensorView Engine::view(const PackageTable& table, uint32_t i) const {
    const TensorRecord& tensor = records<TensorRecord>(table)[i];
    return {resolve(tensor.place),
            tensor.place.bytes,
            static_cast<Type>(tensor.type),
            tensor.rank,
            tensor.shape,
            tensor.scale,
            tensor.zero_point,
            reinterpret_cast<const char*>(package_ + tensor.name)};
}

BlobView Engine::blob(const char* name) const {
    const BlobRecord* blobs = records<BlobRecord>(header().blobs);
    for (uint32_t i = 0; i < header().blobs.count; ++i) {
        const char* own = reinterpret_cast<const char*>(package_ + blobs[i].name);
        uint32_t k = 0;
        while (k < blobs[i].name_bytes && name[k] != 0 && own[k] == name[k]) ++k;
        if (k == blobs[i].name_bytes && name[k] == 0) return {package_ + blobs[i].offset, blobs[i].bytes};
    }
    return {nullptr, 0};
}

}  // namespace jatai
