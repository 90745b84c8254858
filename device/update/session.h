// session.h: one look for news: root document, manifest, payload, from wherever they come.
//
//     const jatai::UpdateSource source = {&link, fetch};
//     const jatai::Verdict verdict = jatai::run_session(agent, source);
//
// Pull only: the chip asks for a piece by its offset, so lost, repeated and late answers need no rules. A
// link that fails ends the session; the next one goes on at the last whole block.
#pragma once

#include <stdint.h>

#include "device/update/agent.h"

namespace jatai {

enum class What : uint8_t { Root = 0, Manifest = 1, Payload = 2 };

struct UpdateSource {
    void* context;
    // Up to `room` bytes from `offset`; 0: nothing there, or the link failed.
    uint32_t (*fetch)(void* context, What what, uint32_t offset, uint8_t* bytes, uint32_t room);
};

// Ok with no manifest: nothing new. Ok and agent.is_ready() no more: installed, see agent.active(), or
// agent.beside() when that was asked for.
// BadPayload also when the payload ended early.
Verdict run_session(Agent& agent, const UpdateSource& source, Use use = Use::Instead);

}  // namespace jatai
