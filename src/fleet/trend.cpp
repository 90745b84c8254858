#include "src/fleet/trend.h"

#include <algorithm>
#include <cmath>

#include "src/telemetry/drift.h"

namespace jatai::fleet {
namespace {

Window& window_of(House& house, TenantState& tenant, const std::string& version, const std::string& board) {
    const std::int64_t length_ms = std::int64_t{1000} * tenant.facts.window_seconds;
    const std::int64_t start = house.state.now() / length_ms * length_ms;
    const std::string id = version + "/" + board + "/" + std::to_string(start);
    Window& window = tenant.windows[id];
    window.tenant = tenant.facts.id;
    window.id = id;
    window.version = version;
    window.board = board;
    window.start_ms = start;
    window.seconds = tenant.facts.window_seconds;
    return window;
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

// Drift is measured from the first window of the same version and board that may be shown.
const Window& first_shown(const TenantState& tenant, const Window& window) {
    const std::string cohort = window.version + "/" + window.board + "/";
    for (auto at = tenant.windows.lower_bound(cohort); at != tenant.windows.end(); ++at) {
        if (at->first.rfind(cohort, 0) != 0) break;
        if (at->second.devices >= tenant.facts.cohort_min) return at->second;
    }
    return window;
}

double rounded(double value, double to) { return std::round(value / to) * to; }

TrailPoint point_of(const Rollout& rollout, std::int64_t now) {
    TrailPoint point{
        now, rollout.stage, rollout.offered, rollout.installed, rollout.failed, rollout.reverted};
    if (!rollout.gates.empty()) point.llr = rollout.gates.begin()->second.llr;
    for (const auto& [name, gate] : rollout.gates) {
        point.well += gate.well;
        point.sick += gate.sick;
        point.silent += gate.silent;
        point.llr = std::max(point.llr, gate.llr);
    }
    return point;
}

bool same(const TrailPoint& a, const TrailPoint& b) {
    return a.stage == b.stage && a.offered == b.offered && a.installed == b.installed &&
           a.failed == b.failed && a.reverted == b.reverted && a.well == b.well && a.sick == b.sick &&
           a.silent == b.silent;
}

void thin(Trail& trail) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < trail.points.size(); i += 2) trail.points[kept++] = trail.points[i];
    trail.points.resize(kept);
    trail.every_ms *= 2;
}

}  // namespace

void add_statistics(House& house, TenantState& tenant, Device& device, const std::string& version,
                    const DeviceReport& report) {
    Window& window = window_of(house, tenant, version, device.board);
    ++window.reports;
    window.drifted += report.drifted ? 1 : 0;
    if (device.counted_window != window.id) ++window.devices;
    device.counted_window = window.id;
    merge(window.output, report.output);
    merge(window.confidence, report.confidence);
    house.state.save(window);
}

void add_health(House& house, TenantState& tenant, const Device& device, const Health& before) {
    const Health& now = device.health;
    Window& window = window_of(house, tenant, now.version, device.board);
    ++window.words;
    if (now.version == before.version && now.crashes > before.crashes)
        window.crashes += now.crashes - before.crashes;
    window.latency_us += now.latency_us;
    window.energy_uj += now.energy_uj;
    house.state.save(window);
}

void forget_old_windows(House& house, TenantState& tenant) {
    const std::int64_t oldest =
        house.state.now() - static_cast<std::int64_t>(tenant.facts.retention_days) * 86400000;
    std::erase_if(tenant.windows, [&](const auto& item) {
        if (item.second.start_ms >= oldest) return false;
        house.state.forget(Kind::Window, tenant.facts.id, item.first);
        return true;
    });
}

void note_trail(State& state, TenantState& tenant, const Rollout& rollout) {
    if (rollout.started_ms == 0) return;
    Trail& trail = tenant.trails[rollout.id];
    const TrailPoint point = point_of(rollout, state.now());
    if (!trail.points.empty()) {
        const TrailPoint& last = trail.points.back();
        const bool over = rollout.state == "finished";
        if (same(last, point) || (!over && point.at_ms - last.at_ms < trail.every_ms)) return;
    }
    trail.tenant = rollout.tenant;
    trail.id = rollout.id;
    trail.points.push_back(point);
    if (trail.points.size() > kTrailPoints) thin(trail);
    state.save(trail);
}

Json shown(const TenantState& tenant, const Window& window) {
    const double words = static_cast<double>(std::max<std::uint64_t>(window.words, 1));
    Json out = {{"version", window.version},
                {"board", window.board},
                {"start_ms", window.start_ms},
                {"seconds", window.seconds},
                {"words", window.words},
                {"crashes", window.crashes},
                {"latency_us", window.words > 0 ? Json(window.latency_us / words) : Json()},
                {"energy_uj", window.words > 0 ? Json(window.energy_uj / words) : Json()},
                {"expected_accuracy", nullptr},
                {"drifted_share", nullptr},
                {"distance", nullptr}};
    if (window.devices < tenant.facts.cohort_min) return out;
    const double reports = static_cast<double>(window.reports);
    out["expected_accuracy"] = rounded(expected_accuracy(histogram_of(window.confidence)), 0.001);
    out["drifted_share"] = rounded(static_cast<double>(window.drifted) / reports, 0.01);
    const Drift drift =
        compare(histogram_of(window.output), histogram_of(first_shown(tenant, window).output));
    out["distance"] = rounded(drift.distance, 0.01);
    return out;
}

}  // namespace jatai::fleet
