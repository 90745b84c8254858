// docs/reference/openapi.json says what the code does. JATAI_WRITE=1 writes it anew:
//     JATAI_WRITE=1 build/release/fleet_tests --gtest_filter='OpenApi.*'
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "src/base/bytes.h"
#include "src/fleet/records_json.h"
#include "src/fleet/routes.h"
#include "src/fleet/server_world.h"

namespace jatai::fleet {
namespace {

using Ordered = nlohmann::ordered_json;

const char* word_of(Right right) {
    switch (right) {
        case Right::Open:
            return "open";
        case Right::View:
            return "view";
        case Right::Operate:
            return "operate";
        case Right::Approve:
            return "approve";
        case Right::Administer:
            return "administer";
        case Right::Gateway:
            return "gateway";
    }
    return "";
}

Ordered parameters_of(const std::string& path) {
    Ordered out = Ordered::array();
    for (std::size_t at = path.find('{'); at != std::string::npos; at = path.find('{', at + 1)) {
        const std::string name = path.substr(at + 1, path.find('}', at) - at - 1);
        out.push_back({{"name", name}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}});
    }
    return out;
}

// What a value looks like, from a record as the code makes it.
Ordered schema_of(const Json& value) {
    if (value.is_boolean()) return {{"type", "boolean"}};
    if (value.is_number_integer()) return {{"type", "integer"}};
    if (value.is_number()) return {{"type", "number"}};
    if (value.is_array())
        return {{"type", "array"}, {"items", value.empty() ? Ordered::object() : schema_of(value[0])}};
    if (!value.is_object()) return {{"type", "string"}};
    Ordered properties = Ordered::object();
    for (const auto& [name, one] : value.items()) properties[name] = schema_of(one);
    return {{"type", "object"}, {"properties", properties}};
}

Json without(Json record, std::initializer_list<const char*> names) {
    for (const char* name : names) record.erase(name);
    return record;
}

// What a job found is an object in answers, null until it has ended well.
Json shown_job() {
    Json job = Job{};
    job["result"] = Json::object();
    return job;
}

// Records as answers show them; what is secret is not in them. An answer may hold more.
std::map<std::string, Json> records() {
    return {
        {"Alert", Alert{}},     {"Alias", Alias{}},   {"Device", without(Device{}, {"token_hash", "recent"})},
        {"Group", Group{}},     {"Job", shown_job()}, {"Plan", Plan{}},
        {"Rollout", Rollout{}}, {"Tenant", Tenant{}}, {"Variant", Variant{}},
        {"Version", Version{}}};
}

Ordered reference(const std::string& name) { return {{"$ref", "#/components/schemas/" + name}}; }

// "GET /api/v1/devices/{device}" → the record in its answer; "" where there is none of them.
std::string record_of(const std::string& call) {
    static const std::map<std::string, std::string> all = {{"GET /api/v1/devices/{device}", "Device"},
                                                           {"PATCH /api/v1/devices/{device}", "Device"},
                                                           {"GET /api/v1/rollouts/{rollout}", "Rollout"},
                                                           {"POST /api/v1/rollouts", "Rollout"},
                                                           {"GET /api/v1/jobs/{job}", "Job"},
                                                           {"GET /api/v1/tenant", "Tenant"},
                                                           {"PATCH /api/v1/tenant", "Tenant"},
                                                           {"GET /api/v1/versions/{version}", "Version"},
                                                           {"POST /api/v1/versions", "Version"},
                                                           {"POST /api/v1/variants", "Variant"}};
    const auto found = all.find(call);
    return found == all.end() ? std::string() : found->second;
}

Ordered body_schema(const std::string& call) {
    if (call == "POST /api/v1/rollouts")
        return {{"type", "object"},
                {"properties", {{"name", {{"type", "string"}}}, {"plan", reference("Plan")}}}};
    const std::string record = record_of(call);
    return record.empty() ? Ordered() : reference(record);
}

Ordered operation_of(const Route& route) {
    Ordered out = {{"summary", route.what}, {"x-right", word_of(route.right)}, {"x-area", route.area}};
    const std::string method = route.method, call = method + " " + route.path;
    const bool bytes = std::string(route.path).find("/blobs/") != std::string::npos;
    if (method == "POST" || method == "PUT" || method == "PATCH") {
        const char* type = bytes ? "application/octet-stream" : "application/json";
        Ordered content = Ordered::object();
        if (const Ordered schema = body_schema(call); !schema.is_null()) content["schema"] = schema;
        out["requestBody"] = {{"content", {{type, content}}}};
    }
    out["responses"] = {
        {"200", {{"description", "done"}}},
        {"default",
         {{"description", "refused"},
          {"content", {{"application/json", {{"schema", {{"$ref", "#/components/schemas/Refusal"}}}}}}}}}};
    if (const std::string record = record_of(call); !record.empty())
        out["responses"]["200"]["content"] = {{"application/json", {{"schema", reference(record)}}}};
    const Ordered parameters = parameters_of(route.path);
    if (!parameters.empty()) out["parameters"] = parameters;
    if (route.right != Right::Open) out["security"] = Ordered::array({{{"key", Ordered::array()}}});
    return out;
}

Ordered document() {
    std::map<std::string, std::map<std::string, Ordered>> sorted;
    for (const Route& route : routes()) {
        std::string method = route.method;
        for (char& c : method) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        sorted[route.path][method] = operation_of(route);
    }
    Ordered paths = Ordered::object();
    for (const auto& [path, methods] : sorted) {
        for (const auto& [method, operation] : methods) paths[path][method] = operation;
    }
    const Ordered words = {{"type", "string"}};
    Ordered schemas = {
        {"Refusal", {{"type", "object"}, {"properties", {{"error", words}, {"hint", words}}}}}};
    for (const auto& [name, record] : records()) schemas[name] = schema_of(record);
    schemas["Job"]["properties"]["result"]["nullable"] = true;
    return {
        {"openapi", "3.0.3"},
        {"info",
         {{"title", "Jataí fleet server"},
          {"version", "1"},
          {"description",
           "Explained in docs/reference/api.md. A test writes this file from the server's own routes, and "
           "holds it against them."}}},
        {"paths", paths},
        {"components",
         {{"securitySchemes", {{"key", {{"type", "http"}, {"scheme", "bearer"}}}}}, {"schemas", schemas}}}};
}

TEST(OpenApi, ListsExactlyTheRoutesOfTheCode) {
    const fs::path file = fs::path(JATAI_SOURCE_DIR) / "docs/reference/openapi.json";
    const std::string coded = document().dump(1) + "\n";
    if (std::getenv("JATAI_WRITE") != nullptr) write_text(file, coded);
    EXPECT_EQ(read_text(file), coded) << "JATAI_WRITE=1 writes it anew";
}

// Every answer that names a record holds each of its values, of the type that the file says.
TEST_F(ServerTest, AnswersHoldWhatTheOpenApiFileSaysOfThem) {
    enrol("d1");
    const std::string version = push("x"), rollout = start({{"version", version}});
    const std::string job = json_of(api("POST", "/backup"))["job"];
    ASSERT_EQ(job_when_done(job)["state"], "done");
    const std::map<std::string, std::string> asked = {{"Device", "/devices/d1"},
                                                      {"Rollout", "/rollouts/" + rollout},
                                                      {"Job", "/jobs/" + job},
                                                      {"Tenant", "/tenant"},
                                                      {"Version", "/versions/" + version}};
    for (const auto& [name, path] : asked) {
        const Json said = json_of(api("GET", path));
        const Json record = records()[name];
        for (const auto& [key, value] : record.items()) {
            ASSERT_TRUE(said.contains(key)) << name << "." << key;
            EXPECT_EQ(schema_of(said[key])["type"], schema_of(value)["type"]) << name << "." << key;
        }
    }
}

}  // namespace
}  // namespace jatai::fleet
