#include "device/update/state.h"

#include <string.h>

#include "device/update/crc32.h"

namespace jatai {
namespace {

constexpr uint16_t kRecordMagic = 0x534A;
constexpr uint32_t kSealBytes = kProgramUnit;
constexpr uint32_t kPieceBytes = 64;

struct PageBody {
    uint32_t generation, state_erases, zero[2];
};

uint32_t padded(uint32_t bytes) { return (bytes + kProgramUnit - 1) / kProgramUnit * kProgramUnit; }
uint32_t record_bytes(uint32_t body) { return kProgramUnit + padded(body) + 2 * kSealBytes; }

bool all(const uint8_t* bytes, uint32_t count, uint8_t value) {
    for (uint32_t i = 0; i < count; ++i)
        if (bytes[i] != value) return false;
    return true;
}

uint32_t crc_of(const FlashPort& flash, const void* head, uint32_t body, uint32_t bytes) {
    uint32_t crc = crc32(head, 12);
    uint8_t piece[kPieceBytes];
    for (uint32_t done = 0; done < bytes;) {
        const uint32_t take = bytes - done < kPieceBytes ? bytes - done : kPieceBytes;
        flash.read(flash.context, body + done, piece, take);
        crc = crc32(piece, take, crc);
        done += take;
    }
    return crc;
}

}  // namespace

StateLog::Found StateLog::look(uint32_t offset, uint32_t page_end, Header& header) const {
    if (page_end - offset < record_bytes(0)) return Found::Nothing;
    flash_->read(flash_->context, offset, reinterpret_cast<uint8_t*>(&header), sizeof header);
    if (header.magic != kRecordMagic || header.zero != 0 || header.zero_too != 0) return Found::Nothing;
    if (record_bytes(header.body_bytes) > page_end - offset) return Found::Nothing;
    const uint32_t body = offset + kProgramUnit;
    if (crc_of(*flash_, &header, body, header.body_bytes) != header.crc) return Found::Nothing;
    uint8_t seals[2 * kSealBytes];
    flash_->read(flash_->context, body + padded(header.body_bytes), seals, sizeof seals);
    if (all(seals, sizeof seals, 0)) return Found::Sealed;
    return all(seals, sizeof seals, 0xFF) ? Found::Unsealed : Found::HalfSealed;
}

bool StateLog::generation_of(uint32_t which, uint32_t& generation, bool& half_sealed) const {
    Header header;
    const uint32_t start = page_start(which);
    const Found found = look(start, start + flash_->page_bytes, header);
    if (found != Found::Sealed && found != Found::HalfSealed) return false;
    if (header.kind != static_cast<uint8_t>(RecordKind::Page) || header.body_bytes != sizeof(PageBody))
        return false;
    PageBody body;
    flash_->read(flash_->context, start + kProgramUnit, reinterpret_cast<uint8_t*>(&body), sizeof body);
    generation = body.generation;
    half_sealed = found == Found::HalfSealed;
    return true;
}

bool StateLog::open(const FlashPort& flash) {
    memset(this, 0, sizeof *this);
    flash_ = &flash;
    uint32_t generation[2] = {0, 0};
    bool half_sealed[2] = {false, false};
    const bool counts[2] = {generation_of(0, generation[0], half_sealed[0]),
                            generation_of(1, generation[1], half_sealed[1])};
    if (!counts[0] && !counts[1]) return true;  // a blank chip
    page_ = counts[1] && (!counts[0] || generation[1] > generation[0]) ? 1 : 0;
    generation_ = generation[page_];
    const uint32_t seals = page_start(page_) + kProgramUnit + padded(sizeof(PageBody));
    if (half_sealed[page_] && !write_seals(seals)) return false;
    return read_page();
}

// The last record decides: see the rules.
bool StateLog::read_page() {
    const uint32_t end = page_start(page_) + flash_->page_bytes;
    at_ = page_start(page_);
    for (;;) {
        Header header;
        const Found found = look(at_, end, header);
        if (found == Found::Nothing) return true;
        if (found == Found::Unsealed) return turn_page();
        const uint32_t next = at_ + record_bytes(header.body_bytes);
        if (found == Found::HalfSealed && !write_seals(next - 2 * kSealBytes)) return false;
        take(header, at_ + kProgramUnit);
        number_ = header.number;
        at_ = next;
    }
}

void StateLog::take(const Header& header, uint32_t body) {
    const auto fetch = [&](void* to, uint32_t bytes) {
        if (header.body_bytes == bytes) flash_->read(flash_->context, body, static_cast<uint8_t*>(to), bytes);
    };
    PageBody page;
    switch (static_cast<RecordKind>(header.kind)) {
        case RecordKind::Page:
            fetch(&page, sizeof page);
            state_erases = page.state_erases;
            break;
        case RecordKind::State:
            fetch(&state, sizeof state);
            has_state_ = true;
            break;
        case RecordKind::Progress:
            fetch(&progress, sizeof progress);
            if (progress.slot_erases > state.slot_erases) state.slot_erases = progress.slot_erases;
            break;
        case RecordKind::Root:
            root_ = body;
            root_bytes_ = header.body_bytes;
            break;
        default:
            break;  // of a later version
    }
}

bool StateLog::append(RecordKind kind, const void* body, uint32_t bytes) {
    if (kind == RecordKind::State) has_state_ = true;
    const uint32_t end = page_start(page_) + flash_->page_bytes;
    const bool carried = kind == RecordKind::State || kind == RecordKind::Progress;
    if (!fresh_ || end - at_ < record_bytes(bytes)) {
        if (!turn_page()) return false;
        if (carried) return true;  // turning the page wrote it
    }
    return write_record(kind, body, bytes);
}

bool StateLog::write_record(RecordKind kind, const void* body, uint32_t bytes) {
    const bool written = write_body(kind, body, bytes) && write_seals(at_ - 2 * kSealBytes);
    if (!written) fresh_ = false;  // the next record goes to the other page
    return written;
}

// Header and body, read back; leaves at_ behind the record, whose seals are still to be written.
bool StateLog::write_body(RecordKind kind, const void* body, uint32_t bytes) {
    Header header = {
        kRecordMagic, static_cast<uint8_t>(kind), 0, static_cast<uint16_t>(bytes), 0, ++number_, 0};
    header.crc = crc32(body, bytes, crc32(&header, 12));
    const uint32_t start = at_;
    at_ += record_bytes(bytes);
    if (!flash_->program(flash_->context, start, reinterpret_cast<const uint8_t*>(&header), sizeof header))
        return false;
    const uint8_t* from = static_cast<const uint8_t*>(body);
    const uint32_t whole = bytes / kProgramUnit * kProgramUnit;
    if (whole != 0 && !flash_->program(flash_->context, start + kProgramUnit, from, whole)) return false;
    if (whole != bytes) {
        uint8_t rest[kProgramUnit];
        memset(rest, 0xFF, sizeof rest);
        memcpy(rest, from + whole, bytes - whole);
        if (!flash_->program(flash_->context, start + kProgramUnit + whole, rest, sizeof rest)) return false;
    }
    Header read_back;
    return look(start, at_, read_back) == Found::Unsealed;
}

bool StateLog::write_seals(uint32_t first_seal) {
    uint8_t zeros[kSealBytes];
    memset(zeros, 0, sizeof zeros);
    return flash_->program(flash_->context, first_seal, zeros, sizeof zeros) &&
           flash_->program(flash_->context, first_seal + kSealBytes, zeros, sizeof zeros);
}

// The other page is erased and takes over what counts; it counts itself when its first record is sealed.
// Until then, and after a failure, the page in use stays the one it was.
bool StateLog::turn_page() {
    const uint32_t next = generation_ == 0 ? 0 : 1 - page_;
    uint32_t root = root_;
    fresh_ = false;
    ++state_erases;
    if (!flash_->erase(flash_->context, flash_->pages - 2 + next)) return false;
    at_ = page_start(next);
    const PageBody body = {generation_ + 1, state_erases, {0, 0}};
    if (!write_body(RecordKind::Page, &body, sizeof body)) return false;
    const uint32_t seals = at_ - 2 * kSealBytes;
    if (has_state_ && !write_record(RecordKind::State, &state, sizeof state)) return false;
    if (progress.payload_offset != 0 && !write_record(RecordKind::Progress, &progress, sizeof progress))
        return false;
    if (root != 0 && !copy_root(root)) return false;
    if (!write_seals(seals)) return false;
    root_ = root;
    page_ = next;
    ++generation_;
    fresh_ = true;
    return true;
}

bool StateLog::copy_root(uint32_t& root) {
    uint8_t payload[kMaxRootPayload];
    flash_->read(flash_->context, root, payload, root_bytes_);
    root = at_ + kProgramUnit;
    return write_record(RecordKind::Root, payload, root_bytes_);
}

bool StateLog::save_root(CborBytes payload) {
    if (payload.size > kMaxRootPayload || !append(RecordKind::Root, payload.data, payload.size)) return false;
    root_ = at_ - record_bytes(payload.size) + kProgramUnit;
    root_bytes_ = static_cast<uint16_t>(payload.size);
    return true;
}

uint32_t StateLog::load_root(uint8_t* bytes, uint32_t room) const {
    if (root_ == 0 || root_bytes_ > room) return 0;
    flash_->read(flash_->context, root_, bytes, root_bytes_);
    return root_bytes_;
}

}  // namespace jatai
