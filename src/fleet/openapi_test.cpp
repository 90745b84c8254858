// docs/reference/openapi.json says what the code does. JATAI_WRITE=1 writes it anew:
//     JATAI_WRITE=1 build/release/fleet_tests --gtest_filter='OpenApi.*'
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>

#include "src/base/bytes.h"
#include "src/fleet/openapi_forms.h"
#include "src/fleet/records_json.h"
#include "src/fleet/routes.h"

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

Ordered reference(const std::string& name) { return {{"$ref", "#/components/schemas/" + name}}; }

// A list of names that are always there is kept with them.
Ordered schema_of(const Ordered& value);
Ordered object_of(const Ordered& value) {
    Ordered properties = Ordered::object(), required = Ordered::array();
    for (const auto& [said, one] : value.items()) {
        if (said == "$of") continue;
        const char mark = said.back();
        const std::string name = mark == '~' || mark == '?' ? said.substr(0, said.size() - 1) : said;
        properties[name] = schema_of(one);
        if (mark == '?') properties[name]["nullable"] = true;
        if (mark != '~') required.push_back(name);
    }
    Ordered out = {{"type", "object"}, {"properties", properties}};
    if (!required.empty()) out["required"] = required;
    return out;
}

// The schema of an example: openapi_forms.h says how they are written.
Ordered schema_of(const Ordered& value) {
    if (value.is_boolean()) return {{"type", "boolean"}};
    if (value.is_number_integer()) return {{"type", "integer"}};
    if (value.is_number()) return {{"type", "number"}};
    if (value.is_array())
        return {{"type", "array"}, {"items", value.empty() ? Ordered::object() : schema_of(value[0])}};
    if (value.is_string()) {
        const std::string word = value;
        return word.rfind('$', 0) == 0 ? reference(word.substr(1)) : Ordered{{"type", "string"}};
    }
    if (value.empty()) return {{"type", "object"}, {"additionalProperties", true}};
    if (value.contains("$any")) {
        const Ordered& one = value["$any"];
        return {{"type", "object"}, {"additionalProperties", one.is_null() ? Ordered(true) : schema_of(one)}};
    }
    if (!value.contains("$of")) return object_of(value);
    return {{"allOf", Ordered::array({reference(value["$of"]), object_of(value)})}};
}

Json without(Json record, std::initializer_list<const char*> names) {
    for (const char* name : names) record.erase(name);
    return record;
}

// What a job found is an object in answers, null until it has ended well.
Json shown_job() {
    Json job = Job{};
    job.erase("result");
    job["result?"] = {{"$any", nullptr}};
    return job;
}

// Lists inside records whose items are records themselves.
Json with_items(Json record, const std::string& list, const Json& item) {
    record[list] = Json::array({item});
    return record;
}

Json plan_example() {
    Json plan = with_items(Plan{}, "stages", "$Stage");
    plan["gate"] = "$GatePlan";
    return plan;
}

Json rollout_example() {
    Json rollout = Rollout{};
    rollout["plan"] = "$Plan";
    rollout["gates"] = {{"$any", "$GateState"}};
    return rollout;
}

// Texts in lists and in maps, which the values of a new record do not show.
Json named(Json record, std::initializer_list<const char*> lists,
           std::initializer_list<const char*> maps = {}) {
    for (const char* list : lists) record[list] = Json::array({""});
    for (const char* map : maps) record[map] = {{"$any", ""}};
    return record;
}

// Records as answers show them; what is secret is not in them.
std::map<std::string, Json> records() {
    const Json device = named(without(Device{}, {"token_hash", "recent"}),
                              {"kernels", "peripherals", "groups"}, {"attributes"});
    const Json counts = Json::array({0});
    Json cohort = Cohort{};
    for (const char* bins : {"input", "output", "confidence"}) cohort[bins] = counts;
    Json labels = without(Labels{}, {"recent"});
    labels["pairs"] = {{"$any", 0}};
    const Json job = named(shown_job(), {"log"});
    return {{"Action", named(Action{}, {"messages"})},
            {"Alert", Alert{}},
            {"Alias", Alias{}},
            {"Artifact", Artifact{}},
            {"Audit", Audit{}},
            {"Cohort", cohort},
            {"Device", device},
            {"GatePlan", GatePlan{}},
            {"GateState", GateState{}},
            {"Group", Group{}},
            {"Job", job},
            {"JobRow", without(job, {"log"})},
            {"Key", named(without(Key{}, {"hash"}), {"scopes"})},
            {"Labels", labels},
            {"Plan", plan_example()},
            {"Rollout", rollout_example()},
            {"Stage", Stage{}},
            {"Tenant", named(Tenant{}, {"emails"})},
            {"TrailPoint", TrailPoint{}},
            {"Variant", with_items(named(Variant{}, {"kernels", "peripherals"}), "artifacts", "$Artifact")},
            {"Version", Version{}}};
}

// Everything a plan leaves out keeps its default; what an answer shows is all there.
Ordered record_schema(const std::string& name, const Json& record) {
    Ordered schema = schema_of(Ordered(record));
    if (name == "Plan" || name == "GatePlan" || name == "Stage") schema.erase("required");
    return schema;
}

Ordered parsed(const std::string& example) { return schema_of(Ordered::parse(example)); }

Ordered operation_of(const Route& route) {
    Ordered out = {{"summary", route.what}, {"x-right", word_of(route.right)}, {"x-area", route.area}};
    const std::string method = route.method;
    const Form& form = forms().at(method + " " + route.path);
    const bool bytes = std::string(route.path).find("/blobs/") != std::string::npos;
    if (bytes && method == "PUT")
        out["requestBody"] = {{"content", {{"application/octet-stream", Ordered::object()}}}};
    if (!form.takes.empty())
        out["requestBody"] = {{"content", {{"application/json", {{"schema", parsed(form.takes)}}}}}};
    out["responses"] = {{"2XX", {{"description", "done"}}},
                        {"default",
                         {{"description", "refused"},
                          {"content", {{"application/json", {{"schema", reference("Refusal")}}}}}}}};
    if (!form.gives.empty())
        out["responses"]["2XX"]["content"] = {{"application/json", {{"schema", parsed(form.gives)}}}};
    if (bytes && method == "GET")
        out["responses"]["2XX"]["content"] = {{"application/octet-stream", Ordered::object()}};
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
    for (const auto& [name, record] : records()) schemas[name] = record_schema(name, record);
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

TEST(OpenApi, SaysOfEveryAddressWhatItTakesAndGivesAndOfNoOther) {
    std::set<std::string> coded, said;
    for (const Route& route : routes()) coded.insert(std::string(route.method) + " " + route.path);
    for (const auto& [call, form] : forms()) said.insert(call);
    EXPECT_EQ(said, coded);
}

}  // namespace
}  // namespace jatai::fleet
