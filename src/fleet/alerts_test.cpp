// Alerts by web address and by e-mail, against sinks on this computer.
#include "src/fleet/alerts.h"

#include <gtest/gtest.h>

#include "src/base/error.h"
#include "src/fleet/connection.h"
#include "src/fleet/gate_trial.h"
#include "src/fleet/server_world.h"
#include "src/fleet/smtp_reply.h"
#include "src/fleet/test_certificate.h"
#include "src/fleet/test_sinks.h"

namespace jatai::fleet {
namespace {

// Alerts alone, with a clock of their own.
struct NoStoreForAlerts {
    NoStore store;
    std::int64_t now = 1800000000000;
    State state{store, [this] { return now; }};
    AlertSender sender{{}, [](const std::function<void()>&) {}};
    Alerts alerts{with_tenant(state), sender};
    static State& with_tenant(State& state) {
        state.add_tenant("t");
        return state;
    }
    TenantState& tenant() { return *state.tenant("t"); }
};

class AlertsTest : public ServerTest {
  protected:
    void SetUp() override {}
    void begin(ServerOptions options) {
        options.watch_devices_ms = 100;
        server = std::make_unique<TestServer>(folder.path(), options);
        admin = "Bearer " + server->key();
    }
    void tell(const Json& settings) { EXPECT_EQ(api("PATCH", "/tenant", settings).status, 200); }
    Json alerts() { return json_of(api("GET", "/alerts"))["items"]; }
    Json alert_when_sent() {
        for (int i = 0; i < 100; ++i) {
            const Json all = alerts();
            if (!all.empty() && (all[0]["webhook"] != "" || all[0]["email"] != "")) return all[0];
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        return {};
    }
};

TEST_F(AlertsTest, ASilentDeviceIsToldOfOnceByBothWays) {
    const WebSink web;
    const MailSink mail;
    ServerOptions options;
    options.mail = {.url = mail.url(), .from = "fleet@example.org"};
    begin(options);
    tell({{"webhook", web.url()}, {"emails", {"ana@example.org", "rui@example.org"}}, {"silent_after_s", 1}});
    const std::string token = enrol("mic-7");
    EXPECT_EQ(server->ask(token, "GET", "/default/controller/v1/mic-7").status, 200);
    const auto posts = web.wait_for(1);
    ASSERT_EQ(posts.size(), 1u);
    EXPECT_EQ(posts[0].substr(0, posts[0].find('\n')), "POST /hook HTTP/1.1");
    const Json body = Json::parse(posts[0].substr(posts[0].find('\n')));
    EXPECT_EQ(body["kind"], "silent");
    EXPECT_EQ(body["text"], "Jataí: 1 device silent for 1 s: mic-7");
    const auto letters = mail.wait_for(1);
    ASSERT_EQ(letters.size(), 1u);
    EXPECT_NE(letters[0].find("MAIL FROM:<fleet@example.org>"), std::string::npos);
    EXPECT_NE(letters[0].find("RCPT TO:<ana@example.org>"), std::string::npos);
    EXPECT_NE(letters[0].find("RCPT TO:<rui@example.org>"), std::string::npos);
    EXPECT_NE(letters[0].find("Subject: [jatai] 1 device silent for 1 s: mic-7\r\n"), std::string::npos);
    const Json sent = alert_when_sent();
    EXPECT_EQ(sent["webhook"], "sent");
    EXPECT_EQ(sent["email"], "sent");
    EXPECT_EQ(json_of(api("GET", "/devices/mic-7"))["silent"], true);
    std::this_thread::sleep_for(std::chrono::milliseconds(400));
    EXPECT_EQ(alerts().size(), 1u);  // and not again
    EXPECT_EQ(server->ask(token, "GET", "/default/controller/v1/mic-7").status, 200);
    EXPECT_EQ(json_of(api("GET", "/devices/mic-7"))["silent"], false);
}

TEST_F(AlertsTest, AGateThatStopsARolloutSaysSo) {
    const WebSink web;
    begin({});
    tell({{"webhook", web.url()}});
    const std::string version = push("bad");
    std::map<std::string, std::string> tokens;
    for (int i = 0; i < 8; ++i)
        tokens["d" + std::to_string(i)] = enrol("d" + std::to_string(i), {{"consent_health", true}});
    const std::string rollout = start({{"version", version}, {"stages", {{{"percent", 100}}}}});
    for (const auto& [id, token] : tokens) EXPECT_TRUE(take(id, token));
    for (const auto& [id, token] : tokens) report(id, token, health_cbor(50, 2));
    EXPECT_EQ(rollout_when(rollout, "stopped")["state"], "stopped");
    const auto posts = web.wait_for(1);
    ASSERT_FALSE(posts.empty());
    EXPECT_NE(posts[0].find("stopped: the gate says bad"), std::string::npos);
    EXPECT_NE(posts[0].find(rollout), std::string::npos);
}

TEST_F(AlertsTest, ACohortThatDriftsIsToldOf) {
    begin({});
    tell({{"cohort_min", 10}});
    const std::string version = push("model");
    roll_out(version);
    for (int i = 0; i < 25; ++i) {
        const std::string id = "d" + std::to_string(i);
        const std::string token = enrol(id, {{"consent_statistics", true}});
        const auto n = [](std::uint64_t value) { return Cbor::number(value); };
        std::string digest = sha256_hex("model"), raw;
        for (std::size_t k = 0; k < 16; k += 2)
            raw += static_cast<char>(std::stoi(digest.substr(k, 2), nullptr, 16));
        const std::string drifted = write_cbor(Cbor::map(
            {{n(0), n(1)},
             {n(1), n(3)},
             {n(20), Cbor::bytes(raw)},
             {n(22), Cbor::array({Cbor::array({n(0), n(30000), n(100), n(i % 5 == 0 ? 2 : 1)})})}}));
        EXPECT_EQ(report(id, token, drifted), 200);
    }
    for (int i = 0; i < 40 && alerts().empty(); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    ASSERT_EQ(alerts().size(), 1u);
    EXPECT_EQ(alerts()[0]["kind"], "drift");
    EXPECT_NE(alerts()[0]["what"].get<std::string>().find("say drift"), std::string::npos);
}

TEST_F(AlertsTest, AWayThatFailsIsKeptWithItsReason) {
    const WebSink web(500);
    const MailSink mail("AHVzZXIAcmlnaHQ=");  // NUL user NUL right
    ServerOptions options;
    options.mail = {.url = mail.url("user"), .password = "wrong-password", .from = "fleet@example.org"};
    EXPECT_THROW(send_mail(options.mail, {{"ana@example.org"}, "s", "t"}), Error);
    try {
        send_mail(options.mail, {{"ana@example.org"}, "s", "t"});
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("AUTH PLAIN: 535 not you"), std::string::npos)
            << error.what();
        EXPECT_EQ(std::string(error.what()).find("wrong-password"), std::string::npos);
    }
    options.mail.password = "right";
    EXPECT_NO_THROW(send_mail(options.mail, {{"ana@example.org"}, "s", "t"}));
    EXPECT_EQ(web.wait_for(0).size(), 0u);
}

class MailInTls : public testing::Test {
  protected:
    void SetUp() override {
        fs::create_directories(folder.path());
        make_certificate(cert, key);
    }
    static MailServer by(const MailSink& sink, const std::string& user, const std::string& ca = {}) {
        return {sink.url(user), "right", "fleet@example.org", ca};
    }
    TestFolder folder;
    fs::path cert = folder.path() / "cert.pem", key = folder.path() / "key.pem";
    const Mail mail{{"ana@example.org"}, "s", "t"};
};

TEST_F(MailInTls, APasswordAndALetterGoOutAfterStarttlsOnly) {
    const MailSink sink(MailManners{.proof = "AHVzZXIAcmlnaHQ=", .cert = cert, .key = key});
    send_mail(by(sink, "user", cert.string()), mail);
    const auto letters = sink.wait_for(1);
    ASSERT_EQ(letters.size(), 1u);
    EXPECT_EQ(letters[0].rfind("EHLO jatai\r\nSTARTTLS\r\nTLS EHLO jatai\r\nTLS AUTH PLAIN ", 0), 0u)
        << letters[0];
    EXPECT_NE(letters[0].find("TLS MAIL FROM:<fleet@example.org>"), std::string::npos);
}

TEST_F(MailInTls, AMailServerWhoseCertificateIsNotTrustedHearsNeitherPasswordNorLetter) {
    const MailSink sink(MailManners{.proof = "AHVzZXIAcmlnaHQ=", .cert = cert, .key = key});
    EXPECT_THROW(send_mail(by(sink, "user"), mail), Error);  // trusts the system's only
    EXPECT_TRUE(sink.wait_for(0).empty());
}

TEST_F(MailInTls, WhereOnlyLoginIsOfferedThePasswordGoesThatWay) {
    MailManners manners{.cert = cert, .key = key};
    manners.login = true;
    manners.user = "dXNlcg==";
    manners.word = "cmlnaHQ=";
    const MailSink sink(manners);
    send_mail(by(sink, "user", cert.string()), mail);
    EXPECT_EQ(sink.wait_for(1).size(), 1u);
    try {
        send_mail(by(sink, "another", cert.string()), mail);
        ADD_FAILURE() << "another user came in";
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("AUTH LOGIN: 535 not you"), std::string::npos);
        EXPECT_EQ(std::string(error.what()).find("cmlnaHQ"), std::string::npos);
    }
}

TEST(MailAnswers, AreReadLineByLineInPiecesOfAnySize) {
    const std::string said = "250-mail.example\r\n250-auth plain LOGIN\r\n250 StartTLS\r\n";
    for (std::size_t piece = 1; piece <= said.size(); ++piece) {
        MailReply reply;
        bool whole = false;
        for (std::size_t at = 0; at < said.size(); at += piece) {
            EXPECT_FALSE(whole);
            whole = reply.take(said.substr(at, piece));
        }
        EXPECT_TRUE(whole);
        EXPECT_EQ(reply.code(), 250);
        EXPECT_TRUE(reply.offers("STARTTLS"));
        EXPECT_TRUE(reply.offers("AUTH", "PLAIN"));
        EXPECT_TRUE(reply.offers("AUTH", "LOGIN"));
        EXPECT_FALSE(reply.offers("AUTH", "CRAM-MD5"));
        EXPECT_FALSE(reply.offers("PLAIN"));
    }
}

TEST(MailAnswers, ThatAreNoneOrEndlessAreRefused) {
    for (const char* wrong : {"HTTP/1.1 200 OK\r\n", "25\r\n", "\r\n", "250-a\r\n354 b\r\n", "250+a\r\n"}) {
        MailReply reply;
        EXPECT_THROW(reply.take(wrong), Error) << wrong;
    }
    MailReply endless;
    EXPECT_THROW(
        {
            for (int i = 0; i < 100000; ++i) endless.take("250-x\r\n");
        },
        Error);
    MailReply marked;
    EXPECT_TRUE(marked.take("550 \x1b[31mno\r\n"));
    EXPECT_EQ(marked.line(), "550  [31mno");  // fit for a terminal
}

TEST(Addresses, WithAPasswordInThemAreRefusedAndNotRepeated) {
    EXPECT_NO_THROW(refuse_password("--smtp", "smtp://ana@example.org@mail.example:587", "X"));
    EXPECT_NO_THROW(refuse_password("--smtp", "smtp://[::1]:25", "X"));
    try {
        refuse_password("--smtp", "smtp://ana:hunter2@mail.example:587", "JATAI_SMTP_PASSWORD");
        ADD_FAILURE() << "taken";
    } catch (const Error& error) {
        EXPECT_EQ((error.what() + (" " + error.hint())).find("hunter2"), std::string::npos);
        EXPECT_NE(error.hint().find("JATAI_SMTP_PASSWORD"), std::string::npos);
    }
}

TEST(Alerts, TooManyInAnHourAreKeptBackAndCountedWithTheNext) {
    NoStoreForAlerts world;
    world.tenant().facts.alerts_per_hour = 3;
    int raised = 0;
    for (int i = 0; i < 10; ++i)
        raised += world.alerts.raise(world.tenant(), "silent", "d" + std::to_string(i), "x") ? 1 : 0;
    EXPECT_EQ(raised, 3);
    world.now += 3600000;
    EXPECT_TRUE(world.alerts.raise(world.tenant(), "gate", "r", "x"));
    EXPECT_EQ(world.tenant().alerts.rbegin()->second.unsent_before, 7u);
}

TEST(Alerts, TheSameIsNotSaidAgainBeforeItsTime) {
    NoStoreForAlerts world;
    EXPECT_TRUE(world.alerts.raise(world.tenant(), "gate", "r", "x"));
    world.now += 1000;
    EXPECT_FALSE(world.alerts.raise(world.tenant(), "gate", "r", "x"));
    EXPECT_TRUE(world.alerts.raise(world.tenant(), "gate", "other", "x"));
    world.now += 3600000;
    EXPECT_TRUE(world.alerts.raise(world.tenant(), "gate", "r", "x"));
}

TEST(Mail, NobodysWordsBecomeAHeaderOrTheEndOfALetter) {
    const std::string letter =
        letter_of({.from = "a@b.c"}, {{"d@e.f"}, "x\r\nBcc: thief@example.org", "one\r\n.\r\ntwo"}, "D", "I");
    EXPECT_EQ(letter.find("\r\nBcc:"), std::string::npos);
    EXPECT_EQ(letter.find("\r\n.\r\n"), std::string::npos);
    EXPECT_NE(letter_of({.from = "a@b.c"}, {{"d@e.f"}, "São Paulo", ""}, "D", "I")
                  .find("=?UTF-8?B?U8OjbyBQYXVsbw==?="),
              std::string::npos);
    for (const char* wrong : {"", "a", "a@", "@b", "a@b@c", "a b@c", "a@b>\r\nDATA", "a@b,c@d"})
        EXPECT_FALSE(is_address(wrong)) << wrong;
    EXPECT_TRUE(is_address("ana.silva+jatai@example.org"));
}

TEST_F(ServerTest, AWebAddressOfAnotherTenantIsHttpsOrRefused) {
    const std::string other =
        "Bearer " + json_of(api("POST", "/tenants", {{"id", "acme"}}))["admin_key"].get<std::string>();
    EXPECT_EQ(server->ask(other, "PATCH", "/api/v1/tenant", {{"webhook", "http://127.0.0.1:1/"}}).status,
              400);
    EXPECT_EQ(server->ask(other, "PATCH", "/api/v1/tenant", {{"webhook", "file:///etc/passwd"}}).status, 400);
    EXPECT_EQ(server->ask(other, "PATCH", "/api/v1/tenant", {{"webhook", "https://example.org/x"}}).status,
              200);
    EXPECT_EQ(server->ask(other, "PATCH", "/api/v1/tenant", {{"emails", {"not an address"}}}).status, 400);
}

}  // namespace
}  // namespace jatai::fleet
