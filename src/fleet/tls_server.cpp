#include "src/fleet/tls_server.h"

#include <openssl/ssl.h>

namespace jatai::fleet {

void prepare_tls(SSL_CTX* context) {
    constexpr long kTicket_s = 7200;
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // tickets only
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_set_timeout(context, kTicket_s);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);  // 34 KB less for a connection that waits
}

}  // namespace jatai::fleet
