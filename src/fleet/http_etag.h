// http_etag.h: what a caller has already is not sent again (RFC 9110: ETag, If-None-Match, If-Range).
//
//     reply.etag = sha256;  settle_etag(request, reply);       // may turn it into 304 without a body
//
// Keeps    other replies than 200 to GET or HEAD as they are.
#pragma once

#include "src/fleet/http.h"

namespace jatai::fleet {

void settle_etag(const Request& request, Reply& reply);

// Names a body by its own bytes.
std::string etag_of(std::string_view body);

}  // namespace jatai::fleet
