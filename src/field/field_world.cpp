#include "src/field/field_world.h"

#include <fmt/format.h>

#include "src/graph/ops/kernels.h"
#include "src/graph/passes/fold_zero_points.h"
#include "src/graph/text_form.h"
#include "src/package/golden.h"
#include "src/package/inspect.h"
#include "src/package/pack.h"
#include "src/package/runner.h"
#include "src/package/sign.h"
#include "src/plan/plan.h"

namespace jatai {
namespace {

constexpr char kOwnBoard[] = "bench_m4";
constexpr int kInputs = 16, kClasses = 4, kAnswers = 4000;
constexpr std::uint32_t kOwnLatency_us = 850;
constexpr std::size_t kExtraBytes = 12000;  // so that a package takes some pages, as a keyword model's does

// Each class looks for its own quarter of the input. A worse model weighs at random and is sure of nothing.
std::string weights(FieldWorld::Kind kind, Rng& rng) {
    std::string out;
    for (int c = 0; c < kClasses; ++c) {
        for (int i = 0; i < kInputs; ++i) {
            const int mine = i / (kInputs / kClasses) == c ? 90 : -30;
            const int jitter = static_cast<int>(rng.below(kind == FieldWorld::Kind::First ? 3 : 7));
            const int value =
                kind == FieldWorld::Kind::Bad ? static_cast<int>(rng.below(61)) - 30 : mine + jitter;
            out += (out.empty() ? "" : ",") + std::to_string(value);
        }
    }
    return out;
}

std::string network(FieldWorld::Kind kind, Rng& rng) {
    return fmt::format(R"(
graph field
metadata "labels" "a,b,c,d"
%x int8[1,16] s=0.05 z=0 = input
%w int8[4,16] s=0.004 = {{{}}}
%b int32[4] s=0.0002 = fill 0
%y int8[1,4] s=0.1 z=0 = FULLY_CONNECTED(%x, %w, %b) version=4
%p int8[1,4] s=0.00390625 z=-128 = SOFTMAX(%y) version=2 beta=1
output %p
)",
                       weights(kind, rng));
}

// 16 numbers around one of four shapes.
Bytes draw_shape(Rng& rng) {
    const int shape = static_cast<int>(rng.below(kClasses));
    Bytes input(kInputs);
    for (int i = 0; i < kInputs; ++i) {
        const float loud = i / (kInputs / kClasses) == shape ? 60.0f : 0.0f;
        const float value = std::min(127.0f, std::max(-128.0f, loud + 25.0f * rng.normal()));
        input[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(static_cast<std::int8_t>(value));
    }
    return input;
}

Bytes compile(FieldWorld::Kind kind, Rng& rng) {
    const Graph graph = zero_points_folded(parse_text(network(kind, rng), "field"));
    PackOptions options;
    Bytes extra(kExtraBytes);
    for (std::uint8_t& byte : extra) byte = static_cast<std::uint8_t>(rng.below(48));
    options.blobs = {{"lineage", extra}};
    Board board;
    board.id = kOwnBoard;
    return pack(graph, make_plan(graph, board, Family::Reference), options);
}

std::vector<std::string> kernel_records(const Bytes& package) {
    std::vector<std::string> out;
    for (const KernelKey& key : inspect(package, "field").kernels) {
        const auto op = static_cast<std::uint16_t>(key.op);
        out.push_back(fmt::format("{:02x}{:02x}{:02x}{:02x} {}", op & 255, op >> 8,
                                  static_cast<unsigned>(key.type), key.version, op_text(key.op)));
    }
    return out;
}

}  // namespace

FieldWorld::FieldWorld(std::uint64_t seed, const FieldSubject* subject) : seed_(seed), subject_(subject) {
    RootOptions root;
    root.sequence = 1;
    root.roots = {root_.public_key()};
    root.signing = {signer_.public_key()};
    anchor_ = make_anchor(read_root(make_root(root, {root_}), "root"));
    kernel_set_ = host_kernels();
    for (std::uint32_t i = 0; i < kernel_set_.count; ++i) kernels_.push_back(kernel_set_.kernels[i]->key);
}

const char* FieldWorld::board() const { return subject_ != nullptr ? subject_->board.c_str() : kOwnBoard; }
std::string FieldWorld::model_name() const { return subject_ != nullptr ? subject_->model : "field"; }
std::uint32_t FieldWorld::latency_us() const {
    return subject_ != nullptr ? subject_->latency_us : kOwnLatency_us;
}

Bytes FieldWorld::draw_input(Rng& rng) const {
    return subject_ == nullptr
               ? draw_shape(rng)
               : subject_->inputs[rng.below(static_cast<std::uint32_t>(subject_->inputs.size()))];
}

// The class is told in 16 bins, whatever number there is.
FieldAnswer FieldWorld::answer_of(const Bytes& output) {
    FieldAnswer answer;
    int best = -129;
    for (std::size_t c = 0; c < output.size(); ++c) {
        const int score = static_cast<std::int8_t>(output[c]);
        if (score <= best) continue;
        best = score;
        answer = {static_cast<std::uint8_t>(c), static_cast<std::uint8_t>(c * 16 / output.size()),
                  static_cast<std::uint8_t>(score + 128)};
    }
    return answer;
}

Bytes FieldWorld::package_of(Kind kind, std::uint64_t seed) const {
    Rng rng(seed);
    Bytes package = subject_ == nullptr   ? compile(kind, rng)
                    : kind == Kind::First ? subject_->first
                    : kind == Kind::Good  ? subject_->good
                                          : subject_->bad;
    return with_golden(package, {draw_input(rng), draw_input(rng)}, 0, model_name());
}

void FieldWorld::answer_inputs(FieldModel& model) const {
    HostRunner runner(model.package, model.name);
    Rng rng(seed_ + 77);
    if (subject_ == nullptr) {
        for (int i = 0; i < kAnswers; ++i) model.answers.push_back(answer_of(runner.run(draw_input(rng))));
        return;
    }
    std::size_t right = 0;
    for (std::size_t i = 0; i < subject_->inputs.size(); ++i) {
        model.answers.push_back(answer_of(runner.run(subject_->inputs[i])));
        right += model.answers.back().label == subject_->right[i] ? 1 : 0;
    }
    model.accuracy = static_cast<double>(right) / static_cast<double>(subject_->inputs.size());
}

FieldModel FieldWorld::make(const std::string& name, Kind kind, std::uint64_t sequence) const {
    FieldModel model;
    model.name = name;
    model.sequence = sequence;
    model.package = package_of(kind, seed_ + sequence);
    SignOptions options;
    options.sequence = sequence;
    model.manifest = sign_package(model.package, options, {signer_});
    model.kernels = kernel_records(model.package);
    const PackageInfo info = inspect(model.package, name);
    model.arena_bytes = info.arena_bytes;
    model.family = static_cast<std::uint8_t>(info.family);
    answer_inputs(model);
    return model;
}

}  // namespace jatai
