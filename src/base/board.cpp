#include "src/base/board.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "src/base/error.h"
#include "src/base/suggest.h"

namespace jatai {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kMostBoardBytes = 1u << 20;

// One JSON object and where it is, so that every error can name its place.
class Node {
  public:
    Node(const Json& json, std::string place) : json_(json), place_(std::move(place)) {
        if (!json_.is_object()) throw Error{text("{}: expected an object {{...}}", place_)};
    }

    Node child(const char* key) const { return Node(at(key), place_ + ": " + key); }
    std::string string(const char* key) const {
        const Json& value = at(key);
        if (!value.is_string()) wrong(key, text("a text"));
        return value.get<std::string>();
    }
    bool flag(const char* key) const {
        const Json& value = at(key);
        if (!value.is_boolean()) wrong(key, text("true or false"));
        return value.get<bool>();
    }
    std::uint32_t whole(const char* key) const {
        const Json& value = at(key);
        if (value.is_number_unsigned() && value.get<std::uint64_t>() <= 0xFFFFFFFFu)
            return value.get<std::uint32_t>();
        if (!value.is_string()) wrong(key, text("a number below 2^32, or \"0x...\""));
        std::size_t used = 0;
        const std::string digits = value.get<std::string>();
        unsigned long long number = 0;
        try {
            number = std::stoull(digits, &used, 0);
        } catch (const std::exception&) {
            used = 0;
        }
        if (used != digits.size() || used == 0 || number > 0xFFFFFFFFu)
            wrong(key, text("a number below 2^32, or \"0x...\""));
        return static_cast<std::uint32_t>(number);
    }
    double number(const char* key) const {
        const Json& value = at(key);
        if (!value.is_number() || !std::isfinite(value.get<double>()) || value.get<double>() < 0)
            wrong(key, text("a number, 0 or more"));
        return value.get<double>();
    }
    Fact fact(const char* key) const {
        const Node node = child(key);
        Fact fact{node.number("value"), node.number("low"), node.number("high"), node.string("source")};
        if (fact.source.empty())
            throw Error{text("{}: {}: no source", place_, key), text("say where the number is from")};
        if (fact.low > fact.value || fact.value > fact.high)
            throw Error{
                text("{}: {}: {} is not between {} and {}", place_, key, fact.value, fact.low, fact.high)};
        return fact;
    }
    const Json& at(const char* key) const {
        const auto found = json_.find(key);
        if (found == json_.end())
            throw Error{text("{}: {} is missing", place_, key), text("every board states it")};
        return *found;
    }
    const std::string& place() const { return place_; }
    [[noreturn]] void wrong(const char* key, const std::string& expected) const {
        throw Error{text("{}: {}: found {}, expected {}", place_, key, at(key).dump(), expected)};
    }

  private:
    const Json& json_;
    std::string place_;
};

MemoryRange read_memory(const Node& node) {
    MemoryRange range{node.whole("base"), node.whole("bytes"), node.string("source")};
    if (range.bytes < 1024 || range.bytes > (64u << 20) || range.bytes % 4 != 0 || range.base % 4 != 0 ||
        std::uint64_t{range.base} + range.bytes > 0x60000000u)
        throw Error{text("{}: {} bytes at {:#010x} make no memory", node.place(), range.bytes, range.base),
                    text("1 KiB to 64 MiB, in multiples of 4, below 0x60000000")};
    return range;
}

bool is_power_of_two(double value) { return value >= 1 && std::exp2(std::round(std::log2(value))) == value; }

FlashSide read_side(const Node& node) {
    FlashSide side{node.fact("wait_states"), node.fact("wait_states_uncached"),
                   node.fact("line_bytes"),  node.fact("lines"),
                   node.fact("ways"),        node.fact("prefetch_cycles")};
    if (!is_power_of_two(side.line_bytes.value) || side.line_bytes.value < 4 || side.line_bytes.value > 1024)
        node.wrong("line_bytes", text("a power of two, 4 to 1024"));
    if (side.lines.value > 0 && !is_power_of_two(side.lines.value / std::max(1.0, side.ways.value)))
        node.wrong("lines", text("a power of two for each way"));
    if (side.lines.value > 65536 || side.ways.value > 64 || side.wait_states.value > 255 ||
        side.wait_states_uncached.value > 255)
        throw Error{text("{}: more lines, ways or wait states than any flash has", node.place())};
    return side;
}

EnergyFacts read_energy(const Node& node) {
    return {node.fact("supply_volts"), node.fact("active_ua_per_mhz"),
            node.fact("sleep_ua"),     node.fact("microphone_ua"),
            node.fact("led_ua"),       node.fact("serial_ua"),
            node.fact("battery_mah"),  node.fact("battery_volts")};
}

Bands read_bands(const Node& node) {
    Bands bands{node.flag("calibrated"), node.number("latency"), node.number("energy"),
                node.string("source")};
    if (bands.latency >= 1 || bands.energy >= 1)
        throw Error{text("{}: a band of 1 or more says nothing", node.place())};
    return bands;
}

void check_application(const Board& board, const std::string& place) {
    const std::uint32_t offset = board.application_base - board.flash.base;
    if (offset >= board.flash.bytes || board.application_limit_bytes > board.flash.bytes - offset)
        throw Error{text("{}: an application of {} bytes at {:#010x} does not lie in flash", place,
                         board.application_limit_bytes, board.application_base)};
}

std::string list_ids(const std::vector<std::string>& ids) {
    std::string list;
    for (const std::string& id : ids) list += (list.empty() ? "" : ", ") + id;
    return list;
}

}  // namespace

Board parse_board(const std::string& content, const std::string& place) {
    const Json json = Json::parse(content, nullptr, false, true);
    if (json.is_discarded()) throw Error{text("{}: not JSON", place), text("check commas and quotes")};
    const Node root(json, place);
    Board board;
    board.id = root.string("id");
    board.name = root.string("name");
    board.core = root.string("core");
    board.clock_hz = root.fact("clock_hz");
    if (board.clock_hz.value < 1000 || board.clock_hz.value > 2e9)
        root.wrong("clock_hz", text("1 kHz to 2 GHz"));
    board.flash = read_memory(root.child("flash"));
    board.ram = read_memory(root.child("ram"));
    const Node application = root.child("application");
    board.application_base = application.whole("base");
    board.application_limit_bytes = application.whole("limit_bytes");
    check_application(board, place);
    const Node timing = root.child("flash_timing");
    board.flash_timing = {read_side(timing.child("instruction")), read_side(timing.child("data")),
                          timing.flag("cache_on_at_reset")};
    board.energy = read_energy(root.child("energy"));
    board.bands = read_bands(root.child("bands"));
    const Json& devices = root.at("devices");
    if (!devices.is_array()) root.wrong("devices", text("a list of names"));
    for (const Json& device : devices) {
        if (!device.is_string()) root.wrong("devices", text("a list of names"));
        board.devices.push_back(device.get<std::string>());
    }
    return board;
}

Board load_board(const std::string& id_or_path, const fs::path& boards_dir) {
    if (fs::path(id_or_path).extension() == ".json")
        return parse_board(read_text(id_or_path, kMostBoardBytes), id_or_path);
    const std::vector<std::string> ids = board_ids(boards_dir);
    if (std::find(ids.begin(), ids.end(), id_or_path) == ids.end()) {
        if (ids.empty()) throw Error{text("{}: no boards found there", boards_dir.string())};
        throw Error{text("unknown board {}; there are {}", id_or_path, list_ids(ids)),
                    did_you_mean(id_or_path, ids)};
    }
    const fs::path path = boards_dir / id_or_path / "board.json";
    Board board = parse_board(read_text(path, kMostBoardBytes), path.string());
    if (board.id != id_or_path)
        throw Error{text("{}: id {}, expected {}", path.string(), board.id, id_or_path),
                    text("the folder of a board has its id as name")};
    return board;
}

std::vector<std::string> board_ids(const fs::path& boards_dir) {
    std::vector<std::string> ids;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(boards_dir, error))
        if (fs::is_regular_file(entry.path() / "board.json", error))
            ids.push_back(entry.path().filename().string());
    std::sort(ids.begin(), ids.end());
    return ids;
}

}  // namespace jatai
