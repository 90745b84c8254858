// test_desk.h: the person at the desk of a test's server: asks with the administrator's key, and expects to
// be answered.
//
//     const TestDesk desk(server);
//     const std::string version = desk.push(kBoard, "v2", package, manifest);
//     desk.api("POST", "/devices/barn/assign", {{"version", version}});
#pragma once

#include <string>

#include "src/base/bytes.h"
#include "src/fleet/secrets.h"
#include "src/fleet/test_server.h"

namespace jatai {

class TestDesk {
  public:
    explicit TestDesk(const fleet::TestServer& server) : TestDesk(server, server.key()) {}
    // A server knows its administrator's key at its first start only.
    TestDesk(const fleet::TestServer& server, const std::string& key)
        : url_(server.url()), authority_("Bearer " + key) {}

    fleet::Json api(const std::string& method, const std::string& path, const fleet::Json& body = {}) const {
        const std::string text = body.is_null() ? "" : body.dump();
        const fleet::HttpAnswer answer =
            fleet::HttpClient(url_, authority_).send(method, "/api/v1" + path, text);
        EXPECT_LT(answer.status, 300) << path << answer.body;
        return fleet::json_of(answer);
    }

    // The blob's id.
    std::string put(const Bytes& bytes) const {
        const std::string raw(bytes.begin(), bytes.end()), id = fleet::sha256_hex(raw);
        fleet::HttpClient(url_, authority_)
            .send("PUT", "/api/v1/blobs/" + id, raw, "application/octet-stream");
        return id;
    }

    // An approved version of the model `m` with a variant for this board; its id.
    std::string push(const std::string& board, const std::string& name, const Bytes& package,
                     const Bytes& manifest) const {
        const std::string image = put(package);
        const fleet::Json made =
            api("POST", "/versions", {{"model", "m"}, {"name", name}, {"weights_hash", image}});
        const std::string version = made["id"];
        api("POST", "/variants",
            {{"version", version}, {"board", board}, {"image", image}, {"manifest", put(manifest)}});
        api("POST", "/versions/" + version + "/approve");
        return version;
    }

  private:
    std::string url_, authority_;
};

}  // namespace jatai
