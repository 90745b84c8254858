// Who may do what: every address of the API is asked for by every role, and by who shows no key.
#include <gtest/gtest.h>

#include "src/fleet/routes.h"
#include "src/fleet/server_world.h"

namespace jatai::fleet {
namespace {

// What each role may not do, as docs/reference/fleet.md says it; written down here once more, by hand.
const std::map<std::string, std::set<std::string>> kDenied = {
    {"viewer", {"operate", "approve", "administer", "gateway"}},
    {"operator", {"approve", "administer", "gateway"}},
    {"approver", {"operate", "administer", "gateway"}},
    {"gateway", {"view", "operate", "approve", "administer"}},
    {"admin", {}},
};

// What an address does, from its method and its name alone: not from the table that the server reads.
std::string kind_of(const std::string& method, const std::string& path) {
    const auto ends = [&](const std::string& word) {
        return path.size() >= word.size() && path.substr(path.size() - word.size()) == word;
    };
    const auto is = [&](std::initializer_list<const char*> words) {
        return std::any_of(words.begin(), words.end(), [&](const char* w) { return path == w; });
    };
    if (is({"/api/v1/me", "/api/v1/enroll"})) return "open";
    if (ends("/approve") || ends("/reject")) return "approve";
    const bool keys = path.rfind("/api/v1/keys", 0) == 0 || is({"/api/v1/tenants", "/api/v1/backup"});
    const bool settings = method == "PATCH" && path == "/api/v1/tenant";
    const bool erases = method == "DELETE" && path == "/api/v1/devices/{device}";
    if (keys || settings || erases || path == "/api/v1/alerts/test") return "administer";
    if (path == "/api/v1/devices/{device}/data") return "operate";
    if (method == "GET" || is({"/api/v1/select", "/api/v1/plans/check", "/api/v1/qr"})) return "view";
    return "operate";
}

std::string filled(std::string path) {
    for (std::size_t at = path.find('{'); at != std::string::npos; at = path.find('{'))
        path.replace(at, path.find('}', at) - at + 1, "x");
    return path;
}

bool turned_away(int status) { return status == 401 || status == 403; }

TEST_F(ServerTest, EveryRoleIsTurnedAwayFromWhatItMayNotDoAndFromNothingElse) {
    enrol("d1");
    for (const auto& [role, denied] : kDenied) {
        for (const Route& route : routes()) {
            const std::string kind = kind_of(route.method, route.path);
            if (kind == "open") continue;
            // Made anew each time: some of these calls stop everything, and each key has its rate.
            const std::string key =
                "Bearer " +
                json_of(api("POST", "/keys", {{"name", role}, {"role", role}}))["secret"].get<std::string>();
            const HttpAnswer answer = server->ask(key, route.method, filled(route.path), Json::object());
            EXPECT_EQ(turned_away(answer.status), denied.count(kind) != 0)
                << role << ": " << route.method << " " << route.path << " (" << kind << ") " << answer.status;
        }
    }
}

TEST_F(ServerTest, WithoutAKeyOrWithADevicesTokenNothingOfTheApiOpens) {
    const std::string token = enrol("d1");
    for (const Route& route : routes()) {
        const std::string path = filled(route.path), kind = kind_of(route.method, route.path);
        if (kind == "open") continue;
        EXPECT_EQ(server->ask(token, route.method, path, Json::object()).status, 401) << path;
        const std::string bearer = "Bearer " + token.substr(12);
        EXPECT_EQ(server->ask(bearer, route.method, path, Json::object()).status, 401) << path;
        const int nobody = server->ask("", route.method, path, Json::object()).status;
        EXPECT_TRUE(nobody == 401 || nobody == 429) << path << nobody;  // and slowed down
    }
}

// The doors of devices: a device its own, a gateway those of its tenant, people none.
TEST_F(ServerTest, ADeviceReachesItselfAGatewayItsTenantAndPeopleNoDevicesDoor) {
    const std::string token = enrol("d1");
    enrol("d2");
    const std::string acme =
        "Bearer " + json_of(api("POST", "/tenants", {{"id", "acme"}}))["admin_key"].get<std::string>();
    const std::string foreign =
        json_of(server->ask(acme, "POST", "/api/v1/keys", {{"name", "gw"}, {"role", "gateway"}}))["secret"];
    const std::string own = json_of(api("POST", "/keys", {{"name", "gw"}, {"role", "gateway"}}))["secret"];
    const auto get = [&](const std::string& who, const std::string& rest) {
        return server->ask(who, "GET", "/default/controller/v1/" + rest).status;
    };
    EXPECT_EQ(get(token, "d1"), 200);
    EXPECT_EQ(get("GatewayToken " + own, "d1"), 200);
    EXPECT_EQ(get("GatewayToken " + own, "behind-it"), 200);  // it brings new ones in
    EXPECT_EQ(get("GatewayToken " + foreign, "d1"), 401);
    for (const char* rest : {"d2", "d2/deploymentBase/1", "d2/installedBase/1", "d2/cancelAction/1",
                             "d2/confirmationBase", "d2/artifacts/1/x", "d2/root", "nobody"})
        EXPECT_EQ(get(token, rest), 401) << rest;
    for (const char* door : {"configData", "reports", "labels", "deploymentBase/1/feedback",
                             "confirmationBase/activateAutoConfirm"}) {
        const std::string path = std::string("/default/controller/v1/d2/") + door;
        EXPECT_EQ(server->ask(token, "POST", path, Json::object()).status, 401) << door;
    }
    for (const char* role : {"viewer", "operator", "approver", "admin"}) {
        const std::string key = json_of(api("POST", "/keys", {{"name", role}, {"role", role}}))["secret"];
        EXPECT_EQ(get("Bearer " + key, "d1"), 401) << role;
        if (std::string(role) != "admin") {
            EXPECT_EQ(get("GatewayToken " + key, "d1"), 403) << role;
        }
        EXPECT_EQ(get("TargetToken " + key, "d1"), 401) << role;
    }
}

}  // namespace
}  // namespace jatai::fleet
