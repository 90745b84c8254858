// delta.h: the smallest payload that turns the image a chip has into the image it shall have.
//
//     Bytes payload = make_payload(new_package, old_package);    // old may be empty: whole, compressed
//     Bytes image = apply_payload(payload, old_package, "update.jup");
//
// Tries: stored, whole and compressed, and the difference to the old image when there is one; gives the
// smallest. Bytes are specified in docs/reference/update.md#payload-jup-version-1 and
// device/update/payload.h.
//
// Keeps       The same two images give the same payload.
// Fails with  Error for a payload that is damaged, ends early or builds on another image.
// Cost        Some seconds and 20 bytes of memory for each byte of a 1 MB image.
#pragma once

#include <cstdint>
#include <string>

#include "src/base/bytes.h"

namespace jatai {

struct PayloadOptions {
    // Target bytes after which the coder starts anew, so that a chip goes on there after a power cut: 12
    // to 20. 0: one block.
    unsigned block_log2 = 15;
};

struct PayloadInfo {
    std::uint64_t target_bytes = 0;
    std::uint64_t source_bytes = 0;   // 0: whole
    std::uint64_t payload_bytes = 0;  // with its header
    bool stored = false;
    std::string target_digest, source_digest;  // the first 8 bytes, hexadecimal
};

Bytes make_payload(ByteView target, ByteView source, const PayloadOptions& options = {});
PayloadInfo inspect_payload(ByteView payload, const std::string& place);
Bytes apply_payload(ByteView payload, ByteView source, const std::string& place);

}  // namespace jatai
