// fleet.h: what the commands that talk to a fleet server share.
//
//     FleetServer server(options.server);
//     Json devices = server.get("/api/v1/devices");       // Error with the server's own words when it
//     refuses
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "apps/jatai/commands/commands.h"
#include "src/fleet/http_client.h"

namespace jatai {

class FleetServer {
  public:
    explicit FleetServer(const ServerChoice& choice);
    nlohmann::ordered_json get(const std::string& path);
    nlohmann::ordered_json send(const std::string& method, const std::string& path,
                                const nlohmann::ordered_json& body);
    const std::string& url() const { return client_.url(); }
    std::string fetch(const std::string& path);      // raw bytes
    std::string put_blob(const std::string& bytes);  // its SHA-256
    // All items of a list, page after page.
    nlohmann::ordered_json all(const std::string& path);

  private:
    nlohmann::ordered_json checked(const fleet::HttpAnswer& answer) const;
    fleet::HttpClient client_;
};

// A table as JSON: its first line names the columns, `first` the first of them. Error with the line that is
// longer.
nlohmann::ordered_json read_table(const fs::path& file, const std::string& first);

// A word as part of an address.
std::string url_word(const std::string& word);

}  // namespace jatai
