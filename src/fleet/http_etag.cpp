#include "src/fleet/http_etag.h"

#include "src/fleet/secrets.h"

namespace jatai::fleet {
namespace {

// "a", W/"b", "c": true when the tag is among them, or "*" is. Weak comparison, as If-None-Match wants.
bool names(std::string_view list, const std::string& tag) {
    if (list == "*") return true;
    const std::string quoted = "\"" + tag + "\"";
    return list.find(quoted) != std::string_view::npos;
}

}  // namespace

std::string etag_of(std::string_view body) { return sha256_hex(body).substr(0, 32); }

void settle_etag(const Request& request, Reply& reply) {
    if (reply.etag.empty() || reply.status != 200 || (request.method != "GET" && request.method != "HEAD"))
        return;
    reply.headers.emplace_back("ETag", "\"" + reply.etag + "\"");
    if (!request.if_range.empty()) reply.whole = request.if_range != "\"" + reply.etag + "\"";
    if (request.if_none_match.empty() || !names(request.if_none_match, reply.etag)) return;
    reply.status = 304;
    reply.body.clear();
    reply.blob.reset();
}

}  // namespace jatai::fleet
