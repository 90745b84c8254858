#include "device/observe/observer.h"

#include <string.h>

#include "device/package.h"
#include "device/update/crc32.h"

namespace jatai {
namespace {

constexpr uint32_t kCrashMagic = 0x48435243;  // "CRCH"
constexpr uint32_t kShortDigest = 8;

// Keys 0 to 4, which every report but statistics begins with.
void begin(CborWriter& out, uint32_t pairs, uint32_t kind, const HealthContext& c, uint32_t digest_bytes) {
    const UpdateState& s = c.agent->state();
    out.map(pairs).number(0).number(1).number(1).number(kind);
    out.number(2).text(c.board).number(3).bytes(c.set_hash, kShortDigest);
    out.number(4).array(3).number(s.active_sequence).bytes(s.active_digest, digest_bytes);
    out.number(static_cast<uint32_t>(s.phase));
}

void add_floors(CborWriter& out, const Agent& agent) {
    const UpdateState& s = agent.state();
    out.number(5).array(4).number(s.model_floor).number(s.firmware_floor);
    out.number(agent.root_sequence()).number(s.time);
}

void add_wear(CborWriter& out, const Agent& agent) {
    out.number(7).array(2).number(agent.log().state_erases).number(agent.state().slot_erases);
}

// The model beside the active one, while there is one.
uint32_t pairs_beside(const Agent& agent) { return agent.beside().bytes != nullptr ? 1 : 0; }
void add_beside(CborWriter& out, const Agent& agent) {
    const UpdateState& s = agent.state();
    if (pairs_beside(agent) != 0)
        out.number(16).array(2).number(s.other_sequence).bytes(s.other_digest, kShortDigest);
}

uint32_t size_of_report(const CborWriter& out) { return out.ok() ? out.size() : 0; }

}  // namespace

void record_crash(CrashRecord& record, uint32_t pc, uint32_t lr, uint32_t cfsr, uint32_t address) {
    const uint32_t count = is_crash(record) ? record.count + 1 : 1;
    record = {kCrashMagic, pc, lr, cfsr, address, count, 0};
    record.check = crc32(&record, sizeof record - 4);
}

bool is_crash(const CrashRecord& record) {
    return record.magic == kCrashMagic && record.check == crc32(&record, sizeof record - 4);
}

void Observer::consent(uint8_t kinds) {
    if ((kinds & kHealth) == 0) {
        runs_ = longest_us_ = 0;
        total_us_ = 0;
    }
    if ((kinds & kStatistics) == 0)
        for (Histogram& histogram : seen_) histogram.clear();
    consents_ = kinds;
}

void Observer::run_done(uint32_t microseconds) {
    if ((consents_ & kHealth) == 0) return;
    ++runs_;
    total_us_ += microseconds;
    if (microseconds > longest_us_) longest_us_ = microseconds;
}

void Observer::input(const void* int8_values, uint32_t count) {
    if ((consents_ & kStatistics) == 0) return;
    seen_[0].add_int8(int8_values, count);
    input_bytes_ = count;
}

void Observer::output(uint32_t label, uint16_t share) {
    if ((consents_ & kStatistics) == 0) return;
    seen_[1].add(label);
    seen_[2].add_share(share);
}

void Observer::see_input(const Engine& engine) {
    if (engine.input_count() == 0 || engine.input(0).type != Type::Int8) return;
    input(engine.input(0).data, engine.input(0).bytes);
}

// The best of the int8 values, and its share of 1 as 0 to 65535: a softmax has 256 steps.
void Observer::see_output(const Engine& engine) {
    if (engine.output_count() == 0) return;
    const TensorView view = engine.output(0);
    if (view.type != Type::Int8 || view.bytes == 0) return;
    const signed char* values = static_cast<const signed char*>(view.data);
    uint32_t best = 0;
    for (uint32_t i = 1; i < view.bytes; ++i)
        if (values[i] > values[best]) best = i;
    output(best, static_cast<uint16_t>((values[best] + 128) << 8));
}

void Observer::watch(const uint8_t model_digest[8], const BlobView& reference) {
    if (memcmp(model_, model_digest, sizeof model_) == 0) return;
    memcpy(model_, model_digest, sizeof model_);
    for (uint32_t what = 0; what < kWhats; ++what) {
        seen_[what].clear();
        reference_[what].clear();
    }
    ReferenceHeader header;
    if (reference.data == nullptr || reference.bytes < sizeof header) return;
    memcpy(&header, reference.data, sizeof header);
    if (header.version != 1 || sizeof header + header.count * sizeof(ReferenceRecord) != reference.bytes)
        return;
    for (uint32_t i = 0; i < header.count; ++i) {
        ReferenceRecord record;
        memcpy(&record, reference.data + sizeof header + i * sizeof record, sizeof record);
        Histogram histogram;
        histogram.clear();
        memcpy(histogram.bins, record.bins, sizeof histogram.bins);
        for (uint16_t count : histogram.bins) histogram.total += count;
        set_reference(record.what, histogram);
    }
}

void Observer::set_reference(uint32_t what, const Histogram& reference) {
    if (what < kWhats) reference_[what] = reference;
}

uint32_t Observer::health_report(uint8_t* bytes, uint32_t room, const HealthContext& c) const {
    if ((consents_ & kHealth) == 0) return 0;
    const bool crash = c.crash != nullptr && is_crash(*c.crash);
    CborWriter out(bytes, room);
    begin(out, (crash ? 12 : 11) + pairs_beside(*c.agent), 2, c, kShortDigest);
    add_wear(out, *c.agent);
    out.number(10).number(c.uptime_s);
    out.number(11).array(3).number(runs_).number(total_us_).number(longest_us_);
    out.number(12).array(2).number(c.arena_bytes).number(c.stack_bytes);
    out.number(13).number(c.energy_uj);
    out.number(14).array(2).number(c.starts).number(static_cast<uint32_t>(c.start_reason));
    if (crash) {
        out.number(15).array(5).number(c.crash->pc).number(c.crash->lr).number(c.crash->cfsr);
        out.number(c.crash->address).number(c.crash->count);
    }
    add_beside(out, *c.agent);
    return size_of_report(out);
}

uint32_t Observer::statistics_report(uint8_t* bytes, uint32_t room, const uint8_t model_digest[8]) {
    if ((consents_ & kStatistics) == 0) return 0;
    CborWriter out(bytes, room);
    out.map(5).number(0).number(1).number(1).number(3);
    out.number(20).bytes(model_digest, kShortDigest);
    out.number(21).array(kWhats);
    for (uint32_t what = 0; what < kWhats; ++what)
        out.array(2).number(what).bytes(seen_[what].bins, sizeof seen_[what].bins);
    out.number(22).array(kWhats);
    for (uint32_t what = 0; what < kWhats; ++what) {
        const Drift drift = this->drift(what);
        out.array(4).number(what).number(drift.distance).number(drift.n);
        out.number(static_cast<uint32_t>(drift.verdict));
    }
    const uint32_t size = size_of_report(out);
    if (size != 0)
        for (Histogram& histogram : seen_) histogram.clear();
    return size;
}

uint32_t description_report(uint8_t* bytes, uint32_t room, const HealthContext& c,
                            const AgentConfig& config) {
    CborWriter out(bytes, room);
    const bool listed = config.kernel_count <= kMaxManifestKernels;
    begin(out, listed ? 9 : 8, 0, c, 32);
    add_floors(out, *c.agent);
    add_wear(out, *c.agent);
    if (listed) out.number(8).bytes(config.kernels, config.kernel_count * sizeof(KernelKey));
    out.number(9).array(6).number(config.family).number(config.arena_bytes);
    out.number(c.agent->slot_bytes()).number(kPackageVersion).number(c.runs_beside ? 1 : 0);
    out.number(c.application_bytes);
    return size_of_report(out);
}

uint32_t update_report(uint8_t* bytes, uint32_t room, const HealthContext& c) {
    CborWriter out(bytes, room);
    const UpdateState& s = c.agent->state();
    begin(out, 8 + pairs_beside(*c.agent), 1, c, kShortDigest);
    add_floors(out, *c.agent);
    const Refusal& refused = c.agent->refusal();
    if (refused.verdict.reason != Reason::Ok) {
        out.number(6).array(3).number(refused.sequence);
        out.number(static_cast<uint32_t>(refused.verdict.reason)).number(refused.verdict.detail);
    } else {
        out.number(6).array(3).number(s.last_sequence).number(s.last_reason).number(s.last_detail);
    }
    add_wear(out, *c.agent);
    add_beside(out, *c.agent);
    return size_of_report(out);
}

}  // namespace jatai
