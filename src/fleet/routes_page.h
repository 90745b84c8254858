// routes_page.h: one page of a long list.
#pragma once

#include <algorithm>

#include "src/fleet/house.h"

namespace jatai::fleet {

inline std::size_t limit_of(const Request& request) {
    const auto found = request.query.find("limit");
    if (found == request.query.end() || found->second.empty() || found->second.size() > 6) return 100;
    const bool digits =
        std::all_of(found->second.begin(), found->second.end(), [](char c) { return c >= '0' && c <= '9'; });
    return digits ? std::clamp<std::size_t>(std::stoul(found->second), 1, 1000) : 100;
}

inline std::string query_of(const Request& request, const std::string& name) {
    const auto found = request.query.find(name);
    return found == request.query.end() ? std::string() : found->second;
}

// `show` gives a JSON value, or null to leave the record out.
template <typename Map, typename Show>
Json page_of(const Map& map, const Request& request, Show show) {
    Json items = Json::array();
    std::string next;
    const std::size_t limit = limit_of(request);
    for (auto at = map.upper_bound(query_of(request, "after")); at != map.end(); ++at) {
        Json item = show(at->second);
        if (item.is_null()) continue;
        if (items.size() == limit) return {{"items", items}, {"next", next}};
        items.push_back(std::move(item));
        next = at->first;
    }
    return {{"items", items}, {"next", ""}};
}

}  // namespace jatai::fleet
