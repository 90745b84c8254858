// commands.h: what each verb of the command line was asked, and the function that does it.
//
//     return run_compile({.model = "kws.tflite", .board = "nano33ble", .out = "build"}, console);
//
// cli.cpp turns words into these values; a command turns them into calls of src/ and says what came of it.
// Every function answers the exit code 0; it throws Error for what the user can mend (exit code 1).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "apps/jatai/console.h"
#include "src/base/bytes.h"

namespace jatai {

struct NewOptions {
    std::string template_name;
    fs::path dir;
    std::string words_language;  // en | pt; empty: the language in force
};
int run_new(const NewOptions& options, Console& console);

struct DataGenerateOptions {
    fs::path dir = ".";
    std::uint32_t clips = 0;  // 0: as jatai.toml says
};
int run_data_generate(const DataGenerateOptions& options, Console& console);

struct DataImportOptions {
    fs::path source;
    fs::path dir = ".";
    std::string held_out;  // a group (speaker) kept for testing; empty: chosen by the seed
};
int run_data_import(const DataImportOptions& options, Console& console);

struct DataRecordOptions {
    fs::path file;
    double seconds = 5.0;
    std::string device = "default";
};
int run_data_record(const DataRecordOptions& options, Console& console);

struct DataShowOptions {
    fs::path dir = ".";
};
int run_data_show(const DataShowOptions& options, Console& console);

struct TrainOptions {
    fs::path dir = ".";
    std::uint32_t epochs = 0;   // 0: as jatai.toml says
    std::uint32_t threads = 0;  // 0: as jatai.toml says
    bool restart = false;       // do not go on from a checkpoint
};
int run_train(const TrainOptions& options, Console& console);

struct CompileOptions {
    fs::path model;
    std::string board;
    fs::path out;
    std::vector<std::string> emit = {"package", "cpp", "firmware", "bench"};
    std::string form = "package";  // package | cpp
    std::string kernels = "used";  // used | all
    std::uint32_t ram = 0;         // budget of the arena in bytes; 0: none
    bool explain = false;          // where every byte went
    std::vector<std::string> without_passes;
};
int run_compile(const CompileOptions& options, Console& console);

struct ExportOptions {
    fs::path model;
    std::string target;  // arduino | zephyr | platformio | espidf | cmake
    fs::path out;
    std::string name;  // empty: the model's
    std::string library_version = "1.0.0";
    std::string board = "nano33ble";  // whose core the kernels are chosen and weighed for
};
int run_export(const ExportOptions& options, Console& console);

struct RunOptions {
    fs::path model;
    fs::path input;
    fs::path output;
    std::string board;  // empty: on the host
};
int run_run(const RunOptions& options, Console& console);

struct InspectOptions {
    fs::path model;
    std::string boards = "all";  // or ids, parted by commas
    fs::path firmware;           // a firmware file to compare with; empty: none
    bool layers = false;         // a row per layer
};
int run_inspect(const InspectOptions& options, Console& console);

struct QuantizeOptions {
    fs::path model;
    fs::path data;
    fs::path out;  // empty: beside the model, <name>_int8.tflite
    std::uint32_t samples = 100;
    std::string calibration = "minmax";  // minmax | percentile | mse
    std::string io = "float32";          // float32 | int8
};
int run_quantize(const QuantizeOptions& options, Console& console);

struct DiffOptions {
    fs::path a, b;
    fs::path data;  // a folder of raw inputs
};
int run_diff(const DiffOptions& options, Console& console);

struct SimulateOptions {
    fs::path firmware;  // an ELF, or a folder that holds firmware.elf
    std::string board;
    fs::path microphone;
    double seconds = 0;  // 0: as long as the recording, or until the firmware ends
    fs::path trace;
    fs::path serial;                      // its serial line becomes a port of this name
    std::int64_t power_cut_at = -1;       // a write or erase of flash, from 0; below 0: never
    std::string power_cut = "half-done";  // before | half-done | unstable
};
int run_simulate(const SimulateOptions& options, Console& console);

struct ReportOptions {
    fs::path dir = ".";
    std::string board;  // empty: as jatai.toml says
};
int run_report(const ReportOptions& options, Console& console);

struct PackageKeygenOptions {
    fs::path name;  // writes NAME.pem and NAME.pub
};
int run_package_keygen(const PackageKeygenOptions& options, Console& console);

struct PackageSignOptions {
    fs::path file;  // a package, or a firmware image; empty: a notice
    std::vector<fs::path> keys;
    fs::path out;  // empty: beside the file, .suit
    std::uint64_t sequence = 0, not_after = 0;
    std::string vendor = "jatai";
    std::string firmware_board;  // the file is a firmware image for this board
    bool notice = false;
};
int run_package_sign(const PackageSignOptions& options, Console& console);

struct PackageVerifyOptions {
    fs::path file;  // a manifest, or a package with its manifest beside it
    std::vector<fs::path> keys;
    fs::path root;      // or a root document instead of keys
    fs::path manifest;  // empty: beside the package
    std::string vendor = "jatai";
};
int run_package_verify(const PackageVerifyOptions& options, Console& console);

struct PackageRootOptions {
    std::vector<fs::path> roots, signing, keys;
    unsigned threshold = 1;
    std::uint64_t sequence = 0;
    std::string vendor = "jatai";
    fs::path previous;  // the root document in force; empty: this is the first
    fs::path out = "root.cbor";
};
int run_package_root(const PackageRootOptions& options, Console& console);

struct PackageTrustOptions {
    fs::path firmware, root, out;
    fs::path package;  // the model it begins with; empty: none
};
int run_package_trust(const PackageTrustOptions& options, Console& console);

struct PackageDeltaOptions {
    fs::path image, source, out;
    unsigned block_log2 = 15;
};
int run_package_delta(const PackageDeltaOptions& options, Console& console);

struct PackageGoldenOptions {
    fs::path package, samples, out;
    std::uint32_t tolerance = 0;
};
int run_package_golden(const PackageGoldenOptions& options, Console& console);

struct PackageReferenceOptions {
    fs::path package, samples, out;
};
int run_package_reference(const PackageReferenceOptions& options, Console& console);

struct ServeOptions {
    fs::path data;
    std::string listen = "127.0.0.1:8080";
    fs::path tls_cert, tls_key;
    std::string mqtt, smtp, smtp_from;
    fs::path mqtt_password_file, smtp_password_file;  // else JATAI_MQTT_PASSWORD, JATAI_SMTP_PASSWORD
    fs::path mqtt_ca, smtp_ca;
    std::size_t per_address = 4000;
    fs::path restore;  // a backup to begin with
};
int run_serve(const ServeOptions& options, Console& console);

// Which fleet server, and by which key; empty: JATAI_SERVER, JATAI_KEY, JATAI_CA.
struct ServerChoice {
    std::string url, key;
    fs::path ca;
};

struct GatewayOptions {
    std::vector<std::string> devices;  // ID=PATH
    std::string server, token, tenant = "default";
    fs::path ca;
    std::vector<std::string> consents;  // health, statistics
    std::uint32_t report_every_s = 0;   // 0: a day
    std::uint32_t look_seconds = 30;
    double seconds = 0;  // 0: until interrupted
};
int run_gateway(const GatewayOptions& options, Console& console);

struct PushOptions {
    ServerChoice server;
    fs::path file;
    std::string model, name, version, board, alias, code, parent, firmware_min;
    fs::path manifest, weights, dataset, pipeline;
    double accuracy = 0;
};
int run_push(const PushOptions& options, Console& console);

struct PullOptions {
    ServerChoice server;
    std::string version, board;
    fs::path out = ".";
};
int run_pull(const PullOptions& options, Console& console);

struct FleetEnrollOptions {
    ServerChoice server;
    std::string device, board, group;
    fs::path csv, out, qr;  // qr: a folder for pictures to scan
    bool code = false;
    std::uint32_t seconds = 86400;
};
int run_fleet_enroll(const FleetEnrollOptions& options, Console& console);

struct FleetDevicesOptions {
    ServerChoice server;
    std::string device, filter, group, assign;
    bool revoke = false, decommission = false, new_token = false, data = false, erase = false;
};
int run_fleet_devices(const FleetDevicesOptions& options, Console& console);

struct FleetGroupsOptions {
    ServerChoice server;
    std::string group, filter;
    std::vector<std::string> devices;
};
int run_fleet_groups(const FleetGroupsOptions& options, Console& console);

struct FleetVersionsOptions {
    ServerChoice server;
    std::string version, note;
    bool approve = false, reject = false, lineage = false;
};
int run_fleet_versions(const FleetVersionsOptions& options, Console& console);

struct FleetRolloutOptions {
    ServerChoice server;
    std::string rollout, name, version, fallback, filter, mode;
    fs::path plan;
    std::vector<std::string> verbs;  // start, approve, pause, resume, abort, revert
    std::string kind;                // staged, blue_green, ab, shadow
    bool no_gate = false, wait = false, check = false;
};
int run_fleet_rollout(const FleetRolloutOptions& options, Console& console);

struct FleetStopOptions {
    ServerChoice server;
    bool go_on = false;
};
int run_fleet_stop(const FleetStopOptions& options, Console& console);

struct FleetSimulateOptions {
    fs::path project;  // empty: small networks of our own
    std::uint32_t devices = 1000;
    std::uint64_t seed = 1;
    std::uint32_t most_seconds = 600;  // that a roll-out may take
    bool shadow = false;               // the good version first runs beside the one in force
    std::string listen;                // where its page is to be looked at; empty: nowhere in particular
};
int run_fleet_simulate(const FleetSimulateOptions& options, Console& console);

struct FleetFeedbackOptions {
    ServerChoice server;
    std::string device, version, board, mark;
    std::uint64_t right = 0, wrong = 0;
    fs::path csv;  // device,expected,predicted …
};
int run_fleet_feedback(const FleetFeedbackOptions& options, Console& console);

struct FleetAlertsOptions {
    ServerChoice server;
    std::string webhook;
    std::vector<std::string> emails;
    std::int64_t silent_after = -1;  // seconds; below 0: as it is
    bool none = false, test = false;
};
int run_fleet_alerts(const FleetAlertsOptions& options, Console& console);

struct FleetReportOptions {
    ServerChoice server;
};
int run_fleet_report(const FleetReportOptions& options, Console& console);

struct DoctorOptions {};
int run_doctor(const DoctorOptions& options, Console& console);

}  // namespace jatai
