#include "device/update/session.h"

namespace jatai {
namespace {

constexpr uint32_t kChunkBytes = 128;

// A whole document into the agent's room; 0: there is none, or it is too long.
uint32_t fetch_document(Agent& agent, const UpdateSource& source, What what) {
    uint8_t* room = agent.document_room();
    uint32_t bytes = 0;
    for (;;) {
        const uint32_t got =
            source.fetch(source.context, what, bytes, room + bytes, kMaxDocumentBytes - bytes);
        if (got == 0 || got > kMaxDocumentBytes - bytes) return bytes;
        bytes += got;
        if (bytes == kMaxDocumentBytes) return bytes;
    }
}

Verdict fetch_payload(Agent& agent, const UpdateSource& source) {
    while (agent.wants_payload()) {
        uint8_t chunk[kChunkBytes];
        const uint32_t offset = agent.payload_offset();
        const uint32_t got = source.fetch(source.context, What::Payload, offset, chunk, sizeof chunk);
        if (got == 0 || got > sizeof chunk) return {Reason::BadPayload, 1};
        const Verdict verdict = agent.feed(offset, chunk, got);
        if (verdict.reason != Reason::Ok) return verdict;
    }
    return {Reason::Ok, 0};
}

}  // namespace

Verdict run_session(Agent& agent, const UpdateSource& source, Use use) {
    uint32_t bytes = fetch_document(agent, source, What::Root);
    if (bytes != 0) {
        const Verdict root = agent.take_root(agent.document_room(), bytes);
        if (root.reason != Reason::Ok && root.reason != Reason::OldRoot) return root;
    }
    bytes = fetch_document(agent, source, What::Manifest);
    if (bytes == 0) return {Reason::Ok, 0};
    const Verdict offered = agent.offer(agent.document_room(), bytes, use);
    if (offered.reason != Reason::Ok) return offered;
    const Verdict fetched = fetch_payload(agent, source);
    if (fetched.reason != Reason::Ok || !agent.is_ready()) return fetched;
    return agent.install();
}

}  // namespace jatai
