// The agent as a firmware would call it, and nothing else: its size is what an application pays.
#include "device/update/anchor.h"
#include "device/update/session.h"

namespace {

jatai::Agent agent;
jatai::FlashPort flash;
volatile uint32_t sink;

bool erase(void*, uint32_t) { return sink != 0; }
bool program(void*, uint32_t, const uint8_t*, uint32_t) { return sink != 0; }
void read(void*, uint32_t, uint8_t*, uint32_t) {}
uint32_t fetch(void*, jatai::What, uint32_t, uint8_t*, uint32_t) { return sink; }
jatai::Verdict try_model(void*, const uint8_t*, uint32_t) { return {jatai::Reason::Ok, 0}; }

}  // namespace

extern "C" void start() {
    flash = {nullptr, reinterpret_cast<const uint8_t*>(0x40000), 4096, 64, erase, program, read};
    jatai::AgentConfig config = {};
    config.flash = &flash;
    config.anchor = &jatai::linked_anchor();
    config.board = "nano33ble";
    config.try_model = try_model;
    sink = static_cast<uint32_t>(agent.open(config));
    sink = static_cast<uint32_t>(jatai::run_session(agent, {nullptr, fetch}).reason);
    sink = static_cast<uint32_t>(agent.confirm().reason) + static_cast<uint32_t>(agent.give_back().reason);
}
