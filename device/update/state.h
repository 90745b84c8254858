// state.h: what the agent remembers, as a log in two pages of flash that survives a power cut at any write.
//
//     jatai::StateLog log;
//     log.open(flash);                                   // finds the newest state and makes it final
//     log.state.phase = jatai::Phase::Confirmed;
//     if (!log.save_state()) return Reason::FlashFailed;
//
// The rules and the bytes are in docs/reference/update.md#flash. In short: a record counts when its seal is
// written; a seal that a cut left half written is written again at start; what a cut may have hit is never
// written over, only erased.
//
// Needs    The last two pages of the flash port. Memory  260 bytes; 600 of stack. Cost  open() reads both
// pages. Keeps    After open(), the same state for good, however the bits that a cut left read next time.
#pragma once

#include <stdint.h>

#include "device/update/cbor.h"
#include "device/update/flash_port.h"

namespace jatai {

enum class Phase : uint8_t { Confirmed = 0, Trial = 1, Returned = 2 };

// Body of a state record: 160 bytes, as it stands in memory, little-endian.
struct UpdateState {
    uint64_t model_floor, model_done;  // docs/reference/update.md: sequence, floor, expiry
    uint64_t firmware_floor, firmware_done;
    uint64_t time;  // highest sequence seen: a lower bound of the time
    uint64_t active_sequence, other_sequence;
    uint64_t last_sequence;              // of the last update that ended, well or not
    uint32_t active_bytes, other_bytes;  // other: 0, nothing to return to
    uint8_t active_slot;                 // 0 A, 1 B
    Phase phase;
    uint8_t tries_left;  // starts of a model on trial
    uint8_t last_reason, last_detail;
    uint8_t attempts;      // self-tests begun of the sequence under way
    uint8_t beside_tries;  // starts of a model beside the active one
    uint8_t reserved;
    uint8_t active_digest[32], other_digest[32];
    uint32_t slot_erases;   // of both slots, ever
    uint32_t beside_bytes;  // not 0: what `other_…` tells of runs beside the active one; no return
    uint32_t reserved_too[2];
};
static_assert(sizeof(UpdateState) == 160, "the bytes in flash");

// Body of a progress record: how far a download is, 32 bytes.
struct Download {
    uint64_t sequence;
    uint8_t digest[8];
    uint32_t payload_offset;  // 0: nothing under way
    uint32_t target_offset;
    uint32_t payload_crc;  // of the payload's header: which payload the offset is in
    uint32_t slot_erases;
};
static_assert(sizeof(Download) == 32, "the bytes in flash");

constexpr uint32_t kMaxRootPayload = 320;  // eight keys and their numbers take 303

enum class RecordKind : uint8_t { Page = 1, State = 2, Progress = 3, Root = 4 };

class StateLog {
  public:
    // Reads, repairs and makes final what a cut left. False when flash fails; a blank chip has a zero state.
    bool open(const FlashPort& flash);

    bool save_state() { return append(RecordKind::State, &state, sizeof state); }
    bool save_progress() { return append(RecordKind::Progress, &progress, sizeof progress); }
    bool save_root(CborBytes payload);
    // Copies the kept root payload; 0 when there is none, or no room.
    uint32_t load_root(uint8_t* bytes, uint32_t room) const;

    bool is_blank() const { return !has_state_; }
    void count_slot_erase() { progress.slot_erases = ++state.slot_erases; }

    UpdateState state;
    Download progress;
    uint32_t state_erases;  // of both state pages, ever

  private:
    struct Header {
        uint16_t magic;
        uint8_t kind;
        uint8_t zero;
        uint16_t body_bytes;
        uint16_t zero_too;
        uint32_t number;
        uint32_t crc;
    };
    static_assert(sizeof(Header) == kProgramUnit, "the bytes in flash");
    // What stands at a place of the log.
    enum class Found : uint8_t { Nothing, Unsealed, Sealed, HalfSealed };

    uint32_t page_start(uint32_t which) const { return (flash_->pages - 2 + which) * flash_->page_bytes; }
    Found look(uint32_t offset, uint32_t page_end, Header& header) const;
    bool generation_of(uint32_t which, uint32_t& generation, bool& half_sealed) const;
    bool read_page();
    void take(const Header& header, uint32_t body);
    bool append(RecordKind kind, const void* body, uint32_t bytes);
    bool write_record(RecordKind kind, const void* body, uint32_t bytes);
    bool write_body(RecordKind kind, const void* body, uint32_t bytes);
    bool write_seals(uint32_t first_seal);
    bool turn_page();
    bool copy_root(uint32_t& root);

    const FlashPort* flash_;
    uint32_t page_;        // 0 or 1: the one in use
    uint32_t generation_;  // 0: none yet
    uint32_t at_;          // where the next record goes
    uint32_t number_;
    uint32_t root_;  // offset of the root record's body, 0: none
    uint16_t root_bytes_;
    bool has_state_;
    bool fresh_;  // the page in use was erased since the start: its blank bytes are sound
};

}  // namespace jatai
