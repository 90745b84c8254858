// docs/reference/openapi.json against the server: every address is asked for once, its answer has the form
// that the file gives it, name for name, and what the file says it takes is refused when it is of another
// kind.
#include <gtest/gtest.h>

#include <set>

#include "src/fleet/routes.h"
#include "src/fleet/server_world.h"

namespace jatai::fleet {
namespace {

class OpenApiFile {
  public:
    OpenApiFile()
        : file_(Json::parse(read_text(fs::path(JATAI_SOURCE_DIR) / "docs/reference/openapi.json"))) {}

    Json taken(const std::string& method, const std::string& path) const {
        return at(method, path, "/requestBody/content/application~1json/schema");
    }
    Json given(const std::string& method, const std::string& path) const {
        return at(method, path, "/responses/2XX/content/application~1json/schema");
    }

    // What is wrong with this value, "" when nothing is.
    std::string misfit(const Json& schema, const Json& value, const std::string& place) const {
        if (value.is_null()) return schema.value("nullable", false) ? "" : place + " is null";
        const Json whole = joined(schema);
        const std::string type = whole.value("type", "");
        const bool fits = type.empty() || (type == "object" && value.is_object()) ||
                          (type == "array" && value.is_array()) || (type == "string" && value.is_string()) ||
                          (type == "boolean" && value.is_boolean()) ||
                          (type == "integer" && value.is_number_integer()) ||
                          (type == "number" && value.is_number());
        if (!fits) return place + ": " + value.dump().substr(0, 80) + ", expected " + type;
        if (type == "array") return misfit_items(whole["items"], value, place);
        return type == "object" ? misfit_object(whole, value, place) : "";
    }

    // allOf and references, in one.
    Json joined(const Json& schema) const {
        if (schema.contains("$ref")) {
            const std::string name = schema["$ref"].get<std::string>().substr(21);
            return file_["components"]["schemas"].at(name);
        }
        if (!schema.contains("allOf")) return schema;
        Json out = {{"type", "object"}, {"properties", Json::object()}, {"required", Json::array()}};
        for (const Json& part : schema["allOf"]) {
            const Json one = joined(part);
            out["properties"].update(one.value("properties", Json::object()));
            for (const Json& name : one.value("required", Json::array())) out["required"].push_back(name);
        }
        return out;
    }

  private:
    Json at(std::string method, const std::string& path, const std::string& pointer) const {
        for (char& c : method) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        const Json& operation = file_["paths"].at(path).at(method);
        const Json::json_pointer where(pointer);
        return operation.contains(where) ? operation.at(where) : Json();
    }
    std::string misfit_items(const Json& items, const Json& value, const std::string& place) const {
        for (const Json& one : value) {
            if (const std::string why = misfit(items, one, place + "[]"); !why.empty()) return why;
        }
        return {};
    }
    std::string misfit_object(const Json& whole, const Json& value, const std::string& place) const {
        const Json properties = whole.value("properties", Json::object());
        for (const Json& name : whole.value("required", Json::array())) {
            if (!value.contains(name)) return place + "." + name.get<std::string>() + " is not there";
        }
        for (const auto& [name, one] : value.items()) {
            const bool known = properties.contains(name);
            if (!known && !whole.contains("additionalProperties"))
                return place + "." + name + " is not in the file";
            const Json& schema = known ? properties[name] : whole["additionalProperties"];
            if (schema.is_boolean()) continue;
            if (const std::string why = misfit(schema, one, place + "." + name); !why.empty()) return why;
        }
        return {};
    }
    Json file_;
};

class OpenApiAnswers : public ServerTest {
  protected:
    void SetUp() override {
        Helpers helpers;
        helpers.compile = [](std::string_view, const std::string&, Working&) {
            Helpers::Compiled made;
            made.image = "made";
            return made;
        };
        ServerOptions options;
        options.burst = 100000;
        server = std::make_unique<TestServer>(folder.path(), options, helpers);
        admin = "Bearer " + server->key();
    }

    // Asks, and holds the answer against the file. `path` as the file writes it, its parameters in order.
    Json hold(const std::string& method, const std::string& path,
              const std::vector<std::string>& parameters = {}, const Json& body = {},
              const std::string& query = {}) {
        std::string real = path;
        for (const std::string& one : parameters)
            real.replace(real.find('{'), real.find('}') - real.find('{') + 1, one);
        refuse_other_kinds(method, path, real, body);
        const HttpAnswer answer = server->ask(admin, method, real + query, body);
        const std::string call = method + " " + path;
        EXPECT_TRUE(answer.status >= 200 && answer.status < 300)
            << call << " " << answer.status << " " << answer.body;
        const Json said = json_of(answer), schema = file.given(method, path);
        if (!schema.is_null()) {
            EXPECT_EQ(file.misfit(schema, said, call), "");
        }
        if (const Json taken = file.taken(method, path); !taken.is_null() && !body.is_null()) {
            EXPECT_EQ(file.misfit(taken, body, call + ", its body"), "");
        }
        held.insert(call);
        return said;
    }

    // Each name that the file lists is read by the server: of another kind it is refused, and nothing is
    // done. Facts of devices are not among them: chips write numbers as words, and that is understood.
    void refuse_other_kinds(const std::string& method, const std::string& path, const std::string& real,
                            const Json& body) {
        static const std::set<std::string> facts = {
            "board",       "core",   "firmware", "ram_bytes",      "flash_bytes",       "kernels",
            "peripherals", "groups", "sequence", "consent_health", "consent_statistics"};
        const Json taken = file.taken(method, path);
        if (taken.is_null()) return;
        const bool of_device = path.rfind("/api/v1/devices", 0) == 0;
        const char* list = body.contains("items") ? "items" : body.contains("devices") ? "devices" : "";
        for (const auto& [name, schema] : taken["properties"].items()) {
            if (*list != '\0' && path.rfind("/api/v1/groups", 0) != 0 && name != list) continue;
            if (of_device && facts.count(name) != 0) continue;
            Json wrong = body.is_null() ? Json::object() : body;
            wrong[name] = file.joined(schema).value("type", "") == "object" ? Json(5) : Json{{"wrong", 1}};
            EXPECT_EQ(server->ask(admin, method, real, wrong).status, 400)
                << method << " " << path << ": " << wrong.dump();
        }
    }

    void hold_admin();
    void hold_devices(const std::string& version);
    std::string hold_registry();
    void hold_rollouts(const std::string& version);
    void hold_numbers(const std::string& version);

    const OpenApiFile file;
    std::set<std::string> held;
};

void OpenApiAnswers::hold_admin() {
    hold("GET", "/api/v1/me");
    hold("GET", "/api/v1/tenant");
    hold(
        "PATCH", "/api/v1/tenant", {},
        {{"cohort_min", 2}, {"webhook", "http://127.0.0.1:1/"}, {"drift_share", 0.2}, {"silent_after_s", 0}});
    hold("POST", "/api/v1/tenants", {}, {{"id", "acme"}});
    const Json key =
        hold("POST", "/api/v1/keys", {}, {{"name", "ci"}, {"role", "viewer"}, {"scopes", {"devices"}}});
    hold("GET", "/api/v1/keys");
    hold("DELETE", "/api/v1/keys/{key}", {key["id"]});
    const Json job = hold("POST", "/api/v1/backup");
    EXPECT_EQ(job_when_done(job["job"])["state"], "done");
    hold("GET", "/api/v1/jobs");
    hold("GET", "/api/v1/jobs/{job}", {job["job"]});
    hold("POST", "/api/v1/alerts/test");
    hold("GET", "/api/v1/alerts");
    hold("GET", "/api/v1/audit");
}

std::string OpenApiAnswers::hold_registry() {
    const std::string bytes = "a model", blob = sha256_hex(bytes);
    const HttpAnswer put = HttpClient(server->url(), admin)
                               .send("PUT", "/api/v1/blobs/" + blob, bytes, "application/octet-stream");
    EXPECT_EQ(file.misfit(file.given("PUT", "/api/v1/blobs/{sha256}"), json_of(put), "blob"), "");
    EXPECT_EQ(HttpClient(server->url(), admin).send("GET", "/api/v1/blobs/" + blob).body, bytes);
    held.insert({"PUT /api/v1/blobs/{sha256}", "GET /api/v1/blobs/{sha256}"});
    const std::string id = hold("POST", "/api/v1/versions", {},
                                {{"model", "kws"}, {"weights_hash", blob}, {"accuracy", 0.9}})["id"];
    const std::string child = hold("POST", "/api/v1/versions", {},
                                   {{"model", "kws"}, {"weights_hash", "other"}, {"parent", id}})["id"];
    hold("POST", "/api/v1/versions/{version}/approve", {id}, {{"note", "well"}});
    hold("POST", "/api/v1/versions/{version}/reject", {child}, {{"note", "no"}});
    hold("POST", "/api/v1/variants", {},
         {{"version", id},
          {"board", "b"},
          {"image", blob},
          {"artifacts", {{{"name", "u.swu"}, {"sha256", blob}}}}});
    hold("PUT", "/api/v1/aliases/{model}/{alias}", {"kws", "champion"}, {{"version", id}});
    hold("GET", "/api/v1/aliases");
    hold("GET", "/api/v1/variants");
    hold("GET", "/api/v1/versions/{version}/lineage", {id});
    hold("POST", "/api/v1/select", {}, {{"version", id}, {"device", "d1"}});
    const Json job = hold("POST", "/api/v1/compile", {}, {{"version", id}, {"board", "other"}});
    job_when_done(job["job"]);
    return id;
}

void OpenApiAnswers::hold_devices(const std::string& version) {
    hold("POST", "/api/v1/devices", {}, {{"id", "x1"}, {"board", "b"}, {"kernels", {"03000901 CONV_2D"}}});
    hold("POST", "/api/v1/devices", {}, {{"devices", {{{"id", "x2"}, {"token", "sixteen letters long"}}}}});
    hold("PATCH", "/api/v1/devices/{device}", {"x1"}, {{"firmware", "1.4"}, {"groups", {"lab"}}});
    hold("GET", "/api/v1/devices");
    hold("POST", "/api/v1/devices/{device}/token", {"x1"});
    hold("POST", "/api/v1/devices/{device}/assign", {"x1"}, {{"version", version}, {"mode", "soft"}});
    hold("GET", "/api/v1/devices/{device}", {"x1"});
    hold("GET", "/api/v1/devices/{device}/data", {"d1"});
    hold("PUT", "/api/v1/groups/{group}", {"lab"}, {{"filter", "board == b"}, {"devices", {"x2"}}});
    hold("GET", "/api/v1/groups");
    const Json code = hold("POST", "/api/v1/codes", {}, {{"group", "lab"}, {"seconds", 600}});
    hold("POST", "/api/v1/enroll", {}, {{"code", code["code"]}, {"id", "x3"}, {"facts", {{"board", "b"}}}});
    hold("POST", "/api/v1/qr", {}, {{"words", "jatai:enroll?code=1"}});
    hold("POST", "/api/v1/devices/{device}/revoke", {"x2"});
    hold("POST", "/api/v1/devices/{device}/decommission", {"x3"});
    hold("DELETE", "/api/v1/devices/{device}", {"x3"});
}

void OpenApiAnswers::hold_rollouts(const std::string& version) {
    const Json plan = {{"version", version},
                       {"approval", true},
                       {"dynamic", true},  // it never ends by itself
                       {"filter", "id like \"d*\""},
                       {"per_minute", 60000},
                       {"stages", {{{"percent", 100}, {"gate", false}}}}};
    hold("POST", "/api/v1/plans/check", {}, {{"plan", plan}});
    const std::string id = hold("POST", "/api/v1/rollouts", {}, {{"name", "r"}, {"plan", plan}})["id"];
    const std::string one = "/api/v1/rollouts/{rollout}";
    hold("GET", one, {id});
    hold("POST", one + "/start", {id});
    hold("POST", one + "/approve", {id});
    hold("POST", one + "/pause", {id});
    hold("POST", one + "/resume", {id});
    hold("POST", "/api/v1/stop");
    hold("POST", "/api/v1/go");
    hold("GET", "/api/v1/actions");
    hold("POST", one + "/abort", {id});
    hold("POST", one + "/revert", {id});
    hold("GET", one + "/trail", {id});
    hold("GET", "/api/v1/rollouts");
}

void OpenApiAnswers::hold_numbers(const std::string& version) {
    hold("POST", "/api/v1/feedback", {}, {{"version", version}, {"board", "b"}, {"right", 9}, {"wrong", 1}});
    hold("POST", "/api/v1/feedback", {},
         {{"items", {{{"version", version}, {"board", "b"}, {"expected", "yes"}, {"predicted", "no"}}}}});
    EXPECT_EQ(hold("GET", "/api/v1/feedback")["items"].size(), 1u);
    hold("GET", "/api/v1/versions");
    hold("GET", "/api/v1/versions/{version}", {version});
    hold("GET", "/api/v1/report");
    EXPECT_EQ(hold("GET", "/api/v1/cohorts")["items"].size(), 1u);
    EXPECT_GE(hold("GET", "/api/v1/trends")["items"].size(), 1u);
}

TEST_F(OpenApiAnswers, HaveTheFormThatTheFileGivesThemAndWhatTheyAreAskedWithIsRead) {
    hold_admin();
    std::map<std::string, std::string> tokens;
    for (const char* id : {"d1", "d2"})
        tokens[id] = enrol(id, {{"consent_health", true}, {"consent_statistics", true}});
    const std::string version = hold_registry();
    roll_out(version);
    for (const auto& [id, token] : tokens) {
        EXPECT_TRUE(take(id, token));
        EXPECT_EQ(report(id, token, statistics_cbor(sha256_hex("a model"), 3, 14)), 200);
        EXPECT_EQ(report(id, token, health_cbor(50, 0, 5000)), 200);
    }
    hold_devices(version);
    hold_rollouts(version);
    hold_numbers(version);
    held.insert("POST /api/v1/jobs/{job}/cancel");  // JobsTest.AJobIsCancelled
    for (const Route& route : routes())
        EXPECT_EQ(held.count(std::string(route.method) + " " + route.path), 1u)
            << route.method << " " << route.path << " was not asked for";
}

}  // namespace
}  // namespace jatai::fleet
