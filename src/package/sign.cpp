#include "src/package/sign.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "device/package_hash.h"
#include "device/sha256.h"
#include "device/update/suit_manifest.h"
#include "src/base/error.h"
#include "src/package/cbor_bytes.h"
#include "src/package/inspect.h"
#include "src/package/reason_text.h"

namespace jatai {
namespace {

std::uint64_t sequence_of(std::uint64_t given) {
    if (given != 0) return given;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(now).count());
}

Bytes ascii(std::string_view words) { return {words.begin(), words.end()}; }

Bytes digest_of(ByteView bytes) {
    Bytes digest(kSha256Bytes);
    sha256(bytes.data(), bytes.size(), digest.data());
    return digest;
}

// << [-16, digest] >>, without the byte string round it.
Bytes suit_digest(ByteView bytes) { return cbor_array({cbor(-16), cbor_bytes(digest_of(bytes))}); }

Bytes vendor_of(const std::string& vendor) {
    Bytes id(kUuidBytes);
    vendor_id_of(vendor.c_str(), id.data());
    return id;
}

Bytes class_of(const Bytes& vendor_id, const std::string& board) {
    Bytes id(kUuidBytes);
    class_id_of(vendor_id.data(), board.c_str(), id.data());
    return id;
}

const Bytes& protected_header() {
    static const Bytes header = cbor_map({cbor(1), cbor(-8)});
    return header;
}

Bytes key_id(const PublicKey& key) {
    Bytes id(kKeyIdBytes);
    key_id_of(key.data(), id.data());
    return cbor_map({cbor(4), cbor_bytes(id)});
}

Bytes short_enough(Bytes document) {
    if (document.size() > kMaxDocumentBytes)
        throw Error{
            text("the signed document has {} bytes, expected at most {}", document.size(), kMaxDocumentBytes),
            text("sign with fewer keys")};
    return document;
}

Bytes make_envelope(const Bytes& manifest, const std::vector<SigningKey>& keys) {
    CHECK(!keys.empty() && keys.size() <= kMaxManifestSignatures);
    const Bytes wrapped = cbor_bytes(manifest);
    const Bytes digest = suit_digest(wrapped);
    const Bytes message =
        joined(joined(joined(joined(Bytes{0x84, 0x6a}, ascii("Signature1")), cbor_bytes(protected_header())),
                      cbor_bytes({})),
               cbor_bytes(digest));
    std::vector<Bytes> parts = {cbor_bytes(digest)};
    for (const SigningKey& key : keys) {
        parts.push_back(
            cbor_bytes(cbor_tag(18, cbor_array({cbor_bytes(protected_header()), key_id(key.public_key()),
                                                cbor_null(), cbor_bytes(key.sign(message))}))));
    }
    return short_enough(cbor_tag(107, cbor_map({cbor(2), cbor_bytes(cbor_array(parts)), cbor(3), wrapped})));
}

// `parameters` without vendor, class and expiry, in the order they are written.
struct Parameters {
    Bytes class_id;
    Bytes digest;
    std::uint64_t image_bytes = 0;
    std::vector<Bytes> more;
};

Bytes make_manifest(const std::string& component, const SignOptions& options, const Parameters& p) {
    const bool notice = component.empty();
    std::vector<Bytes> map = {cbor(1), cbor_bytes(vendor_of(options.vendor))};
    const auto add = [&](std::int64_t label, const Bytes& value) {
        map.push_back(cbor(label));
        map.push_back(value);
    };
    if (!notice) add(2, cbor_bytes(p.class_id));
    if (!notice) add(3, cbor_bytes(p.digest));
    if (options.not_after != 0) add(4, cbor_head(0, options.not_after));
    if (!notice) add(14, cbor_head(0, p.image_bytes));
    map.insert(map.end(), p.more.begin(), p.more.end());
    std::vector<Bytes> steps = {cbor(20), cbor_map(map), cbor(1), cbor(15)};
    if (!notice) steps.insert(steps.end(), {cbor(2), cbor(15)});
    std::vector<Bytes> common;
    if (!notice) common = {cbor(2), cbor_array({cbor_array({cbor_bytes(ascii(component))})})};
    common.insert(common.end(), {cbor(4), cbor_bytes(cbor_array(steps))});
    std::vector<Bytes> manifest = {cbor(1), cbor(1),
                                   cbor(2), cbor_head(0, sequence_of(options.sequence)),
                                   cbor(3), cbor_bytes(cbor_map(common))};
    const auto sequence = [&](std::int64_t label, const std::vector<Bytes>& commands) {
        manifest.push_back(cbor(label));
        manifest.push_back(cbor_bytes(cbor_array(commands)));
    };
    if (!notice) {
        sequence(7, {cbor(3), cbor(15)});
        sequence(9, {cbor(23), cbor(2)});
        sequence(20, {cbor(21), cbor(2), cbor(3), cbor(15)});
    }
    return cbor_map(manifest);
}

std::vector<KernelRecord> kernels_of(ByteView package, const PackageHeader& header) {
    std::vector<KernelRecord> kernels(header.kernels.count);
    std::memcpy(kernels.data(), package.data() + header.kernels.offset,
                kernels.size() * sizeof(KernelRecord));
    std::sort(kernels.begin(), kernels.end(), [](const KernelRecord& a, const KernelRecord& b) {
        return std::tuple(a.op, a.type, a.version) < std::tuple(b.op, b.type, b.version);
    });
    return kernels;
}

std::string hex(const std::uint8_t* bytes, std::size_t count) {
    std::string digits;
    for (std::size_t i = 0; i < count; ++i) digits += fmt::format("{:02x}", bytes[i]);
    return digits;
}

}  // namespace

Bytes sign_package(ByteView package, const SignOptions& options, const std::vector<SigningKey>& keys) {
    inspect(package, text("the package"));  // proves it, hash included
    PackageHeader header;
    std::memcpy(&header, package.data(), sizeof header);
    const std::vector<KernelRecord> kernels = kernels_of(package, header);
    if (kernels.size() > kMaxManifestKernels)
        throw Error{
            text("the package needs {} kernels, expected at most {}", kernels.size(), kMaxManifestKernels),
            text("a model of fewer kinds of layers")};
    const auto* records = reinterpret_cast<const std::uint8_t*>(kernels.data());
    Parameters p;
    p.class_id = class_of(vendor_of(options.vendor), header.board);
    p.digest = suit_digest(package.first(header.total_bytes));
    p.image_bytes = header.total_bytes;
    p.more = {cbor(-1), cbor(header.version),
              cbor(-2), cbor_bytes({records, kernels.size() * sizeof(KernelRecord)}),
              cbor(-3), cbor(header.arena_bytes),
              cbor(-4), cbor(header.family)};
    return make_envelope(make_manifest("model", options, p), keys);
}

Bytes sign_firmware(ByteView image, const std::string& board, const SignOptions& options,
                    const std::vector<SigningKey>& keys) {
    Parameters p;
    p.class_id = class_of(vendor_of(options.vendor), board);
    p.digest = suit_digest(image);
    p.image_bytes = image.size();
    return make_envelope(make_manifest("firmware", options, p), keys);
}

Bytes sign_notice(const SignOptions& options, const std::vector<SigningKey>& keys) {
    return make_envelope(make_manifest("", options, {}), keys);
}

SignedFacts read_signed(ByteView envelope, const std::string& place) {
    SuitManifest m;
    const Reason reason = read_manifest(m, envelope.data(), static_cast<std::uint32_t>(envelope.size()));
    if (reason != Reason::Ok)
        throw Error{text("{}: not a signed manifest: {}", place, reason_text(reason)),
                    text("jatai package sign writes one")};
    SignedFacts facts;
    facts.component = m.component == Component::Model      ? "model"
                      : m.component == Component::Firmware ? "firmware"
                                                           : "notice";
    facts.sequence = m.sequence;
    facts.not_after = m.not_after;
    facts.vendor_id = hex(m.vendor, kUuidBytes);
    if (m.class_id != nullptr) facts.class_id = hex(m.class_id, kUuidBytes);
    if (m.digest != nullptr) facts.digest = hex(m.digest, kSha256Bytes);
    facts.image_bytes = m.image_bytes;
    facts.arena_bytes = m.arena_bytes;
    facts.format = m.format;
    facts.family = m.family;
    facts.kernels.assign(m.kernels.data, m.kernels.data + m.kernels.size);
    for (std::uint32_t i = 0; i < m.block_count; ++i)
        facts.key_names.push_back(hex(m.blocks[i].key_id, kKeyIdBytes));
    return facts;
}

Reason check_signed(ByteView envelope, const Trust& trust) {
    SuitManifest m;
    const Reason reason = read_manifest(m, envelope.data(), static_cast<std::uint32_t>(envelope.size()));
    if (reason != Reason::Ok) return reason;
    const Reason signature = check_manifest(m, trust);
    if (signature != Reason::Ok) return signature;
    return std::memcmp(m.vendor, trust.vendor, kUuidBytes) == 0 ? Reason::Ok : Reason::WrongVendor;
}

void require_signed(ByteView envelope, const Trust& trust, const std::string& place) {
    const Reason reason = check_signed(envelope, trust);
    if (reason == Reason::Ok) return;
    throw Error{fmt::format("{}: {}", place, reason_text(reason)),
                text("a chip would refuse it too: do not send it")};
}

}  // namespace jatai
