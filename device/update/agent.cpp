#include "device/update/agent.h"

#include <string.h>

#include "device/package_hash.h"
#include "device/sha256.h"

namespace jatai {
namespace {

constexpr uint64_t kTimeBegins = 1500000000;  // a lower sequence is a count, not a time

bool has_kernel(const AgentConfig& config, const uint8_t record[4]) {
    for (uint32_t i = 0; i < config.kernel_count; ++i)
        if (memcmp(&config.kernels[i], record, 4) == 0) return true;
    return false;
}

}  // namespace

// ---- start -----------------------------------------------------------------------------------------------

Reason Agent::open(const AgentConfig& config) {
    memset(this, 0, sizeof *this);
    config_ = config;
    if (!log_.open(*config.flash)) return Reason::FlashFailed;
    if (log_.is_blank()) {
        find_first_model();
        return log_.state.active_bytes != 0 ? Reason::Ok : Reason::NoModel;
    }
    const UpdateState& s = log_.state;
    if (s.active_bytes != 0 && slot_holds(s.active_slot, s.active_bytes, s.active_digest))
        return s.beside_bytes != 0 ? start_beside() : start_trial_or_return();
    if (s.other_bytes != 0 && slot_holds(1u - s.active_slot, s.other_bytes, s.other_digest))
        return return_to_other(Reason::WrongImage) ? Reason::Returned : Reason::FlashFailed;
    return Reason::NoModel;
}

// A package that came with the firmware lies in slot A.
void Agent::find_first_model() {
    const uint8_t* package = config_.flash->area;
    PackageHeader header;
    memcpy(&header, package, sizeof header);
    if (check_hash(package, slot_bytes()) != Status::Ok) return;
    log_.state.active_bytes = header.total_bytes;
    sha256(package, header.total_bytes, log_.state.active_digest);
}

bool Agent::slot_holds(uint32_t slot, uint32_t bytes, const uint8_t digest[32]) const {
    if (slot > 1 || bytes > slot_bytes()) return false;
    uint8_t found[kSha256Bytes];
    sha256(config_.flash->area + slot * slot_bytes(), bytes, found);
    return memcmp(found, digest, sizeof found) == 0;
}

// Each start of a model on trial is counted before the model runs.
Reason Agent::start_trial_or_return() {
    UpdateState& s = log_.state;
    if (s.phase != Phase::Trial) return Reason::Ok;
    if (s.tries_left == 0) return return_to_other(Reason::Returned) ? Reason::Returned : Reason::FlashFailed;
    --s.tries_left;
    return log_.save_state() ? Reason::Ok : Reason::FlashFailed;
}

// One record, as everything that matters. Without another model the active one stays.
bool Agent::return_to_other(Reason reason) {
    UpdateState& s = log_.state;
    s.last_reason = static_cast<uint8_t>(reason);
    s.last_detail = 0;
    s.last_sequence = s.active_sequence;
    s.phase = Phase::Returned;
    if (s.other_bytes != 0) {
        s.active_slot = static_cast<uint8_t>(1 - s.active_slot);
        s.active_bytes = s.other_bytes;
        s.active_sequence = s.other_sequence;
        memcpy(s.active_digest, s.other_digest, sizeof s.active_digest);
        s.other_bytes = 0;
    }
    return log_.save_state();
}

ActiveModel Agent::active() const {
    const UpdateState& s = log_.state;
    if (s.active_bytes == 0) return {nullptr, 0, 0, s.phase};
    return {config_.flash->area + s.active_slot * slot_bytes(), s.active_bytes, s.active_sequence, s.phase};
}

uint32_t Agent::slot_bytes() const { return (config_.flash->pages - 2) / 2 * config_.flash->page_bytes; }

uint64_t Agent::earliest_time() const {
    uint64_t time = log_.state.time;
    if (time >= kTimeBegins) time += uptime_ - time_learnt_at_;
    return clock_ > time ? clock_ : time;
}

uint8_t* Agent::document_room() {
    stage_ = Stage::Idle;
    return room_.document;
}

// ---- who may sign ----------------------------------------------------------------------------------------

Trust Agent::load_trust() const {
    uint8_t payload[kMaxRootPayload];
    const uint32_t bytes = log_.load_root(payload, sizeof payload);
    Trust trust;
    if (bytes != 0 && read_root_payload(trust, {payload, bytes}) == Reason::Ok) return trust;
    return trust_of(*config_.anchor);
}

uint64_t Agent::root_sequence() const { return load_trust().sequence; }

Verdict Agent::take_root(const uint8_t* document, uint32_t bytes) {
    Trust trust = load_trust();
    CborBytes payload;
    const Reason reason = jatai::take_root(trust, document, bytes, payload);
    if (reason != Reason::Ok) return {reason, 0};
    if (!log_.save_root(payload)) return {Reason::FlashFailed, 0};
    return {Reason::Ok, 0};
}

// ---- an offer --------------------------------------------------------------------------------------------

uint64_t& Agent::floor_of(Component component) {
    return component == Component::Firmware ? log_.state.firmware_floor : log_.state.model_floor;
}

uint64_t& Agent::done_of(Component component) {
    return component == Component::Firmware ? log_.state.firmware_done : log_.state.model_done;
}

Verdict Agent::offer(const uint8_t* envelope, uint32_t bytes, Use use) {
    stage_ = Stage::Idle;
    SuitManifest manifest;
    manifest.sequence = 0;
    const Verdict verdict = weigh(manifest, envelope, bytes, use);
    refusal_ = {manifest.sequence, verdict};
    return verdict;
}

Verdict Agent::weigh(SuitManifest& manifest, const uint8_t* envelope, uint32_t bytes, Use use) {
    Reason reason = read_manifest(manifest, envelope, bytes);
    if (reason != Reason::Ok) return {reason, 0};
    {
        const Trust trust = load_trust();
        reason = check_manifest(manifest, trust);
        if (reason == Reason::Ok && memcmp(manifest.vendor, trust.vendor, kUuidBytes) != 0)
            reason = Reason::WrongVendor;
    }
    if (reason == Reason::Ok) reason = check_order(manifest);
    if (reason != Reason::Ok) return {reason, 0};
    if (!raise_floor(manifest, use)) return {Reason::FlashFailed, 0};
    if (manifest.component == Component::Notice) return {Reason::Ok, 0};
    const Verdict fit = check_fit(manifest, use);
    if (fit.reason == Reason::Ok) begin(manifest, use);
    return fit;
}

Reason Agent::check_order(const SuitManifest& m) const {
    if (m.component != Component::Notice) {
        uint8_t own[kUuidBytes];
        class_id_of(m.vendor, config_.board, own);
        if (memcmp(own, m.class_id, sizeof own) != 0) return Reason::WrongBoard;
    }
    const bool firmware = m.component == Component::Firmware;
    const UpdateState& s = log_.state;
    if (m.sequence < (firmware ? s.firmware_floor : s.model_floor)) return Reason::Downgrade;
    if (m.component == Component::Notice && m.sequence < s.firmware_floor) return Reason::Downgrade;
    if (m.component != Component::Notice && m.sequence <= (firmware ? s.firmware_done : s.model_done))
        return Reason::Replayed;
    const uint64_t now = earliest_time() > m.sequence ? earliest_time() : m.sequence;
    return m.not_after != 0 && now > m.not_after ? Reason::Expired : Reason::Ok;
}

// What only runs beside the active model has not taken its place: the floor stays.
bool Agent::raise_floor(const SuitManifest& m, Use use) {
    UpdateState& s = log_.state;
    const bool counts = use == Use::Instead || m.component == Component::Notice;
    bool changed = false;
    if (counts && m.sequence > floor_of(m.component)) {
        floor_of(m.component) = m.sequence;
        s.attempts = 0;
        changed = true;
    }
    if (m.component == Component::Notice && m.sequence > s.firmware_floor) {
        s.firmware_floor = m.sequence;
        changed = true;
    }
    if (m.sequence > s.time) {
        s.time = m.sequence;
        time_learnt_at_ = uptime_;
        changed = true;
    }
    return !changed || log_.save_state();
}

Verdict Agent::check_fit(const SuitManifest& m, Use use) const {
    if (m.component == Component::Firmware) {
        if (use == Use::Beside) return {Reason::Unsupported, 0};
        if (config_.firmware == nullptr || config_.firmware->hand_over == nullptr)
            return {Reason::NoFirmwarePort, 0};
        const FlashPort& staging = config_.firmware->staging;
        return {m.image_bytes > staging.pages * staging.page_bytes ? Reason::TooLarge : Reason::Ok, 0};
    }
    const Verdict fit = check_fit_of_model(m);
    return fit.reason == Reason::Ok && use == Use::Beside ? check_fit_beside(m) : fit;
}

Verdict Agent::check_fit_of_model(const SuitManifest& m) const {
    if (log_.state.phase == Phase::Trial)
        return {Reason::OutOfTurn, 0};  // the spare slot holds what to return to
    if (m.format != kPackageVersion) return {Reason::WrongFormat, 0};
    if (m.family != config_.family && m.family != 0) return {Reason::WrongFamily, 0};
    for (uint32_t i = 0; i < m.kernels.size / 4; ++i)
        if (!has_kernel(config_, m.kernels.data + 4 * i))
            return {Reason::MissingKernel, static_cast<uint8_t>(i)};
    if (m.arena_bytes > config_.arena_bytes) return {Reason::ArenaTooSmall, 0};
    return {m.image_bytes > slot_bytes() ? Reason::TooLarge : Reason::Ok, 0};
}

bool Agent::is_active(const SuitManifest& m) const {
    const UpdateState& s = log_.state;
    return m.component == Component::Model && m.image_bytes == s.active_bytes &&
           memcmp(m.digest, s.active_digest, sizeof s.active_digest) == 0;
}

// A model that lies in the chip already needs no bytes: the active one, signed anew, or the one beside it.
void Agent::begin(const SuitManifest& m, Use use) {
    UpdateState& s = log_.state;
    pending_ = {m.sequence, m.component, m.image_bytes, use, {}};
    memcpy(pending_.digest, m.digest, sizeof pending_.digest);
    if (is_active(m)) {
        s.active_sequence = m.sequence;
        end(Reason::Ok, 0, true);
        return;
    }
    header_bytes_ = 0;
    if (!is_beside(m)) {
        stage_ = Stage::Header;
    } else if (use == Use::Instead) {
        stage_ = Stage::Ready;
    } else if (s.other_sequence != m.sequence) {
        s.other_sequence = m.sequence;
        end(Reason::Ok, 0, false);
    }
}

}  // namespace jatai
