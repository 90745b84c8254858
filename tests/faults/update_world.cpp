#include "tests/faults/update_world.h"
#include "src/graph/passes/fold_zero_points.h"

#include "src/base/error.h"
#include "src/graph/ops/kernels.h"
#include "src/graph/text_form.h"
#include "src/package/inspect.h"
#include "src/package/runner.h"

namespace jatai {
namespace {

constexpr std::size_t kExtraBytes = 5000;  // so that a package takes some pages

// The tiny network with other weights, and a section that makes it long.
Bytes tiny_package(const std::string& from, const std::string& to, Family family) {
    std::string text = tapped_net();
    if (!from.empty()) text.replace(text.find(from), from.size(), to);
    const Graph graph = zero_points_folded(parse_text(text, "tiny"));
    PackOptions options;
    Rng rng(5);
    Bytes extra(kExtraBytes);
    for (std::uint8_t& byte : extra) byte = static_cast<std::uint8_t>(rng.below(40));
    options.blobs = {{"lineage", extra}};
    Board board;
    board.id = kBoard;
    return pack(graph, make_plan(graph, board, family), options);
}

Bytes sample(std::size_t bytes, std::uint64_t seed) {
    Rng rng(seed);
    Bytes result;
    while (result.size() < bytes) {
        const float value = rng.uniform(-2, 2);
        const auto* raw = reinterpret_cast<const std::uint8_t*>(&value);
        result.insert(result.end(), raw, raw + sizeof value);
    }
    return result;
}

Bytes golden_of(const Bytes& package, std::uint64_t seed) {
    const std::size_t bytes = HostRunner(package, "tiny").input_bytes();
    return with_golden(package, {sample(bytes, seed), sample(bytes, seed + 1)}, 0, "tiny");
}

// The golden samples of one model in another: it proves, opens, and answers wrongly.
Bytes with_golden_of(const Bytes& package, const Bytes& other) {
    const std::size_t bytes = HostRunner(package, "tiny").input_bytes();
    const Bytes whole = with_golden(other, {sample(bytes, 1)}, 0, "tiny");
    const PackageInfo info = inspect(whole, "tiny");
    return with_section(package, "golden", *info.section("golden"));
}

}  // namespace

UpdateWorld::UpdateWorld(Family family) {
    const Bytes one = tiny_package("", "", family), two = tiny_package("random 1", "random 9", family);
    first = golden_of(one, 1);
    second = golden_of(two, 1);
    broken = with_golden_of(two, one);
    RootOptions root;
    root.sequence = 1;
    root.threshold = 2;
    for (const SigningKey& owner : root_keys) root.roots.push_back(owner.public_key());
    root.signing = {key.public_key()};
    anchor_ = make_anchor(read_root(make_root(root, {root_keys[0], root_keys[1]}), "root"));
    kernel_set_ = host_kernels();
    for (std::uint32_t i = 0; i < kernel_set_.count; ++i) kernels_.push_back(kernel_set_.kernels[i]->key);
}

Update UpdateWorld::make(const Bytes& package, std::uint64_t sequence, const Bytes& source) const {
    PayloadOptions options;
    options.block_log2 = 12;
    return {package, sign_package(package, at(sequence), {key}), make_payload(package, source, options)};
}

Chip::Chip(const UpdateWorld& world, FlashMemory& flash) : flash_(flash), arena_(16384) {
    trial_ = {arena_.data(), static_cast<std::uint32_t>(arena_.size() * 8), &world.kernel_set()};
    config_.flash = &flash.port();
    config_.anchor = &world.anchor();
    config_.board = kBoard;
    config_.kernels = world.kernels().data();
    config_.kernel_count = static_cast<std::uint32_t>(world.kernels().size());
    config_.arena_bytes = trial_.arena_bytes;
    config_.try_model = try_model;
    config_.context = &trial_;
}

Reason Chip::start() {
    agent_ = std::make_unique<Agent>();
    return agent_->open(config_);
}

Verdict Chip::update(const Update& update, std::uint32_t chunk, Use use) {
    std::uint8_t* room = agent_->document_room();
    CHECK(update.envelope.size() <= kMaxDocumentBytes);
    std::memcpy(room, update.envelope.data(), update.envelope.size());
    const Verdict offered = agent_->offer(room, static_cast<std::uint32_t>(update.envelope.size()), use);
    if (offered.reason != Reason::Ok) return offered;
    while (agent_->wants_payload()) {
        const std::uint32_t at = agent_->payload_offset();
        if (at >= update.payload.size()) return {Reason::BadPayload, 0};
        const auto count =
            std::min<std::uint32_t>(chunk, static_cast<std::uint32_t>(update.payload.size()) - at);
        bytes_fed += count;
        const Verdict fed = agent_->feed(at, update.payload.data() + at, count);
        if (fed.reason != Reason::Ok) return fed;
    }
    return agent_->is_ready() ? agent_->install() : Verdict{Reason::Ok, 0};
}

bool Chip::runs(const Bytes& package) {
    const ActiveModel active = agent_->active();
    if (active.bytes == nullptr || active.size != package.size() ||
        std::memcmp(active.bytes, package.data(), package.size()) != 0)
        return false;
    return try_model(config_.context, active.bytes, active.size).reason == Reason::Ok;
}

}  // namespace jatai
