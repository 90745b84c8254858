#include "src/fleet/mqtt.h"

#include <mosquitto.h>
#include <openssl/x509.h>

#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <stop_token>
#include <thread>

#include "src/base/error.h"
#include "src/fleet/connection.h"
#include "src/fleet/devices.h"
#include "src/fleet/intake.h"
#include "src/fleet/secrets.h"
#include "src/telemetry/cbor.h"

namespace jatai::fleet {
namespace {

constexpr int kMostWaiting = 2000;
constexpr std::size_t kLongestMessage = 65536, kLongestReport = 4096, kMostReports = 64;
constexpr std::string_view kPrefix = "jatai/v1/", kUp = "/up";

// "jatai/v1/TENANT/DEVICE/up"
bool parse_topic(std::string_view topic, std::string& tenant, std::string& device) {
    if (topic.size() <= kPrefix.size() + kUp.size() || topic.substr(0, kPrefix.size()) != kPrefix)
        return false;
    if (topic.substr(topic.size() - kUp.size()) != kUp) return false;
    const std::string_view middle = topic.substr(kPrefix.size(), topic.size() - kPrefix.size() - kUp.size());
    const std::size_t slash = middle.find('/');
    if (slash == std::string_view::npos || middle.find('/', slash + 1) != std::string_view::npos)
        return false;
    tenant = middle.substr(0, slash);
    device = middle.substr(slash + 1);
    return true;
}

Device* admitted(House& house, const std::string& tenant, const std::string& id, const Cbor& body) {
    TenantState* state = house.state.tenant(tenant);
    const Cbor* key = body.get("key");
    if (state == nullptr || key == nullptr || !key->is(Cbor::Type::Text)) return nullptr;
    const auto found = state->devices.find(id);
    if (found == state->devices.end() || found->second.state != "active") return nullptr;
    return same_secret(found->second.token_hash, sha256_hex(key->text)) ? &found->second : nullptr;
}

}  // namespace

std::string answer_mqtt(House& house, const std::string& topic, std::string_view payload) {
    std::string tenant, id;
    if (payload.size() > kLongestMessage || !parse_topic(topic, tenant, id)) return {};
    const std::optional<Cbor> body = read_cbor(payload);
    if (!body) return {};
    Device* device = admitted(house, tenant, id, *body);
    const Cbor* reports = body->get("reports");
    if (device == nullptr || reports == nullptr || reports->items.size() > kMostReports) return {};
    TenantState& state = *house.state.tenant(tenant);
    note_seen(house.state, state, *device);
    std::vector<Cbor> taken;
    for (const Cbor& pair : reports->items) {
        const bool fits = pair.is(Cbor::Type::Array) && pair.items.size() == 2 &&
                          pair.items[1].is(Cbor::Type::Bytes) && pair.items[1].text.size() <= kLongestReport;
        if (!fits) continue;
        const std::uint64_t number = pair.items[0].unsigned_or(0);
        take_report(house, state, *device, std::to_string(number), pair.items[1].text);
        taken.push_back(Cbor::number(number));
    }
    return write_cbor(Cbor::map({{Cbor::word("taken"), Cbor::array(std::move(taken))}}));
}

struct MqttDoor::Inside {
    House& house;
    Post post;
    After after;
    mosquitto* client = nullptr;
    std::mutex mutex;
    std::condition_variable_any rest;
    std::jthread thread;
    bool welcome = false;  // the thread's own
    std::atomic<int> waiting{0};

    void take(const std::string& topic, const std::string& payload) {
        const std::string answer = answer_mqtt(house, topic, payload);
        house.metrics.add("jatai_mqtt_messages_total", answer.empty() ? "taken=\"no\"" : "taken=\"yes\"");
        if (answer.empty()) return;
        const std::string down = topic.substr(0, topic.size() - kUp.size()) + "/down";
        after([this, down, answer] {
            mosquitto_publish(client, nullptr, down.c_str(), static_cast<int>(answer.size()), answer.data(),
                              1, false);
        });
    }

    static void on_connect(mosquitto* client, void* self, int result) {
        auto& in = *static_cast<Inside*>(self);
        in.welcome = result == 0;
        in.count(in.welcome ? "in" : "not let in");
        if (in.welcome) mosquitto_subscribe(client, nullptr, "jatai/v1/+/+/up", 1);
    }

    // libmosquitto's own loop ends for ever when a certificate is not trusted, and never begins when the
    // broker is away at first: this one goes on, a second later, then two, fifteen at most.
    void serve(const std::stop_token& stop, const std::string& host, int port) {
        int pause_s = 1;
        while (!stop.stop_requested()) {
            welcome = false;
            int result = mosquitto_connect(client, host.c_str(), port, 30);
            const bool reached = result == MOSQ_ERR_SUCCESS;
            while (result == MOSQ_ERR_SUCCESS && !stop.stop_requested())
                result = mosquitto_loop(client, 100, 1);
            if (stop.stop_requested()) return;
            if (!reached || result != MOSQ_ERR_CONN_REFUSED)  // which on_connect has counted
                count(!reached ? "no answer" : result == MOSQ_ERR_TLS ? "not trusted" : "lost");
            pause_s = welcome ? 1 : std::min(2 * pause_s, 15);
            std::unique_lock lock(mutex);
            rest.wait_for(lock, stop, std::chrono::seconds(pause_s), [] { return false; });
        }
    }

    void count(const std::string& result) const {
        house.metrics.add("jatai_mqtt_connections_total", "result=\"" + result + "\"");
    }

    static void on_message(mosquitto*, void* self, const mosquitto_message* message) {
        auto& in = *static_cast<Inside*>(self);
        const auto bytes = static_cast<std::size_t>(std::max(message->payloadlen, 0));
        if (in.waiting >= kMostWaiting || bytes > kLongestMessage) return;
        ++in.waiting;
        in.post([&in, topic = std::string(message->topic),
                 payload = std::string(static_cast<const char*>(message->payload), bytes)] {
            --in.waiting;
            in.take(topic, payload);
        });
    }
};

namespace {

UrlParts parse_broker(const std::string& url) {
    UrlParts parts = parse_url(url);
    const bool tls = parts.scheme == "mqtts";
    if (!tls && parts.scheme != "mqtt")
        throw Error{text("--mqtt {}: expected mqtt://HOST:PORT or mqtts://HOST:PORT", url)};
    if (parts.port.empty()) parts.port = tls ? "8883" : "1883";
    int port = 0;
    const char* end = parts.port.data() + parts.port.size();
    const auto read = std::from_chars(parts.port.data(), end, port);
    if (read.ec != std::errc() || read.ptr != end || port < 1 || port > 65535)
        throw Error{text("--mqtt {}: expected a port from 1 to 65535", url)};
    return parts;
}

// Not MOSQ_OPT_TLS_USE_OS_CERTS: libmosquitto 2.0.11 connects once with it, and never again.
void start_tls(mosquitto* client, const std::string& ca) {
    const char* said = std::getenv(X509_get_default_cert_dir_env());
    const char* folder = said != nullptr ? said : X509_get_default_cert_dir();
    const int result = mosquitto_tls_set(client, ca.empty() ? nullptr : ca.c_str(),
                                         ca.empty() ? folder : nullptr, nullptr, nullptr, nullptr);
    if (result != MOSQ_ERR_SUCCESS)
        throw Error{text("{}: the certificates to trust cannot be read", ca.empty() ? folder : ca)};
}

}  // namespace

MqttDoor::MqttDoor(const Broker& broker, House& house, Post post, After after)
    : inside_(new Inside{house, std::move(post), std::move(after)}) {
    refuse_password("--mqtt", broker.url, "JATAI_MQTT_PASSWORD");
    const UrlParts parts = parse_broker(broker.url);
    mosquitto_lib_init();
    mosquitto* client = inside_->client = mosquitto_new(nullptr, true, inside_.get());
    CHECK(client != nullptr);
    if (!parts.user.empty())
        mosquitto_username_pw_set(client, parts.user.c_str(),
                                  broker.password.empty() ? nullptr : broker.password.c_str());
    if (parts.scheme == "mqtts") start_tls(client, broker.ca);
    mosquitto_connect_callback_set(client, Inside::on_connect);
    mosquitto_message_callback_set(client, Inside::on_message);
    mosquitto_threaded_set(client, true);
    inside_->thread = std::jthread([in = inside_.get(), host = parts.host, port = std::stoi(parts.port)](
                                       const std::stop_token& stop) { in->serve(stop, host, port); });
}

MqttDoor::~MqttDoor() {
    inside_->thread.request_stop();
    inside_->thread.join();
    mosquitto_disconnect(inside_->client);
    mosquitto_destroy(inside_->client);
    mosquitto_lib_cleanup();
}

}  // namespace jatai::fleet
