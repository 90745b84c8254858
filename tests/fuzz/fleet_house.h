// fleet_house.h: a server without a disk, with one tenant `t` and its device `d`, whose key is `token`.
//
//     FleetHouse world;
//     answer_mqtt(world.house, "jatai/v1/t/d/up", payload);
#pragma once

#include "src/fleet/gate_trial.h"
#include "src/fleet/routes.h"
#include "src/fleet/secrets.h"

namespace jatai {

struct FleetHouse {
    fleet::NoStore store;
    fleet::State state{store, [] { return std::int64_t{1800000000000}; }};
    fleet::Blobs blobs{"/nonexistent"};
    fleet::Conductor conductor{state};
    fleet::Metrics metrics;
    fleet::Jobs jobs{state, [](std::function<void()>) {}};
    fleet::House house{state, blobs, conductor, jobs, metrics, "/nonexistent", {}};

    FleetHouse() {
        state.add_tenant("t");
        fleet::Device device;
        device.tenant = "t";
        device.id = "d";
        device.token_hash = fleet::sha256_hex("token");
        device.consent_health = device.consent_statistics = true;
        state.tenant("t")->devices["d"] = device;
    }
};

}  // namespace jatai
