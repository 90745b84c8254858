// docs/reference/openapi.json says what the code does. JATAI_WRITE=1 writes it anew:
//     JATAI_WRITE=1 build/release/fleet_tests --gtest_filter='OpenApi.*'
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "src/base/bytes.h"
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

Ordered operation_of(const Route& route) {
    Ordered out = {{"summary", route.what}, {"x-right", word_of(route.right)}, {"x-area", route.area}};
    const std::string method = route.method;
    const bool bytes = std::string(route.path).find("/blobs/") != std::string::npos;
    if (method == "POST" || method == "PUT" || method == "PATCH") {
        const char* type = bytes ? "application/octet-stream" : "application/json";
        out["requestBody"] = {{"content", {{type, Ordered::object()}}}};
    }
    out["responses"] = {
        {"200", {{"description", "done"}}},
        {"default",
         {{"description", "refused"},
          {"content", {{"application/json", {{"schema", {{"$ref", "#/components/schemas/Refusal"}}}}}}}}}};
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
         {{"securitySchemes", {{"key", {{"type", "http"}, {"scheme", "bearer"}}}}},
          {"schemas",
           {{"Refusal", {{"type", "object"}, {"properties", {{"error", words}, {"hint", words}}}}}}}}}};
}

TEST(OpenApi, ListsExactlyTheRoutesOfTheCode) {
    const fs::path file = fs::path(JATAI_SOURCE_DIR) / "docs/reference/openapi.json";
    const std::string coded = document().dump(1) + "\n";
    if (std::getenv("JATAI_WRITE") != nullptr) write_text(file, coded);
    EXPECT_EQ(read_text(file), coded) << "JATAI_WRITE=1 writes it anew";
}

}  // namespace
}  // namespace jatai::fleet
