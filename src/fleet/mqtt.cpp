#include "src/fleet/mqtt.h"

#include <mosquitto.h>

#include <charconv>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include "src/base/error.h"
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
    std::jthread meeting;
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

    static void on_connect(mosquitto* client, void*, int result) {
        if (result == 0) mosquitto_subscribe(client, nullptr, "jatai/v1/+/+/up", 1);
    }

    // libmosquitto comes back to a broker it has met, but never to one that was away at first.
    void meet(const std::stop_token& stop, const std::string& host, int port) {
        while (!stop.stop_requested()) {
            if (mosquitto_connect(client, host.c_str(), port, 30) == MOSQ_ERR_SUCCESS) {
                mosquitto_loop_start(client);
                return;
            }
            std::unique_lock lock(mutex);
            rest.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
        }
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

MqttDoor::MqttDoor(const std::string& url, House& house, Post post, After after)
    : inside_(new Inside{house, std::move(post), std::move(after)}) {
    constexpr std::string_view scheme = "mqtt://";
    const std::size_t colon = url.rfind(':');
    int port = 1883;
    const bool has_port = colon > scheme.size();
    if (has_port) std::from_chars(url.data() + colon + 1, url.data() + url.size(), port);
    const std::string host =
        url.size() > scheme.size()
            ? url.substr(scheme.size(), has_port ? colon - scheme.size() : std::string::npos)
            : "";
    if (url.rfind(scheme, 0) != 0 || host.empty() || port < 1 || port > 65535)
        throw Error{text("--mqtt {}: expected mqtt://HOST:PORT", url)};
    mosquitto_lib_init();
    inside_->client = mosquitto_new(nullptr, true, inside_.get());
    CHECK(inside_->client != nullptr);
    mosquitto_connect_callback_set(inside_->client, Inside::on_connect);
    mosquitto_message_callback_set(inside_->client, Inside::on_message);
    mosquitto_reconnect_delay_set(inside_->client, 1, 15, true);
    inside_->meeting = std::jthread(
        [in = inside_.get(), host, port](const std::stop_token& stop) { in->meet(stop, host, port); });
}

MqttDoor::~MqttDoor() {
    inside_->meeting.request_stop();
    inside_->meeting.join();
    mosquitto_disconnect(inside_->client);
    mosquitto_loop_stop(inside_->client, true);
    mosquitto_destroy(inside_->client);
    mosquitto_lib_cleanup();
}

}  // namespace jatai::fleet
