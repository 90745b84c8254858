// mqtt.h: the MQTT door: reports from a broker, and our own acknowledgement when they are on disk.
//
//     MqttDoor door("mqtt://127.0.0.1:1883", house, post, after);
//
// jatai/v1/{tenant}/{device}/up    from the device, QoS 1: CBOR {"key": token, "reports": [[number, bytes],
// …]} jatai/v1/{tenant}/{device}/down  from the server: CBOR {"taken": [number, …]}
//
// A broker may lose what it has acknowledged when it is killed; so only "taken" lets a device forget a
// report. One that is not taken is sent again, and counts once: numbers and bytes are compared. Threads
// libmosquitto's own; everything that touches the state is posted. 2,000 messages wait at most, the rest is
//          dropped unacknowledged.
// Fails with  Error for an address that is none. A broker that is away is tried again for ever.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "src/fleet/house.h"

namespace jatai::fleet {

// What the door answers to one message; empty: nothing (wrong key, not CBOR).
std::string answer_mqtt(House& house, const std::string& topic, std::string_view payload);

class MqttDoor {
  public:
    using After = std::function<void(std::function<void()>)>;  // runs when all so far is on disk
    MqttDoor(const std::string& url, House& house, Post post, After after);
    ~MqttDoor();

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace jatai::fleet
