#include "src/fleet/intake.h"

#include <algorithm>

#include "src/fleet/secrets.h"
#include "src/fleet/trend.h"
#include "src/telemetry/drift.h"
#include "src/telemetry/report.h"

namespace jatai::fleet {
namespace {

using Kinds = DeviceReport::Kind;
constexpr std::size_t kRemembered = 64;
constexpr std::uint32_t kReturned = 2;  // phase
constexpr std::uint32_t kReplayed = 9;  // reason

// The variant whose image begins with this digest; null: none of ours.
const Variant* variant_of(const TenantState& tenant, const Device& device, const std::string& digest) {
    if (digest.size() < 16) return nullptr;
    const auto named = [&](const std::string& id) -> const Variant* {
        const auto found = tenant.variants.find(id);
        return found != tenant.variants.end() && found->second.image.rfind(digest, 0) == 0 ? &found->second
                                                                                           : nullptr;
    };
    if (const Variant* now = named(device.variant)) return now;
    const auto action = tenant.actions.find(device.action);
    if (action != tenant.actions.end()) {
        if (const Variant* next = named(action->second.variant)) return next;
    }
    for (const auto& [id, variant] : tenant.variants) {
        if (variant.image.rfind(digest, 0) == 0) return &variant;
    }
    return nullptr;
}

// What it says it runs is the truth, whatever feedback was lost on the way.
void note_model(House& house, TenantState& tenant, Device& device, const DeviceReport& report) {
    device.sequence = std::max({device.sequence, report.floor, report.sequence});
    device.root_sequence = std::max(device.root_sequence, report.root_sequence);
    house.state.learn_sequence(tenant, device.sequence);
    const Variant* variant = variant_of(tenant, device, report.digest);
    const auto found = tenant.actions.find(device.action);
    Action* action = found == tenant.actions.end() ? nullptr : &found->second;
    const bool returned = report.phase == kReturned;
    if (action != nullptr && action->revert && action->variant.empty() && variant != nullptr &&
        variant->version == action->version) {
        house.conductor.on_installed(tenant, device, *action);
    } else if (action != nullptr && variant != nullptr && variant->id == action->variant && !returned &&
               action->mode != "shadow") {
        house.conductor.on_installed(tenant, device, *action);
    }
    if (variant == nullptr) return;
    device.reported = variant->version;
    device.variant = variant->id;
}

// The model beside it: that it runs, that it is gone.
void note_beside(House& house, TenantState& tenant, Device& device, const DeviceReport& report) {
    const auto found = tenant.actions.find(device.action);
    if (found == tenant.actions.end() || found->second.mode != "shadow") return;
    Action& action = found->second;
    const auto variant = tenant.variants.find(action.variant);
    const bool runs = report.beside.size() == 16 && variant != tenant.variants.end() &&
                      variant->second.image.rfind(report.beside, 0) == 0;
    if (runs) return house.conductor.on_shadow(tenant, device, action);
    if (report.kind != Kinds::Result) return;
    if (action.state == "cancelling") return house.conductor.on_left(tenant, device, action);
    device.shadow.clear();
}

void note_result(House& house, TenantState& tenant, Device& device, const DeviceReport& report) {
    if (report.reason == 0) return;
    const auto found = tenant.actions.find(device.action);
    if (found == tenant.actions.end() || found->second.revert) return;
    const auto variant = tenant.variants.find(found->second.variant);
    // Sequence 0: what came could not even be read.
    const bool meant = variant != tenant.variants.end() &&
                       (report.last_sequence == 0 || variant->second.sequence == report.last_sequence);
    const bool runs_already = report.reason == kReplayed && report.sequence == report.last_sequence;
    if (!meant || runs_already) return;
    house.conductor.on_failed(tenant, device, found->second, reason_name(report.reason));
}

Health health_of(const DeviceReport& report, const Device& device, std::int64_t now) {
    Health health;
    health.version = device.reported;
    health.at_ms = now;
    health.requests = report.runs;
    health.crashes = report.crashes;
    health.starts = report.starts;
    health.uptime_s = report.uptime_s;
    health.memory_bytes = report.memory_bytes;
    health.latency_us =
        report.runs > 0 ? static_cast<double>(report.total_us) / static_cast<double>(report.runs) : 0;
    health.energy_uj = report.energy_uj;
    health.reboot_reason = report.start_reason;
    return health;
}

// Why a device looks sick by its health alone; empty: it does not.
std::string ailment(const Device& device, const GatePlan& gate, const std::string& mode) {
    const bool beside = mode == "shadow", same_version = beside || mode == "hold";
    const Health& now = device.health;
    const Health& before = device.before;
    if (now.crashes > before.crashes && (same_version || before.version != now.version)) return "crashed";
    if (beside) return {};  // its time is that of the model in force
    if (before.latency_us > 0 && now.latency_us > gate.slower * before.latency_us)
        return "slower than before";
    return {};
}

Action* judged_action(TenantState& tenant, const Device& device) {
    const auto found = tenant.actions.find(device.action);
    if (found == tenant.actions.end()) return nullptr;
    Action& action = found->second;
    const std::string& runs = action.mode == "shadow" ? device.shadow : device.reported;
    const bool judged = !has_it(action) || !action.verdict.empty() || action.revert;
    return judged || action.version != runs ? nullptr : &action;
}

const GatePlan* gate_of(const TenantState& tenant, const Action& action) {
    const auto found = tenant.rollouts.find(action.rollout);
    return found == tenant.rollouts.end() ? nullptr : &found->second.plan.gate;
}

// The action whose arm this device speaks for; null: none.
Action* arm_action(TenantState& tenant, const Device& device, const std::string& version) {
    const auto found = tenant.actions.find(device.action);
    const bool its = found != tenant.actions.end() && !found->second.arm.empty() &&
                     found->second.version == version && has_it(found->second);
    return its ? &found->second : nullptr;
}

// Well once its health was seen over enough requests, and its statistics too where it lets us have them. A
// shadow has statistics only.
void judge_if_complete(House& house, const Device& device, Action& action) {
    const bool healthy = action.healthy_seen || action.mode == "shadow";
    const bool complete = healthy && (action.statistics_seen || !device.consent_statistics);
    if (complete) house.conductor.judge(action, Evidence::Well, {});
}

void note_health(House& house, TenantState& tenant, Device& device, const DeviceReport& report) {
    const Health fresh = health_of(report, device, house.state.now());
    if (device.health.version != fresh.version && !device.health.version.empty())
        device.before = device.health;
    const Health before = std::exchange(device.health, fresh);
    add_health(house, tenant, device, before);
    Action* arm = arm_action(tenant, device, device.reported);
    if (arm != nullptr && fresh.requests >= gate_of(tenant, *arm)->least_requests) {
        house.conductor.add_value(*arm, "latency", fresh.latency_us);
        house.conductor.add_value(*arm, "energy", fresh.energy_uj);
    }
    Action* action = judged_action(tenant, device);
    const GatePlan* gate = action == nullptr ? nullptr : gate_of(tenant, *action);
    if (gate == nullptr) return;
    const std::string why = ailment(device, *gate, action->mode);
    if (!why.empty()) return house.conductor.judge(*action, Evidence::Sick, why);
    if (action->mode == "shadow" || fresh.requests < gate->least_requests) return;
    action->healthy_seen = true;
    house.state.save(*action);
    judge_if_complete(house, device, *action);
}

void merge(std::vector<std::uint64_t>& into, const std::optional<Histogram>& from) {
    if (!from) return;
    into.resize(from->size());
    for (std::size_t i = 0; i < from->size(); ++i) into[i] += (*from)[i];
}

Histogram histogram_of(const std::vector<std::uint64_t>& bins) {
    Histogram out{};
    for (std::size_t i = 0; i < out.size() && i < bins.size(); ++i) out[i] = bins[i];
    return out;
}

// Against what the version before did on the same kind of board, when enough devices told.
std::string drift_from(const TenantState& tenant, const Action& action, const DeviceReport& report,
                       const GatePlan& gate, const std::string& board) {
    if (report.drifted) return "its outputs drifted, by its own test";
    const auto found = tenant.cohorts.find(action.previous + "/" + board);
    if (found == tenant.cohorts.end() || found->second.devices < tenant.facts.cohort_min) return {};
    const Cohort& before = found->second;
    if (report.output && compare(*report.output, histogram_of(before.output)).drifted)
        return "its outputs are not those of the version before";
    if (!report.confidence || count_of(*report.confidence) == 0) return {};
    const double lost =
        expected_accuracy(histogram_of(before.confidence)) - expected_accuracy(*report.confidence);
    return lost > gate.less_sure ? "expected accuracy fell" : std::string();
}

// One bit stays with the device (well or sick); the histograms go into the cohort and are nobody's any more.
void note_statistics(House& house, TenantState& tenant, Device& device, const DeviceReport& report) {
    const Variant* variant = variant_of(tenant, device, report.digest);
    if (variant == nullptr) return;
    const std::string id = variant->version + "/" + device.board;
    Action* action = judged_action(tenant, device);
    const GatePlan* gate = action == nullptr ? nullptr : gate_of(tenant, *action);
    const std::uint64_t seen = report.output ? count_of(*report.output) : 0;
    const bool few = gate != nullptr && action->mode == "shadow" && seen < gate->least_requests;
    if (gate != nullptr && action->version == variant->version && !few) {
        const std::string why = drift_from(tenant, *action, report, *gate, device.board);
        action->statistics_seen = true;
        if (!why.empty())
            house.conductor.judge(*action, Evidence::Sick, why);
        else
            judge_if_complete(house, device, *action);
        house.state.save(*action);
    }
    Action* arm = arm_action(tenant, device, variant->version);
    if (arm != nullptr && report.confidence &&
        count_of(*report.confidence) >= gate_of(tenant, *arm)->least_requests)
        house.conductor.add_value(*arm, "confidence", expected_accuracy(*report.confidence));
    Cohort& cohort = tenant.cohorts[id];
    cohort.tenant = tenant.facts.id;
    cohort.id = id;
    cohort.version = variant->version;
    cohort.board = device.board;
    if (cohort.reports++ == 0) cohort.first_ms = house.state.now();
    cohort.last_ms = house.state.now();
    cohort.drifted += report.drifted ? 1 : 0;
    if (device.counted != id) ++cohort.devices;
    device.counted = id;
    merge(cohort.input, report.input);
    merge(cohort.output, report.output);
    merge(cohort.confidence, report.confidence);
    house.metrics.add("jatai_statistics_merged_total", "tenant=\"" + tenant.facts.id + "\"");
    house.state.save(cohort);
    add_statistics(house, tenant, device, variant->version, report);
}

void note_description(Device& device, const DeviceReport& report) {
    if (!report.board.empty()) device.board = report.board;
    if (!report.kernels.empty()) device.kernels = report.kernels;
    if (report.arena_bytes > 0) device.ram_bytes = report.arena_bytes;
    if (report.slot_bytes > 0) device.flash_bytes = report.slot_bytes;
    if (!report.can_beside) return;
    device.attributes["shadow"] = *report.can_beside ? "yes" : "no";
    if (report.application_bytes > 0)
        device.attributes["application_ram"] = std::to_string(report.application_bytes);
    else
        device.attributes.erase("application_ram");
}

// Lines that were not there before are appended together with the device: acknowledged means both are there.
bool remember(House& house, Device& device, const std::string& number, std::string_view bytes, Kinds kind) {
    const std::string mark = sha256_hex(number + "\n" + std::string(bytes)).substr(0, 16);
    if (std::find(device.recent.begin(), device.recent.end(), mark) != device.recent.end()) return false;
    device.recent.push_back(mark);
    if (device.recent.size() > kRemembered) device.recent.erase(device.recent.begin());
    if (kind == Kinds::Statistics) return true;  // never kept with a device
    const Json raw = {{"device", device.id},
                      {"at_ms", house.state.now()},
                      {"kind", static_cast<int>(kind)},
                      {"mark", mark}};
    house.state.append({{Kind::Report, device.tenant, house.state.next_id(), raw.dump()}});
    return true;
}

}  // namespace

Taken take_report(House& house, TenantState& tenant, Device& device, const std::string& number,
                  std::string_view bytes) {
    const std::optional<DeviceReport> report = read_report(bytes);
    house.metrics.add("jatai_reports_total", "tenant=\"" + tenant.facts.id + "\"");
    if (!report) return Taken::Broken;
    if (report->kind == Kinds::Health && !device.consent_health) return Taken::Unwanted;
    if (report->kind == Kinds::Statistics && !device.consent_statistics) return Taken::Unwanted;
    if (!remember(house, device, number, bytes, report->kind)) return Taken::Again;
    if (report->kind != Kinds::Statistics) note_model(house, tenant, device, *report);
    if (report->kind == Kinds::Description) note_description(device, *report);
    if (report->kind == Kinds::Result || report->kind == Kinds::Health)
        note_beside(house, tenant, device, *report);
    if (report->kind == Kinds::Result) note_result(house, tenant, device, *report);
    if (report->kind == Kinds::Health) note_health(house, tenant, device, *report);
    if (report->kind == Kinds::Statistics) note_statistics(house, tenant, device, *report);
    house.state.save(device);
    return Taken::New;
}

}  // namespace jatai::fleet
