#include "device/update/suit_manifest.h"

#include <string.h>

#include "device/sha256.h"

namespace jatai {
namespace {

// Labels of draft-ietf-suit-manifest-34.
constexpr int64_t kCommon = 3, kValidate = 7, kInvoke = 9, kInstall = 20;
constexpr int64_t kVendor = 1, kClass = 2, kDigest = 3, kUseBefore = 4, kImageSize = 14;
constexpr int64_t kFormat = -1, kKernels = -2, kArena = -3, kFamily = -4;

// Sequences of commands that the profile fixes byte for byte.
const uint8_t kInstallSteps[] = {0x84, 0x15, 0x02, 0x03, 0x0f};
const uint8_t kValidateSteps[] = {0x82, 0x03, 0x0f};
const uint8_t kInvokeSteps[] = {0x82, 0x17, 0x02};
// "Signature1", {1: -8}, no external data; the payload follows, a byte string of 36 bytes.
const uint8_t kPrefix[] = {0x84, 0x6a, 'S',  'i',  'g',  'n',  'a',  't',  'u', 'r',
                           'e',  '1',  0x43, 0xa1, 0x01, 0x27, 0x40, 0x58, 0x24};
constexpr uint32_t kSignedDigestBytes = 36;  // 82 2f 58 20 and the digest

bool is(CborBytes found, const uint8_t* bytes, uint32_t size) {
    return found.size == size && memcmp(found.data, bytes, size) == 0;
}

const uint8_t* exactly(CborReader& in, uint32_t size) {
    const CborBytes found = in.bytes();
    if (!in.ok() || found.size != size) return in.fail(), nullptr;
    return found.data;
}

uint32_t number32(CborReader& in) {
    const uint64_t value = in.unsigned_integer();
    if (value > 0xFFFFFFFFu) in.fail();
    return static_cast<uint32_t>(value);
}

// << [-16, digest] >>
const uint8_t* read_digest(CborBytes wrapped) {
    const uint8_t head[] = {0x82, 0x2f, 0x58, 0x20};
    if (wrapped.size != kSignedDigestBytes || memcmp(wrapped.data, head, sizeof head) != 0) return nullptr;
    return wrapped.data + sizeof head;
}

Reason read_block(SignatureBlock& block, CborBytes wrapped) {
    CborReader in(wrapped);
    in.tag(18);
    if (in.array() != 4) return Reason::BadManifest;
    if (!read_protected(in)) return in.ok() ? Reason::Unsupported : Reason::BadManifest;
    block.key_id = read_key_id(in);
    in.null();
    block.signature = exactly(in, kSignatureBytes);
    return in.done() ? Reason::Ok : Reason::BadManifest;
}

Reason read_authentication(SuitManifest& m, CborBytes wrapped) {
    CborReader in(wrapped);
    const uint32_t items = in.array();
    if (items < 2 || items > 1 + kMaxManifestSignatures) return Reason::BadManifest;
    m.signed_digest = in.bytes();
    if (!in.ok()) return Reason::BadManifest;
    m.manifest_digest = read_digest(m.signed_digest);
    if (m.manifest_digest == nullptr) return Reason::Unsupported;
    m.block_count = items - 1;
    for (uint32_t i = 0; i < m.block_count; ++i) {
        const CborBytes block = in.bytes();
        if (!in.ok()) return Reason::BadManifest;
        const Reason reason = read_block(m.blocks[i], block);
        if (reason != Reason::Ok) return reason;
    }
    return in.done() ? Reason::Ok : Reason::BadManifest;
}

bool read_parameter(SuitManifest& m, CborReader& in, int64_t label) {
    CborBytes wrapped;
    switch (label) {
        case kVendor:
            m.vendor = exactly(in, kUuidBytes);
            return true;
        case kClass:
            m.class_id = exactly(in, kUuidBytes);
            return true;
        case kDigest:
            wrapped = in.bytes();
            m.digest = in.ok() ? read_digest(wrapped) : nullptr;
            return m.digest != nullptr;
        case kUseBefore:
            m.not_after = in.unsigned_integer();
            return m.not_after != 0;
        case kImageSize:
            m.image_bytes = number32(in);
            return true;
        case kFormat:
            m.format = number32(in);
            return true;
        case kKernels:
            m.kernels = in.bytes();
            return true;
        case kArena:
            m.arena_bytes = number32(in);
            return true;
        case kFamily:
            m.family = number32(in);
            return true;
        default:
            return false;
    }
}

// [20, {parameters}, 1, 15, 2, 15]; a notice has no class.
Reason read_shared_sequence(SuitManifest& m, CborBytes wrapped) {
    CborReader in(wrapped);
    const uint32_t items = in.array();
    if (!in.ok()) return Reason::BadManifest;
    if ((items != 4 && items != 6) || in.integer() != 20) return Reason::Unsupported;
    uint32_t seen = 0;  // a bit for each label, -4 to 27
    for (uint32_t pairs = in.map(); pairs > 0 && in.ok(); --pairs) {
        const int64_t label = in.integer();
        if (label < kFamily || label > 27) return in.ok() ? Reason::Unsupported : Reason::BadManifest;
        const uint32_t bit = 1u << (label - kFamily);
        if ((seen & bit) != 0) return Reason::BadManifest;
        seen |= bit;
        if (!read_parameter(m, in, label)) return in.ok() ? Reason::Unsupported : Reason::BadManifest;
    }
    bool fixed = in.integer() == kVendor && in.integer() == 15;
    if (items == 6) fixed = fixed && in.integer() == kClass && in.integer() == 15;
    if (!in.done()) return Reason::BadManifest;
    const bool all = m.vendor != nullptr && (m.class_id != nullptr) == (items == 6);
    return fixed && all ? Reason::Ok : Reason::Unsupported;
}

// [['model']] or [['firmware']].
Reason read_components(SuitManifest& m, CborReader& in) {
    if (in.array() != 1 || in.array() != 1) return in.ok() ? Reason::Unsupported : Reason::BadManifest;
    const CborBytes name = in.bytes();
    if (!in.ok()) return Reason::BadManifest;
    const uint8_t model[] = {'m', 'o', 'd', 'e', 'l'};
    const uint8_t firmware[] = {'f', 'i', 'r', 'm', 'w', 'a', 'r', 'e'};
    m.component = is(name, model, sizeof model)         ? Component::Model
                  : is(name, firmware, sizeof firmware) ? Component::Firmware
                                                        : Component::Notice;
    return m.component == Component::Notice ? Reason::Unsupported : Reason::Ok;
}

Reason read_common(SuitManifest& m, CborBytes wrapped) {
    CborReader in(wrapped);
    const uint32_t pairs = in.map();
    int64_t label = in.integer();
    if (!in.ok() || pairs < 1 || pairs > 2) return Reason::BadManifest;
    if (pairs == 2) {
        if (label != 2) return Reason::Unsupported;
        const Reason reason = read_components(m, in);
        if (reason != Reason::Ok) return reason;
        label = in.integer();
    }
    if (label != 4) return in.ok() ? Reason::Unsupported : Reason::BadManifest;
    const CborBytes sequence = in.bytes();
    return in.done() ? read_shared_sequence(m, sequence) : Reason::BadManifest;
}

Reason read_steps(CborReader& in, int64_t label, const uint8_t* steps, uint32_t size) {
    const int64_t found = in.integer();
    const CborBytes bytes = in.bytes();
    if (!in.ok()) return Reason::BadManifest;
    return found == label && is(bytes, steps, size) ? Reason::Ok : Reason::Unsupported;
}

Reason read_body(SuitManifest& m, CborBytes wrapped) {
    CborReader in(wrapped);
    const uint32_t pairs = in.map();
    if (in.integer() != 1 || in.unsigned_integer() != 1)
        return in.ok() ? Reason::Unsupported : Reason::BadManifest;
    if (in.integer() != 2) return Reason::BadManifest;
    m.sequence = in.unsigned_integer();
    if (in.integer() != kCommon) return Reason::BadManifest;
    const CborBytes common = in.bytes();
    if (!in.ok()) return Reason::BadManifest;
    Reason reason = read_common(m, common);
    if (reason != Reason::Ok) return reason;
    const bool notice = m.component == Component::Notice;
    if (pairs != (notice ? 3u : 6u)) return Reason::Unsupported;
    if (!notice) {
        reason = read_steps(in, kValidate, kValidateSteps, sizeof kValidateSteps);
        if (reason == Reason::Ok) reason = read_steps(in, kInvoke, kInvokeSteps, sizeof kInvokeSteps);
        if (reason == Reason::Ok) reason = read_steps(in, kInstall, kInstallSteps, sizeof kInstallSteps);
    }
    if (reason != Reason::Ok) return reason;
    return in.done() ? Reason::Ok : Reason::BadManifest;
}

// What each kind has to say.
bool is_complete(const SuitManifest& m) {
    if (m.component == Component::Notice) return true;
    if (m.class_id == nullptr || m.digest == nullptr || m.image_bytes == 0) return false;
    if (m.component == Component::Firmware) return true;
    return m.format != 0 && m.arena_bytes != 0 && m.kernels.size % 4 == 0 &&
           m.kernels.size <= 4 * kMaxManifestKernels;
}

}  // namespace

Reason read_manifest(SuitManifest& m, const uint8_t* envelope, uint32_t bytes) {
    memset(&m, 0, sizeof m);
    if (bytes > kMaxDocumentBytes) return Reason::TooLong;
    CborReader in(envelope, bytes);
    in.tag(107);
    if (in.map() != 2) return in.ok() ? Reason::Unsupported : Reason::BadManifest;
    if (in.integer() != 2) return Reason::BadManifest;
    const CborBytes authentication = in.bytes();
    if (in.integer() != 3) return Reason::BadManifest;
    m.whole.data = in.position();
    const CborBytes body = in.bytes();
    if (!in.done()) return Reason::BadManifest;
    m.whole.size = static_cast<uint32_t>(in.position() - m.whole.data);
    const Reason reason = read_authentication(m, authentication);
    if (reason != Reason::Ok) return reason;
    const Reason of_body = read_body(m, body);
    if (of_body != Reason::Ok) return of_body;
    return is_complete(m) ? Reason::Ok : Reason::BadManifest;
}

Reason check_manifest(const SuitManifest& m, const Trust& trust) {
    uint8_t digest[kSha256Bytes];
    sha256(m.whole.data, m.whole.size, digest);
    if (memcmp(digest, m.manifest_digest, sizeof digest) != 0) return Reason::WrongDigest;
    const Piece pieces[] = {{kPrefix, sizeof kPrefix}, {m.signed_digest.data, m.signed_digest.size}};
    return check_signatures(trust, m.blocks, m.block_count, pieces, 2);
}

}  // namespace jatai
