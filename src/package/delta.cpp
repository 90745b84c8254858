#include "src/package/delta.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "device/sha256.h"
#include "device/update/unpack.h"
#include "src/base/error.h"
#include "src/package/delta_align.h"
#include "src/package/delta_coder.h"
#include "src/package/delta_match.h"

namespace jatai {
namespace {

constexpr std::uint32_t kNoCopies = std::numeric_limits<std::uint32_t>::max();

void digest_of(ByteView bytes, std::uint8_t first[8]) {
    std::uint8_t digest[kSha256Bytes];
    sha256(bytes.data(), bytes.size(), digest);
    std::memcpy(first, digest, 8);
}

// A part of the target beside its source: equal runs of `shortest_copy` are copied, the rest is differences.
void add_source_steps(std::vector<DeltaStep>& steps, const Aligned& part, ByteView target, ByteView source,
                      std::uint32_t shortest_copy) {
    const auto from = static_cast<std::uint32_t>(part.source);
    const std::uint32_t bytes = part.end - part.begin;
    std::uint32_t residual = 0;  // since where nothing is said yet
    for (std::uint32_t at = 0; at < bytes;) {
        std::uint32_t run = 0;
        while (at + run < bytes && target[part.begin + at + run] == source[from + at + run]) ++run;
        if (run >= shortest_copy) {
            if (at > residual) steps.push_back({Command::Residual, at - residual, from + residual});
            steps.push_back({Command::Copy, run, from + at});
            residual = at + run;
        }
        at += run > 0 ? run : 1;
    }
    if (bytes > residual) steps.push_back({Command::Residual, bytes - residual, from + residual});
}

std::vector<DeltaStep> plan_delta(const std::vector<Aligned>& parts, const MatchFinder& finder,
                                  ByteView target, ByteView source, std::uint32_t shortest_copy) {
    std::vector<DeltaStep> steps;
    for (const Aligned& part : parts) {
        if (part.source >= 0) {
            add_source_steps(steps, part, target, source, shortest_copy);
            continue;
        }
        const std::vector<DeltaStep> own = finder.plan(part.begin, part.end);
        steps.insert(steps.end(), own.begin(), own.end());
    }
    return steps;
}

Bytes with_header(PayloadHeader header, const Bytes& body) {
    header.payload_bytes = static_cast<std::uint32_t>(body.size());
    header.crc = crc32(&header, sizeof header - 4);
    Bytes payload(sizeof header + body.size());
    std::memcpy(payload.data(), &header, sizeof header);
    std::copy(body.begin(), body.end(), payload.begin() + sizeof header);
    return payload;
}

// What the host's unpacker reads and writes.
struct Memory {
    Bytes target;
    static bool write(void* self, std::uint32_t offset, const std::uint8_t* bytes, std::uint32_t count) {
        Bytes& target = static_cast<Memory*>(self)->target;
        CHECK(offset == target.size());
        target.insert(target.end(), bytes, bytes + count);
        return true;
    }
    static void recall(void* self, std::uint32_t offset, std::uint8_t* bytes, std::uint32_t count) {
        std::memcpy(bytes, static_cast<Memory*>(self)->target.data() + offset, count);
    }
    static bool block_done(void*, std::uint32_t, std::uint32_t) { return true; }
};

PayloadHeader header_of(ByteView payload, const std::string& place) {
    PayloadHeader header;
    if (payload.size() < sizeof header || !read_header(header, payload.data()) ||
        header.payload_bytes != payload.size() - sizeof header)
        throw Error{text("{}: not a whole payload", place), text("make it with jatai package delta")};
    return header;
}

std::string hex(const std::uint8_t* bytes, std::size_t count) {
    std::string digits;
    for (std::size_t i = 0; i < count; ++i) digits += fmt::format("{:02x}", bytes[i]);
    return digits;
}

}  // namespace

Bytes make_payload(ByteView target, ByteView source, const PayloadOptions& options) {
    CHECK(!target.empty() && target.size() < 0x7FFFFFFF && source.size() < 0x7FFFFFFF);
    PayloadHeader header{};
    header.magic = kPayloadMagic;
    header.version = 1;
    header.coding = kStored;
    header.block_log2 = static_cast<std::uint8_t>(options.block_log2);
    header.target_bytes = static_cast<std::uint32_t>(target.size());
    digest_of(target, header.target_digest);
    Bytes best = with_header(header, Bytes(target.begin(), target.end()));
    const auto offer = [&](const std::vector<DeltaStep>& steps) {
        const Bytes payload = with_header(header, encode_commands(steps, target, source, options.block_log2));
        if (payload.size() < best.size()) best = payload;
    };
    header.coding = kCoded;
    const MatchFinder finder(target);
    offer(finder.plan(0, header.target_bytes));
    if (source.empty()) return best;
    header.source_bytes = static_cast<std::uint32_t>(source.size());
    digest_of(source, header.source_digest);
    const std::vector<Aligned> parts = align(target, source, finder);
    for (const std::uint32_t shortest : {24u, 64u, 256u, 1024u, kNoCopies})
        offer(plan_delta(parts, finder, target, source, shortest));
    return best;
}

PayloadInfo inspect_payload(ByteView payload, const std::string& place) {
    const PayloadHeader header = header_of(payload, place);
    PayloadInfo info;
    info.target_bytes = header.target_bytes;
    info.source_bytes = header.source_bytes;
    info.payload_bytes = payload.size();
    info.stored = header.coding == kStored;
    info.target_digest = hex(header.target_digest, sizeof header.target_digest);
    info.source_digest = hex(header.source_digest, sizeof header.source_digest);
    return info;
}

Bytes apply_payload(ByteView payload, ByteView source, const std::string& place) {
    const PayloadHeader header = header_of(payload, place);
    std::uint8_t digest[8] = {};
    if (header.source_bytes != 0) digest_of(source, digest);
    if (header.source_bytes != 0 && (header.source_bytes != source.size() ||
                                     std::memcmp(digest, header.source_digest, sizeof digest) != 0))
        throw Error{text("{}: made for an old image {}, found {}", place, hex(header.source_digest, 8),
                         hex(digest, 8)),
                    text("give the image that the chip runs")};
    Memory memory;
    const UnpackPort port = {&memory,        source.data(),   header.source_bytes,
                             &Memory::write, &Memory::recall, &Memory::block_done};
    Unpacker unpacker;
    unpacker.start(header, port);
    const Reason reason = unpacker.feed(payload.data() + sizeof header,
                                        static_cast<std::uint32_t>(payload.size() - sizeof header));
    if (reason == Reason::Ok && unpacker.done()) digest_of(memory.target, digest);
    if (reason != Reason::Ok || !unpacker.done() ||
        std::memcmp(digest, header.target_digest, sizeof digest) != 0)
        throw Error{text("{}: the payload is damaged", place),
                    text("make it again with jatai package delta")};
    return std::move(memory.target);
}

}  // namespace jatai
