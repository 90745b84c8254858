#include "src/package/runner.h"

#include <algorithm>
#include <cstring>

#include "device/package_hash.h"
#include "src/base/error.h"
#include "src/package/inspect.h"
#include "src/package/status_text.h"

namespace jatai {

namespace {

constexpr std::size_t kMaxArenaBytes = std::size_t{64} << 20;  // more than any chip has; bytes may be hostile

[[noreturn]] void refuse(const std::string& place, const std::string& found) {
    throw Error{text("{}: {}, expected a package", place, found),
                text("make it anew: jatai compile MODEL.tflite --board ID -o OUTDIR")};
}

// The sentence for a status, with the kernel or step it is about.
std::string reason(Status status, const Engine& engine, ByteView package) {
    if (status != Status::MissingKernel) return status_text(status);
    PackageHeader header;
    std::memcpy(&header, package.data(), sizeof header);
    KernelRecord record;
    std::memcpy(&record, package.data() + header.kernels.offset + engine.refused_record() * sizeof record,
                sizeof record);
    return status_text(status) + ": " +
           kernel_text({static_cast<Op>(record.op), static_cast<Type>(record.type), record.version});
}

}  // namespace

HostRunner::HostRunner(ByteView package, const std::string& place, HostCode code) : place_(place) {
    const auto bytes = static_cast<std::uint32_t>(std::min<std::size_t>(package.size(), UINT32_MAX));
    if (const Status status = check_hash(package.data(), bytes); status != Status::Ok) {
        refuse(place, status_text(status));
    }
    PackageHeader header;
    std::memcpy(&header, package.data(), sizeof header);
    if (header.arena_bytes > kMaxArenaBytes) refuse(place, status_text(Status::BadHeader));
    package_ = std::make_unique<Block[]>((bytes + sizeof(Block) - 1) / sizeof(Block));
    std::memcpy(package_.get(), package.data(), bytes);
    arena_ = std::make_unique<Block[]>((header.arena_bytes + sizeof(Block) - 1) / sizeof(Block));
    const Status status =
        engine_.open(package_.get(), bytes, arena_.get(), header.arena_bytes, host_kernels(code));
    if (status != Status::Ok) refuse(place, reason(status, engine_, package));
    for (std::uint32_t i = 0; i < engine_.input_count(); ++i) input_bytes_ += engine_.input(i).bytes;
    for (std::uint32_t i = 0; i < engine_.output_count(); ++i) output_bytes_ += engine_.output(i).bytes;
}

Bytes HostRunner::run(ByteView input) {
    if (input.size() != input_bytes_) {
        throw Error{text("{}: {} bytes of input, expected {} a sample", place_, input.size(), input_bytes_),
                    text("a sample is all input tensors in order, raw little-endian")};
    }
    std::size_t at = 0;
    for (std::uint32_t i = 0; i < engine_.input_count(); ++i) {
        const TensorView view = engine_.input(i);
        std::memcpy(view.data, input.data() + at, view.bytes);
        at += view.bytes;
    }
    engine_.run();
    Bytes output;
    output.reserve(output_bytes_);
    for (std::uint32_t i = 0; i < engine_.output_count(); ++i) {
        const TensorView view = engine_.output(i);
        const auto* data = static_cast<const std::uint8_t*>(view.data);
        output.insert(output.end(), data, data + view.bytes);
    }
    return output;
}

Bytes run_package(ByteView package, ByteView inputs, const std::string& place, const Progress& progress) {
    HostRunner runner(package, place);
    const std::size_t one = runner.input_bytes();
    if (one == 0 || inputs.empty() || inputs.size() % one != 0) {
        throw Error{text("{}: {} bytes of input, expected a multiple of {}", place, inputs.size(), one),
                    text("samples lie back to back, each all input tensors in order, raw little-endian")};
    }
    Bytes outputs;
    outputs.reserve(inputs.size() / one * runner.output_bytes());
    for (std::size_t at = 0; at < inputs.size(); at += one) {
        const Bytes output = runner.run(inputs.subspan(at, one));
        outputs.insert(outputs.end(), output.begin(), output.end());
        report(progress, at / one + 1, inputs.size() / one, text("inference"));
    }
    return outputs;
}

}  // namespace jatai
