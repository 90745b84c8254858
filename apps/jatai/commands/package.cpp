#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "apps/jatai/commands/commands.h"
#include "device/package.h"
#include "device/sha256.h"
#include "src/base/error.h"
#include "src/package/delta.h"
#include "src/package/firmware.h"
#include "src/package/golden.h"
#include "src/package/inspect.h"
#include "src/package/reference.h"
#include "src/package/runner.h"
#include "src/package/sign.h"

namespace jatai {
namespace {

using Json = nlohmann::ordered_json;

std::vector<SigningKey> read_keys(const std::vector<fs::path>& files) {
    if (files.size() > kMaxManifestSignatures)
        throw Error{text("{} keys, expected at most {}", files.size(), kMaxManifestSignatures),
                    text("one is enough")};
    std::vector<SigningKey> keys;
    for (const fs::path& file : files) keys.push_back(read_signing_key(read_file(file), file.string()));
    return keys;
}

std::vector<Bytes> samples_of(const Bytes& package, const fs::path& place, const fs::path& file) {
    const Bytes all = read_file(file);
    const std::size_t size = HostRunner(package, place.string()).input_bytes();
    if (all.empty() || all.size() % size != 0)
        throw Error{text("{}: {} bytes, expected whole samples of {}", file.string(), all.size(), size),
                    text("samples are raw inputs, as jatai run takes them")};
    std::vector<Bytes> samples;
    for (std::size_t at = 0; at < all.size(); at += size)
        samples.emplace_back(all.begin() + static_cast<std::ptrdiff_t>(at),
                             all.begin() + static_cast<std::ptrdiff_t>(at + size));
    return samples;
}

std::vector<PublicKey> read_public_keys(const std::vector<fs::path>& files) {
    std::vector<PublicKey> keys;
    for (const fs::path& file : files) keys.push_back(read_public_key(read_file(file), file.string()));
    return keys;
}

std::vector<std::string> names_of(const std::uint8_t keys[][kKeyBytes], unsigned count) {
    std::vector<std::string> names;
    for (unsigned i = 0; i < count; ++i) {
        PublicKey key;
        std::copy(keys[i], keys[i] + kKeyBytes, key.begin());
        names.push_back(key_name(key));
    }
    return names;
}

Json to_json(const SignedFacts& facts) {
    Json json = {{"component", facts.component}, {"sequence", facts.sequence}};
    json["not_after"] = facts.not_after == 0 ? Json() : Json(facts.not_after);
    json["vendor_id"] = facts.vendor_id;
    json["class_id"] = facts.class_id.empty() ? Json() : Json(facts.class_id);
    json["digest"] = facts.digest.empty() ? Json() : Json(facts.digest);
    json["image_bytes"] = facts.image_bytes;
    json["keys"] = facts.key_names;
    return json;
}

Json to_json(const Trust& trust) {
    return {{"sequence", trust.sequence},
            {"threshold", trust.threshold},
            {"root_keys", names_of(trust.roots, trust.root_count)},
            {"signing_keys", names_of(trust.signing, trust.signing_count)}};
}

// What the manifest's digest is of: a package by its own length, without what may follow it in the file.
ByteView image_in(ByteView file) {
    if (!looks_like_package(file)) return file;
    PackageHeader header;
    std::memcpy(&header, file.data(), std::min(file.size(), sizeof header));
    return file.first(std::min<std::size_t>(file.size(), header.total_bytes));
}

std::string digest_of(ByteView bytes) {
    std::uint8_t digest[kSha256Bytes];
    sha256(bytes.data(), bytes.size(), digest);
    std::string digits;
    for (const std::uint8_t byte : digest) digits += fmt::format("{:02x}", byte);
    return digits;
}

void require_image(const SignedFacts& facts, const fs::path& file, const Bytes& bytes) {
    const std::string found = digest_of(image_in(bytes));
    if (found == facts.digest) return;
    throw Error{text("{}: SHA-256 {}, expected {} as signed", file.string(), found, facts.digest),
                text("sign it anew, or take the file that was signed")};
}

Trust trust_for(const PackageVerifyOptions& options) {
    if (!options.root.empty()) return read_root(read_file(options.root), options.root.string());
    if (options.keys.empty() || options.keys.size() > kMaxKeys)
        throw Error{text("{} keys, expected 1 to {}", options.keys.size(), kMaxKeys),
                    text("name a key with --key, or the root document with --root")};
    return trust_in(read_public_keys(options.keys), options.vendor);
}

int write_with_samples(const fs::path& out, const Bytes& result, std::size_t samples, Console& console) {
    write_file(out, result);
    console.say(text("{}: {} samples, {} bytes", out.string(), samples, result.size()));
    console.result(Json{{"package", out.string()}, {"samples", samples}, {"bytes", result.size()}});
    return 0;
}

}  // namespace

int run_package_keygen(const PackageKeygenOptions& options, Console& console) {
    const std::string pem = options.name.string() + ".pem", pub = options.name.string() + ".pub";
    if (fs::exists(pem))
        throw Error{text("{}: exists already", pem), text("choose another name: a lost key is lost")};
    const SigningKey key = SigningKey::generate();
    const mode_t mask = umask(077);
    write_text(pem, key.pem());
    umask(mask);
    write_text(pub, public_pem(key.public_key()));
    console.say(text("{}: the secret key; keep it off every server", pem));
    console.say(text("{}: the public key {}", pub, key_name(key.public_key())));
    console.result(Json{{"secret", pem}, {"public", pub}, {"key", key_name(key.public_key())}});
    return 0;
}

int run_package_sign(const PackageSignOptions& o, Console& console) {
    if (o.notice != o.file.empty())
        throw Error{text("expected a file, or --notice and no file"), text("see: jatai package sign --help")};
    const SignOptions options{o.sequence, o.not_after, o.vendor};
    const std::vector<SigningKey> keys = read_keys(o.keys);
    const fs::path out = !o.out.empty() ? o.out
                         : o.notice     ? "notice.suit"
                                        : fs::path(o.file).replace_extension(".suit");
    Bytes envelope;
    if (o.notice) {
        envelope = sign_notice(options, keys);
    } else if (!o.firmware_board.empty()) {
        envelope = sign_firmware(read_file(o.file), o.firmware_board, options, keys);
    } else {
        const Bytes package = read_file(o.file);
        inspect(package, o.file.string());
        envelope = sign_package(package, options, keys);
    }
    write_file(out, envelope);
    const SignedFacts facts = read_signed(envelope, out.string());
    console.say(text("{}: {} bytes, sequence {}, signed by {}", out.string(), envelope.size(), facts.sequence,
                     facts.key_names.front()));
    Json answer = to_json(facts);
    answer["manifest"] = out.string();
    answer["manifest_bytes"] = envelope.size();
    console.result(answer);
    return 0;
}

int run_package_verify(const PackageVerifyOptions& o, Console& console) {
    const Bytes file = read_file(o.file);
    const bool package = looks_like_package(file);
    const fs::path beside = fs::path(o.file).replace_extension(".suit");
    const fs::path manifest = !o.manifest.empty() ? o.manifest : package ? beside : o.file;
    if (!fs::exists(manifest))
        throw Error{text("{}: not there, expected the manifest of {}", manifest.string(), o.file.string()),
                    text("jatai package sign writes one")};
    const Bytes envelope = read_file(manifest);
    const SignedFacts facts = read_signed(envelope, manifest.string());
    require_signed(envelope, trust_for(o), manifest.string());
    if (manifest != o.file) require_image(facts, o.file, file);
    console.say(
        text("{}: signed by {}, sequence {}", manifest.string(), facts.key_names.front(), facts.sequence));
    if (manifest != o.file) console.say(text("{}: the image that was signed", o.file.string()));
    Json answer = to_json(facts);
    answer["verified"] = true;
    answer["image_verified"] = manifest != o.file;
    console.result(answer);
    return 0;
}

int run_package_root(const PackageRootOptions& o, Console& console) {
    RootOptions root{o.sequence, o.threshold, read_public_keys(o.roots), read_public_keys(o.signing),
                     o.vendor};
    std::vector<SigningKey> keys;
    for (const fs::path& file : o.keys) keys.push_back(read_signing_key(read_file(file), file.string()));
    const Bytes document = make_root(root, keys);
    const Trust made = read_root(document, o.out.string());
    if (!o.previous.empty()) {
        require_root(document, read_root(read_file(o.previous), o.previous.string()), o.out.string());
    } else {
        Trust own = made;  // the first has to pass its own threshold
        own.sequence = 0;
        require_root(document, own, o.out.string());
    }
    write_file(o.out, document);
    console.say(text("{}: {} of {} root keys, {} signing keys, sequence {}", o.out.string(), made.threshold,
                     made.root_count, made.signing_count, made.sequence));
    Json answer = to_json(made);
    answer["root"] = o.out.string();
    console.result(answer);
    return 0;
}

int run_package_trust(const PackageTrustOptions& o, Console& console) {
    const Trust trust = read_root(read_file(o.root), o.root.string());
    Bytes firmware = insert_anchor(read_file(o.firmware), make_anchor(trust), o.firmware.string());
    if (!o.package.empty()) {
        const Bytes package = read_file(o.package);
        require_runs_on(inspect(package, o.package.string()), read_manifest(firmware, o.firmware.string()),
                        o.firmware.string());
        firmware = insert_package(firmware, package, o.firmware.string()).elf;
    }
    write_file(o.out, firmware);
    console.say(text("{}: trusts {} signing keys from the first start", o.out.string(), trust.signing_count));
    Json answer = to_json(trust);
    answer["firmware"] = o.out.string();
    console.result(answer);
    return 0;
}

int run_package_delta(const PackageDeltaOptions& o, Console& console) {
    if (o.block_log2 != 0 && (o.block_log2 < 12 || o.block_log2 > 20))
        throw Error{text("--block {}: expected 12 to 20, or 0", o.block_log2), text("15 suits most")};
    const Bytes file = read_file(o.image), old = o.source.empty() ? Bytes{} : read_file(o.source);
    const ByteView image = image_in(file), source = image_in(old);
    if (image.empty())
        throw Error{text("{}: empty, expected an image", o.image.string()), text("give a package")};
    const Bytes payload = make_payload(image, source, {o.block_log2});
    write_file(o.out, payload);
    const PayloadInfo info = inspect_payload(payload, o.out.string());
    const bool whole = info.source_bytes == 0;
    console.say(text("{}: {} bytes for {}, {:.1f} %", o.out.string(), payload.size(), image.size(),
                     100.0 * static_cast<double>(payload.size()) / static_cast<double>(image.size())));
    console.result(Json{{"payload", o.out.string()},
                        {"bytes", payload.size()},
                        {"image_bytes", image.size()},
                        {"coding", info.stored ? "stored"
                                   : whole     ? "whole"
                                               : "difference"}});
    return 0;
}

int run_package_golden(const PackageGoldenOptions& o, Console& console) {
    const Bytes package = read_file(o.package);
    const std::vector<Bytes> samples = samples_of(package, o.package, o.samples);
    const Bytes result = with_golden(package, samples, o.tolerance, o.package.string());
    return write_with_samples(o.out, result, samples.size(), console);
}

int run_package_reference(const PackageReferenceOptions& o, Console& console) {
    const Bytes package = read_file(o.package);
    const std::vector<Bytes> samples = samples_of(package, o.package, o.samples);
    return write_with_samples(o.out, with_reference(package, samples, o.package.string()), samples.size(),
                              console);
}

}  // namespace jatai
