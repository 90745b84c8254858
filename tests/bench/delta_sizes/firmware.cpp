// The unpacker alone on a Cortex-M4, to count its cycles: payload.jup from the host in pieces of 128 bytes,
// the old image in flash behind the code, the new one into RAM and back to the host as target.bin.
#include <string.h>

#include "boards/bench_m4/semihost.h"
#include "device/update/unpack.h"

extern "C" {
extern uint8_t __arena_start[], __arena_end[], __package_start[];
__attribute__((noinline, used)) void bench_begin() { __asm volatile("" ::: "memory"); }
__attribute__((noinline, used)) void bench_end() { __asm volatile("" ::: "memory"); }
void bench_fault() { semihost::leave(false); }
}

namespace {

jatai::Unpacker unpacker;

bool write(void*, uint32_t offset, const uint8_t* bytes, uint32_t count) {
    if (offset + count > static_cast<uint32_t>(__arena_end - __arena_start)) return false;
    memcpy(__arena_start + offset, bytes, count);
    return true;
}
void recall(void*, uint32_t offset, uint8_t* bytes, uint32_t count) {
    memcpy(bytes, __arena_start + offset, count);
}
bool block_done(void*, uint32_t, uint32_t) { return true; }

}  // namespace

int main() {
    const int file = semihost::open("payload.jup", semihost::kRead);
    uint8_t head[sizeof(jatai::PayloadHeader)];
    jatai::PayloadHeader header;
    if (file < 0 || semihost::read_from(file, 0, head, sizeof head) != sizeof head) semihost::leave(false);
    if (!jatai::read_header(header, head)) semihost::leave(false);
    unpacker.start(header, {nullptr, __package_start, header.source_bytes, write, recall, block_done});
    uint8_t piece[128];
    while (!unpacker.done()) {
        const uint32_t got =
            semihost::read_from(file, sizeof head + unpacker.payload_offset(), piece, sizeof piece);
        bench_begin();
        const jatai::Reason reason = unpacker.feed(piece, got);
        bench_end();
        if (got == 0 || reason != jatai::Reason::Ok) semihost::leave(false);
    }
    const int out = semihost::open("target.bin", semihost::kWrite);
    semihost::write(out, __arena_start, header.target_bytes);
    semihost::close(out);
    semihost::leave(true);
}
