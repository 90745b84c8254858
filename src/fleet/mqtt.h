// mqtt.h: the MQTT door: reports from a broker, and our own acknowledgement when they are on disk.
//
//     MqttDoor door({.url = "mqtts://jatai@broker.example:8883", .password = word}, house, post, after);
//
// mqtts:// is TLS, and the broker's certificate is checked. A password is in no address: it comes by itself.
//
// jatai/v1/{tenant}/{device}/up    from the device, QoS 1: CBOR {"key": token, "reports": [[number, bytes],
// …]} jatai/v1/{tenant}/{device}/down  from the server: CBOR {"taken": [number, …]}
//
// A broker may lose what it has acknowledged when it is killed; so only "taken" lets a device forget a
// report. One that is not taken is sent again, and counts once: numbers and bytes are compared. Threads
// libmosquitto's own; everything that touches the state is posted. 2,000 messages wait at most, the rest is
//          dropped unacknowledged.
// Fails with  Error for an address that is none, or one with a password in it. A broker that is away, or that
//          does not let the server in, is tried again for ever: `jatai_mqtt_connections_total` counts both.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "src/fleet/house.h"

namespace jatai::fleet {

// What the door answers to one message; empty: nothing (wrong key, not CBOR).
std::string answer_mqtt(House& house, const std::string& topic, std::string_view payload);

struct Broker {
    std::string url;  // mqtt://[USER@]HOST[:PORT] or mqtts://…; empty: none
    std::string password;
    std::string ca;  // a PEM file of certificates to trust instead of the system's
};

class MqttDoor {
  public:
    using After = std::function<void(std::function<void()>)>;  // runs when all so far is on disk
    MqttDoor(const Broker& broker, House& house, Post post, After after);
    ~MqttDoor();

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace jatai::fleet
