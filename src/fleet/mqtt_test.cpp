// The MQTT door through a real broker. Skips, saying so, where mosquitto is not installed.
#include <mosquitto.h>
#include <sys/wait.h>

#include <csignal>
#include <mutex>

#include "src/fleet/test_server.h"
#include "src/telemetry/cbor.h"

namespace jatai::fleet {
namespace {

constexpr const char* kBroker = "/usr/sbin/mosquitto";

class Broker {
  public:
    // Below the ports that outgoing connections take, of which one may be the number that it comes back to.
    explicit Broker(const fs::path& folder) : port_(12000 + ::getpid() % 20000), folder_(folder) { start(); }
    ~Broker() { kill(); }
    void start() {
        fs::create_directories(folder_);
        write_text(folder_ / "mosquitto.conf",
                   "listener " + std::to_string(port_) + " 127.0.0.1\nallow_anonymous true\n");
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
    pid_t process_ = -1;
};

// A device that publishes and listens.
class Client {
  public:
    Client(int port, const std::string& device) : topic_("jatai/v1/default/" + device) {
        mosquitto_lib_init();
        client_ = mosquitto_new(nullptr, true, this);
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
        mosquitto_loop_stop(client_, true);
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
    Broker broker(folder.path() / "broker");
    broker.kill();
    ServerOptions options;
    options.mqtt = "mqtt://127.0.0.1:" + std::to_string(broker.port());
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
    Broker broker(folder.path() / "broker");
    ServerOptions options;
    options.mqtt = "mqtt://127.0.0.1:" + std::to_string(broker.port());
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

}  // namespace
}  // namespace jatai::fleet
