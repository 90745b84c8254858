// fleet enroll, devices, groups, report, versions.
#include <sstream>

#include "apps/jatai/commands/fleet.h"
#include "src/base/error.h"

namespace jatai {
namespace {

using Json = nlohmann::ordered_json;

// id,board,firmware,groups,token … : the first line names the columns; others become attributes.
Json read_devices(const fs::path& file) {
    std::istringstream lines(read_text(file, 64u << 20));
    std::string line;
    std::vector<std::string> names;
    Json devices = Json::array();
    for (int number = 1; std::getline(lines, line); ++number) {
        if (!line.empty() && line.back() == '\r') line.pop_back();
        if (line.empty()) continue;
        std::vector<std::string> cells;
        std::istringstream parts(line);
        for (std::string cell; std::getline(parts, cell, ',');) cells.push_back(cell);
        if (names.empty()) {
            names = cells;
            if (names.front() != "id")
                throw Error{text("{}:1: first column {}, expected id", file.string(), names.front()),
                            text("for example id,board,firmware")};
            continue;
        }
        if (cells.size() > names.size())
            throw Error{
                text("{}:{}: {} columns, expected {}", file.string(), number, cells.size(), names.size())};
        Json device;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (!cells[i].empty()) device[names[i]] = cells[i];
        }
        devices.push_back(device);
    }
    return devices;
}

void write_tokens(const fs::path& file, const Json& items) {
    std::string out = "id,token\n";
    for (const Json& item : items)
        out += item["id"].get<std::string>() + "," + item["token"].get<std::string>() + "\n";
    write_text(file, out);
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
}

int change_device(FleetServer& server, const FleetDevicesOptions& o, Console& console) {
    const std::string at = "/api/v1/devices/" + url_word(o.device);
    Json answer;
    if (o.revoke)
        answer = server.send("POST", at + "/revoke", nullptr);
    else if (o.decommission)
        answer = server.send("POST", at + "/decommission", nullptr);
    else if (o.new_token)
        answer = server.send("POST", at + "/token", nullptr);
    else if (!o.assign.empty())
        answer = server.send("POST", at + "/assign", {{"version", o.assign}});
    else
        answer = server.get(at);
    console.say(answer.dump(2));
    console.result(answer);
    return 0;
}

}  // namespace

int run_fleet_enroll(const FleetEnrollOptions& options, Console& console) {
    FleetServer server(options.server);
    if (options.code) {
        const Json code =
            server.send("POST", "/api/v1/codes",
                        {{"device", options.device}, {"group", options.group}, {"seconds", options.seconds}});
        console.say(text("code, good for one device: {}", code["code"].get<std::string>()));
        console.result(code);
        return 0;
    }
    Json devices = options.csv.empty() ? Json::array({{{"id", options.device}}}) : read_devices(options.csv);
    for (Json& device : devices) {
        if (!options.board.empty()) device["board"] = options.board;
        if (!options.group.empty()) device["groups"] = Json::array({options.group});
    }
    const Json answer = server.send("POST", "/api/v1/devices", {{"devices", devices}});
    if (!options.out.empty()) write_tokens(options.out, answer["items"]);
    for (const Json& item : answer["items"]) {
        if (options.out.empty())
            console.say(item["id"].get<std::string>() + "," + item["token"].get<std::string>());
    }
    console.say(text("{} devices enrolled; their tokens are shown once", answer["items"].size()));
    console.result({{"devices", answer["items"]}});
    return 0;
}

int run_fleet_devices(const FleetDevicesOptions& options, Console& console) {
    FleetServer server(options.server);
    if (!options.device.empty()) return change_device(server, options, console);
    const Json items = server.all("/api/v1/devices?filter=" + url_word(options.filter) +
                                  "&group=" + url_word(options.group));
    for (const Json& d : items) {
        console.say(fmt::format("{:<24} {:<14} {:<14} {:<18} {}", d["id"].get<std::string>(),
                                d["board"].get<std::string>(), d["state"].get<std::string>(),
                                d["reported"].get<std::string>(), d["reason"].get<std::string>()));
    }
    console.say(text("{} devices", items.size()));
    console.result({{"devices", items}});
    return 0;
}

int run_fleet_groups(const FleetGroupsOptions& options, Console& console) {
    FleetServer server(options.server);
    if (!options.group.empty()) {
        console.result(server.send("PUT", "/api/v1/groups/" + url_word(options.group),
                                   {{"filter", options.filter}, {"devices", options.devices}}));
        return 0;
    }
    const Json items = server.all("/api/v1/groups");
    for (const Json& group : items)
        console.say(
            fmt::format("{:<24} {}", group["id"].get<std::string>(), group["filter"].get<std::string>()));
    console.result({{"groups", items}});
    return 0;
}

int run_fleet_report(const FleetReportOptions& options, Console& console) {
    FleetServer server(options.server);
    Json answer = server.get("/api/v1/report");
    answer["cohorts"] = server.all("/api/v1/cohorts");
    console.say(text("{} devices, {} silent", answer["devices"].get<int>(), answer["silent"].get<int>()));
    for (const auto& [version, count] : answer["versions"].items()) {
        console.say(fmt::format("  {:<18} {}", version.empty() ? "-" : version, count.get<int>()));
    }
    console.result(answer);
    return 0;
}

int run_fleet_versions(const FleetVersionsOptions& options, Console& console) {
    FleetServer server(options.server);
    const std::string at = "/api/v1/versions/" + url_word(options.version);
    if (options.version.empty()) {
        const Json items = server.all("/api/v1/versions");
        for (const Json& v : items) {
            console.say(fmt::format("{:<18} {:<16} {:<10} {}", v["id"].get<std::string>(),
                                    v["model"].get<std::string>(), v["state"].get<std::string>(),
                                    v["name"].get<std::string>()));
        }
        console.result({{"versions", items}});
        return 0;
    }
    Json answer;
    if (options.approve)
        answer = server.send("POST", at + "/approve", {{"note", options.note}});
    else if (options.reject)
        answer = server.send("POST", at + "/reject", {{"note", options.note}});
    else if (options.lineage)
        answer = server.get(at + "/lineage");
    else
        answer = server.get(at);
    console.say(answer.dump(2));
    console.result(answer);
    return 0;
}

}  // namespace jatai
