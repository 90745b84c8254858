// links: jatai_package
// Any bytes as a manifest, a root document and CBOR: read or refused, never a crash. After the digest is made
// right, the rest is read too: who means harm can hash.
#include "device/update/suit_manifest.h"
#include "src/base/error.h"
#include "src/graph/text_form.h"
#include "src/package/pack.h"
#include "src/package/sign.h"
#include "src/package/test_model.h"
#include "tests/fuzz/fuzz.h"

namespace jatai {
namespace {

const SigningKey& key() {
    static const SigningKey made = SigningKey::generate();
    return made;
}

}  // namespace

void add_seeds(std::vector<Bytes>& seeds) {
    const Graph graph = tapped_graph();
    const Bytes package = pack(graph, make_plan(graph, Board{}, Family::Reference));
    seeds.push_back(sign_package(package, {7, 9}, {key()}));
    seeds.push_back(sign_firmware(package, "nano33ble", {7}, {key(), key()}));
    seeds.push_back(sign_notice({7}, {key()}));
    RootOptions root;
    root.sequence = 3;
    root.roots = {key().public_key()};
    root.signing = {key().public_key()};
    seeds.push_back(make_root(root, {key()}));
}

}  // namespace jatai

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace jatai;
    const auto bytes = static_cast<std::uint32_t>(std::min<std::size_t>(size, 4096));
    SuitManifest manifest;
    if (read_manifest(manifest, data, bytes) == Reason::Ok) {
        const auto inside = [&](const std::uint8_t* p, std::size_t count) {
            CHECK(p >= data && p + count <= data + bytes);
        };
        inside(manifest.vendor, kUuidBytes);
        inside(manifest.whole.data, manifest.whole.size);
        if (manifest.component != Component::Notice)
            inside(manifest.class_id, kUuidBytes), inside(manifest.digest, 32);
        for (std::uint32_t i = 0; i < manifest.block_count; ++i) inside(manifest.blocks[i].signature, 64);
        Trust trust{};
        trust.threshold = trust.root_count = trust.signing_count = 1;
        const Reason reason = check_manifest(manifest, trust);
        CHECK(reason != Reason::Ok);
    }
    Trust trust{};
    trust.threshold = trust.root_count = trust.signing_count = 1;
    CborBytes payload;
    CHECK(take_root(trust, data, bytes, payload) != Reason::Ok);
    CborReader reader(data, bytes);
    reader.skip();
    CHECK(!reader.ok() || reader.position() <= data + bytes);
    return 0;
}
