// server.h: the whole server: store, state, doors, clockwork.
//
//     Server server({.data = "data", .listen = "127.0.0.1:8080"}, helpers);
//     if (!server.admin_key().empty()) print(server.admin_key());        // the first start only
//     server.run([&] { return interrupted; });                           // until told to end
//
// Threads  one decides, one writes, one works on jobs; TLS is done by the one that decides.
// Fails with  Error: port taken, folder not writable, certificate unreadable, no TLS off loopback.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "src/fleet/house.h"
#include "src/fleet/mqtt.h"
#include "src/fleet/smtp.h"

namespace jatai::fleet {

struct ServerOptions {
    fs::path data;
    std::string listen = "127.0.0.1:8080";
    fs::path tls_cert, tls_key;
    Broker mqtt;                      // devices may report through it
    MailServer mail;                  // alerts go out through it
    double requests_per_second = 50;  // a caller may make, on average
    double burst = 500;
    int request_seconds = 30;             // that a request may take to arrive
    std::size_t most_per_address = 4000;  // connections that one address may hold
    std::size_t most_to_write = 50000;    // changes that wait for the disk; then 503
    int watch_devices_ms = 60000;         // how often silent devices and drift are looked for
};

class Server {
  public:
    Server(ServerOptions options, Helpers helpers);
    ~Server();
    const std::string& admin_key() const;  // empty after the first start
    std::uint16_t port() const;
    void run(const std::function<bool()>& should_end);

    // One request, as a door hands it in: for tests and for the MQTT door.
    Reply answer(const Request& request);

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace jatai::fleet
