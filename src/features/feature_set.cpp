#include "src/features/feature_set.h"

#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>

#include "src/base/error.h"

namespace jatai {
namespace {

static_assert(std::endian::native == std::endian::little, "the file is little-endian");

constexpr std::string_view kMagic = "JFS1";

[[noreturn]] void fail(const fs::path& path, const std::string& found) {
    throw Error{text("{}: {}, expected a feature set", path.string(), found),
                text("run jatai train again; it makes the features anew")};
}

template <typename T>
void append(Bytes& bytes, const std::vector<T>& values) {
    const auto* p = reinterpret_cast<const std::uint8_t*>(values.data());
    bytes.insert(bytes.end(), p, p + values.size() * sizeof(T));
}

// The next `count` values of the file; its length was checked against the header before.
template <typename T>
std::vector<T> take(ByteView& rest, std::size_t count) {
    std::vector<T> values(count);
    if (count > 0) std::memcpy(values.data(), rest.data(), count * sizeof(T));
    rest = rest.subspan(count * sizeof(T));
    return values;
}

nlohmann::json header_of(const FeatureSet& set) {
    return {{"clips", set.size()},  {"frames", set.frames},         {"coefficients", set.coefficients},
            {"scale", set.scale},   {"zero_point", set.zero_point}, {"pipeline_hash", set.pipeline_hash},
            {"labels", set.labels}, {"groups", set.groups},         {"accents", set.accents}};
}

void check_indices(const FeatureSet& set, const fs::path& path) {
    for (std::size_t i = 0; i < set.size(); ++i) {
        if (set.y[i] >= set.labels.size() || set.group[i] >= set.groups.size() ||
            set.accent[i] >= set.accents.size() || set.split[i] > Split::TestAccents) {
            fail(path, text("clip {} with an index out of range", i));
        }
    }
}

}  // namespace

std::vector<float> FeatureSet::real(std::size_t i) const {
    std::vector<float> values;
    values.reserve(row_size());
    for (std::int8_t q : row(i)) values.push_back(static_cast<float>(q - zero_point) * scale);
    return values;
}

std::vector<std::size_t> FeatureSet::indices(Split which) const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < size(); ++i) {
        if (split[i] == which) found.push_back(i);
    }
    return found;
}

void save_feature_set(const FeatureSet& set, const fs::path& path) {
    const std::string header = header_of(set).dump();
    const auto header_bytes = static_cast<std::uint32_t>(header.size());
    Bytes bytes(kMagic.begin(), kMagic.end());
    append(bytes, std::vector<std::uint32_t>{header_bytes});
    bytes.insert(bytes.end(), header.begin(), header.end());
    append(bytes, set.x);
    append(bytes, set.y);
    append(bytes, set.split);
    append(bytes, set.group);
    append(bytes, set.accent);
    write_file(path, bytes);
}

FeatureSet load_feature_set(const fs::path& path) {
    const Bytes bytes = read_file(path);
    if (bytes.size() < 8 || std::memcmp(bytes.data(), kMagic.data(), 4) != 0) fail(path, text("other bytes"));
    std::uint32_t header_bytes;
    std::memcpy(&header_bytes, bytes.data() + 4, 4);
    ByteView rest = ByteView(bytes).subspan(8);
    if (header_bytes > rest.size()) fail(path, text("truncated: {} bytes", bytes.size()));
    FeatureSet set;
    std::size_t clips = 0;
    try {
        const auto json = nlohmann::json::parse(rest.begin(), rest.begin() + header_bytes);
        clips = json.at("clips");
        set.frames = json.at("frames");
        set.coefficients = json.at("coefficients");
        set.scale = json.at("scale");
        set.zero_point = json.at("zero_point");
        set.pipeline_hash = json.at("pipeline_hash");
        set.labels = json.at("labels").get<std::vector<std::string>>();
        set.groups = json.at("groups").get<std::vector<std::string>>();
        set.accents = json.at("accents").get<std::vector<std::string>>();
    } catch (const nlohmann::json::exception& error) {
        fail(path, text("a damaged header: {}", error.what()));
    }
    rest = rest.subspan(header_bytes);
    const bool sane =
        set.frames > 0 && set.frames <= 65535 && set.coefficients > 0 && set.coefficients <= 255;
    if (!sane || clips > rest.size() || rest.size() != clips * (set.row_size() + 7)) {
        fail(path, text("truncated: {} bytes", bytes.size()));
    }
    set.x = take<std::int8_t>(rest, clips * set.row_size());
    set.y = take<std::uint16_t>(rest, clips);
    set.split = take<Split>(rest, clips);
    set.group = take<std::uint16_t>(rest, clips);
    set.accent = take<std::uint16_t>(rest, clips);
    check_indices(set, path);
    return set;
}

}  // namespace jatai
