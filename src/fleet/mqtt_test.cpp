// The MQTT door through a real broker. Skips, saying so, where mosquitto is not installed.
#include <mosquitto.h>
#include <sys/wait.h>

#include <csignal>
#include <mutex>

#include "src/base/error.h"
#include "src/fleet/test_certificate.h"
#include "src/fleet/test_server.h"
#include "src/telemetry/cbor.h"

namespace jatai::fleet {
namespace {

constexpr const char* kBroker = "/usr/sbin/mosquitto";

class RealBroker {
  public:
    // Below the ports that outgoing connections take, of which one may be the number that it comes back to.
    explicit RealBroker(const fs::path& folder, std::string more = "allow_anonymous true\n")
        : port_(12000 + ::getpid() % 20000), folder_(folder), more_(std::move(more)) {
        start();
    }
    ~RealBroker() { kill(); }
    void start() {
        fs::create_directories(folder_);
        write_text(folder_ / "mosquitto.conf",
                   "listener " + std::to_string(port_) + " 127.0.0.1\nuser root\nlog_type none\n" + more_);
        const std::string config = (folder_ / "mosquitto.conf").string();
        process_ = ::fork();
        if (process_ != 0) return;
        ::execl(kBroker, kBroker, "-c", config.c_str(), static_cast<char*>(nullptr));
        ::_exit(1);
    }
    void kill() {
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
    }
    int port() const { return port_; }

  private:
    int port_;
    fs::path folder_;
    std::string more_;
    pid_t process_ = -1;
};

// A device that publishes and listens.
class Client {
  public:
    Client(int port, const std::string& device, const std::string& password = {}, const fs::path& ca = {})
        : topic_("jatai/v1/default/" + device) {
        mosquitto_lib_init();
        client_ = mosquitto_new(nullptr, true, this);
        if (!password.empty()) mosquitto_username_pw_set(client_, device.c_str(), password.c_str());
        if (!ca.empty()) mosquitto_tls_set(client_, ca.c_str(), nullptr, nullptr, nullptr, nullptr);
        mosquitto_connect_callback_set(client_, [](mosquitto* m, void* self, int) {
            mosquitto_subscribe(m, nullptr, (static_cast<Client*>(self)->topic_ + "/down").c_str(), 1);
        });
        mosquitto_message_callback_set(client_, [](mosquitto*, void* self, const mosquitto_message* message) {
            auto& client = *static_cast<Client*>(self);
            std::lock_guard lock(client.mutex_);
            client.heard_.emplace_back(static_cast<const char*>(message->payload),
                                       static_cast<std::size_t>(message->payloadlen));
        });
        mosquitto_reconnect_delay_set(client_, 1, 1, false);
        for (int i = 0; i < 100 && mosquitto_connect(client_, "127.0.0.1", port, 10) != MOSQ_ERR_SUCCESS; ++i)
            ::usleep(100000);
        mosquitto_loop_start(client_);
    }
    ~Client() {
        mosquitto_disconnect(client_);
        mosquitto_loop_stop(client_, false);  // cut short, it would leave what TLS holds
        mosquitto_destroy(client_);
    }
    // Publishes until the server itself says that it has it. False after `seconds`.
    bool deliver(const std::string& payload, int seconds) {
        for (int i = 0; i < seconds * 2; ++i) {
            mosquitto_publish(client_, nullptr, (topic_ + "/up").c_str(), static_cast<int>(payload.size()),
                              payload.data(), 1, false);
            ::usleep(500000);
            std::lock_guard lock(mutex_);
            if (!heard_.empty()) return true;
        }
        return false;
    }
    void speak_as(const std::string& device) { topic_ = "jatai/v1/default/" + device; }
    std::string heard() {
        std::lock_guard lock(mutex_);
        return heard_.empty() ? "" : heard_.back();
    }
    void forget() {
        std::lock_guard lock(mutex_);
        heard_.clear();
    }

  private:
    std::string topic_;
    mosquitto* client_ = nullptr;
    std::mutex mutex_;
    std::vector<std::string> heard_;
};

std::string message(const std::string& key, std::uint64_t number, std::uint64_t runs) {
    const std::string health = write_cbor(
        Cbor::map({{Cbor::number(0), Cbor::number(1)},
                   {Cbor::number(1), Cbor::number(2)},
                   {Cbor::number(11), Cbor::array({Cbor::number(runs), Cbor::number(0), Cbor::number(0)})}}));
    return write_cbor(Cbor::map(
        {{Cbor::word("key"), Cbor::word(key)},
         {Cbor::word("reports"), Cbor::array({Cbor::array({Cbor::number(number), Cbor::bytes(health)})})}}));
}

TEST(Mqtt, ABrokerThatComesLaterThanTheServerIsFound) {
    if (!fs::exists(kBroker)) GTEST_SKIP() << "mosquitto is not installed";
    TestFolder folder;
    RealBroker broker(folder.path() / "broker");
    broker.kill();
    ServerOptions options;
    options.mqtt.url = "mqtt://127.0.0.1:" + std::to_string(broker.port());
    const TestServer server(folder.path() / "data", options);
    const std::string admin = "Bearer " + server.key();
    const Json in =
        json_of(server.ask(admin, "POST", "/api/v1/devices", {{"id", "d1"}, {"consent_health", true}}));
    broker.start();
    Client client(broker.port(), "d1");
    EXPECT_TRUE(client.deliver(message(in["items"][0]["token"], 1, 41), 20));
}

TEST(Mqtt, AReportIsTakenByTheServerItselfEvenWhenTheBrokerIsKilledOnTheWay) {
    if (!fs::exists(kBroker)) GTEST_SKIP() << "mosquitto is not installed";
    TestFolder folder;
    RealBroker broker(folder.path() / "broker");
    ServerOptions options;
    options.mqtt.url = "mqtt://127.0.0.1:" + std::to_string(broker.port());
    const TestServer server(folder.path() / "data", options);
    const std::string admin = "Bearer " + server.key();
    const Json in =
        json_of(server.ask(admin, "POST", "/api/v1/devices", {{"id", "d1"}, {"consent_health", true}}));
    const std::string token = in["items"][0]["token"];
    Client client(broker.port(), "d1");
    ASSERT_TRUE(client.deliver(message(token, 1, 41), 20));
    EXPECT_EQ(read_cbor(client.heard())->get("taken")->items.at(0).number_, 1u);
    EXPECT_EQ(json_of(server.ask(admin, "GET", "/api/v1/devices/d1"))["health"]["requests"], 41);
    broker.kill();
    client.forget();
    broker.start();
    ASSERT_TRUE(client.deliver(message(token, 2, 42), 30));
    EXPECT_EQ(json_of(server.ask(admin, "GET", "/api/v1/devices/d1"))["health"]["requests"], 42);
    client.forget();
    EXPECT_FALSE(client.deliver(message("not its token", 3, 43), 2));
    EXPECT_EQ(json_of(server.ask(admin, "GET", "/api/v1/devices/d1"))["health"]["requests"], 42);
}

// The second half of docs/howto/mosquitto.conf: TLS, a user for the server and one for each device.
class MqttInTls : public testing::Test {
  protected:
    void SetUp() override {
        if (!fs::exists(kBroker)) GTEST_SKIP() << "mosquitto is not installed";
        fs::create_directories(home);
        make_certificate(cert, key);
        write_text(home / "acl",
                   "user jatai\ntopic readwrite jatai/v1/#\n"
                   "pattern write jatai/v1/default/%u/up\npattern read jatai/v1/default/%u/down\n");
        const std::string users = (home / "users").string();
        write_text(users, "jatai:server-word\nd1:device-word\nd2:other-word\n");
        ASSERT_EQ(std::system(("mosquitto_passwd -U " + users).c_str()), 0);
        broker = std::make_unique<RealBroker>(
            home, "allow_anonymous false\npassword_file " + users + "\nacl_file " + (home / "acl").string() +
                      "\ncertfile " + cert.string() + "\nkeyfile " + key.string() + "\n");
    }
    void begin(const std::string& password, const std::string& ca) {
        ServerOptions options;
        options.mqtt = {"mqtts://jatai@127.0.0.1:" + std::to_string(broker->port()), password, ca};
        server = std::make_unique<TestServer>(folder.path() / "data", options);
        admin = "Bearer " + server->key();
        const Json in = json_of(server->ask(
            admin, "POST", "/api/v1/devices",
            {{"devices",
              {{{"id", "d1"}, {"consent_health", true}}, {{"id", "d2"}, {"consent_health", true}}}}}));
        token = in["items"][0]["token"];
    }
    // Whether this is among the numbers of the server, within so many seconds.
    bool counts(const std::string& line, int seconds) {
        for (int i = 0; i < seconds * 10; ++i) {
            if (server->ask(admin, "GET", "/metrics").body.find(line) != std::string::npos) return true;
            ::usleep(100000);
        }
        return false;
    }
    Json requests_of(const std::string& device) {
        return json_of(server->ask(admin, "GET", "/api/v1/devices/" + device))["health"]["requests"];
    }
    TestFolder folder;
    fs::path home = folder.path() / "broker", cert = home / "cert.pem", key = home / "key.pem";
    std::unique_ptr<RealBroker> broker;
    std::unique_ptr<TestServer> server;
    std::string admin, token;
};

TEST_F(MqttInTls, TheServerAndTheDevicesComeInWithTheirPasswordsAndEachReachesItsOwnTopics) {
    begin("server-word", cert.string());
    // One after the other: libmosquitto prepares its TLS once, and two threads at once would both do it.
    ASSERT_TRUE(counts("jatai_mqtt_connections_total{result=\"in\"} 1", 20));
    Client one(broker->port(), "d1", "device-word", cert);
    ASSERT_TRUE(one.deliver(message(token, 1, 41), 20));
    EXPECT_EQ(requests_of("d1"), 41);
    broker->kill();
    broker->start();
    Client again(broker->port(), "d1", "device-word", cert);  // libmosquitto's loop does not outlive its TLS
    ASSERT_TRUE(again.deliver(message(token, 2, 42), 30));
    Client thief(broker->port(), "d2", "other-word", cert);  // has d1's token, but not its user
    thief.speak_as("d1");
    EXPECT_FALSE(thief.deliver(message(token, 3, 99), 2));
    EXPECT_EQ(requests_of("d1"), 42);
}

TEST_F(MqttInTls, AWrongPasswordIsCountedTriedAgainAndInNoAnswer) {
    begin("not-its-word", cert.string());
    EXPECT_TRUE(counts("jatai_mqtt_connections_total{result=\"not let in\"}", 10));
    EXPECT_EQ(server->ask(admin, "GET", "/api/v1/devices").status, 200);  // the other doors are open
    const std::string said =
        server->ask(admin, "GET", "/metrics").body + server->ask(admin, "GET", "/api/v1/audit").body;
    EXPECT_EQ(said.find("not-its-word"), std::string::npos);
}

TEST_F(MqttInTls, ABrokerWhoseCertificateIsNotTrustedHearsNoPassword) {
    begin("server-word", "");  // trusts the system's only
    EXPECT_TRUE(counts("jatai_mqtt_connections_total{result=\"not trusted\"}", 30));
    EXPECT_FALSE(counts("result=\"in\"", 1));
}

TEST(Mqtt, AnAddressThatIsNoneOrHasAPasswordInItIsRefused) {
    TestFolder folder;
    for (const char* wrong : {"http://h:1", "mqtt://", "mqtt://h:0", "mqtt://h:65536", "mqtt://h:1x",
                              "h:1883", "mqtt://jatai:hunter2@h:1883"}) {
        ServerOptions options;
        options.data = folder.path() / "data";
        options.listen = "127.0.0.1:0";
        options.mqtt.url = wrong;
        try {
            Server(options, {});
            ADD_FAILURE() << wrong << " was taken";
        } catch (const Error& error) {
            EXPECT_EQ(std::string(error.what()).find("hunter2"), std::string::npos);
        }
    }
}

}  // namespace
}  // namespace jatai::fleet
