// agent.h: takes a new model or firmware from a stranger, proves it, and never leaves the chip without a
// model.
//
//     static jatai::Agent agent;
//     agent.open(config);                                     // counts a start of a model on trial
//     engine.open(agent.active().bytes, agent.active().size, …);
//     Verdict v = agent.offer(manifest, manifest_bytes);      // signature, board, sequence, expiry, kernels
//     while (v.reason == Reason::Ok && agent.wants_payload())
//         v = agent.feed(offset, bytes, count);               // what agent.payload_offset() asked for
//     if (agent.is_ready()) v = agent.install();              // digest, proof, self-test, then on trial
//     …the application opens agent.active() again, sees it work, and calls agent.confirm()
//
//     agent.offer(manifest, bytes, Use::Beside) …            // ends as agent.beside(): a shadow, never acted
//     on
//
// Two slots, a log, and one record that makes the other slot active: docs/reference/update.md. The state
// machine is the same in simulation and on a board; everything of the board comes through `AgentConfig`.
//
// Keeps    At any power cut the next open() has the old model or the new one, whole. The slot of the active
// model
//          and of the one to return to is never written.
// Fails with  Verdict: a reason and a detail, kept in last() over restarts.
// Memory   3.4 KB, of which 2.9 KB are the unpacker's; 2.2 KB of stack while a signature is checked.
// Threads  Main loop only. Cost  docs/reference/update.md#budget.
#pragma once

#include <stdint.h>

#include "device/kernel.h"
#include "device/update/flash_port.h"
#include "device/update/reason.h"
#include "device/update/state.h"
#include "device/update/suit_manifest.h"
#include "device/update/unpack.h"

namespace jatai {

struct AgentConfig {
    const FlashPort* flash;
    const FirmwarePort* firmware;  // null: takes no firmware
    const TrustAnchor* anchor;
    const char* board;
    const KernelKey* kernels;  // what the firmware was linked with
    uint32_t kernel_count;
    uint8_t family;
    uint32_t arena_bytes;
    // Opens the package and runs its golden samples; device/update/model_trial.h has one.
    Verdict (*try_model)(void* context, const uint8_t* package, uint32_t bytes);
    void* context;
};

// What a model is taken for. Beside: it runs next to the active one, in what RAM that leaves, and only its
// statistics go out. It takes the slot of the model before, so there is no return meanwhile.
enum class Use : uint8_t { Instead, Beside };

// What was offered and not taken, since the start: told, but not worth a write to flash.
struct Refusal {
    uint64_t sequence;  // as the offer says; 0: it could not be read
    Verdict verdict;    // Ok: nothing was refused
};

struct ActiveModel {
    const uint8_t* bytes;  // null: none
    uint32_t size;
    uint64_t sequence;
    Phase phase;
};

constexpr uint8_t kTrialStarts = 3;

class Agent {
  public:
    // Ok; Returned: a model on trial or beside was given up now; NoModel; FlashFailed.
    Reason open(const AgentConfig& config);

    ActiveModel active() const;
    const UpdateState& state() const { return log_.state; }
    const StateLog& log() const { return log_; }
    uint64_t root_sequence() const;
    Verdict last() const { return {static_cast<Reason>(log_.state.last_reason), log_.state.last_detail}; }
    const Refusal& refusal() const { return refusal_; }
    uint32_t slot_bytes() const;

    // Seconds since the start, as often as convenient; and the true time, where a board knows it.
    void tell_uptime(uint32_t seconds) { uptime_ = seconds; }
    void tell_time(uint64_t seconds) { clock_ = seconds; }
    uint64_t earliest_time() const;
    // Of arena_bytes: what the application itself takes while it runs. A model beside gets none of it.
    void tell_application(uint32_t bytes) { application_bytes_ = bytes; }

    // Room for a document that a transport collects. It ends a download in RAM (not its progress in flash).
    uint8_t* document_room();

    Verdict take_root(const uint8_t* document, uint32_t bytes);
    Verdict offer(const uint8_t* envelope, uint32_t bytes, Use use = Use::Instead);

    bool wants_payload() const { return stage_ == Stage::Header || stage_ == Stage::Body; }
    uint32_t payload_offset() const;
    const uint8_t* payload_digest() const { return pending_.digest; }  // which image it shall make
    // Bytes that do not begin at payload_offset() are ignored: asked for again.
    Verdict feed(uint32_t offset, const uint8_t* bytes, uint32_t count);

    bool is_ready() const { return stage_ == Stage::Ready; }
    Verdict install();

    Verdict confirm();
    Verdict give_back();  // to the model before, while there is one

    // The model beside the active one; bytes null: none. Its engine's arena begins behind the active one's.
    ActiveModel beside() const;
    uint32_t arena_of_active() const;  // bytes, a multiple of 16
    bool keep_beside();                // it has been seen to run: its starts are counted anew
    // Ok: no longer wanted, may come again. Another reason: it failed, and is not taken again.
    bool drop_beside(Reason why);

  private:
    enum class Stage : uint8_t { Idle, Header, Body, Ready };
    struct Pending {
        uint64_t sequence;
        Component component;
        uint32_t image_bytes;
        Use use;
        uint8_t digest[32];
    };

    void find_first_model();
    bool slot_holds(uint32_t slot, uint32_t bytes, const uint8_t digest[32]) const;
    Reason start_trial_or_return();
    Reason start_beside();
    bool return_to_other(Reason reason);
    Trust load_trust() const;
    uint32_t spare_slot() const { return log_.state.active_bytes == 0 ? 0 : 1u - log_.state.active_slot; }
    const FlashPort& target_flash() const;
    uint32_t target_start() const;
    uint32_t target_room() const;

    Verdict weigh(SuitManifest& manifest, const uint8_t* envelope, uint32_t bytes, Use use);
    Reason check_order(const SuitManifest& manifest) const;
    Verdict check_fit(const SuitManifest& manifest, Use use) const;
    Verdict check_fit_of_model(const SuitManifest& manifest) const;
    Verdict check_fit_beside(const SuitManifest& manifest) const;
    bool is_active(const SuitManifest& manifest) const;
    bool is_beside(const SuitManifest& manifest) const;
    bool raise_floor(const SuitManifest& manifest, Use use);
    void begin(const SuitManifest& manifest, Use use);
    Verdict begin_body();
    Verdict forget_other();
    Verdict end(Reason reason, uint8_t detail, bool for_good);
    Verdict prove_model(const uint8_t* package) const;
    Verdict install_model();
    void make_active();
    void make_beside();
    Verdict install_firmware();
    Reason check_digest() const;
    uint64_t& floor_of(Component component);
    uint64_t& done_of(Component component);

    static bool write(void* self, uint32_t offset, const uint8_t* bytes, uint32_t count);
    static void recall(void* self, uint32_t offset, uint8_t* bytes, uint32_t count);
    static bool block_done(void* self, uint32_t payload_offset, uint32_t target_offset);

    AgentConfig config_;
    StateLog log_;
    Pending pending_;
    Refusal refusal_;
    uint64_t clock_;
    uint32_t uptime_, time_learnt_at_, application_bytes_;
    Stage stage_;
    uint8_t header_bytes_;
    PayloadHeader header_;
    union Room {
        Unpacker unpacker;
        uint8_t document[kMaxDocumentBytes];
    } room_;
};

}  // namespace jatai
