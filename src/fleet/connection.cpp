#include "src/fleet/connection.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>

#include "src/base/error.h"

namespace jatai::fleet {

UrlParts parse_url(const std::string& url) {
    UrlParts out;
    const std::size_t end = url.find("://");
    if (end == std::string::npos || end == 0) throw Error{text("{}: expected scheme://HOST:PORT", url)};
    out.scheme = url.substr(0, end);
    std::string rest = url.substr(end + 3);
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    out.path = rest.substr(slash);
    rest.resize(slash);
    if (const std::size_t at = rest.rfind('@'); at != std::string::npos) {
        out.user = rest.substr(0, at);
        rest.erase(0, at + 1);
    }
    const std::size_t bracket = rest.find(']'), colon = rest.rfind(':');
    const bool has_port = colon != std::string::npos && (bracket == std::string::npos || colon > bracket);
    out.host = rest.substr(0, has_port ? colon : std::string::npos);
    if (has_port) out.port = rest.substr(colon + 1);
    if (!out.host.empty() && out.host.front() == '[') out.host = out.host.substr(1, out.host.size() - 2);
    const bool clean = url.find_first_of(std::string(" \r\n\t\0", 5)) == std::string::npos;
    if (out.host.empty() || !clean) throw Error{text("{}: expected scheme://HOST:PORT", url)};
    return out;
}

void refuse_password(const std::string& flag, const std::string& url, const std::string& instead) {
    const std::size_t start = url.find("://"), at = url.rfind('@');
    if (start == std::string::npos || at == std::string::npos) return;
    if (url.find(':', start + 3) >= at) return;
    throw Error{text("{}: a password in the address, where every process list shows it", flag),
                text("put it in the environment: {}", instead)};
}

Connection::~Connection() {
    close();
    forget_ticket();
    SSL_CTX_free(context_);
}

void Connection::fail(const std::string& why) {
    close();
    throw Error{text("{}: {}", place_.name, why), text("is the server running there?")};
}

void Connection::close() {
    if (tls_ != nullptr) {
        SSL_set_quiet_shutdown(tls_, 1);  // without it the ticket would be thrown away
        SSL_shutdown(tls_);
        SSL_free(tls_);
    }
    tls_ = nullptr;
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
}

void Connection::open() {
    if (socket_ >= 0) return;
    std::signal(SIGPIPE, SIG_IGN);
    addrinfo wanted{}, *found = nullptr;
    wanted.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(place_.host.c_str(), place_.port.c_str(), &wanted, &found) != 0) fail("no such host");
    for (addrinfo* at = found; at != nullptr && socket_ < 0; at = at->ai_next) {
        socket_ = ::socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
        set_times();
        if (socket_ >= 0 && connect(socket_, at->ai_addr, at->ai_addrlen) != 0) {
            ::close(socket_);
            socket_ = -1;
        }
    }
    freeaddrinfo(found);
    if (socket_ < 0) fail("no answer");
    if (place_.tls) start_tls();
}

void Connection::set_times() const {
    const timeval limit{place_.timeout_s, 0};
    const int yes = 1;
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

void Connection::make_context() {
    context_ = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION);
    SSL_CTX_set_options(context_, SSL_OP_IGNORE_UNEXPECTED_EOF);  // HTTP and SMTP know their own ends
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context_, keep_ticket);
    const bool loaded = place_.ca.empty()
                            ? SSL_CTX_set_default_verify_paths(context_) == 1
                            : SSL_CTX_load_verify_locations(context_, place_.ca.c_str(), nullptr) == 1;
    if (!loaded) fail("the certificates to trust cannot be read");
}

// 1 means: it is ours now.
int Connection::keep_ticket(SSL* tls, SSL_SESSION* ticket) {
    auto* self = static_cast<Connection*>(SSL_get_app_data(tls));
    self->forget_ticket();
    self->ticket_ = ticket;
    return 1;
}

void Connection::forget_ticket() {
    SSL_SESSION_free(ticket_);
    ticket_ = nullptr;
}

bool Connection::resumed() const { return tls_ != nullptr && SSL_session_reused(tls_) == 1; }

void Connection::start_tls() {
    if (context_ == nullptr) make_context();
    tls_ = SSL_new(context_);
    SSL_set_app_data(tls_, this);
    SSL_set_fd(tls_, socket_);
    SSL_set_tlsext_host_name(tls_, place_.host.c_str());
    SSL_set1_host(tls_, place_.host.c_str());
    if (ticket_ != nullptr) SSL_set_session(tls_, ticket_);
    if (SSL_connect(tls_) == 1) return;
    forget_ticket();
    fail("its certificate is not trusted, or it speaks no TLS");
}

bool Connection::write(const std::string& bytes) {
    std::size_t at = 0;
    while (at < bytes.size()) {
        const auto sent = tls_ != nullptr
                              ? SSL_write(tls_, bytes.data() + at, static_cast<int>(bytes.size() - at))
                              : ::send(socket_, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        at += static_cast<std::size_t>(sent);
    }
    return true;
}

bool Connection::read(std::string& into) {
    char part[16384];
    const auto got =
        tls_ != nullptr ? SSL_read(tls_, part, sizeof part) : ::recv(socket_, part, sizeof part, 0);
    if (got <= 0) return false;
    into.append(part, static_cast<std::size_t>(got));
    return true;
}

}  // namespace jatai::fleet
