#include "src/fleet/http_client.h"

#include <algorithm>
#include <charconv>

#include "src/base/error.h"
#include "src/fleet/connection.h"

namespace jatai::fleet {
namespace {

constexpr std::size_t kLongestHeader = 64 * 1024, kLongestBody = 256u << 20;

Place place_of(const std::string& url, const std::string& ca, int timeout_s) {
    const UrlParts parts = parse_url(url);
    if (parts.scheme != "http" && parts.scheme != "https")
        throw Error{text("{}: expected http://HOST:PORT or https://HOST:PORT", url)};
    const bool tls = parts.scheme == "https";
    return {parts.host, !parts.port.empty() ? parts.port : tls ? "443" : "80", tls, ca, timeout_s, url};
}

std::string lower(std::string word) {
    std::transform(word.begin(), word.end(), word.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return word;
}

std::string host_text(const Place& place) {
    const bool six = place.host.find(':') != std::string::npos;
    return (six ? "[" + place.host + "]" : place.host) + ":" + place.port;
}

}  // namespace

struct HttpClient::Inside {
    Inside(const std::string& u, std::string a, const std::string& ca, int timeout_s)
        : url(u), authorization(std::move(a)), line(place_of(u, ca, timeout_s)) {}
    std::string url, authorization;
    Connection line;
    std::string ahead;  // read and not used yet

    [[noreturn]] void fail(const std::string& why) {
        close();
        throw Error{text("{}: {}", url, why), text("is jatai serve running there?")};
    }

    void close() {
        line.close();
        ahead.clear();
    }

    bool read_more() { return line.read(ahead); }

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
    : inside_(std::make_unique<Inside>(url, std::move(authorization), ca, timeout_s)) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;

void HttpClient::drop() { inside_->close(); }
void HttpClient::forget_ticket() { inside_->line.forget_ticket(); }
const std::string& HttpClient::url() const { return inside_->url; }

HttpAnswer HttpClient::send(const std::string& method, const std::string& path, const std::string& body,
                            const std::string& type, const std::map<std::string, std::string>& headers) {
    Inside& in = *inside_;
    std::string out = method + " " + path + " HTTP/1.1\r\nHost: " + host_text(in.line.place()) + "\r\n";
    if (!in.authorization.empty()) out += "Authorization: " + in.authorization + "\r\n";
    for (const auto& [name, value] : headers) out += name + ": " + value + "\r\n";
    if (!body.empty()) out += "Content-Type: " + type + "\r\n";
    out += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    for (int attempt = 0; attempt < 2; ++attempt) {  // a kept connection may have been closed meanwhile
        const bool kept = in.line.is_open();
        in.line.open();
        HttpAnswer answer;
        if (in.line.write(out) && in.read_answer(answer, method != "HEAD")) return answer;
        in.close();
        if (!kept) break;
    }
    in.fail("it closed the connection");
}

}  // namespace jatai::fleet
