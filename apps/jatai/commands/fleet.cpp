#include "apps/jatai/commands/fleet.h"

#include <cstdlib>
#include <sstream>

#include "src/base/error.h"
#include "src/fleet/secrets.h"

namespace jatai {
namespace {

using Json = nlohmann::ordered_json;

std::string or_environment(const std::string& given, const char* name, const char* otherwise) {
    if (!given.empty()) return given;
    const char* set = std::getenv(name);
    return set != nullptr && *set != '\0' ? set : otherwise;
}

std::string authorization_of(const ServerChoice& choice) {
    const std::string key = or_environment(choice.key, "JATAI_KEY", "");
    if (key.empty())
        throw Error{text("a key is missing"),
                    text("--key KEY, or JATAI_KEY in the environment; the first jatai serve printed one")};
    return "Bearer " + key;
}

}  // namespace

FleetServer::FleetServer(const ServerChoice& choice)
    : client_(or_environment(choice.url, "JATAI_SERVER", "http://127.0.0.1:8080"), authorization_of(choice),
              or_environment(choice.ca.string(), "JATAI_CA", "")) {}

Json FleetServer::checked(const fleet::HttpAnswer& answer) const {
    const Json body = Json::parse(answer.body, nullptr, false);
    if (answer.status < 300) return body.is_discarded() ? Json::object() : body;
    const bool said = body.is_object() && body.contains("error");
    throw Error{
        client_.url() + ": " + (said ? body["error"].get<std::string>() : std::to_string(answer.status)),
        said ? body.value("hint", "") : ""};
}

Json FleetServer::get(const std::string& path) { return checked(client_.send("GET", path)); }

Json FleetServer::send(const std::string& method, const std::string& path, const Json& body) {
    return checked(client_.send(method, path, body.is_null() ? "" : body.dump()));
}

std::string FleetServer::fetch(const std::string& path) {
    const fleet::HttpAnswer answer = client_.send("GET", path);
    if (answer.status >= 300) checked(answer);
    return answer.body;
}

std::string FleetServer::put_blob(const std::string& bytes) {
    const std::string id = fleet::sha256_hex(bytes);
    checked(client_.send("PUT", "/api/v1/blobs/" + id, bytes, "application/octet-stream"));
    return id;
}

Json FleetServer::all(const std::string& path) {
    Json items = Json::array();
    std::string after;
    do {
        const std::string join = path.find('?') == std::string::npos ? "?" : "&";
        const Json page = get(path + join + "limit=1000&after=" + url_word(after));
        for (const Json& item : page["items"]) items.push_back(item);
        after = page.value("next", "");
    } while (!after.empty());
    return items;
}

Json read_table(const fs::path& file, const std::string& first) {
    std::istringstream lines(read_text(file, 64u << 20));
    std::string line;
    std::vector<std::string> names;
    Json rows = Json::array();
    for (int number = 1; std::getline(lines, line); ++number) {
        if (!line.empty() && line.back() == '\r') line.pop_back();
        if (line.empty()) continue;
        std::vector<std::string> cells;
        std::istringstream parts(line);
        for (std::string cell; std::getline(parts, cell, ',');) cells.push_back(cell);
        if (names.empty()) {
            names = cells;
            if (names.front() != first)
                throw Error{text("{}:1: first column {}, expected {}", file.string(), names.front(), first),
                            text("for example id,board,firmware")};
            continue;
        }
        if (cells.size() > names.size())
            throw Error{
                text("{}:{}: {} columns, expected {}", file.string(), number, cells.size(), names.size())};
        Json row;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (!cells[i].empty()) row[names[i]] = cells[i];
        }
        rows.push_back(row);
    }
    return rows;
}

std::string url_word(const std::string& word) {
    static const char* digits = "0123456789ABCDEF";
    std::string out;
    for (const unsigned char c : word) {
        const bool plain = c < 128 && (std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.' || c == '~');
        if (plain) {
            out += static_cast<char>(c);
        } else {
            out += '%';
            out += digits[c >> 4];
            out += digits[c & 15];
        }
    }
    return out;
}

}  // namespace jatai
