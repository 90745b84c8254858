// observer.h: what a device may tell about itself: how it runs, and what its model sees; two consents, off by
// default.
//
//     observer.consent(jatai::kHealth | jatai::kStatistics);
//     observer.run_done(micros);  observer.input(view.data, view.bytes);  observer.output(best, share);
//     const uint32_t bytes = observer.health_report(buffer, sizeof buffer, context);       // CBOR, 0: no
//     consent
//
// Keys of the reports: docs/reference/update.md#reports. A crash record lies in RAM that a restart keeps; the
// board's fault handler fills it. Statistics name the model and nothing else.
//
// Memory   248 bytes. Cost  an input of n bytes costs n increments. A health report and a statistics report a
// day are
//          under 400 bytes together.
#pragma once

#include <stdint.h>

#include "device/engine.h"
#include "device/observe/histogram.h"
#include "device/update/agent.h"

namespace jatai {

constexpr uint8_t kHealth = 1, kStatistics = 2;

enum class StartReason : uint8_t { Power = 0, Pin = 1, Watchdog = 2, Fault = 3, AskedFor = 4, Other = 5 };

// Filled where the fault is, read after the restart. Noise after power was away: the magic tells.
struct CrashRecord {
    uint32_t magic;
    uint32_t pc, lr, cfsr, address;
    uint32_t count;
    uint32_t check;  // of the words before
};

void record_crash(CrashRecord& record, uint32_t pc, uint32_t lr, uint32_t cfsr, uint32_t address);
bool is_crash(const CrashRecord& record);

// What the observer cannot know by itself.
struct HealthContext {
    const char* board;
    const uint8_t* set_hash;  // 8 bytes
    const Agent* agent;
    const CrashRecord* crash;  // null: none
    uint32_t uptime_s;
    uint32_t arena_bytes, stack_bytes;
    uint64_t energy_uj;
    uint32_t starts;
    StartReason start_reason;
    bool runs_beside;            // this application runs a model beside the active one when asked to
    uint32_t application_bytes;  // of the arena's RAM: its own while it runs
};

// Section `reference` of a package: this, then `count` records.
struct ReferenceHeader {
    uint16_t version;  // 1
    uint16_t count;
};
struct ReferenceRecord {
    uint16_t what;
    uint16_t zero;
    uint16_t bins[kBins];
};
static_assert(sizeof(ReferenceRecord) == 36, "the bytes of the section");

class Observer {
  public:
    static constexpr uint32_t kWhats = 3;  // input, output class, confidence

    void consent(uint8_t kinds);  // withdrawing one forgets what it had collected
    uint8_t consents() const { return consents_; }

    void run_done(uint32_t microseconds);
    void input(const void* int8_values, uint32_t count);
    void output(uint32_t label, uint16_t share);  // the best label, and its share of 1 as 0 to 65535
    // The same of an engine's first input before, and first output after a run; int8 only.
    void see_input(const Engine& engine);
    void see_output(const Engine& engine);

    // Whose inputs and outputs these are: another model begins a new window. `reference`: the package's
    // section of that name, what the model saw when it was made; without it no verdict (null), or when it is
    // malformed.
    void watch(const uint8_t model_digest[8], const BlobView& reference);
    void set_reference(uint32_t what, const Histogram& reference);  // 0 input, 1 output class, 2 confidence
    Drift drift(uint32_t what) const {
        return test_drift(seen_[what], reference_[what], what == 0 ? input_bytes_ : 1);
    }

    // Bytes written; 0: no consent, or no room. A statistics report begins a new window.
    uint32_t health_report(uint8_t* bytes, uint32_t room, const HealthContext& context) const;
    uint32_t statistics_report(uint8_t* bytes, uint32_t room, const uint8_t model_digest[8]);

    const Histogram& seen(uint32_t what) const { return seen_[what]; }

  private:
    uint8_t consents_ = 0;
    uint8_t model_[8] = {};
    uint32_t runs_ = 0, longest_us_ = 0, input_bytes_ = 1;
    uint64_t total_us_ = 0;
    Histogram seen_[kWhats] = {};
    Histogram reference_[kWhats] = {};
};

// The description of a device, and how its last update ended: part of updating, no consent needed.
uint32_t description_report(uint8_t* bytes, uint32_t room, const HealthContext& context,
                            const AgentConfig& config);
uint32_t update_report(uint8_t* bytes, uint32_t room, const HealthContext& context);

}  // namespace jatai
