// inspect.h: what a package holds, for people and for reports.
//
//     PackageInfo info = inspect(bytes, "model.jpk");       // proves it first
//     fmt::print("{}\n", to_json(info).dump(2));
//
// Fails with Error "model.jpk: found, expected" on any byte that is wrong: the hash and every offset are
// proven, with the kernels of this program.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "device/kernel.h"
#include "src/base/bytes.h"
#include "src/plan/plan.h"

namespace jatai {

struct DoorInfo {
    std::string name;
    Type type = Type::None;
    std::vector<std::int32_t> shape;
    float scale = 0;
    std::int32_t zero_point = 0;
    std::uint32_t bytes = 0;
};

struct PackageInfo {
    std::string name;
    int version = 0;
    std::string board;
    Family family = Family::Reference;
    std::string sha256;  // hexadecimal
    std::uint32_t total_bytes = 0;
    std::uint32_t arena_bytes = 0;
    std::uint32_t state_bytes = 0;
    std::uint32_t constants_bytes = 0;
    std::uint32_t step_count = 0;
    std::int64_t macs = 0;
    std::vector<DoorInfo> inputs;
    std::vector<DoorInfo> outputs;
    std::vector<KernelKey> kernels;
    std::vector<std::string> labels;
    std::vector<StepCost> ops;                            // empty when the package has no "ops" section
    std::vector<std::pair<std::string, Bytes>> sections;  // all of them

    std::uint32_t input_bytes() const;  // of one sample: all inputs
    std::uint32_t output_bytes() const;
    const Bytes* section(const std::string& name) const;  // null: none of that name
};

// `place` begins every message.
PackageInfo inspect(ByteView package, const std::string& place);

// Whether the bytes begin like a package.
bool looks_like_package(ByteView bytes);

nlohmann::json to_json(const PackageInfo& info);

// "CONV_2D int8 v1".
std::string kernel_text(KernelKey key);
std::string op_text(Op op);
std::string type_text(Type type);

}  // namespace jatai
