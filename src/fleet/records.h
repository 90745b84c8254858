// records.h: what the server remembers, as plain values. Each is one record of the store, its body JSON.
//
//     Device device{.id = "d1", .board = "nano33ble"};
//     std::string body = to_body(device);
//     Device again = from_body<Device>(body);
//
// Times are milliseconds since 1970 (UTC). A field that is missing in an older body keeps its default.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace jatai::fleet {

struct Tenant {
    std::string id;
    std::int64_t created_ms = 0;
    std::uint64_t sequence_floor =
        0;  // the highest sequence number seen anywhere: in packages, in devices' reports
    std::uint32_t poll_seconds = 300;     // what devices are told to wait
    std::uint32_t cohort_min = 10;        // statistics of fewer devices are not shown
    std::uint32_t retention_days = 30;    // raw reports are erased after this
    bool anonymous_devices = false;       // let devices in that show no token: for closed test benches only
    bool stopped = false;                 // the one button: nothing is offered to anybody
    std::uint32_t window_seconds = 3600;  // health over time is kept in windows of this length
    std::string webhook;                  // alerts are posted here; empty: nowhere
    std::vector<std::string> emails;      // and written to these
    std::uint32_t silent_after_s = 3600;  // without a word for so long a device is silent; 0: nobody is told
    std::uint32_t alert_gap_s = 3600;     // the same alert is not sent again before
    std::uint32_t alerts_per_hour = 20;   // of all kinds
    double drift_share = 0.1;             // of a cohort's reports that say drift
    std::string root;                     // blob: the root document in force; empty: none was published
    std::uint64_t root_sequence = 0;
};

struct Key {
    std::string id, tenant, name, role, hash;
    std::vector<std::string>
        scopes;  // areas: devices, registry, rollouts, telemetry, admin; empty: all of the role
    std::int64_t created_ms = 0, expires_ms = 0;
    bool revoked = false;
};

struct Code {  // a one-time code that lets one device in
    std::string id, tenant, hash, device, group;
    std::int64_t expires_ms = 0;
    bool used = false;
};

struct Group {
    std::string id, tenant, filter;  // empty filter: members carry its name
};

// The last word of a device about how its model does. Its histograms are not here: they are merged and let
// go.
struct Health {
    std::string version;
    std::int64_t at_ms = 0;
    std::uint64_t requests = 0, crashes = 0, starts = 0, uptime_s = 0, memory_bytes = 0;
    double latency_us = 0, energy_uj = 0;  // energy is modelled
    std::uint32_t reboot_reason = 0;
};

struct Device {
    std::string tenant, id, token_hash, state = "active";  // active | revoked | decommissioned
    std::string board, core, firmware;
    std::uint64_t ram_bytes = 0, flash_bytes = 0;
    std::vector<std::string> kernels, peripherals, groups;
    std::map<std::string, std::string> attributes;
    std::string desired, reported, variant;  // versions, and the variant it holds
    std::string shadow;                      // the version that runs beside it
    std::uint64_t sequence = 0;              // the highest it accepted
    std::uint64_t root_sequence = 0;         // of the root document it trusts
    std::int64_t created_ms = 0, seen_ms = 0;
    bool consent_health = false, consent_statistics = false;
    bool auto_confirm = false;        // its user agreed to every later update
    bool silent = false;              // somebody was told
    Health health, before;            // before: the last word under the version before this one
    std::string action;               // the action it is in, or was in last
    std::string reason;               // why its last update failed
    std::string counted;              // the version whose statistics it has added to
    std::string counted_window;       // and the last window it added to
    std::vector<std::string> recent;  // marks of its last reports, so that one that comes twice counts once
};

struct Version {
    std::string tenant, id, model, name;
    std::string dataset_hash, pipeline_hash, weights_hash, code_version, parent;
    std::string state = "proposed", decided_by, note;  // proposed | approved | rejected
    std::string created_by;
    std::int64_t created_ms = 0;
    double accuracy = 0;
};

struct Artifact {
    std::string name, sha256, sha1, md5;
    std::uint64_t bytes = 0;
};

struct Variant {
    std::string tenant, id, version, board, core, precision, options, form;
    std::vector<std::string> kernels, peripherals;
    std::string firmware_min;
    std::uint64_t flash_bytes = 0, ram_bytes = 0, bytes_on_air = 0;
    double latency_us = 0, energy_uj = 0, accuracy = 0;  // latency and energy are modelled
    std::string image, manifest;                         // blobs: the package, and its signed SUIT manifest
    std::uint64_t sequence = 0;  // of the manifest; 0: not signed, cannot be rolled out
    std::int64_t created_ms = 0, not_after_s = 0;
    std::vector<Artifact> artifacts;  // for clients that take whole files, such as swupdate
};

struct Alias {
    std::string tenant, id, model, name, version;  // id = model/name
};

// Statistics of many devices, merged: no device is in them.
struct Cohort {
    std::string tenant, id, version, board;  // id = version/board
    std::uint64_t devices = 0, reports = 0, drifted = 0;
    std::vector<std::uint64_t> input, output, confidence;  // 16 bins each
    std::int64_t first_ms = 0, last_ms = 0;
};

// What one cohort told in one stretch of time, so that health can be drawn as it went. Thinner than Cohort:
// the page shows a line, not a histogram.
struct Window {
    std::string tenant, id, version, board;  // id = version/board/start_ms
    std::int64_t start_ms = 0;
    std::uint32_t seconds = 0;
    std::uint64_t devices = 0, reports = 0, drifted = 0;  // statistics: devices that told, each once
    std::vector<std::uint64_t> output, confidence;
    std::uint64_t words = 0, crashes = 0;  // health: how many said how they do
    double latency_us = 0, energy_uj = 0;  // sums over those words
};

// How a roll-out went: at most kTrailPoints of them, thinned as it grows longer.
struct TrailPoint {
    std::int64_t at_ms = 0;
    std::uint32_t stage = 0;
    std::uint64_t offered = 0, installed = 0, failed = 0, reverted = 0, well = 0, sick = 0, silent = 0;
    double llr = 0;  // of the group that looks worst
};
struct Trail {
    std::string tenant, id;  // the roll-out's
    std::int64_t every_ms = 100;
    std::vector<TrailPoint> points;
};

// What people said the right answers were: per version and board.
struct Labels {
    std::string tenant, id, version, board;  // id = version/board
    std::uint64_t right = 0, wrong = 0;
    std::map<std::string, std::uint64_t> pairs;  // "expected/predicted", where both were told
    std::vector<std::string> recent;             // marks, so that what comes twice counts once
    std::int64_t first_ms = 0, last_ms = 0;
};

struct Alert {
    std::string tenant, id, kind, target, what;  // kind: silent | drift | gate | paused | stopped | failed
    std::int64_t at_ms = 0;
    std::uint32_t unsent_before = 0;  // alike, or too many in an hour
    std::string webhook, email;       // "" | sent | why not
};

struct GatePlan {
    double sick_if_good = 0.05;  // share of devices that look sick or stay silent under a good model
    double sick_if_bad = 0.35;   // share under a model bad enough to stop
    double stop_good = 0.001;    // chance of stopping a good one
    double pass_bad = 0.001;     // chance of passing a bad one
    std::uint32_t silence_s = 7200;
    std::uint32_t least_requests = 20;
    double slower = 1.5;      // sick when latency grew by this factor
    double less_sure = 0.10;  // sick when expected accuracy fell by this much
    std::string by;  // a test per value of this attribute (board, core, firmware); empty: one for all
};

struct Stage {
    double percent = 100;
    std::uint32_t least = 0;  // devices, whatever the percentage says
    bool approval = false, gate = true;
};

struct Plan {
    std::string kind = "staged";           // staged | blue_green | ab | shadow
    std::string version, other, fallback;  // other: what arm A runs; empty: what it has
    std::string filter;
    std::vector<Stage> stages;
    std::string mode = "forced";  // forced | soft | download
    bool confirm = false, approval = false, dynamic = false, revert = true, skip_unfit = false;
    double per_minute = 1000, growth = 1;
    std::uint32_t grow_every = 1000;
    std::int32_t window_from = -1, window_to = -1;  // minutes of the day, UTC; -1: always
    GatePlan gate;
    double most_failed = 0.2;  // share of failed installations that stops it (stages without a gate too)
    bool hold = false;         // blue_green: wait for approval before everybody switches
    std::string metric = "accuracy";  // ab: accuracy | confidence | latency | energy | sick
    double share = 0.5;               // ab: of the devices in arm B
    double effect = 0.05;             // ab: what is looked for; of latency and energy: a share of arm A's
    double error = 0.05;              // ab: chance of a wrong verdict
};

// One arm of an A/B roll-out: a value per device, added up; no device is in it.
struct Arm {
    std::uint64_t devices = 0;
    double sum = 0, squares = 0;
};

struct ArmsVerdict {
    std::string verdict;                   // "" | better | worse | same
    double effect = 0, low = 0, high = 0;  // B less A, and where it lies but for `error`
};

// One sequential test: the sum of log likelihood ratios, and what it counted.
struct GateState {
    double llr = 0;
    std::uint64_t well = 0, sick = 0, silent = 0;
    std::string verdict;  // "" | good | bad
};

struct Rollout {
    std::string tenant, id, name, created_by, approved_by;
    Plan plan;
    std::string state = "draft", reason;  // draft | waiting | running | paused | stopped | aborted | finished
    std::uint32_t stage = 0;
    bool stage_approved = false;
    double allowance = 0;
    std::int64_t created_ms = 0, started_ms = 0, tick_ms = 0, ended_ms = 0;
    std::map<std::string, GateState> gates;
    bool switched = false;  // blue_green: everybody was told to
    Arm a, b;
    ArmsVerdict arms;
    std::uint64_t targets = 0, offered = 0, installed = 0, failed = 0, reverted = 0;
};

struct Action {
    std::string tenant, id, rollout, device, version, variant, mode, previous;
    std::string state =
        "offered";  // offered | taken | downloaded | installed | failed | cancelling | cancelled
    std::string verdict, reason;        // verdict: "" | well | sick | silent | unwatched
    std::vector<std::string> messages;  // the last that the device said of it
    bool healthy_seen = false, statistics_seen = false;
    std::uint32_t stage = 0;
    std::string arm;  // ab: "a" | "b"
    bool revert = false, confirmed = false, counted = false;
    std::int64_t offered_ms = 0, taken_ms = 0, done_ms = 0;
};

struct Job {
    std::string tenant, id, kind, state = "waiting", asked_by,
                                  error;  // waiting | running | done | failed | cancelled
    std::vector<std::string> log;
    std::uint32_t percent = 0;
    std::int64_t created_ms = 0, ended_ms = 0;
    std::string result;  // JSON text
    std::string about;   // compile: version/board
};

struct Audit {
    std::string tenant, id, who, role, what, target, note;
    std::int64_t at_ms = 0;
};

template <typename Record>
std::string to_body(const Record& record);

template <typename Record>
Record from_body(const std::string& body);

}  // namespace jatai::fleet
