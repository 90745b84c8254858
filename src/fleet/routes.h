// routes.h: every address under /api/v1, who may use it, and what answers. docs/reference/openapi.json lists
// the same.
//
//     Reply reply = answer_api(house, request);       // throws Refusal
//     for (const Route& route : routes()) ...
#pragma once

#include "src/fleet/house.h"
#include "src/fleet/routes_page.h"

namespace jatai::fleet {

struct Route {
    const char* method;
    const char* path;  // "/api/v1/devices/{device}"
    Right right;
    const char* area;
    const char* what;
    Reply (*answer)(Call&);
};

const std::vector<Route>& routes();
Reply answer_api(House& house, const Request& request);

// The rooms of the API, each a list of routes.
std::vector<Route> admin_routes();
std::vector<Route> device_routes();
std::vector<Route> registry_routes();
std::vector<Route> rollout_routes();
std::vector<Route> report_routes();
std::vector<Route> alert_routes();
std::vector<Route> plan_routes();

}  // namespace jatai::fleet
