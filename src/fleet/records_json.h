// records_json.h: the records as JSON values.
//
//     Json answer = device;                 // nlohmann finds these functions
#pragma once

#include <nlohmann/json.hpp>

#include "src/fleet/records.h"

namespace jatai::fleet {

using Json = nlohmann::json;

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Tenant, id, created_ms, sequence_floor, poll_seconds,
                                                cohort_min, retention_days, anonymous_devices, stopped,
                                                window_seconds, webhook, emails, silent_after_s, alert_gap_s,
                                                alerts_per_hour, drift_share, root, root_sequence)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Key, id, tenant, name, role, hash, scopes, created_ms,
                                                expires_ms, revoked)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Code, id, tenant, hash, device, group, expires_ms, used)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Group, id, tenant, filter)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Health, version, at_ms, requests, crashes, starts, uptime_s,
                                                memory_bytes, latency_us, energy_uj, reboot_reason)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Device, tenant, id, token_hash, state, board, core, firmware,
                                                ram_bytes, flash_bytes, kernels, peripherals, groups,
                                                attributes, desired, reported, variant, shadow, sequence,
                                                root_sequence, created_ms, seen_ms, consent_health,
                                                consent_statistics, auto_confirm, silent, health, before,
                                                action, reason, counted, counted_window, recent)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Version, tenant, id, model, name, dataset_hash, pipeline_hash,
                                                weights_hash, code_version, parent, state, decided_by, note,
                                                created_by, created_ms, accuracy)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Artifact, name, sha256, sha1, md5, bytes)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Variant, tenant, id, version, board, core, precision, options,
                                                form, kernels, peripherals, firmware_min, flash_bytes,
                                                ram_bytes, bytes_on_air, latency_us, energy_uj, accuracy,
                                                image, manifest, sequence, created_ms, not_after_s, artifacts)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Alias, tenant, id, model, name, version)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Cohort, tenant, id, version, board, devices, reports, drifted,
                                                input, output, confidence, first_ms, last_ms)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Window, tenant, id, version, board, start_ms, seconds,
                                                devices, reports, drifted, output, confidence, words, crashes,
                                                latency_us, energy_uj)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(TrailPoint, at_ms, stage, offered, installed, failed,
                                                reverted, well, sick, silent, llr)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Trail, tenant, id, every_ms, points)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Labels, tenant, id, version, board, right, wrong, pairs,
                                                recent, first_ms, last_ms)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Alert, tenant, id, kind, target, what, at_ms, unsent_before,
                                                webhook, email)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Arm, devices, sum, squares)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(ArmsVerdict, verdict, effect, low, high)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(GatePlan, sick_if_good, sick_if_bad, stop_good, pass_bad,
                                                silence_s, least_requests, slower, less_sure, by)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Stage, percent, least, approval, gate)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Plan, kind, version, other, fallback, filter, stages, mode,
                                                confirm, approval, dynamic, revert, skip_unfit, per_minute,
                                                growth, grow_every, window_from, window_to, gate, most_failed,
                                                hold, metric, share, effect, error)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(GateState, llr, well, sick, silent, verdict)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Rollout, tenant, id, name, created_by, approved_by, plan,
                                                state, reason, stage, stage_approved, allowance, created_ms,
                                                started_ms, tick_ms, ended_ms, gates, switched, a, b, arms,
                                                targets, offered, installed, failed, reverted)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Action, tenant, id, rollout, device, version, variant, mode,
                                                previous, state, verdict, reason, messages, healthy_seen,
                                                statistics_seen, stage, arm, revert, confirmed, counted,
                                                offered_ms, taken_ms, done_ms)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Job, tenant, id, kind, state, asked_by, error, log, percent,
                                                created_ms, ended_ms, result, about)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Audit, tenant, id, who, role, what, target, note, at_ms)

}  // namespace jatai::fleet
