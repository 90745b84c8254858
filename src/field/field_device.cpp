#include "src/field/field_device.h"

#include <cstring>
#include <nlohmann/json.hpp>

#include "src/base/error.h"
#include "src/package/runner.h"
#include "src/telemetry/cbor.h"

namespace jatai {
namespace {

using Json = nlohmann::json;
constexpr std::uint32_t kChunk = 4096, kLeastPages = 14, kLeastArenaWords = 512;
constexpr std::size_t kReportsAtOnce = 16, kMostWaiting = 200;

std::string path_of(const std::string& url) {
    const std::size_t host = url.find("://");
    return host == std::string::npos ? url : url.substr(url.find('/', host + 3));
}

std::string link(const Json& body, const char* name) {
    const Json href = body.value(Json::json_pointer(std::string("/_links/") + name + "/href"), Json());
    return href.is_string() ? path_of(href.get<std::string>()) : std::string();
}

std::string bins_as_bytes(const std::array<std::uint16_t, 16>& bins) {
    std::string out;
    for (const std::uint16_t n : bins) {
        out += static_cast<char>(n & 255);
        out += static_cast<char>(n >> 8);
    }
    return out;
}

// Two slots for the largest of them, and two pages of state.
std::uint32_t pages_for(const std::vector<FieldModel>& models) {
    std::size_t most = 0;
    for (const FieldModel& model : models) most = std::max(most, model.package.size());
    const std::size_t slot = most / FieldFlash::kPageBytes + 1;
    return std::max(kLeastPages, static_cast<std::uint32_t>(2 * slot + 2));
}

std::uint32_t arena_words_for(const std::vector<FieldModel>& models) {
    std::uint32_t most = 0;
    for (const FieldModel& model : models) most = std::max(most, model.arena_bytes);
    return std::max(kLeastArenaWords, 2 * (most / 8 + 8));  // of two, when one runs beside the other
}

}  // namespace

FieldDevice::FieldDevice(const FieldWorld& world, FieldSettings settings,
                         const std::vector<FieldModel>& models, std::uint64_t seed)
    : world_(world),
      settings_(std::move(settings)),
      models_(models),
      rng_(seed),
      flash_(pages_for(models), seed),
      arena_(arena_words_for(models)) {
    const Bytes& first = models_.front().package;
    std::memcpy(flash_.data(), first.data(), first.size());
    trial_ = {arena_.data(), static_cast<std::uint32_t>(arena_.size() * 8), &world_.kernel_set()};
    config_.flash = &flash_.port();
    config_.anchor = &world_.anchor();
    config_.board = world_.board();
    config_.family = models_.front().family;
    config_.kernels = world_.kernels().data();
    config_.kernel_count = static_cast<std::uint32_t>(world_.kernels().size());
    config_.arena_bytes = trial_.arena_bytes;
    config_.try_model = try_model;
    config_.context = &trial_;
    start();
    report(0);
}

// Power comes back: whatever was in RAM is gone.
void FieldDevice::start() {
    flash_.hold();
    agent_ = std::make_unique<Agent>();
    ++starts_;
    agent_->open(config_);
}

const FieldModel* FieldDevice::known(const ActiveModel& held) const {
    for (const FieldModel& one : models_) {
        const bool same = held.bytes != nullptr && held.size == one.package.size() &&
                          std::memcmp(held.bytes, one.package.data(), held.size) == 0;
        if (same) return &one;
    }
    return nullptr;
}

std::string FieldDevice::runs() const { return model() != nullptr ? model()->name : std::string(); }

std::string FieldDevice::runs_beside() const {
    const FieldModel* beside = known(agent_->beside());
    return beside != nullptr ? beside->name : std::string();
}

// Proven the hard way: after one more start the model opens and passes its golden samples.
bool FieldDevice::has_model() {
    start();
    const ActiveModel active = agent_->active();
    return active.bytes != nullptr && try_model(&trial_, active.bytes, active.size).reason == Reason::Ok;
}

FieldDevice::Answer FieldDevice::ask(fleet::HttpClient& client, const std::string& method,
                                     const std::string& path, const std::string& body,
                                     const std::string& type, const std::string& range) {
    if (rng_.uniform() < static_cast<float>(settings_.loss / 2)) return std::nullopt;  // the request is lost
    std::map<std::string, std::string> headers = {{"Authorization", "TargetToken " + settings_.token}};
    if (!range.empty()) headers["Range"] = range;
    fleet::HttpAnswer answer = client.send(method, path, body, type, headers);
    if (rng_.uniform() < static_cast<float>(settings_.loss / 2)) return std::nullopt;  // the answer is
    return answer;
}

void FieldDevice::poll(fleet::HttpClient& client) {
    send_reports(client);
    const Answer answer = ask(client, "GET", "/" + settings_.tenant + "/controller/v1/" + settings_.id);
    if (!answer || answer->status != 200) return;
    const Json body = Json::parse(answer->body, nullptr, false);
    if (const std::string path = link(body, "cancelAction"); !path.empty()) return cancel(client, path);
    if (const std::string path = link(body, "deploymentBase"); !path.empty())
        return take_deployment(client, path);
}

void FieldDevice::take_deployment(fleet::HttpClient& client, const std::string& path) {
    if (action_ == path && !result_.empty()) return feedback(client, path, result_well_, result_);
    const Answer answer = ask(client, "GET", path);
    if (!answer || answer->status != 200) return;
    const Json body = Json::parse(answer->body, nullptr, false);
    const Json chunks = body.value("/deployment/chunks"_json_pointer, Json::array());
    if (chunks.empty()) return;
    if (action_ != path) {
        action_ = path;
        result_.clear();
        agent_->document_room();  // what an older action began is not gone on with
        if (rng_.uniform() < static_cast<float>(settings_.power_cuts)) flash_.cut_after(1 + rng_.below(900));
    }
    const std::string part = chunks[0].value("part", "");
    use_ = part == "shadow" ? Use::Beside : Use::Instead;
    try {
        if (part == "return") {
            const Verdict back = agent_->give_back();
            result_well_ = back.reason == Reason::Ok;
            result_ = "given back";
            start();
            report(1);
        } else if (!update(client, path_of(chunks[0]["artifacts"].at(0)["_links"]["download"]["href"]))) {
            return;  // the link broke: it goes on at the next poll
        }
    } catch (const PowerGone&) {
        ++cuts_;
        start();
        return;
    }
    feedback(client, path, result_well_, result_);
}

// False: something is missing yet. Afterwards result_ says how it went.
bool FieldDevice::update(fleet::HttpClient& client, const std::string& manifest_at) {
    if (!agent_->wants_payload() && !agent_->is_ready()) {
        const Answer manifest = ask(client, "GET", manifest_at);
        if (!manifest || manifest->status != 200 || manifest->body.size() > kMaxDocumentBytes) return false;
        std::uint8_t* room = agent_->document_room();
        std::memcpy(room, manifest->body.data(), manifest->body.size());
        const Verdict offered = agent_->offer(room, static_cast<std::uint32_t>(manifest->body.size()), use_);
        if (offered.reason != Reason::Ok) {
            const FieldModel* now = model();
            result_well_ =
                offered.reason == Reason::Replayed && now != nullptr;  // it took it before the power went
            result_ = "offer: " + std::to_string(static_cast<int>(offered.reason));
            return true;
        }
    }
    if (use_ == Use::Beside && agent_->beside().bytes != nullptr && !agent_->wants_payload() &&
        !agent_->is_ready()) {
        result_well_ = true;  // it took it before the power went
        result_ = "beside";
        return true;
    }
    if (!download(client, manifest_at.substr(0, manifest_at.rfind('/')) + "/payload.jup")) return false;
    if (!agent_->is_ready()) return !result_.empty();
    const Verdict installed = agent_->install();
    result_well_ = installed.reason == Reason::Ok;
    result_ = "install: " + std::to_string(static_cast<int>(installed.reason));
    beside_counts_ = {};
    if (!result_well_ || use_ == Use::Beside) return true;
    work(8);
    agent_->confirm();
    runs_ = 0;
    report(1);
    return true;
}

bool FieldDevice::download(fleet::HttpClient& client, const std::string& at) {
    while (agent_->wants_payload()) {
        const std::uint32_t from = agent_->payload_offset();
        const Answer part = ask(client, "GET", at, "", "",
                                "bytes=" + std::to_string(from) + "-" + std::to_string(from + kChunk - 1));
        if (!part || (part->status != 206 && part->status != 200)) return false;
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(part->body.data());
        const Verdict fed = agent_->feed(from, bytes, static_cast<std::uint32_t>(part->body.size()));
        if (fed.reason == Reason::Ok) continue;
        result_well_ = false;
        result_ = "payload: " + std::to_string(static_cast<int>(fed.reason));
        return true;
    }
    return true;
}

void FieldDevice::feedback(fleet::HttpClient& client, const std::string& path, bool well,
                           const std::string& detail) {
    const bool beside = well && use_ == Use::Beside;  // it is not over: it runs
    const Json body = {{"status",
                        {{"execution", beside ? "downloaded" : "closed"},
                         {"result", {{"finished", well ? "success" : "failure"}}},
                         {"details", {detail}}}}};
    const Answer answer = ask(client, "POST", path + "/feedback", body.dump());
    if (!answer) return;  // told again at the next poll
    action_.clear();
    result_.clear();
}

void FieldDevice::cancel(fleet::HttpClient& client, const std::string& path) {
    const Json body = {
        {"status",
         {{"execution", "closed"}, {"result", {{"finished", "success"}}}, {"details", Json::array()}}}};
    flash_.hold();
    agent_->drop_beside(Reason::Ok);
    if (ask(client, "POST", path + "/feedback", body.dump())) action_.clear();
}

void FieldDevice::work(int runs) {
    const FieldModel* now = model();
    if (now == nullptr) return;
    ran_.insert(now->name);
    const FieldModel* beside = known(agent_->beside());
    std::unique_ptr<HostRunner> runner, runner_beside;
    if (settings_.exact) runner = std::make_unique<HostRunner>(now->package, now->name);
    if (settings_.exact && beside)
        runner_beside = std::make_unique<HostRunner>(beside->package, beside->name);
    for (int i = 0; i < runs; ++i) {
        const Bytes input = runner ? world_.draw_input(rng_) : Bytes();
        const std::uint32_t drawn = rng_.below(static_cast<std::uint32_t>(now->answers.size()));
        counts_.add(runner ? FieldWorld::answer_of(runner->run(input)) : now->answers[drawn]);
        if (beside)  // the same input
            beside_counts_.add(runner_beside ? FieldWorld::answer_of(runner_beside->run(input))
                                             : beside->answers[drawn]);
        ++runs_;
    }
    if (beside) {
        ran_beside_.insert(beside->name);
        keep_beside();
    }
    if (runs < 20 || reports_.size() >= kMostWaiting) return;
    report(2);
    report(3);
}

void FieldDevice::keep_beside() {
    try {
        agent_->keep_beside();
    } catch (const PowerGone&) {
        ++cuts_;
        start();
    }
}

std::string FieldDevice::statistics(const std::uint8_t* digest, FieldCounts& counts) {
    const auto n = [](std::uint64_t value) { return Cbor::number(value); };
    const auto row = [&](std::uint64_t what, const std::array<std::uint16_t, 16>& bins) {
        return Cbor::array({n(what), Cbor::bytes(bins_as_bytes(bins))});
    };
    const std::string bytes =
        write_cbor(Cbor::map({{n(0), n(1)},
                              {n(1), n(3)},
                              {n(20), Cbor::bytes(std::string(reinterpret_cast<const char*>(digest), 8))},
                              {n(21), Cbor::array({row(1, counts.labels), row(2, counts.sureness)})}}));
    counts = {};
    return bytes;
}

void FieldDevice::report(int kind) {
    const UpdateState& state = agent_->state();
    if (kind == 3) {
        reports_.push_back({number_++ & 0xFFFF, statistics(state.active_digest, counts_), true});
        if (agent_->beside().bytes != nullptr)
            reports_.push_back({number_++ & 0xFFFF, statistics(state.other_digest, beside_counts_), true});
        return;
    }
    const std::string digest(reinterpret_cast<const char*>(state.active_digest), kind == 0 ? 32 : 8);
    const auto n = [](std::uint64_t value) { return Cbor::number(value); };
    std::vector<std::pair<Cbor, Cbor>> body = {{n(0), n(1)}, {n(1), n(static_cast<std::uint64_t>(kind))}};
    body.emplace_back(n(2), Cbor::word(world_.board()));
    body.emplace_back(n(4), Cbor::array({n(state.active_sequence), Cbor::bytes(digest),
                                         n(static_cast<std::uint64_t>(state.phase))}));
    if (kind <= 1) body.emplace_back(n(5), Cbor::array({n(state.model_floor), n(0), n(0), n(state.time)}));
    if (kind == 0)
        body.emplace_back(n(9), Cbor::array({n(config_.family), n(config_.arena_bytes),
                                             n(agent_->slot_bytes()), n(kPackageVersion), n(1)}));
    if (kind == 1)
        body.emplace_back(n(6),
                          Cbor::array({n(state.last_sequence), n(state.last_reason), n(state.last_detail)}));
    if (kind == 2) {
        body.emplace_back(
            n(11), Cbor::array({n(runs_), n(runs_ * world_.latency_us()), n(world_.latency_us() + 40)}));
        body.emplace_back(n(14), Cbor::array({n(starts_), n(0)}));
    }
    if (agent_->beside().bytes != nullptr)
        body.emplace_back(n(16),
                          Cbor::array({n(state.other_sequence),
                                       Cbor::bytes({reinterpret_cast<const char*>(state.other_digest), 8})}));
    reports_.push_back({number_++ & 0xFFFF, write_cbor(Cbor::map(body)), false});
}

// Kept until the server says that it has them on disk.
void FieldDevice::send_reports(fleet::HttpClient& client) {
    if (reports_.empty()) return;
    std::vector<Cbor> pairs;
    const std::size_t count = std::min(reports_.size(), kReportsAtOnce);
    for (std::size_t i = 0; i < count; ++i)
        pairs.push_back(Cbor::array({Cbor::number(reports_[i].number), Cbor::bytes(reports_[i].bytes)}));
    const std::string path = "/" + settings_.tenant + "/controller/v1/" + settings_.id + "/reports";
    const Answer answer =
        ask(client, "POST", path, write_cbor(Cbor::array(std::move(pairs))), "application/cbor");
    if (!answer || answer->status != 200) return;
    for (std::size_t i = 0; i < count; ++i) {
        acknowledged_ += reports_.front().statistics ? 1 : 0;
        reports_.pop_front();
    }
}

}  // namespace jatai
