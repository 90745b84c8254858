// update_main.cpp: the update agent on the board: looks for news once, takes it, runs the model, and says so.
//
// The news are files of the computer at the other end of the debugger, or of the simulator's folder:
// root.cbor, manifest.suit, payload.jup, read in small pieces as a slow link would give them. Lines on its
// console:
//
//     start REASON active SEQUENCE phase PHASE output CHECKSUM
//     session REASON detail DETAIL
//     end active SEQUENCE phase PHASE output CHECKSUM state_erases N slot_erases N
//
// Power may go away at any moment: it starts anew and goes on.
#include <string.h>

#include "boards/bench_m4/semihost.h"
#include "boards/nano33ble/flash.h"
#include "boards/nano33ble/port.h"
#include "device/apps/text_line.h"
#include "device/manifest.h"
#include "device/update/anchor.h"
#include "device/update/model_trial.h"
#include "device/update/session.h"

extern "C" {
extern uint8_t __arena_start[], __arena_end[];
int main();
}

namespace {

using namespace jatai;

Agent agent;
Engine engine;
ModelTrial trial;
FlashPort flash;

void say(TextLine& line) {
    line.add_char('\n').add_char('\0');
    semihost::print(line.text());
}

// Opens the file anew each time, as a server without memory would.
uint32_t fetch(void*, What what, uint32_t offset, uint8_t* bytes, uint32_t room) {
    const char* const names[] = {"root.cbor", "manifest.suit", "payload.jup"};
    const int file = semihost::open(names[static_cast<uint32_t>(what)], semihost::kRead);
    if (file < 0) return 0;
    const uint32_t got = semihost::read_from(file, offset, bytes, room);
    semihost::close(file);
    return got;
}

// FNV-1a over the answer to inputs of 0x3F bytes (floats of 0.75); 0: there is no model.
uint32_t run_model() {
    const ActiveModel model = agent.active();
    if (model.bytes == nullptr ||
        engine.open(model.bytes, model.size, trial.arena, trial.arena_bytes, *trial.kernels) != Status::Ok)
        return 0;
    for (uint32_t i = 0; i < engine.input_count(); ++i)
        memset(engine.input(i).data, 0x3F, engine.input(i).bytes);
    engine.run();
    uint32_t hash = 2166136261u;
    for (uint32_t i = 0; i < engine.output_count(); ++i) {
        const TensorView view = engine.output(i);
        for (uint32_t k = 0; k < view.bytes; ++k)
            hash = (hash ^ static_cast<const uint8_t*>(view.data)[k]) * 16777619u;
    }
    return hash;
}

void add_model(TextLine& line) {
    const uint32_t hash = run_model();
    line.add(" active ").add_number(static_cast<uint32_t>(agent.active().sequence));
    line.add(" phase ").add_number(static_cast<uint32_t>(agent.active().phase)).add(" output ");
    for (uint32_t byte = 4; byte-- > 0;) line.add_hex(static_cast<uint8_t>(hash >> (8 * byte)));
    if (hash != 0 && agent.active().phase == Phase::Trial) agent.confirm();  // it opened and answered
}

AgentConfig make_config(const Manifest& manifest) {
    flash = nano33ble_flash(manifest.package_start, manifest.package_end);
    trial = {__arena_start, static_cast<uint32_t>(__arena_end - __arena_start), &linked_kernels()};
    AgentConfig config = {};
    config.flash = &flash;
    config.anchor = &linked_anchor();
    config.board = manifest.board;
    config.kernels = manifest.keys();
    config.kernel_count = manifest.kernel_count;
    config.family = manifest.family;
    config.arena_bytes = trial.arena_bytes;
    config.try_model = try_model;
    config.context = &trial;
    return config;
}

}  // namespace

int main() {
    start_nano33ble();
    const Reason started = agent.open(make_config(linked_manifest()));
    TextLine first;
    first.add("start ").add_number(static_cast<uint32_t>(started));
    add_model(first);
    say(first);
    const UpdateSource source = {nullptr, fetch};
    const Verdict verdict = run_session(agent, source);
    TextLine second;
    second.add("session ")
        .add_number(static_cast<uint32_t>(verdict.reason))
        .add(" detail ")
        .add_number(verdict.detail);
    say(second);
    TextLine third;
    third.add("end");
    add_model(third);
    third.add(" state_erases ").add_number(agent.log().state_erases);
    third.add(" slot_erases ").add_number(agent.state().slot_erases);
    say(third);
    semihost::leave(agent.active().bytes != nullptr);
}
