#include "src/train/checkpoint.h"

#include <bit>
#include <cstring>

#include "src/base/error.h"

namespace jatai::train {
namespace {

constexpr char kMagic[4] = {'J', 'T', 'C', 'K'};
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHeadBytes = 12;

std::vector<std::vector<float>*> arrays_of(Checkpoint& c) {
    return {&c.float_model.parameters, &c.float_model.state,     &c.state.model.parameters,
            &c.state.model.state,      &c.state.best.parameters, &c.state.best.state,
            &c.state.optimiser.first,  &c.state.optimiser.second};
}

// Doubles as bits: the text of a JSON number need not bring back every one of them.
std::uint64_t bits(double v) { return std::bit_cast<std::uint64_t>(v); }
double real(const nlohmann::json& v) { return std::bit_cast<double>(v.get<std::uint64_t>()); }

nlohmann::json totals_json(const Totals& t) { return {bits(t.loss), t.right, t.samples}; }
Totals totals_of(const nlohmann::json& v) {
    return {real(v.at(0)), v.at(1).get<std::uint64_t>(), v.at(2).get<std::uint64_t>()};
}

void put_u32(Bytes& bytes, std::uint32_t v) {
    for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<std::uint8_t>(v >> (8 * i)));
}
std::uint32_t get_u32(const Bytes& bytes, std::size_t at) {
    std::uint32_t v = 0;
    for (std::size_t i = 0; i < 4; ++i) v |= std::uint32_t{bytes[at + i]} << (8 * i);
    return v;
}

[[noreturn]] void reject(const fs::path& path, const std::string& what) {
    throw Error{text("{}: {}", path.string(), what), text("delete the file to begin training anew")};
}

void read_header(const nlohmann::json& header, Checkpoint& c) {
    c.fingerprint = header.at("fingerprint").get<std::string>();
    c.phase = header.at("phase").get<std::string>();
    c.history = header.at("history");
    FitState& s = c.state;
    s.optimiser.steps = header.at("steps").get<std::uint64_t>();
    s.epoch = header.at("epoch").get<std::uint64_t>();
    s.batch = header.at("batch").get<std::uint64_t>();
    s.epoch_totals = totals_of(header.at("epoch_totals"));
    s.last_train = totals_of(header.at("last_train"));
    s.last_val = totals_of(header.at("last_val"));
    s.best_accuracy = real(header.at("best_accuracy"));
    s.best_loss = real(header.at("best_loss"));
    s.best_epoch = header.at("best_epoch").get<std::uint64_t>();
}

void read_arrays(const fs::path& path, const Bytes& bytes, std::size_t at, const nlohmann::json& sizes,
                 Checkpoint& c) {
    const std::vector<std::vector<float>*> arrays = arrays_of(c);
    if (sizes.size() != arrays.size())
        reject(path, text("found {} arrays, expected {}", sizes.size(), arrays.size()));
    for (std::size_t i = 0; i < arrays.size(); ++i) {
        const auto floats = sizes.at(i).get<std::uint64_t>();
        if (floats > (bytes.size() - at) / sizeof(float)) reject(path, text("the file ends too early"));
        arrays[i]->resize(floats);
        if (floats != 0) std::memcpy(arrays[i]->data(), bytes.data() + at, floats * sizeof(float));
        at += floats * sizeof(float);
    }
    if (at != bytes.size()) reject(path, text("found {} bytes too many", bytes.size() - at));
}

}  // namespace

void save_checkpoint(const fs::path& path, const Checkpoint& checkpoint) {
    Checkpoint c = checkpoint;
    const FitState& s = c.state;
    nlohmann::json sizes = nlohmann::json::array();
    for (const auto* array : arrays_of(c)) sizes.push_back(array->size());
    const nlohmann::json header{{"fingerprint", c.fingerprint},
                                {"phase", c.phase},
                                {"history", c.history},
                                {"steps", s.optimiser.steps},
                                {"epoch", s.epoch},
                                {"batch", s.batch},
                                {"epoch_totals", totals_json(s.epoch_totals)},
                                {"last_train", totals_json(s.last_train)},
                                {"last_val", totals_json(s.last_val)},
                                {"best_accuracy", bits(s.best_accuracy)},
                                {"best_loss", bits(s.best_loss)},
                                {"best_epoch", s.best_epoch},
                                {"arrays", sizes}};
    const std::string head = header.dump();
    Bytes bytes(kMagic, kMagic + 4);
    put_u32(bytes, kVersion);
    put_u32(bytes, static_cast<std::uint32_t>(head.size()));
    bytes.insert(bytes.end(), head.begin(), head.end());
    for (const auto* array : arrays_of(c)) {
        const auto* raw = reinterpret_cast<const std::uint8_t*>(array->data());
        bytes.insert(bytes.end(), raw, raw + array->size() * sizeof(float));
    }
    write_file(path, bytes);
}

std::optional<Checkpoint> load_checkpoint(const fs::path& path, const std::string& fingerprint) {
    if (path.empty() || !fs::exists(path)) return std::nullopt;
    const Bytes bytes = read_file(path);
    if (bytes.size() < kHeadBytes || std::memcmp(bytes.data(), kMagic, 4) != 0)
        reject(path, text("not a checkpoint of training"));
    const std::uint32_t version = get_u32(bytes, 4), length = get_u32(bytes, 8);
    if (version != kVersion) reject(path, text("found version {}, expected {}", version, kVersion));
    if (length > bytes.size() - kHeadBytes) reject(path, text("the file ends too early"));
    Checkpoint c{.state = {.optimiser = Optimiser({}, 0)}};
    try {
        const auto* head = bytes.data() + kHeadBytes;
        const nlohmann::json header = nlohmann::json::parse(head, head + length);
        read_header(header, c);
        if (c.fingerprint != fingerprint) return std::nullopt;
        read_arrays(path, bytes, kHeadBytes + length, header.at("arrays"), c);
    } catch (const nlohmann::json::exception&) {
        reject(path, text("found a damaged header"));
    }
    return c;
}

}  // namespace jatai::train
