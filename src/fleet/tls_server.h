// tls_server.h: how the server speaks TLS: 1.2 and 1.3, and a ticket for devices that come back.
//
//     prepare_tls(context.native_handle());
//
// A ticket lets a device that polls go on where it was (RFC 8446 §2.2): no certificate is sent, none is
// checked, and nothing is signed. It is good for two hours and until the server is started again. The server
// keeps no session.
#pragma once

using SSL_CTX = struct ssl_ctx_st;

namespace jatai::fleet {

void prepare_tls(SSL_CTX* context);

}  // namespace jatai::fleet
