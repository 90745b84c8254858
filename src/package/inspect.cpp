#include "src/package/inspect.h"
#include "src/graph/ops/kernels.h"

#include <fmt/format.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "src/base/error.h"
#include "src/package/op_table.h"
#include "src/package/pack.h"
#include "src/package/runner.h"

namespace jatai {

namespace {

const char* family_text(Family family) {
    if (family == Family::CortexM) return "cortex_m";
    return family == Family::CortexM0 ? "cortex_m0" : "reference";
}

// A package may come from anyone: text that is not UTF-8 or would steer a terminal is shown as '?'.
std::string printable(std::string_view s) {
    std::string shown;
    for (std::size_t i = 0; i < s.size();) {
        const auto c = static_cast<unsigned char>(s[i]);
        const std::size_t length = c < 0x80                ? 1
                                   : c >= 0xC2 && c < 0xE0 ? 2
                                   : c >= 0xE0 && c < 0xF0 ? 3
                                   : c >= 0xF0 && c < 0xF5 ? 4
                                                           : 0;
        bool good = length > 0 && i + length <= s.size() && c >= 0x20 && c != 0x7F;
        for (std::size_t k = 1; good && k < length; ++k)
            good = (static_cast<unsigned char>(s[i + k]) & 0xC0) == 0x80;
        const auto second = good && length > 1 ? static_cast<unsigned char>(s[i + 1]) : 0;
        good = good && !(c == 0xE0 && second < 0xA0) && !(c == 0xED && second > 0x9F) &&
               !(c == 0xF0 && second < 0x90) && !(c == 0xF4 && second > 0x8F);
        shown += good ? std::string(s.substr(i, length)) : "?";
        i += good ? length : 1;
    }
    return shown;
}

std::string hex(const std::uint8_t* bytes, std::size_t count) {
    std::string s;
    for (std::size_t i = 0; i < count; ++i) s += fmt::format("{:02x}", bytes[i]);
    return s;
}

DoorInfo door_of(const TensorView& view) {
    return {printable(view.name), view.type,       {view.shape, view.shape + view.rank},
            view.scale,           view.zero_point, view.bytes};
}

std::vector<std::string> labels_of(const Bytes& section) {
    std::vector<std::string> labels;
    std::string label;
    for (const std::uint8_t c : section) {
        if (c != 0) {
            label += static_cast<char>(c);
            continue;
        }
        labels.push_back(printable(label));
        label.clear();
    }
    return labels;
}

template <typename Record>
std::vector<Record> records_of(ByteView package, const PackageTable& table) {
    std::vector<Record> records(table.count);
    if (table.count > 0)
        std::memcpy(records.data(), package.data() + table.offset, table.count * sizeof(Record));
    return records;
}

// Needs: the runner opened the package, so every offset holds.
void read_tables(ByteView package, const PackageHeader& header, PackageInfo& info) {
    for (const auto& k : records_of<KernelRecord>(package, header.kernels)) {
        info.kernels.push_back({static_cast<Op>(k.op), static_cast<Type>(k.type), k.version});
    }
    for (const auto& blob : records_of<BlobRecord>(package, header.blobs)) {
        const auto* name = reinterpret_cast<const char*>(package.data() + blob.name);
        const std::uint8_t* data = package.data() + blob.offset;
        info.sections.emplace_back(printable({name, blob.name_bytes}), Bytes(data, data + blob.bytes));
    }
    if (const Bytes* labels = info.section(sections::kLabels)) info.labels = labels_of(*labels);
    if (const Bytes* ops = info.section(sections::kOps)) {
        info.ops = read_op_table({reinterpret_cast<const char*>(ops->data()), ops->size()});
        for (StepCost& cost : info.ops) cost.name = printable(cost.name);
    }
}

std::uint32_t bytes_of(const std::vector<DoorInfo>& doors) {
    std::uint32_t bytes = 0;
    for (const DoorInfo& door : doors) bytes += door.bytes;
    return bytes;
}

nlohmann::json doors_json(const std::vector<DoorInfo>& doors) {
    nlohmann::json all = nlohmann::json::array();
    for (const DoorInfo& door : doors) {
        all.push_back({{"name", door.name},
                       {"type", type_text(door.type)},
                       {"shape", door.shape},
                       {"scale", door.scale},
                       {"zero_point", door.zero_point},
                       {"bytes", door.bytes}});
    }
    return all;
}

}  // namespace

std::uint32_t PackageInfo::input_bytes() const { return bytes_of(inputs); }
std::uint32_t PackageInfo::output_bytes() const { return bytes_of(outputs); }

const Bytes* PackageInfo::section(const std::string& wanted) const {
    for (const auto& [name, bytes] : sections) {
        if (name == wanted) return &bytes;
    }
    return nullptr;
}

bool looks_like_package(ByteView bytes) {
    std::uint32_t magic = 0;
    if (bytes.size() < sizeof magic) return false;
    std::memcpy(&magic, bytes.data(), sizeof magic);
    return magic == kPackageMagic;
}

PackageInfo inspect(ByteView package, const std::string& place) {
    const HostRunner runner(package, place);
    const Engine& engine = runner.engine();
    const PackageHeader& header = engine.header();
    PackageInfo info;
    info.name = printable(reinterpret_cast<const char*>(package.data() + header.name));
    info.version = header.version;
    info.board = printable(header.board);
    info.family = static_cast<Family>(header.family);
    info.sha256 = hex(header.sha256, sizeof header.sha256);
    info.total_bytes = header.total_bytes;
    info.arena_bytes = header.arena_bytes;
    info.state_bytes = header.state_bytes;
    info.constants_bytes = header.constants.count;
    info.step_count = header.steps.count;
    info.macs = static_cast<std::int64_t>(header.macs);
    for (std::uint32_t i = 0; i < engine.input_count(); ++i) info.inputs.push_back(door_of(engine.input(i)));
    for (std::uint32_t i = 0; i < engine.output_count(); ++i)
        info.outputs.push_back(door_of(engine.output(i)));
    read_tables(package, header, info);
    return info;
}

std::string type_text(Type type) {
    switch (type) {
        case Type::Int8:
            return "int8";
        case Type::UInt8:
            return "uint8";
        case Type::Int16:
            return "int16";
        case Type::Int32:
            return "int32";
        case Type::Int64:
            return "int64";
        case Type::UInt32:
            return "uint32";
        case Type::UInt64:
            return "uint64";
        case Type::Float32:
            return "float32";
        case Type::UInt16:
            return "uint16";
        case Type::Float16:
            return "float16";
        case Type::Float64:
            return "float64";
        case Type::Bool:
            return "bool";
        case Type::None:
            break;
    }
    return fmt::format("type {}", static_cast<int>(type));
}

std::string op_text(Op op) {
    for (const OpDef* def : all_ops()) {
        if (def->op == op) return def->name;
    }
    return fmt::format("op {}", static_cast<int>(op));
}

std::string kernel_text(KernelKey key) {
    return fmt::format("{} {} v{}", op_text(key.op), type_text(key.type), key.version);
}

nlohmann::json to_json(const PackageInfo& info) {
    nlohmann::json kernels = nlohmann::json::array(), ops = nlohmann::json::array(),
                   sections = nlohmann::json::array();
    for (const KernelKey& key : info.kernels) kernels.push_back(kernel_text(key));
    for (const StepCost& cost : info.ops) {
        ops.push_back({{"name", cost.name},
                       {"op", op_text(cost.op)},
                       {"macs", cost.macs},
                       {"output_shape", cost.output_shape},
                       {"weights_bytes", cost.weights_bytes},
                       {"scratch_bytes", cost.scratch_bytes},
                       {"live_bytes", cost.live_bytes}});
    }
    for (const auto& [name, bytes] : info.sections)
        sections.push_back({{"name", name}, {"bytes", bytes.size()}});
    return {{"name", info.name},
            {"format_version", info.version},
            {"board", info.board},
            {"family", family_text(info.family)},
            {"sha256", info.sha256},
            {"total_bytes", info.total_bytes},
            {"arena_bytes", info.arena_bytes},
            {"state_bytes", info.state_bytes},
            {"constants_bytes", info.constants_bytes},
            {"steps", info.step_count},
            {"macs", info.macs},
            {"inputs", doors_json(info.inputs)},
            {"outputs", doors_json(info.outputs)},
            {"kernels", kernels},
            {"labels", info.labels},
            {"ops", ops},
            {"sections", sections}};
}

}  // namespace jatai
