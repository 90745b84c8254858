// The files of an action: their names, sums and bytes.
#include "src/base/bytes.h"
#include "src/fleet/ddi_call.h"
#include "src/fleet/secrets.h"

namespace jatai::fleet {
namespace {

constexpr const char* kManifestName = "manifest.suit";
constexpr const char* kPayloadName = "payload.jup";
constexpr std::size_t kMostSums = 10000;
constexpr std::int64_t kMakeAgain_ms = 60000;

// The image it holds now, if the server has it too: what a delta can build on. "" otherwise.
std::string image_held(const DeviceCall& call) {
    const auto found = call.tenant.variants.find(call.device.variant);
    return found == call.tenant.variants.end() ? std::string() : found->second.image;
}

// Which blob makes `to` from `from` is kept on disk too, so that a restart does not make everything again.
fs::path note_of(const House& house, const std::string& key) { return house.folder / "payloads" / key; }

std::string noted(const House& house, const std::string& key) {
    const fs::path note = note_of(house, key);
    if (!fs::exists(note)) return {};
    const Bytes bytes = read_file(note);
    const std::string blob(bytes.begin(), bytes.end());
    return house.blobs.has(blob) ? blob : std::string();
}

void make_payload(House& house, const std::string& tenant, const std::string& key, const std::string& from,
                  const std::string& to) {
    const auto old = from.empty() ? nullptr : house.blobs.open(from);
    const auto image = house.blobs.open(to);
    if (!image) return;
    const auto work = [old, image, make = house.helpers.make_payload, &blobs = house.blobs,
                       note = note_of(house, key)](Working&) {
        const std::string blob = blobs.put(make(old ? old->view() : std::string_view(), image->view()));
        fs::create_directories(note.parent_path());
        write_file(note, ByteView(reinterpret_cast<const std::uint8_t*>(blob.data()), blob.size()));
        return blob;
    };
    const std::string job =
        house.jobs.start(tenant, "payload", "server", work,
                         [&house, key](const std::string& blob) { house.payloads[key].blob = blob; });
    house.payloads[key] = {"", job};
}

// A job that failed or was cancelled is begun again after a while.
bool is_over(const DeviceCall& call, const std::string& job) {
    const auto found = call.tenant.jobs.find(job);
    if (found == call.tenant.jobs.end()) return true;
    const bool ended = found->second.state == "failed" || found->second.state == "cancelled";
    return ended && found->second.ended_ms + kMakeAgain_ms < call.house.state.now();
}

// The blob that makes `variant` on this device; "" while it is being made.
std::string payload_of(DeviceCall& call, const Variant& variant) {
    if (!call.house.helpers.make_payload) return variant.image;
    const std::string from = image_held(call);
    const std::string key = from + "-" + variant.image;
    House::Payload& payload = call.house.payloads[key];
    if (payload.blob.empty() && payload.job.empty()) payload.blob = noted(call.house, key);
    if (!payload.blob.empty()) return payload.blob;
    if (payload.job.empty() || is_over(call, payload.job))
        make_payload(call.house, call.tenant.facts.id, key, from, variant.image);
    return {};
}

// Of a blob: counted once, and kept while the server runs.
Artifact with_sums(House& house, const char* name, const std::string& id) {
    Artifact artifact{name, id};
    const auto blob = house.blobs.open(id);
    if (!blob) return artifact;
    if (house.sums.size() >= kMostSums) house.sums.clear();
    const auto [at, fresh] = house.sums.try_emplace(id);
    if (fresh) at->second = sums_of(blob->view());
    artifact.sha1 = at->second.sha1;
    artifact.md5 = at->second.md5;
    artifact.bytes = blob->view().size();
    return artifact;
}

Reply send_sum(const Artifact& artifact) {
    Reply reply;
    reply.type = "text/plain";
    reply.body = artifact.md5 + "  " + artifact.name + "\n";
    reply.headers.emplace_back("Content-Disposition",
                               "attachment; filename=\"" + artifact.name + ".MD5SUM\"");
    return reply;
}

Reply send_file(DeviceCall& call, const Artifact& artifact) {
    Reply reply;
    reply.blob = call.house.blobs.open(artifact.sha256);
    reply.type = "application/octet-stream";
    reply.etag = artifact.sha256;
    reply.headers.emplace_back("Content-Disposition", "attachment; filename=\"" + artifact.name + "\"");
    if (!reply.blob) throw Refusal{503, "the file is being made", "", 1};
    return reply;
}

}  // namespace

std::vector<Artifact> artifacts_of(DeviceCall& call, const Action& action) {
    const auto found = call.tenant.variants.find(action.variant);
    if (found == call.tenant.variants.end()) return {};
    const Variant& variant = found->second;
    std::vector<Artifact> all = variant.artifacts;
    if (variant.manifest.empty()) return all;
    all.push_back(with_sums(call.house, kManifestName, variant.manifest));
    all.push_back(with_sums(call.house, kPayloadName, payload_of(call, variant)));
    return all;
}

bool is_ready(DeviceCall& call, const Action& action) {
    const auto found = call.tenant.variants.find(action.variant);
    return found == call.tenant.variants.end() || found->second.manifest.empty() ||
           !payload_of(call, found->second).empty();
}

Json artifact_json(const DeviceCall& call, const Action& action, const Artifact& artifact) {
    const std::string at = call.base() + "/artifacts/" + action.id + "/" + artifact.name;
    Json hashes = {{"sha256", artifact.sha256}};
    if (!artifact.sha1.empty()) hashes["sha1"] = artifact.sha1;
    if (!artifact.md5.empty()) hashes["md5"] = artifact.md5;
    return {{"filename", artifact.name},
            {"hashes", hashes},
            {"size", artifact.bytes},
            {"_links",
             {{"download", {{"href", at}}},
              {"download-http", {{"href", at}}},
              {"md5sum", {{"href", at + ".MD5SUM"}}},
              {"md5sum-http", {{"href", at + ".MD5SUM"}}}}}};
}

// Whoever is admitted may have it: its signatures say whether it counts.
Reply send_root(DeviceCall& call) {
    Artifact root{"root.cbor", call.tenant.facts.root};
    if (root.sha256.empty()) throw Refusal{404, "no root document was published", ""};
    return send_file(call, root);
}

Reply list_artifacts(DeviceCall& call, const std::string& id) {
    const Action& action = action_of(call, id);
    Json all = Json::array();
    for (const Artifact& artifact : artifacts_of(call, action))
        all.push_back(artifact_json(call, action, artifact));
    return call.say(all);
}

Reply send_artifact(DeviceCall& call, const std::string& id, const std::string& name) {
    const Action& action = action_of(call, id);
    if (call.tenant.facts.stopped) throw Refusal{404, "everything is stopped", ""};
    for (const Artifact& artifact : artifacts_of(call, action)) {
        if (name == artifact.name + ".MD5SUM" && !artifact.md5.empty()) return send_sum(artifact);
        if (name == artifact.name) return send_file(call, artifact);
    }
    throw Refusal{404, "no such file in this action", ""};
}

}  // namespace jatai::fleet
