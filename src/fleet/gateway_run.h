// gateway_run.h: several lines with a device each, served side by side until it is told to end.
//
//     std::vector<GatewayLine> lines;
//     lines.emplace_back(ByteLine("/dev/ttyACM0"), Gateway({…, .device = "barn-3"}));
//     serve_lines(lines, {.look_s = 30}, [] { return interrupted; });
//
// Threads  one; a request to the server holds up the other lines as long as it takes, its timeout at most.
#pragma once

#include <functional>
#include <vector>

#include "src/fleet/byte_line.h"
#include "src/fleet/gateway.h"

namespace jatai::fleet {

struct GatewayLine {
    GatewayLine(ByteLine l, GatewaySettings s) : line(std::move(l)), gateway(std::move(s)) {}
    ByteLine line;
    Gateway gateway;
    std::chrono::steady_clock::time_point looked{};
    bool troubled = false;  // its trouble was told
};

struct ServeLines {
    int look_s = 30;     // how often a device is told that there is news
    double seconds = 0;  // 0: until told to end
    std::function<void(const std::string& device, const std::string& trouble)> on_trouble;
};

void serve_lines(std::vector<GatewayLine>& lines, const ServeLines& how,
                 const std::function<bool()>& should_end);

}  // namespace jatai::fleet
