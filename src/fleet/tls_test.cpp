// TLS, with a certificate made here.
#include <gtest/gtest.h>

#include "src/base/error.h"
#include "src/fleet/connection.h"
#include "src/fleet/test_certificate.h"
#include "src/fleet/test_server.h"
#include "src/fleet/test_sinks.h"

namespace jatai::fleet {
namespace {

class Tls : public testing::Test {
  protected:
    void SetUp() override {
        fs::create_directories(folder.path());
        make_certificate(cert, key);
        ServerOptions options;
        options.listen = "0.0.0.0:0";  // off loopback: it starts, since it has a certificate
        options.tls_cert = cert;
        options.tls_key = key;
        server = std::make_unique<TestServer>(folder.path() / "data", options);
        port = server->url().substr(server->url().rfind(':'));
    }
    TestFolder folder;
    fs::path cert = folder.path() / "cert.pem", key = folder.path() / "key.pem";
    std::unique_ptr<TestServer> server;
    std::string port;
};

TEST_F(Tls, OffLoopbackEverythingIsEncryptedAndTheCertificateIsChecked) {
    HttpClient trusting("https://127.0.0.1" + port, "Bearer " + server->key(), cert.string());
    EXPECT_EQ(trusting.send("GET", "/api/v1/devices").status, 200);
    EXPECT_EQ(trusting.send("POST", "/api/v1/devices", R"({"id":"d1"})").status, 201);
    HttpClient strange("https://127.0.0.1" + port, "");  // trusts the system's only
    EXPECT_THROW(strange.send("GET", "/healthz"), Error);
    HttpClient plain("http://127.0.0.1" + port, "", "", 3);
    EXPECT_THROW(plain.send("GET", "/healthz"), Error);
    HttpClient other("https://localhost" + port, "", cert.string());  // not a name in it
    EXPECT_THROW(other.send("GET", "/healthz"), Error);
}

TEST_F(Tls, LinksToFilesStayInTls) {
    HttpClient client("https://127.0.0.1" + port, "Bearer " + server->key(), cert.string());
    const Json in = json_of(client.send("POST", "/api/v1/devices", R"({"id":"d1"})"));
    HttpClient device("https://127.0.0.1" + port, "TargetToken " + in["items"][0]["token"].get<std::string>(),
                      cert.string());
    const Json base = json_of(device.send("GET", "/default/controller/v1/d1"));
    EXPECT_EQ(base["_links"]["configData"]["href"].get<std::string>().rfind("https://127.0.0.1" + port, 0),
              0u);
}

TEST_F(Tls, WhoComesBackProvesNothingAnewUntilTheServerIsStartedAgain) {
    Connection line({"127.0.0.1", port.substr(1), true, cert.string(), 10, "server"});
    const auto visit = [&line] {
        line.open();
        std::string heard;
        EXPECT_TRUE(line.write("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        while (line.read(heard)) continue;
        EXPECT_EQ(heard.rfind("HTTP/1.1 200", 0), 0u) << heard;
        const bool resumed = line.resumed();
        line.close();
        return resumed;
    };
    EXPECT_FALSE(visit());
    EXPECT_TRUE(visit());
    EXPECT_TRUE(visit());  // each visit brings a new ticket
    line.forget_ticket();
    EXPECT_FALSE(visit());
    server.reset();
    ServerOptions options;
    options.listen = "0.0.0.0" + port;
    options.tls_cert = cert;
    options.tls_key = key;
    server = std::make_unique<TestServer>(folder.path() / "data", options);
    EXPECT_FALSE(visit());
}

// A handshake that was begun and left costs its owner ten seconds of waiting, and nobody else anything.
TEST_F(Tls, HandshakesThatStallHoldUpNobody) {
    std::vector<int> stalled;
    const int number = std::stoi(port.substr(1));
    for (int i = 0; i < 200; ++i) {
        stalled.push_back(line_to(number));
        ASSERT_GE(stalled.back(), 0);
        ASSERT_GT(::send(stalled.back(), "\x16\x03\x01\x02", 4, MSG_NOSIGNAL), 0);  // and no more
    }
    HttpClient client("https://127.0.0.1" + port, "Bearer " + server->key(), cert.string(), 5);
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(client.send("GET", "/api/v1/devices").status, 200);
    EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), 2.0);
    for (const int line : stalled) ::close(line);
}

TEST(TlsOptions, ABrokenCertificateIsSaidInWords) {
    TestFolder folder;
    fs::create_directories(folder.path());
    write_text(folder.path() / "bad.pem", "not a certificate");
    ServerOptions options;
    options.data = folder.path() / "data";
    options.listen = "0.0.0.0:0";
    options.tls_cert = options.tls_key = folder.path() / "bad.pem";
    EXPECT_THROW(Server(options, {}), Error);
}

}  // namespace
}  // namespace jatai::fleet
