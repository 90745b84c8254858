#include <cstdlib>
#include <nlohmann/json.hpp>

#include "apps/jatai/commands/commands.h"
#include "src/base/error.h"
#include "src/base/suggest.h"
#include "src/fleet/gateway_run.h"

namespace jatai {
namespace {

using namespace fleet;

struct DeviceAt {
    std::string device, path;
};

// "barn-3=/dev/ttyACM0"; without a name, the file's own.
DeviceAt parse_device(const std::string& word) {
    const std::size_t equals = word.find('=');
    const std::string path = equals == std::string::npos ? word : word.substr(equals + 1);
    const std::string device =
        equals == std::string::npos ? fs::path(path).filename().string() : word.substr(0, equals);
    const bool named =
        !device.empty() && device.size() <= 64 &&
        device.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:") ==
            std::string::npos;
    if (!named || path.empty())
        throw Error{text("--device {}: expected ID=PATH", word), text("for example barn-3=/dev/ttyACM0")};
    return {device, path};
}

std::string token_of(const GatewayOptions& options) {
    const char* kept = std::getenv("JATAI_TOKEN");
    if (!options.token.empty()) return options.token;
    if (kept != nullptr) return kept;
    throw Error{text("no token of a gateway: neither --token nor JATAI_TOKEN"),
                text("an administrator makes one: a key with the role gateway")};
}

// "health,statistics"
std::uint8_t consents_of(const std::vector<std::string>& words) {
    std::uint8_t consents = 0;
    for (const std::string& word : words) {
        if (word != "health" && word != "statistics")
            throw Error{text("--consent {}: no such consent", word),
                        did_you_mean(word, {"health", "statistics"})};
        consents |= word == "health" ? kHealthConsent : kStatisticsConsent;
    }
    return consents;
}

nlohmann::ordered_json to_json(const std::vector<GatewayLine>& lines) {
    nlohmann::ordered_json items = nlohmann::ordered_json::array();
    for (const GatewayLine& one : lines) {
        const GatewayCounts& n = one.gateway.counts();
        items.push_back({{"device", one.gateway.device()},
                         {"records", n.records},
                         {"pieces", n.pieces},
                         {"bytes", n.bytes},
                         {"reports", n.reports},
                         {"unanswered", n.unanswered}});
    }
    return {{"devices", items}};
}

}  // namespace

int run_gateway(const GatewayOptions& options, Console& console) {
    const std::string token = token_of(options);
    const char* kept = std::getenv("JATAI_SERVER");
    const std::string url = !options.server.empty() ? options.server
                            : kept != nullptr       ? kept
                                                    : "http://127.0.0.1:8080";
    std::vector<GatewayLine> lines;
    for (const std::string& word : options.devices) {
        const DeviceAt at = parse_device(word);
        lines.emplace_back(ByteLine(at.path),
                           GatewaySettings{url, options.tenant, token, at.device, options.ca.string(), 10,
                                           consents_of(options.consents), options.report_every_s});
        console.say(text("{} at {}", at.device, at.path));
    }
    console.say(text("between {} devices and {}  (Ctrl-C ends)", lines.size(), url));
    ServeLines how;
    how.look_s = static_cast<int>(options.look_seconds);
    how.seconds = options.seconds;
    how.on_trouble = [&](const std::string& device, const std::string& trouble) {
        console.note(text("{}: {}", device, trouble));
    };
    serve_lines(lines, how, [] { return Console::interrupted().load(); });
    const auto answer = to_json(lines);
    for (const auto& item : answer["devices"])
        console.say(text("{}: {} bytes of updates, {} reports", item["device"].get<std::string>(),
                         item["bytes"].get<std::uint64_t>(), item["reports"].get<std::uint64_t>()));
    console.result(answer);
    return 0;
}

}  // namespace jatai
