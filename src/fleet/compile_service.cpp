#include "src/fleet/compile_service.h"

#include <algorithm>

#include "src/fleet/filter.h"
#include "src/fleet/registry.h"

namespace jatai::fleet {
namespace {

constexpr std::size_t kMostBoards = 16;

bool has_variant(const TenantState& tenant, const std::string& version, const std::string& board) {
    return std::any_of(tenant.variants.begin(), tenant.variants.end(), [&](const auto& item) {
        return item.second.version == version && (item.second.board == board || item.second.board.empty());
    });
}

// The job that builds it already, if one is at work.
std::string at_work(const TenantState& tenant, const std::string& note) {
    for (const auto& [id, job] : tenant.jobs) {
        const bool live = job.state == "waiting" || job.state == "running";
        if (live && job.kind == "compile" && job.about == note) return id;
    }
    return {};
}

}  // namespace

std::string compile_for(Call& call, const Version& version, const std::string& board) {
    const auto compile = call.house.helpers.compile;
    const auto model = call.house.blobs.open(version.weights_hash);
    if (!compile || !model || board.empty()) return {};
    const Blobs& blobs = call.house.blobs;
    House& house = call.house;
    const std::string id = version.id, tenant = call.caller.tenant, about = id + "/" + board;
    if (const std::string running = at_work(call.tenant, about); !running.empty()) return running;
    const auto work = [compile, model, board, id, &blobs](Working& working) {
        const Helpers::Compiled made = compile(model->view(), board, working);
        Variant variant = made.variant;
        variant.version = id;
        variant.board = board;
        variant.image = blobs.put(made.image);
        return Json(variant).dump();
    };
    const auto done = [&house, tenant](const std::string& result) {
        add_variant(house.state, *house.state.tenant(tenant), house.blobs,
                    Json::parse(result).get<Variant>());
    };
    const std::string job = house.jobs.start(tenant, "compile", call.caller.name, work, done);
    call.tenant.jobs[job].about = about;
    house.state.save(call.tenant.jobs[job]);
    return job;
}

Json build_missing(Call& call, const Plan& plan) {
    Json jobs = Json::array();
    const auto version = call.tenant.versions.find(plan.version);
    if (version == call.tenant.versions.end()) return jobs;
    const Filter filter = parse_filter(plan.filter);
    std::set<std::string> boards;
    for (const auto& [id, device] : call.tenant.devices) {
        const bool reached = device.state == "active" && !device.board.empty() && filter.matches(device);
        if (reached && boards.size() < kMostBoards && !has_variant(call.tenant, plan.version, device.board))
            boards.insert(device.board);
    }
    for (const std::string& board : boards) {
        const std::string job = compile_for(call, version->second, board);
        if (!job.empty()) jobs.push_back({{"board", board}, {"job", job}});
    }
    return jobs;
}

}  // namespace jatai::fleet
