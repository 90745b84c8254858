#include "src/fleet/server.h"

#include <chrono>
#include <mutex>

#include "src/base/error.h"
#include "src/fleet/alerts.h"
#include "src/fleet/backup.h"
#include "src/fleet/ddi.h"
#include "src/fleet/http_etag.h"
#include "src/fleet/http_server.h"
#include "src/fleet/intake.h"
#include "src/fleet/limits.h"
#include "src/fleet/page.h"
#include "src/fleet/retention.h"
#include "src/fleet/routes.h"
#include "src/fleet/trend.h"

namespace jatai::fleet {
namespace {

constexpr std::uint64_t kSmallBody = 64 * 1024, kBlobBody = 64ull << 20, kListBody = 8ull << 20;

std::uint64_t body_limit(const std::string& path) {
    if (path.rfind("/api/v1/blobs/", 0) == 0) return kBlobBody;
    return path == "/api/v1/devices" ? kListBody : kSmallBody;
}

bool is_device_door(const std::string& path) { return path.find("/controller/v1/") != std::string::npos; }

// Who is asking, for the limit: a device by its own address, a key by its hash, all others by where they come
// from.
std::string caller_name(const Request& request) {
    if (is_device_door(request.path)) return "d:" + request.path.substr(0, 200);
    return request.authorization.empty()
               ? "p:" + request.peer
               : "k:" + std::to_string(std::hash<std::string>()(request.authorization));
}

}  // namespace

struct Server::Inside {
    Inside(ServerOptions o, Helpers helpers)
        : options(std::move(o)),
          http({options.listen, options.tls_cert, options.tls_key, body_limit, options.request_seconds,
                options.most_per_address},
               [this](const Request& r) { return handle(r); }),
          store(open_sqlite(prepared(options.data) / "fleet.db")),
          state(*store, now_ms),
          blobs(options.data / "blobs"),
          conductor(state),
          jobs(state, [this](std::function<void()> work) { post(std::move(work)); }),
          limits({options.requests_per_second, options.burst}),
          strangers({5, 50}),
          house{state, blobs, conductor, jobs, metrics, options.data, std::move(helpers)},
          sender(options.mail, [this](std::function<void()> work) { post(std::move(work)); }),
          alerts(state, sender) {
        house.alerts = &alerts;
        store->on_commit([this](std::uint64_t ticket) { http.committed(ticket); });
        if (state.tenant("default") == nullptr) {
            state.add_tenant("default");
            admin_key = make_key(state, "default", "admin", "admin", {}, 0).secret;
            state.audit("default", "server", "server", "first start", "default");
        }
        state.hand_over();
        store->flush();
        if (options.mqtt.url.empty()) return;
        const auto after = [this](std::function<void()> then) {
            http.after(state.hand_over(), std::move(then));
        };
        mqtt = std::make_unique<MqttDoor>(
            options.mqtt, house, [this](std::function<void()> work) { post(std::move(work)); }, after);
    }

    static const fs::path& prepared(const fs::path& data) {
        std::error_code failed;
        fs::create_directories(data / "blobs", failed);
        if (failed)
            throw Error{text("{}: cannot be made: {}", data.string(), failed.message()),
                        text("give --data a folder that this user may write")};
        fs::permissions(data, fs::perms::owner_all, failed);
        drop_unfinished_backups(data);
        return data;
    }

    void post(std::function<void()> work) {
        http.post([this, work = std::move(work)] {
            work();
            state.hand_over();
        });
    }

    // Numbers of a tenant are for its keys; without one only who sits on this computer sees totals.
    Reply show_metrics(const Request& request) {
        const std::optional<Caller> caller = caller_of(state, request);
        if (caller) demand(*caller, Right::View, "");
        if (!caller && (request.forwarded || !is_loopback(request.peer)))
            throw Refusal{401, "a key is needed: Authorization: Bearer …",
                          "Prometheus: authorization: {credentials_file: …} with a viewer's key"};
        const std::string tenant = !caller ? "" : caller->tenant;
        return {200, "text/plain; version=0.0.4", metrics.page(state, tenant)};
    }

    Reply route(const Request& request) {
        if (request.path == "/healthz") return {200, "text/plain", "ok\n"};
        if (request.path == "/metrics") return show_metrics(request);
        if (auto reply = page_file(request)) return *reply;
        if (auto reply = answer_ddi(house, request)) return *reply;
        return answer_api(house, request);
    }

    Reply answer(const Request& request) {
        const bool known = !request.authorization.empty() || is_device_door(request.path);
        const bool free = request.path == "/healthz";
        try {
            const int wait_s =
                free ? 0 : (known ? limits : strangers).refuse(caller_name(request), state.now());
            if (wait_s > 0) throw Refusal{429, "too many requests", "slow down", wait_s};
            if (store->waiting() > options.most_to_write)
                throw Refusal{503, "the disk is behind", "try again", 2};
            Reply reply = route(request);
            settle_etag(request, reply);
            return reply;
        } catch (const Refusal& refusal) {
            return refuse(refusal);
        } catch (const Error& error) {
            return refuse({400, error.what(), error.hint()});
        } catch (const Json::exception& wrong) {
            return refuse({400, std::string("the body: ") + wrong.what(), ""});
        }
    }

    Answered handle(const Request& request) {
        const auto start = std::chrono::steady_clock::now();
        Answered answered{answer(request)};
        answered.ticket = state.hand_over();
        const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
        metrics.observe_ms(took.count());
        const char* door = is_device_door(request.path) ? "device" : "api";
        metrics.add("jatai_requests_total", std::string("door=\"") + door + "\",status=\"" +
                                                std::to_string(answered.reply.status) + "\"");
        return answered;
    }

    void start_clockwork() {
        http.every(100, [this] {
            conductor.tick();
            state.hand_over();
        });
        http.every(1000, [this] {  // a little often: nobody waits for it
            state.write_last_seen();
            for (auto& [id, tenant] : state.tenants()) erase_old_reports(house, tenant);
            alerts.watch_rollouts();
            state.hand_over();
        });
        http.every(options.watch_devices_ms, [this] {
            alerts.watch_devices();
            state.hand_over();
        });
        http.every(3600000, [this] {
            for (auto& [id, tenant] : state.tenants()) erase_old(house, tenant);
            state.hand_over();
        });
        http.every(3600000, [this] {
            for (auto& [id, tenant] : state.tenants()) forget_old_windows(house, tenant);
            state.hand_over();
        });
    }

    void end() {
        state.write_last_seen(true);
        state.hand_over();
        store->flush();
    }

    ServerOptions options;
    std::string admin_key;
    HttpServer http;  // first: a port that is taken must not make a store
    std::unique_ptr<Store> store;
    State state;
    Blobs blobs;
    Conductor conductor;
    Metrics metrics;
    Jobs jobs;
    Limits limits, strangers;
    House house;
    AlertSender sender;
    Alerts alerts;
    std::unique_ptr<MqttDoor> mqtt;
};

Server::Server(ServerOptions options, Helpers helpers)
    : inside_(std::make_unique<Inside>(std::move(options), std::move(helpers))) {}
Server::~Server() = default;

const std::string& Server::admin_key() const { return inside_->admin_key; }
std::uint16_t Server::port() const { return inside_->http.port(); }
Reply Server::answer(const Request& request) { return inside_->handle(request).reply; }

void Server::run(const std::function<bool()>& should_end) {
    inside_->start_clockwork();
    bool asked = false;
    inside_->http.every(50, [this, should_end, asked]() mutable {
        if (asked || !should_end()) return;
        asked = true;
        inside_->http.stop();
    });
    inside_->http.run();
    inside_->end();
}

}  // namespace jatai::fleet
