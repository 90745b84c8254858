// connection.h: bytes to and from a host, over TCP and, when asked, TLS with a certificate that is checked.
//
//     Connection line({.host = "mail.example", .port = "25"});
//     line.open();  line.write("EHLO me\r\n");  std::string more;  line.read(more);
//
// In TLS, who comes back shows the ticket that the host gave it last, so that nothing is proved anew.
// Fails with  Error: no such host, no answer, a certificate that is not trusted.
// Threads     one connection, one thread.
#pragma once

#include <string>

using SSL = struct ssl_st;
using SSL_CTX = struct ssl_ctx_st;
using SSL_SESSION = struct ssl_session_st;

namespace jatai::fleet {

struct Place {
    std::string host, port;
    bool tls = false;
    std::string ca;  // a PEM file of certificates to trust instead of the system's; empty: the system's
    int timeout_s = 30;
    std::string name;  // what errors call it
};

class Connection {
  public:
    explicit Connection(Place place) : place_(std::move(place)) {}
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void open();       // nothing when it is open already
    void start_tls();  // from now on in TLS
    void close();
    bool is_open() const { return socket_ >= 0; }
    bool has_tls() const { return tls_ != nullptr; }
    bool resumed() const;  // by a ticket of the connection before
    void forget_ticket();
    bool write(const std::string& bytes);
    bool read(std::string& into);  // appends what has come; false: closed, or nothing in time
    [[noreturn]] void fail(const std::string& why);
    const Place& place() const { return place_; }

  private:
    void set_times() const;
    void make_context();
    static int keep_ticket(SSL* tls, SSL_SESSION* ticket);
    Place place_;
    int socket_ = -1;
    SSL_CTX* context_ = nullptr;
    SSL* tls_ = nullptr;
    SSL_SESSION* ticket_ = nullptr;
};

// "https://host:port/path" for the schemes given, e.g. {"http", "https"}; the path stays out. Error
// otherwise.
struct UrlParts {
    std::string scheme, user, host, port, path;
};
UrlParts parse_url(const std::string& url);

// Error when "scheme://user:password@host" has a password in it, where others could read it; the words do not
// repeat it. `instead`: the environment variable to put it in.
void refuse_password(const std::string& flag, const std::string& url, const std::string& instead);

}  // namespace jatai::fleet
