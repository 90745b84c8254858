// secrets.h: random keys and what is kept of them.
//
//     std::string key = random_word(24);       // shown once
//     store(sha256_hex(key));                  // what the server keeps
//
// Keys carry at least 128 random bits, so an unsalted SHA-256 of them cannot be searched.
#pragma once

#include <string>
#include <string_view>

#include "src/base/bytes.h"

namespace jatai::fleet {

// `bytes` random bytes from the system, in URL-safe base64 without padding.
std::string random_word(std::size_t bytes);

std::string sha256_hex(std::string_view bytes);

// The sums that hawkBit's clients ask for.
struct Sums {
    std::string sha256, sha1, md5;
};
Sums sums_of(std::string_view bytes);

// In a time that does not depend on where they differ.
bool same_secret(std::string_view a, std::string_view b);

bool is_sha256_hex(std::string_view word);

}  // namespace jatai::fleet
