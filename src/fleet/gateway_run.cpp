#include "src/fleet/gateway_run.h"

#include <poll.h>

namespace jatai::fleet {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kWait_ms = 100;

void serve(GatewayLine& one, const ServeLines& how) {
    one.line.reopen();
    const std::string came = one.line.read();
    if (!came.empty()) one.line.write(one.gateway.answer(came));
    if (Clock::now() - one.looked >= std::chrono::seconds(how.look_s)) {
        one.looked = Clock::now();
        one.line.write(one.gateway.look());
    }
    const bool trouble = !one.gateway.trouble().empty();
    if (trouble && !one.troubled && how.on_trouble)
        how.on_trouble(one.gateway.device(), one.gateway.trouble());
    one.troubled = trouble;
}

}  // namespace

void serve_lines(std::vector<GatewayLine>& lines, const ServeLines& how,
                 const std::function<bool()>& should_end) {
    const auto start = Clock::now();
    while (!should_end()) {
        if (how.seconds > 0 && std::chrono::duration<double>(Clock::now() - start).count() > how.seconds)
            return;
        std::vector<pollfd> waiting;
        for (const GatewayLine& one : lines)
            if (one.line.is_open()) waiting.push_back({one.line.handle(), POLLIN, 0});
        ::poll(waiting.data(), waiting.size(), kWait_ms);
        for (GatewayLine& one : lines) serve(one, how);
    }
}

}  // namespace jatai::fleet
