// trend.h: how things went: health and statistics in windows of time, and the trail of a roll-out.
//
//     add_statistics(house, tenant, device, version, report);     // from the reports that come in
//     add_health(house, tenant, device, before);                   // before: its last word but this one
//     note_trail(state, tenant, rollout);                          // ten times a second; writes what changed
//
// Keeps    a window counts each device once. Statistics of a window in which fewer than `cohort_min` devices
// told
//          are not shown, and shown ones are rounded, so that what is left out cannot be had by subtraction.
// Memory   windows are forgotten with the raw reports (`retention_days`); a trail has kTrailPoints at most:
// when it
//          is full every other point goes, and the next ones are twice as far apart.
#pragma once

#include "src/fleet/house.h"
#include "src/telemetry/report.h"

namespace jatai::fleet {

constexpr std::size_t kTrailPoints = 240;

void add_statistics(House& house, TenantState& tenant, Device& device, const std::string& version,
                    const DeviceReport& report);
void add_health(House& house, TenantState& tenant, const Device& device, const Health& before);
void forget_old_windows(House& house, TenantState& tenant);

void note_trail(State& state, TenantState& tenant, const Rollout& rollout);

// What may be shown of a window: {"version", "board", "start_ms", "seconds", health…, statistics… or null}.
// "distance" is the Kolmogorov-Smirnov distance of the outputs from those of the first window shown of that
// version and board.
Json shown(const TenantState& tenant, const Window& window);

}  // namespace jatai::fleet
