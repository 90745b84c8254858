// http.h: a request and its reply as plain values; what every door's handler takes and gives.
//
//     Reply reply = handle({.method = "GET", .path = "/healthz"});
//     throw Refusal{404, "no device d7", "jatai fleet devices lists them"};       // becomes a JSON reply
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/fleet/blobs.h"

namespace jatai::fleet {

struct Request {
    std::string method, path;                  // decoded, without the query
    std::map<std::string, std::string> query;  // decoded
    std::string body, type, accept, authorization, range, host, peer;
    std::string if_none_match, if_range;
    bool tls = false, forwarded = false;  // forwarded: a proxy says that it passes it on
};

struct Reply {
    int status = 200;
    std::string type = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
    std::shared_ptr<const Blob> blob;  // instead of a body: a file, with Range
    std::string etag;                  // names these bytes; empty: none
    bool whole = false;                // of a file, whatever Range says
};

// What a caller may not have, or asked wrongly. `hint` is the next step.
struct Refusal {
    int status = 400;
    std::string what, hint;
    int retry_after_s = 0;
};

using Handler = std::function<Reply(const Request&)>;

Reply refuse(const Refusal& refusal);

// "%2F" → "/", "+" stays. False on a broken escape or a zero byte.
bool decode_url(std::string_view text, std::string& out);

// Fills path and query from a request target. False when it is no path of ours ("..", broken escapes).
bool parse_target(std::string_view target, Request& request);

}  // namespace jatai::fleet
