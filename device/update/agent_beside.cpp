#include <string.h>

#include "device/package.h"
#include "device/update/agent.h"

// A model that runs beside the active one: what a shadow roll-out asks for. Nobody acts on its outputs.
namespace jatai {

ActiveModel Agent::beside() const {
    const UpdateState& s = log_.state;
    if (s.beside_bytes == 0) return {nullptr, 0, 0, Phase::Confirmed};
    const uint8_t* at = config_.flash->area + (1u - s.active_slot) * slot_bytes();
    return {at, s.beside_bytes, s.other_sequence, Phase::Confirmed};
}

uint32_t Agent::arena_of_active() const {
    if (active().bytes == nullptr) return 0;
    PackageHeader header;
    memcpy(&header, active().bytes, sizeof header);
    const uint32_t bytes = header.arena_bytes;
    return bytes > config_.arena_bytes ? config_.arena_bytes : (bytes + 15) / 16 * 16;
}

bool Agent::is_beside(const SuitManifest& m) const {
    const UpdateState& s = log_.state;
    return m.component == Component::Model && s.beside_bytes != 0 && m.image_bytes == s.beside_bytes &&
           memcmp(m.digest, s.other_digest, sizeof s.other_digest) == 0;
}

// Before a byte is fetched: both have to have their arena at the same time, next to what is the
// application's.
Verdict Agent::check_fit_beside(const SuitManifest& m) const {
    if (active().bytes == nullptr) return {Reason::OutOfTurn, 0};
    if (is_active(m)) return {Reason::Replayed, 0};
    const uint64_t all = uint64_t{application_bytes_} + arena_of_active() + m.arena_bytes;
    return {all > config_.arena_bytes ? Reason::ArenaTooSmall : Reason::Ok, 1};
}

void Agent::make_beside() {
    UpdateState& s = log_.state;
    s.other_bytes = 0;
    s.other_sequence = pending_.sequence;
    memcpy(s.other_digest, pending_.digest, sizeof s.other_digest);
    s.beside_bytes = pending_.image_bytes;
    s.beside_tries = kTrialStarts;
    s.attempts = 0;
}

// Its starts are counted as those of a model on trial are: one that takes the chip down with it goes.
Reason Agent::start_beside() {
    UpdateState& s = log_.state;
    const bool whole = slot_holds(1u - s.active_slot, s.beside_bytes, s.other_digest);
    if (!whole || s.beside_tries == 0) {
        const bool dropped = drop_beside(whole ? Reason::Returned : Reason::WrongImage);
        return dropped ? Reason::Returned : Reason::FlashFailed;
    }
    --s.beside_tries;
    return log_.save_state() ? Reason::Ok : Reason::FlashFailed;
}

bool Agent::keep_beside() {
    UpdateState& s = log_.state;
    if (s.beside_bytes == 0 || s.beside_tries == kTrialStarts) return true;
    s.beside_tries = kTrialStarts;
    return log_.save_state();
}

bool Agent::drop_beside(Reason why) {
    UpdateState& s = log_.state;
    if (s.beside_bytes == 0) return true;
    stage_ = Stage::Idle;  // it may have been about to become the active one
    s.beside_bytes = 0;
    if (why != Reason::Ok) {
        s.last_sequence = s.model_done = s.other_sequence;
        s.last_reason = static_cast<uint8_t>(why);
        s.last_detail = 0;
    }
    return log_.save_state();
}

}  // namespace jatai
