#include "src/pipeline/samples.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "src/base/error.h"
#include "src/data/npy.h"
#include "src/graph/verify.h"

namespace jatai {
namespace {

using Sample = std::vector<Bytes>;

std::vector<fs::path> files_of(const fs::path& folder) {
    if (!fs::is_directory(folder)) {
        throw Error{text("{}: found no folder, expected one with .npy or .bin files", folder.string()),
                    text("put samples of what the model will see there: numpy.save")};
    }
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder)) {
        const std::string end = entry.path().extension().string();
        if (entry.is_regular_file() && (end == ".npy" || end == ".bin")) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    if (files.empty()) {
        throw Error{text("{}: found no .npy and no .bin file, expected at least one", folder.string()),
                    text("put samples of what the model will see there: numpy.save")};
    }
    return files;
}

// What a type can hold of a number: the nearest.
std::int64_t held_by(Type type, std::int64_t number) {
    const std::uint32_t bits = 8 * size_of(type);
    if (bits >= 64) return number;
    const bool unsigned_type = type == Type::UInt8 || type == Type::UInt32 || type == Type::Bool;
    const std::int64_t high = (std::int64_t{1} << (unsigned_type ? bits : bits - 1)) - 1;
    return std::clamp(number, unsigned_type ? std::int64_t{0} : -high - 1, high);
}

// The bytes an input of this type and scale takes for these numbers.
Bytes stored_as(const Tensor& input, std::span<const float> values) {
    Bytes bytes(values.size() * size_of(input.type));
    const bool grid = !input.quantisation.empty() && input.type != Type::Float32;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double real = std::isnan(values[i]) ? 0.0 : values[i];
        const double whole = std::clamp(
            grid ? std::round(real / input.quantisation.scale()) + input.quantisation.zero_point() : real,
            -9e18, 9e18);
        const auto number = held_by(input.type, static_cast<std::int64_t>(whole));
        if (input.type == Type::Float32) {
            std::memcpy(bytes.data() + i * sizeof(float), &values[i], sizeof(float));
        } else {
            std::memcpy(bytes.data() + i * size_of(input.type), &number, size_of(input.type));
        }
    }
    return bytes;
}

void add_array(const fs::path& file, const Graph& graph, std::vector<Sample>& samples) {
    if (graph.inputs.size() != 1) {
        throw Error{text("{}: found an array for a model of {} inputs, expected .bin files", file.string(),
                         graph.inputs.size()),
                    text("write each sample as all inputs in order, raw little-endian, as for jatai run")};
    }
    const Tensor& input = graph.tensor(graph.inputs[0]);
    const std::vector<float> values = to_floats(parse_npy(read_file(file), file.string()));
    const auto each = static_cast<std::size_t>(input.elements());
    if (values.empty() || values.size() % each != 0) {
        throw Error{text("{}: found {} numbers, expected {} or a multiple for {}", file.string(),
                         values.size(), each, shape_text(input))};
    }
    for (std::size_t i = 0; i < values.size(); i += each)
        samples.push_back({stored_as(input, std::span(values).subspan(i, each))});
}

void add_raw(const fs::path& file, const Graph& graph, std::vector<Sample>& samples) {
    const Bytes bytes = read_file(file);
    std::size_t each = 0;
    for (const TensorId id : graph.inputs) each += static_cast<std::size_t>(graph.tensor(id).bytes());
    if (bytes.empty() || bytes.size() % each != 0)
        throw Error{text("{}: found {} bytes, expected {} or a multiple", file.string(), bytes.size(), each)};
    for (std::size_t at = 0; at < bytes.size();) {
        Sample sample;
        for (const TensorId id : graph.inputs) {
            const auto size = static_cast<std::size_t>(graph.tensor(id).bytes());
            const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at);
            sample.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(size));
            at += size;
        }
        samples.push_back(std::move(sample));
    }
}

}  // namespace

std::vector<Sample> read_samples(const fs::path& folder, const Graph& graph, std::size_t most) {
    std::vector<Sample> all;
    for (const fs::path& file : files_of(folder)) {
        file.extension() == ".npy" ? add_array(file, graph, all) : add_raw(file, graph, all);
    }
    if (most == 0 || all.size() <= most) return all;
    std::vector<Sample> some;
    for (std::size_t i = 0; i < most; ++i) some.push_back(std::move(all[i * all.size() / most]));
    return some;
}

}  // namespace jatai
