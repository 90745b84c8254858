// field_run.h: a thousand simulated devices against a real server over real sockets: enrol, roll out, roll
// back.
//
//     FieldReport report = run_field({.devices = 1000, .seed = 1, .url = url, .admin_key = key}, say);
//
// One good version goes out in stages; then one that was made worse, which the gate has to stop and send
// back. Devices enrol, report, lose messages and power; the server is whatever answers at `url`.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "src/field/field_device.h"

namespace jatai {

struct FieldRun {
    std::uint32_t devices = 1000;
    std::uint64_t seed = 1;
    std::string url, admin_key;
    double loss = 0.05, power_cuts = 0.03;
    std::uint32_t exact = 20;  // devices that run every inference; the others draw recorded answers
    int runs_per_report = 40;
    std::uint32_t threads = 8;
    std::uint32_t poll_ms = 1000;  // how often a device polls; a fleet would wait minutes: time is compressed
    std::uint32_t most_seconds = 600;
    bool shadow = false;                    // v2 first runs beside v1, and only its statistics go out
    const FieldSubject* subject = nullptr;  // null: small networks of our own
};

struct FieldReport {
    std::uint32_t devices = 0, updated = 0, reverted = 0, exposed_to_bad = 0, bricked = 0;
    std::uint64_t lost_reports = 0, reports = 0, power_cuts = 0, polls = 0;
    double seconds = 0, rollout_seconds = 0;
    std::string shadow_state, good_state, bad_state, bad_reason;
    std::uint32_t ran_beside = 0;      // devices that ran the shadow
    std::uint64_t beside_reports = 0;  // of its statistics, at the server when it had seen enough
    double accuracy[3] = {};           // of a subject's first, good and bad version on its inputs
};

using Say = std::function<void(const std::string& line)>;

FieldReport run_field(const FieldRun& run, const Say& say, const std::atomic<bool>& interrupted);

}  // namespace jatai
