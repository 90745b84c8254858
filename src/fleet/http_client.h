// http_client.h: asks a server of ours, over one connection that is kept.
//
//     HttpClient client("https://fleet.example:8443", "Bearer " + key, "ca.pem");
//     HttpAnswer answer = client.send("GET", "/api/v1/devices");
//
// Fails with  Error: no such host, refused, timed out, a certificate that is not trusted, an answer that is
// not HTTP. Threads     one client, one thread.
#pragma once

#include <map>
#include <memory>
#include <string>

namespace jatai::fleet {

struct HttpAnswer {
    int status = 0;
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;
};

class HttpClient {
  public:
    // `ca`: a PEM file of certificates to trust instead of the system's; empty: the system's.
    HttpClient(const std::string& url, std::string authorization, const std::string& ca = {},
               int timeout_s = 30);
    ~HttpClient();
    HttpClient(HttpClient&&) noexcept;

    HttpAnswer send(const std::string& method, const std::string& path, const std::string& body = {},
                    const std::string& type = "application/json",
                    const std::map<std::string, std::string>& headers = {});
    void drop();           // closes the connection; the next request opens another
    void forget_ticket();  // the next TLS connection begins as if it were the first
    const std::string& url() const;

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace jatai::fleet
