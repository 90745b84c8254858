// links: jatai_fleet
// Any bytes as what a stranger sends through a socket: the server of the product, over TCP, reads requests or
// refuses them; it never crashes, never hands on a path that climbs, and ends the connection by itself.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "src/base/error.h"
#include "src/fleet/http_server.h"
#include "tests/fuzz/fuzz.h"

namespace jatai {
namespace {

using namespace fleet;

Answered look_at(const Request& request) {
    CHECK(!request.path.empty() && request.path[0] == '/');
    CHECK((request.path + "/").find("/../") == std::string::npos);
    CHECK(request.path.find('\0') == std::string::npos);
    CHECK(request.body.size() <= 2000);
    if (request.path == "/refused") throw Refusal{400, "refused", "a hint"};
    Answered answered;
    answered.reply.body = request.method + " " + request.path;
    return answered;
}

class Door {
  public:
    Door()
        : http_({.listen = "127.0.0.1:0", .body_limit = [](const std::string&) { return 2000u; }}, look_at) {
        end_.sin_family = AF_INET;
        end_.sin_port = htons(http_.port());
        end_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    }

    // Sends all, says that this was all, and lets the server work until it closes.
    void visit(const std::uint8_t* data, std::size_t size) {
        const int line = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        const int connected = connect(line, reinterpret_cast<const sockaddr*>(&end_), sizeof end_);
        CHECK(line >= 0 && (connected == 0 || errno == EINPROGRESS));
        http_.run_ready();
        for (std::size_t done = 0; done < size;) {
            const ssize_t sent = send(line, data + done, size - done, MSG_NOSIGNAL);
            if (sent < 0 && errno != EAGAIN) break;  // it had enough, and said so
            done += sent < 0 ? 0 : static_cast<std::size_t>(sent);
            if (sent < 0) http_.run_ready();
        }
        shutdown(line, SHUT_WR);
        char answer[4096];
        for (ssize_t got = 1; got > 0 || (got < 0 && errno == EAGAIN);) {
            http_.run_ready();
            got = recv(line, answer, sizeof answer, 0);
        }
        close(line);
    }

  private:
    HttpServer http_;
    sockaddr_in end_{};
};

Door& door() {
    static Door one;
    return one;
}

}  // namespace

void add_seeds(std::vector<Bytes>& seeds) {
    for (const std::string text :
         {"GET / HTTP/1.1\r\nHost: a:1\r\n\r\n", "HEAD /a%20b?c=d&e=%66 HTTP/1.0\r\nHost: [::1]\r\n\r\n",
          "POST /x HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
          "GET /refused HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
          "PUT /y HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nAuthorization: Bearer "
          "k\r\n\r\n3;a=b\r\nabc\r\n0\r\nTrailer: t\r\n\r\n",
          "POST /z HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\nabcd",
          "GET /r HTTP/1.1\r\nHost: h\r\nRange: bytes=0-3\r\nAccept: application/cbor\r\n\r\n",
          "DELETE /%2e%2e/x HTTP/1.1\r\nHost: h\r\n\r\n"}) {
        seeds.emplace_back(text.begin(), text.end());
    }
}

}  // namespace jatai

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    jatai::door().visit(data, size);
    return 0;
}
