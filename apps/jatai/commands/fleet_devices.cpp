// fleet enroll, devices, groups, report, versions.
#include "apps/jatai/commands/fleet.h"
#include "src/base/error.h"
#include "src/fleet/qr.h"

namespace jatai {
namespace {

using Json = nlohmann::ordered_json;

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
    else if (o.erase)
        answer = server.send("DELETE", at, nullptr);
    else if (o.data)
        answer = server.get(at + "/data");
    else if (!o.assign.empty())
        answer = server.send("POST", at + "/assign", {{"version", o.assign}});
    else
        answer = server.get(at);
    console.say(answer.dump(2));
    console.result(answer);
    return 0;
}

// What a picture says: where to come in, and with what.
std::string scan_text(FleetServer& server, const std::string& what) {
    const std::string tenant = server.get("/api/v1/me")["tenant"];
    return "jatai:" + what + "&server=" + url_word(server.url()) + "&tenant=" + url_word(tenant);
}

void write_picture(const fs::path& folder, const std::string& name, const std::string& words) {
    fs::create_directories(folder);
    const fs::path file = folder / (name + ".svg");
    write_text(file, fleet::svg_of(fleet::make_qr(words)));
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
}

void write_labels(FleetServer& server, const fs::path& folder, const Json& items) {
    const std::string place = scan_text(server, "");
    for (const Json& item : items) {
        const std::string id = item["id"];
        write_picture(
            folder, id,
            "jatai:device?id=" + url_word(id) + "&token=" + url_word(item["token"]) + place.substr(6));
    }
}

void show_code(FleetServer& server, const FleetEnrollOptions& o, const std::string& code, Console& console) {
    const std::string words = scan_text(server, "enroll?code=" + url_word(code));
    console.say(fleet::text_of(fleet::make_qr(words)));
    if (!o.qr.empty()) write_picture(o.qr, "code", words);
}

}  // namespace

int run_fleet_enroll(const FleetEnrollOptions& options, Console& console) {
    FleetServer server(options.server);
    if (options.code) {
        const Json code =
            server.send("POST", "/api/v1/codes",
                        {{"device", options.device}, {"group", options.group}, {"seconds", options.seconds}});
        console.say(text("code, good for one device: {}", code["code"].get<std::string>()));
        show_code(server, options, code["code"], console);
        console.result(code);
        return 0;
    }
    Json devices =
        options.csv.empty() ? Json::array({{{"id", options.device}}}) : read_table(options.csv, "id");
    for (Json& device : devices) {
        if (!options.board.empty()) device["board"] = options.board;
        if (!options.group.empty()) device["groups"] = Json::array({options.group});
    }
    const Json answer = server.send("POST", "/api/v1/devices", {{"devices", devices}});
    if (!options.out.empty()) write_tokens(options.out, answer["items"]);
    if (!options.qr.empty()) write_labels(server, options.qr, answer["items"]);
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

namespace {

// What is not said stays as it is.
Json change_group(FleetServer& server, const FleetGroupsOptions& options) {
    Json body = Json::object();
    if (!options.filter.empty()) body["filter"] = options.filter;
    if (!options.devices.empty()) body["devices"] = options.devices;
    return server.send("PUT", "/api/v1/groups/" + url_word(options.group), body);
}

Json named_group(const Json& items, const std::string& name) {
    for (const Json& group : items)
        if (group["id"] == name) return group;
    throw Error{text("{}: no such group", name), text("--filter or --devices makes it")};
}

}  // namespace

int run_fleet_groups(const FleetGroupsOptions& options, Console& console) {
    FleetServer server(options.server);
    const auto say = [&console](const Json& group) {
        console.say(
            fmt::format("{:<24} {}", group["id"].get<std::string>(), group["filter"].get<std::string>()));
    };
    const Json items = server.all("/api/v1/groups");
    if (!options.group.empty()) {
        const Json group = options.filter.empty() && options.devices.empty()
                               ? named_group(items, options.group)
                               : change_group(server, options);
        say(group);
        console.result(group);
        return 0;
    }
    for (const Json& group : items) say(group);
    console.result({{"groups", items}});
    return 0;
}

int run_fleet_report(const FleetReportOptions& options, Console& console) {
    FleetServer server(options.server);
    Json answer = server.get("/api/v1/report");
    answer["cohorts"] = server.all("/api/v1/cohorts");
    answer["feedback"] = server.all("/api/v1/feedback");
    console.say(text("{} devices, {} silent", answer["devices"].get<int>(), answer["silent"].get<int>()));
    for (const auto& [version, count] : answer["versions"].items()) {
        console.say(fmt::format("  {:<18} {}", version.empty() ? "-" : version, count.get<int>()));
    }
    for (const Json& row : answer["feedback"])
        console.say(text("  {} on {}: {} right of {} labelled", row["version"].get<std::string>(),
                         row["board"].get<std::string>(), row["right"].get<std::uint64_t>(),
                         row["right"].get<std::uint64_t>() + row["wrong"].get<std::uint64_t>()));
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
