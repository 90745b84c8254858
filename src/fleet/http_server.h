// http_server.h: HTTP/1.1 over TCP, with TLS when it has a certificate. The only file that knows Beast on
// this side.
//
//     HttpServer http({.listen = "127.0.0.1:0"}, handler);
//     http.post([] { ... });               // on the deciding thread
//     http.every(250, [] { ... });
//     http.run();                          // this thread becomes the deciding thread, until stop()
//
// A reply goes out when `committed` has reached the ticket the handler gave with it: see decisions/050.
// Limits   1,024 requests wait at most (then 503), 16 KB of header, a body as `body_limit` says, 30 s for a
// request. Connections as visitors.h has it: 20,000, 4,000 of them from one address.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "src/fleet/http.h"

namespace jatai::fleet {

struct Answered {
    Reply reply;
    std::uint64_t ticket = 0;  // send it when this is on disk
};

struct HttpOptions {
    std::string listen;  // host:port, port 0: any
    fs::path tls_cert, tls_key;
    std::function<std::uint64_t(const std::string& path)> body_limit;
    int request_seconds = 30;
    std::size_t most_per_address = 4000;  // connections
};

class HttpServer {
  public:
    HttpServer(HttpOptions options, std::function<Answered(const Request&)> handler);
    ~HttpServer();
    std::uint16_t port() const;
    void post(std::function<void()> work);
    void every(int ms, std::function<void()> work);
    void committed(std::uint64_t ticket);  // any thread
    void after(std::uint64_t ticket,
               std::function<void()> then);  // on the deciding thread, once that is on disk
    void run();
    void run_ready();  // instead of run(): what can be done now, on this thread, and no waiting
    void stop();       // takes no new connection, lets replies under way out

    struct Inside;

  private:
    std::shared_ptr<Inside> inside_;
};

// "127.0.0.1", "localhost" and "[::1]" need no TLS.
bool is_loopback(const std::string& host);

}  // namespace jatai::fleet
