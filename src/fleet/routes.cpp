#include "src/fleet/routes.h"

namespace jatai::fleet {
namespace {

// True when `path` has the form of `pattern`; fills what stands for {names}.
bool fits(const std::string& pattern, const std::string& path, std::map<std::string, std::string>& params) {
    std::size_t p = 0, at = 0;
    params.clear();
    while (p < pattern.size() && at < path.size()) {
        if (pattern[p] == '{') {
            const std::size_t close = pattern.find('}', p);
            const std::size_t end = std::min(path.find('/', at), path.size());
            if (end == at) return false;
            params[pattern.substr(p + 1, close - p - 1)] = path.substr(at, end - at);
            p = close + 1;
            at = end;
        } else if (pattern[p++] != path[at++]) {
            return false;
        }
    }
    return p == pattern.size() && at == path.size();
}

const Route* find_route(const Request& request, std::map<std::string, std::string>& params) {
    bool other_method = false;
    const std::string method = request.method == "HEAD" ? "GET" : request.method;
    for (const Route& route : routes()) {
        if (!fits(route.path, request.path, params)) continue;
        if (method == route.method) return &route;
        other_method = true;
    }
    if (other_method)
        throw Refusal{405, "this address does not take " + request.method.substr(0, 10),
                      "see docs/reference/api.md"};
    throw Refusal{404, "no such address", "see docs/reference/api.md"};
}

}  // namespace

const std::vector<Route>& routes() {
    static const std::vector<Route> all = [] {
        std::vector<Route> list;
        for (const auto& part : {admin_routes(), device_routes(), registry_routes(), rollout_routes(),
                                 report_routes(), alert_routes(), plan_routes()}) {
            list.insert(list.end(), part.begin(), part.end());
        }
        return list;
    }();
    return all;
}

Reply answer_api(House& house, const Request& request) {
    std::map<std::string, std::string> params;
    const Route* route = find_route(request, params);
    std::optional<Caller> caller = caller_of(house.state, request);
    if (!caller && route->right != Right::Open) {
        throw Refusal{401, "a key is needed: Authorization: Bearer …",
                      "the first start of jatai serve printed the admin's key"};
    }
    if (!caller)
        caller = Caller{query_of(request, "tenant").empty() ? "default" : query_of(request, "tenant"),
                        "",
                        "nobody",
                        "",
                        {}};
    demand(*caller, route->right, route->area);
    TenantState* tenant = house.state.tenant(caller->tenant);
    if (tenant == nullptr) throw Refusal{404, "no such tenant", ""};
    Call call{house, *tenant, *caller, request, params};
    try {
        return route->answer(call);
    } catch (const Json::exception& wrong) {  // a field of another kind than it should be
        throw Refusal{400, std::string("the body: ") + wrong.what(), "see docs/reference/api.md"};
    }
}

}  // namespace jatai::fleet
