#include "src/fleet/http_client.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>

#include "src/base/error.h"

namespace jatai::fleet {
namespace {

constexpr std::size_t kLongestHeader = 64 * 1024, kLongestBody = 256u << 20;

struct Url {
    bool tls = false;
    std::string host, port;
};

Url parse_url(const std::string& url) {
    Url out;
    std::string rest = url;
    if (rest.rfind("https://", 0) == 0) {
        out.tls = true;
        rest = rest.substr(8);
    } else if (rest.rfind("http://", 0) == 0) {
        rest = rest.substr(7);
    } else {
        throw Error{text("{}: expected http://HOST:PORT or https://HOST:PORT", url)};
    }
    rest = rest.substr(0, rest.find('/'));
    const std::size_t colon = rest.rfind(':');
    out.host = rest.substr(0, colon);
    out.port = colon == std::string::npos ? (out.tls ? "443" : "80") : rest.substr(colon + 1);
    return out;
}

std::string lower(std::string word) {
    std::transform(word.begin(), word.end(), word.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return word;
}

}  // namespace

struct HttpClient::Inside {
    std::string url, authorization, ca;
    int timeout_s = 30;
    Url place;
    int socket = -1;
    SSL_CTX* context = nullptr;
    SSL* tls = nullptr;
    std::string ahead;  // read and not used yet

    ~Inside() {
        close();
        SSL_CTX_free(context);
    }

    [[noreturn]] void fail(const std::string& why) {
        close();
        throw Error{text("{}: {}", url, why), text("is jatai serve running there?")};
    }

    void close() {
        if (tls != nullptr) SSL_free(tls);
        tls = nullptr;
        if (socket >= 0) ::close(socket);
        socket = -1;
        ahead.clear();
    }

    void open() {
        if (socket >= 0) return;
        addrinfo wanted{}, *found = nullptr;
        wanted.ai_socktype = SOCK_STREAM;
        if (getaddrinfo(place.host.c_str(), place.port.c_str(), &wanted, &found) != 0) fail("no such host");
        for (addrinfo* at = found; at != nullptr && socket < 0; at = at->ai_next) {
            socket = ::socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
            set_times();
            if (socket >= 0 && connect(socket, at->ai_addr, at->ai_addrlen) != 0) {
                ::close(socket);
                socket = -1;
            }
        }
        freeaddrinfo(found);
        if (socket < 0) fail("no answer");
        if (place.tls) start_tls();
    }

    void set_times() const {
        const timeval limit{timeout_s, 0};
        const int yes = 1;
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    }

    void start_tls() {
        if (context == nullptr) {
            context = SSL_CTX_new(TLS_client_method());
            SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
            SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
            const bool loaded = ca.empty() ? SSL_CTX_set_default_verify_paths(context) == 1
                                           : SSL_CTX_load_verify_locations(context, ca.c_str(), nullptr) == 1;
            if (!loaded) fail("the certificates to trust cannot be read");
        }
        tls = SSL_new(context);
        SSL_set_fd(tls, socket);
        SSL_set_tlsext_host_name(tls, place.host.c_str());
        SSL_set1_host(tls, place.host.c_str());
        if (SSL_connect(tls) != 1) fail("its certificate is not trusted, or it speaks no TLS");
    }

    bool write_all(const std::string& bytes) {
        std::size_t at = 0;
        while (at < bytes.size()) {
            const auto sent = tls != nullptr
                                  ? SSL_write(tls, bytes.data() + at, static_cast<int>(bytes.size() - at))
                                  : ::send(socket, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
            if (sent <= 0) return false;
            at += static_cast<std::size_t>(sent);
        }
        return true;
    }

    bool read_more() {
        char part[16384];
        const auto got =
            tls != nullptr ? SSL_read(tls, part, sizeof part) : ::recv(socket, part, sizeof part, 0);
        if (got <= 0) return false;
        ahead.append(part, static_cast<std::size_t>(got));
        return true;
    }

    bool read_head(HttpAnswer& answer) {
        std::size_t end = 0;
        while ((end = ahead.find("\r\n\r\n")) == std::string::npos) {
            if (ahead.size() > kLongestHeader || !read_more()) return false;
        }
        const std::string head = ahead.substr(0, end + 2);
        ahead.erase(0, end + 4);
        if (head.rfind("HTTP/1.", 0) != 0 || head.size() < 12) fail("its answer is not HTTP");
        answer.status = std::atoi(head.c_str() + 9);
        std::size_t at = head.find("\r\n") + 2;
        while (at < head.size()) {
            const std::size_t line = head.find("\r\n", at), colon = head.find(':', at);
            if (colon != std::string::npos && colon < line) {
                std::string value = head.substr(colon + 1, line - colon - 1);
                value.erase(0, std::min(value.find_first_not_of(' '), value.size()));
                answer.headers[lower(head.substr(at, colon - at))] = value;
            }
            at = line + 2;
        }
        return answer.status == 100 ? read_head(answer) : true;
    }

    bool read_answer(HttpAnswer& answer, bool has_body) {
        if (!read_head(answer)) return false;
        std::uint64_t length = 0;
        const std::string& said = answer.headers["content-length"];
        std::from_chars(said.data(), said.data() + said.size(), length);
        if (length > kLongestBody) fail("its answer is too long");
        if (!has_body) length = 0;
        while (ahead.size() < length) {
            if (!read_more()) return false;
        }
        answer.body = ahead.substr(0, length);
        ahead.erase(0, length);
        if (lower(answer.headers["connection"]) == "close") close();
        return true;
    }
};

HttpClient::HttpClient(const std::string& url, std::string authorization, const std::string& ca,
                       int timeout_s)
    : inside_(std::make_unique<Inside>()) {
    std::signal(SIGPIPE, SIG_IGN);
    inside_->url = url;
    inside_->authorization = std::move(authorization);
    inside_->ca = ca;
    inside_->timeout_s = timeout_s;
    inside_->place = parse_url(url);
}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;

void HttpClient::drop() { inside_->close(); }
const std::string& HttpClient::url() const { return inside_->url; }

HttpAnswer HttpClient::send(const std::string& method, const std::string& path, const std::string& body,
                            const std::string& type, const std::map<std::string, std::string>& headers) {
    Inside& in = *inside_;
    std::string out =
        method + " " + path + " HTTP/1.1\r\nHost: " + in.place.host + ":" + in.place.port + "\r\n";
    if (!in.authorization.empty()) out += "Authorization: " + in.authorization + "\r\n";
    for (const auto& [name, value] : headers) out += name + ": " + value + "\r\n";
    if (!body.empty()) out += "Content-Type: " + type + "\r\n";
    out += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    for (int attempt = 0; attempt < 2; ++attempt) {  // a kept connection may have been closed meanwhile
        const bool kept = in.socket >= 0;
        in.open();
        HttpAnswer answer;
        if (in.write_all(out) && in.read_answer(answer, method != "HEAD")) return answer;
        in.close();
        if (!kept) break;
    }
    in.fail("it closed the connection");
}

}  // namespace jatai::fleet
