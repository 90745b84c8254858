// test_payloads.h: what makes a test's server able to make payloads: whole or as differences, as `jatai
// serve` does.
//
//     fleet::TestServer server(folder.path(), {}, with_payloads());
//     std::atomic<int> made{0};
//     … with_payloads(&made) …                       // and counts them
//     … with_payloads(&made, {.block_log2 = 12}) …   // in small blocks: a chip goes on nearer to where it
//     was
#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "src/fleet/house.h"
#include "src/package/delta.h"

namespace jatai {

// `made` outlives the server.
inline fleet::Helpers with_payloads(std::atomic<int>* made = nullptr, const PayloadOptions& options = {}) {
    const auto bytes_of = [](std::string_view raw) {
        return ByteView(reinterpret_cast<const std::uint8_t*>(raw.data()), raw.size());
    };
    fleet::Helpers helpers;
    helpers.make_payload = [=](std::string_view from, std::string_view to) {
        if (made != nullptr) ++*made;
        const Bytes payload = make_payload(bytes_of(to), bytes_of(from), options);
        return std::string(payload.begin(), payload.end());
    };
    return helpers;
}

}  // namespace jatai
