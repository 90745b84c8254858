#include <string.h>

#include "device/package_hash.h"
#include "device/sha256.h"
#include "device/update/agent.h"

// What comes after a good offer: the payload, the proof, the one record that counts.
namespace jatai {

// ---- the payload -----------------------------------------------------------------------------------------

const FlashPort& Agent::target_flash() const {
    return pending_.component == Component::Firmware ? config_.firmware->staging : *config_.flash;
}

uint32_t Agent::target_start() const {
    return pending_.component == Component::Firmware ? 0 : spare_slot() * slot_bytes();
}

uint32_t Agent::payload_offset() const {
    if (stage_ == Stage::Header) return header_bytes_;
    return stage_ == Stage::Body ? sizeof header_ + room_.unpacker.payload_offset() : 0;
}

Verdict Agent::feed(uint32_t offset, const uint8_t* bytes, uint32_t count) {
    if (!wants_payload()) return {Reason::OutOfTurn, 0};
    if (offset != payload_offset()) return {Reason::Ok, 0};
    while (stage_ == Stage::Header && count > 0) {
        reinterpret_cast<uint8_t*>(&header_)[header_bytes_++] = *bytes++;
        --count;
        if (header_bytes_ < sizeof header_) continue;
        const Verdict verdict = begin_body();
        if (verdict.reason != Reason::Ok) return verdict;
        if (payload_offset() != sizeof header_) return {Reason::Ok, 0};  // goes on further back: ask for that
    }
    if (count == 0) return {Reason::Ok, 0};
    const Reason reason = room_.unpacker.feed(bytes, count);
    if (reason != Reason::Ok) return end(reason, 0, false);
    if (room_.unpacker.done()) stage_ = Stage::Ready;
    return {Reason::Ok, 0};
}

Verdict Agent::begin_body() {
    PayloadHeader header;
    if (!read_header(header, reinterpret_cast<const uint8_t*>(&header_)))
        return end(Reason::BadPayload, 0, false);
    const UpdateState& s = log_.state;
    if (header.target_bytes != pending_.image_bytes || memcmp(header.target_digest, pending_.digest, 8) != 0)
        return end(Reason::WrongImage, 0, false);
    const bool from_active = header.source_bytes != 0;
    if (from_active && (pending_.component != Component::Model || header.source_bytes != s.active_bytes ||
                        memcmp(header.source_digest, s.active_digest, 8) != 0))
        return end(Reason::WrongSource, 0, false);
    const UnpackPort port = {this,  active().bytes, from_active ? s.active_bytes : 0,
                             write, recall,         block_done};
    room_.unpacker.start(header, port);
    const Download& p = log_.progress;
    if (p.payload_offset != 0 && p.sequence == pending_.sequence && p.payload_crc == header.crc &&
        memcmp(p.digest, pending_.digest, sizeof p.digest) == 0 && p.payload_offset <= header.payload_bytes &&
        p.target_offset <= header.target_bytes)
        room_.unpacker.resume_at(p.payload_offset, p.target_offset);
    stage_ = room_.unpacker.done() ? Stage::Ready : Stage::Body;
    return forget_other();
}

// From here on the spare slot holds nothing to return to.
Verdict Agent::forget_other() {
    UpdateState& s = log_.state;
    if (pending_.component != Component::Model || (s.other_bytes | s.beside_bytes) == 0)
        return {Reason::Ok, 0};
    s.other_bytes = s.beside_bytes = 0;
    return {log_.save_state() ? Reason::Ok : Reason::FlashFailed, 0};
}

// A page is erased right before its first byte, in whatever state a cut may have left it.
bool Agent::write(void* self, uint32_t offset, const uint8_t* bytes, uint32_t count) {
    Agent& agent = *static_cast<Agent*>(self);
    const FlashPort& flash = agent.target_flash();
    const uint32_t start = agent.target_start() + offset;
    if (start % flash.page_bytes == 0) {
        agent.log_.count_slot_erase();
        if (!flash.erase(flash.context, start / flash.page_bytes)) return false;
    }
    for (uint32_t done = 0; done < count; done += kProgramUnit) {
        uint8_t unit[kProgramUnit], read_back[kProgramUnit];
        const uint32_t take = count - done < kProgramUnit ? count - done : kProgramUnit;
        memset(unit, 0xFF, sizeof unit);
        memcpy(unit, bytes + done, take);
        if (!flash.program(flash.context, start + done, unit, sizeof unit)) return false;
        flash.read(flash.context, start + done, read_back, sizeof read_back);
        if (memcmp(unit, read_back, sizeof unit) != 0) return false;
    }
    return true;
}

void Agent::recall(void* self, uint32_t offset, uint8_t* bytes, uint32_t count) {
    const Agent& agent = *static_cast<const Agent*>(self);
    const FlashPort& flash = agent.target_flash();
    flash.read(flash.context, agent.target_start() + offset, bytes, count);
}

bool Agent::block_done(void* self, uint32_t payload_offset, uint32_t target_offset) {
    Agent& agent = *static_cast<Agent*>(self);
    if (target_offset % agent.target_flash().page_bytes != 0) return true;  // a page is written as a whole
    Download& p = agent.log_.progress;
    p = Download{};
    p.sequence = agent.pending_.sequence;
    memcpy(p.digest, agent.pending_.digest, sizeof p.digest);
    p.payload_offset = payload_offset;
    p.target_offset = target_offset;
    p.payload_crc = agent.header_.crc;
    return agent.log_.save_progress();
}

// ---- the end of an update --------------------------------------------------------------------------------

// Writes how it ended. `for_good`: this sequence is not taken again.
Verdict Agent::end(Reason reason, uint8_t detail, bool for_good) {
    UpdateState& s = log_.state;
    stage_ = Stage::Idle;
    log_.progress = Download{};
    s.last_sequence = pending_.sequence;
    s.last_reason = static_cast<uint8_t>(reason);
    s.last_detail = detail;
    if (for_good) {
        done_of(pending_.component) = pending_.sequence;
        s.attempts = 0;
    }
    if (!log_.save_state()) return {Reason::FlashFailed, 0};
    return {reason, detail};
}

Reason Agent::check_digest() const {
    const FlashPort& flash = target_flash();
    Sha256 hash;
    uint8_t piece[64];
    for (uint32_t done = 0; done < pending_.image_bytes;) {
        const uint32_t left = pending_.image_bytes - done;
        const uint32_t take = left < sizeof piece ? left : sizeof piece;
        flash.read(flash.context, target_start() + done, piece, take);
        hash.update(piece, take);
        done += take;
    }
    uint8_t digest[kSha256Bytes];
    hash.finish(digest);
    return memcmp(digest, pending_.digest, sizeof digest) == 0 ? Reason::Ok : Reason::WrongImage;
}

Verdict Agent::install() {
    if (stage_ != Stage::Ready) return {Reason::OutOfTurn, 0};
    const Reason reason = check_digest();
    if (reason != Reason::Ok) return end(reason, 0, false);
    return pending_.component == Component::Firmware ? install_firmware() : install_model();
}

Verdict Agent::install_firmware() {
    const FirmwarePort& port = *config_.firmware;
    if (!port.hand_over(port.context, pending_.sequence, pending_.image_bytes, pending_.digest))
        return end(Reason::FlashFailed, 1, false);
    return end(Reason::HandedOver, 0, true);
}

Verdict Agent::prove_model(const uint8_t* package) const {
    const Status status = check_hash(package, pending_.image_bytes);
    if (status != Status::Ok) return {Reason::BadPackage, static_cast<uint8_t>(status)};
    const PackageHeader& header = *reinterpret_cast<const PackageHeader*>(package);
    if (header.total_bytes != pending_.image_bytes)
        return {Reason::BadPackage, static_cast<uint8_t>(Status::BadLength)};
    const uint32_t board = length_of(config_.board);
    if (board >= sizeof header.board || memcmp(header.board, config_.board, board + 1) != 0)
        return {Reason::WrongBoard, 0};
    return config_.try_model(config_.context, package, pending_.image_bytes);
}

// Everything about the new model is in flash and proven; the one record that end() writes makes it count.
Verdict Agent::install_model() {
    const uint32_t slot = spare_slot();
    UpdateState& s = log_.state;
    if (s.attempts == kTrialStarts) return end(Reason::SelfTestFailed, 255, true);
    ++s.attempts;  // a model that takes the chip down with it is not tried for ever
    if (!log_.save_state()) return {Reason::FlashFailed, 0};
    const Verdict verdict = prove_model(config_.flash->area + slot * slot_bytes());
    if (verdict.reason != Reason::Ok) return end(verdict.reason, verdict.detail, true);
    const bool beside = pending_.use == Use::Beside;
    if (beside)
        make_beside();
    else
        make_active();
    return end(Reason::Ok, 0, !beside);
}

void Agent::make_active() {
    UpdateState& s = log_.state;
    const uint32_t slot = spare_slot();
    s.other_bytes = s.active_bytes;
    s.other_sequence = s.active_sequence;
    memcpy(s.other_digest, s.active_digest, sizeof s.other_digest);
    s.active_slot = static_cast<uint8_t>(slot);
    s.active_bytes = pending_.image_bytes;
    s.active_sequence = pending_.sequence;
    memcpy(s.active_digest, pending_.digest, sizeof s.active_digest);
    s.phase = s.other_bytes != 0 ? Phase::Trial : Phase::Confirmed;  // nothing to return to: no trial
    s.tries_left = kTrialStarts;
    s.beside_bytes = 0;
}

Verdict Agent::confirm() {
    if (log_.state.phase != Phase::Trial) return {Reason::OutOfTurn, 0};
    log_.state.phase = Phase::Confirmed;
    return {log_.save_state() ? Reason::Ok : Reason::FlashFailed, 0};
}

Verdict Agent::give_back() {
    if (log_.state.other_bytes == 0) return {Reason::OutOfTurn, 0};
    stage_ = Stage::Idle;  // the spare slot is another now
    return {return_to_other(Reason::Returned) ? Reason::Ok : Reason::FlashFailed, 0};
}

}  // namespace jatai
