// links: jatai_package
// Any bytes as a payload: unpacked within source and target, or refused. The header's checksum is made right
// first.
#include <cstring>

#include "device/update/unpack.h"
#include "src/base/error.h"
#include "src/base/rng.h"
#include "src/package/delta.h"
#include "tests/fuzz/fuzz.h"

namespace jatai {
namespace {

// What an input may grow to: a kilobyte, one in sixteen eight of them. More of the same finds nothing new.
std::uint32_t most_target(const PayloadHeader& header) { return header.crc % 16 == 0 ? 1 << 13 : 1 << 10; }

Bytes sample(std::uint64_t seed) {
    Rng rng(seed);
    Bytes bytes(6000);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(rng.below(seed == 1 ? 20 : 200));
    return bytes;
}

const Bytes& source() {
    static const Bytes made = sample(1);
    return made;
}

struct Target {
    Bytes bytes;
    std::uint32_t blocks = 0;
};

bool write(void* self, std::uint32_t offset, const std::uint8_t* bytes, std::uint32_t count) {
    Target& target = *static_cast<Target*>(self);
    CHECK(offset == target.bytes.size());
    target.bytes.insert(target.bytes.end(), bytes, bytes + count);
    return true;
}
void recall(void* self, std::uint32_t offset, std::uint8_t* bytes, std::uint32_t count) {
    const Target& target = *static_cast<Target*>(self);
    CHECK(offset + count <= target.bytes.size());
    std::memcpy(bytes, target.bytes.data() + offset, count);
}
bool block_done(void* self, std::uint32_t, std::uint32_t target_offset) {
    Target& target = *static_cast<Target*>(self);
    CHECK(target_offset == target.bytes.size());
    ++target.blocks;
    return true;
}

}  // namespace

void add_seeds(std::vector<Bytes>& seeds) {
    Bytes changed = source();
    for (std::size_t i = 100; i < changed.size(); i += 7) ++changed[i];
    changed.insert(changed.begin() + 3000, 40, 9);
    for (const unsigned block : {0u, 12u}) {
        seeds.push_back(make_payload(changed, source(), {block}));
        seeds.push_back(make_payload(changed, {}, {block}));
    }
    Rng rng(4);
    Bytes noise(300);
    for (std::uint8_t& byte : noise) byte = static_cast<std::uint8_t>(rng.next());
    seeds.push_back(make_payload(noise, {}, {}));
}

}  // namespace jatai

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace jatai;
    if (size < sizeof(PayloadHeader)) return 0;
    PayloadHeader header;
    std::memcpy(&header, data, sizeof header);
    header.magic = kPayloadMagic;
    header.version = 1;
    header.zero = 0;
    if (header.target_bytes > most_target(header)) header.target_bytes %= most_target(header);
    header.payload_bytes = static_cast<std::uint32_t>(size - sizeof header);
    header.crc = crc32(&header, sizeof header - 4);
    std::uint8_t head[sizeof header];
    std::memcpy(head, &header, sizeof header);
    if (!read_header(header, head)) return 0;
    const bool whole = header.source_bytes == 0;
    Target target;
    const UnpackPort port = {&target,
                             whole ? nullptr : source().data(),
                             whole ? 0 : static_cast<std::uint32_t>(source().size()),
                             write,
                             recall,
                             block_done};
    Unpacker unpacker;
    unpacker.start(header, port);
    // In pieces of many sizes: how bytes are cut must not matter.
    std::size_t at = sizeof header;
    for (std::size_t piece = 1; at < size; piece = piece * 3 % 251 + 1) {
        const std::size_t take = std::min(piece, size - at);
        if (unpacker.feed(data + at, static_cast<std::uint32_t>(take)) != Reason::Ok) break;
        at += take;
    }
    CHECK(target.bytes.size() <= header.target_bytes);
    if (unpacker.done()) CHECK(target.bytes.size() == header.target_bytes);
    return 0;
}
