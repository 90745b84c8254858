// openapi_forms.h: what each address of the API takes and gives, by example: openapi_test.cpp makes schemas
// of it, openapi_answers_test.cpp holds the server's answers and what it refuses against them.
//
//     {"POST /api/v1/keys", {R"({"name": "", "role": ""})", R"({"$of": "Key", "secret": ""})"}}
//
//     ""  0  0.5  true  [""]     text, whole number, number, yes or no, a list
//     "$Key"                     the record of that name; {"$of": "Key", …} more than the record
//     {"$any": 0}                names that nobody knows beforehand, each with such a value; {"$any": null}:
//     any "name~"  "name?"           not always there; may be null
#pragma once

#include <map>
#include <string>

namespace jatai::fleet {

struct Form {
    std::string takes, gives;  // JSON; empty: nothing
};

inline const std::map<std::string, Form>& forms() {
    static const std::string facts =
        R"("board~":"","core~":"","firmware~":"","ram_bytes~":0,"flash_bytes~":0,"kernels~":[""],
           "peripherals~":[""],"groups~":[""],"consent_health~":true,"consent_statistics~":true)";
    static const std::string settings =
        R"({"poll_seconds~":0,"cohort_min~":0,"retention_days~":0,"window_seconds~":0,
            "anonymous_devices~":true,"webhook~":"","emails~":[""],"silent_after_s~":0,"alert_gap_s~":0,
            "alerts_per_hour~":0,"drift_share~":0.5,"root~":""})";
    static const std::string field =
        R"("field_accuracy?":{"labelled":0,"accuracy":0.5,"low":0.5,"high":0.5})";
    static const std::string version =
        R"({"$of":"Version","variants":["$Variant"],"aliases":[""],)" + field + "}";
    static const std::string unfit = R"([{"why":"","devices":0}])";
    static const std::string rollout_more =
        R"("exposed":0,"evidence":{"watched":0,"unwatched":0},"cannot_see":[""],
           "devices_to_verdict":{"if_good":0.5,"if_bad":0.5})";
    static const std::string rollout = R"({"$of":"Rollout",)" + rollout_more + "}";
    static const std::string tenant = R"({"$of":"Tenant","next_sequence":0})";
    static const std::string label =
        R"("device~":"","version~":"","board~":"","right~":0,"wrong~":0,"expected~":"","predicted~":"","id~":"")";
    const auto list = [](const std::string& item) { return R"({"items":[)" + item + R"(],"next":""})"; };
    static const std::map<std::string, Form> all = {
        {"GET /api/v1/me", {"", R"({"tenant":"","name":"","role":"","scopes":[""]})"}},
        {"GET /api/v1/tenant", {"", tenant}},
        {"PATCH /api/v1/tenant", {settings, tenant}},
        {"POST /api/v1/tenants", {R"({"id":""})", R"({"id":"","admin_key":""})"}},
        {"GET /api/v1/keys", {"", list(R"("$Key")")}},
        {"POST /api/v1/keys",
         {R"({"name":"","role":"","scopes~":[""],"expires_ms~":0})", R"({"$of":"Key","secret":""})"}},
        {"DELETE /api/v1/keys/{key}", {"", R"("$Key")"}},
        {"GET /api/v1/audit", {"", R"({"items":["$Audit"]})"}},
        {"GET /api/v1/jobs", {"", list(R"("$JobRow")")}},
        {"GET /api/v1/jobs/{job}", {"", R"("$Job")"}},
        {"POST /api/v1/jobs/{job}/cancel", {"", R"({"id":""})"}},
        {"POST /api/v1/backup", {"", R"({"job":""})"}},
        {"GET /api/v1/alerts", {"", R"({"items":["$Alert"]})"}},
        {"POST /api/v1/alerts/test", {"", R"("$Alert")"}},
        {"GET /api/v1/devices", {"", list(R"("$Device")")}},
        {"POST /api/v1/devices",
         {R"({"id~":"","token~":"",)" + facts + R"(,"devices~":[{"id":"","token~":"",)" + facts + "}]}",
          R"({"items":[{"id":"","token":""}]})"}},
        {"GET /api/v1/devices/{device}", {"", R"({"$of":"Device","last_action~":"$Action"})"}},
        {"PATCH /api/v1/devices/{device}", {"{" + facts + "}", R"("$Device")"}},
        {"POST /api/v1/devices/{device}/token", {"", R"({"id":"","token":""})"}},
        {"POST /api/v1/devices/{device}/revoke", {"", R"("$Device")"}},
        {"POST /api/v1/devices/{device}/decommission", {"", R"("$Device")"}},
        {"GET /api/v1/devices/{device}/data",
         {"", R"({"$of":"Device","recent":[""],"actions":["$Action"],"reports":[{"$any":null}]})"}},
        {"DELETE /api/v1/devices/{device}", {"", R"({"id":"","erased":true})"}},
        {"POST /api/v1/codes",
         {R"({"device~":"","group~":"","seconds~":0})", R"({"id":"","code":"","expires_ms":0})"}},
        {"POST /api/v1/qr", {R"({"words":""})", R"({"svg":""})"}},
        {"POST /api/v1/enroll",
         {R"({"code":"","id":"","facts~":{)" + facts + "}}", R"({"id":"","token":"","tenant":""})"}},
        {"GET /api/v1/groups", {"", list(R"("$Group")")}},
        {"PUT /api/v1/groups/{group}", {R"({"filter~":"","devices~":[""]})", R"("$Group")"}},
        {"PUT /api/v1/blobs/{sha256}", {"", R"({"sha256":"","bytes":0})"}},
        {"GET /api/v1/blobs/{sha256}", {"", ""}},
        {"GET /api/v1/versions", {"", list(R"({"$of":"Version",)" + field + "}")}},
        {"POST /api/v1/versions",
         {R"({"model":"","weights_hash":"","name~":"","dataset_hash~":"","pipeline_hash~":"",
              "code_version~":"","parent~":"","accuracy~":0.5})",
          version}},
        {"GET /api/v1/versions/{version}", {"", version}},
        {"POST /api/v1/versions/{version}/approve", {R"({"note~":""})", R"("$Version")"}},
        {"POST /api/v1/versions/{version}/reject", {R"({"note~":""})", R"("$Version")"}},
        {"GET /api/v1/versions/{version}/lineage", {"", R"({"nodes":["$Version"],"children":[""]})"}},
        {"GET /api/v1/variants", {"", list(R"("$Variant")")}},
        {"POST /api/v1/variants",
         {R"({"version":"","board~":"","core~":"","precision~":"","options~":"","form~":"","kernels~":[""],
              "peripherals~":[""],"firmware_min~":"","flash_bytes~":0,"ram_bytes~":0,"bytes_on_air~":0,
              "latency_us~":0.5,"energy_uj~":0.5,"accuracy~":0.5,"image~":"","manifest~":"",
              "artifacts~":[{"name":"","sha256":""}]})",
          R"("$Variant")"}},
        {"GET /api/v1/aliases", {"", list(R"("$Alias")")}},
        {"PUT /api/v1/aliases/{model}/{alias}", {R"({"version":""})", R"("$Alias")"}},
        {"POST /api/v1/select",
         {R"({"version":"","device~":"","facts~":{)" + facts + "}}",
          R"({"variant":"","why":"","considered":[{"variant":"","fits":true,"why_not":""}],"job~":""})"}},
        {"POST /api/v1/compile", {R"({"version":"","board":""})", R"({"job":""})"}},
        {"GET /api/v1/rollouts", {"", list(rollout)}},
        {"POST /api/v1/rollouts",
         {R"({"name~":"","plan":"$Plan"})", R"({"$of":"Rollout",)" + rollout_more + R"(,"unfit":)" + unfit +
                                                R"(,"building":[{"board":"","job":""}]})"}},
        {"GET /api/v1/rollouts/{rollout}",
         {"", R"({"$of":"Rollout",)" + rollout_more + R"(,"unfit~":)" + unfit + "}"}},
        {"GET /api/v1/rollouts/{rollout}/trail", {"", R"({"points":["$TrailPoint"]})"}},
        {"POST /api/v1/rollouts/{rollout}/start", {"", rollout}},
        {"POST /api/v1/rollouts/{rollout}/approve", {"", rollout}},
        {"POST /api/v1/rollouts/{rollout}/pause", {"", rollout}},
        {"POST /api/v1/rollouts/{rollout}/resume", {"", rollout}},
        {"POST /api/v1/rollouts/{rollout}/abort", {"", rollout}},
        {"POST /api/v1/rollouts/{rollout}/revert", {"", rollout}},
        {"POST /api/v1/stop", {"", R"({"stopped":true})"}},
        {"POST /api/v1/go", {"", R"({"stopped":true})"}},
        {"GET /api/v1/actions", {"", list(R"("$Action")")}},
        {"POST /api/v1/devices/{device}/assign", {R"({"version":"","mode~":""})", R"("$Action")"}},
        {"POST /api/v1/plans/check",
         {R"({"plan":"$Plan"})", R"({"targets":0,"unfit":)" + unfit +
                                     R"(,"first_stage":0.5,"cannot_see":[""],
                  "time_to_verdict":[{"opt_in":0.5,"report_s":0.5,"sick":0.5,"verdict":"","hours":0.5,
                  "all_silent":true,"devices_needed":0.5,"devices_watched":0.5}]})"}},
        {"GET /api/v1/feedback", {"", list(R"({"$of":"Labels","accuracy":0.5,"low":0.5,"high":0.5})")}},
        {"POST /api/v1/feedback",
         {"{" + label + R"(,"items~":[{)" + label + "}]}", R"({"taken":0,"again":0})"}},
        {"GET /api/v1/report",
         {"", R"({"at_ms":0,"devices":0,"states":{"$any":0},"versions":{"$any":0},"boards":{"$any":0},
                  "failures":{"$any":0},"silent":0,"consent_health":0,"consent_statistics":0,
                  "stopped":true})"}},
        {"GET /api/v1/cohorts", {"", list(R"({"$of":"Cohort","expected_accuracy":0.5})")}},
        {"GET /api/v1/trends",
         {"", list(R"({"version":"","board":"","start_ms":0,"seconds":0,"words":0,"crashes":0,
                       "latency_us?":0.5,"energy_uj?":0.5,"expected_accuracy?":0.5,"drifted_share?":0.5,
                       "distance?":0.5})")}},
    };
    return all;
}

}  // namespace jatai::fleet
