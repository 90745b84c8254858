// bytes.h: files, whole or not at all.
//
//     Bytes model = read_file("model.tflite");
//     write_file("out/model.jpk", bytes);          // temporary name, fsync, rename: never half a file
//
// Fails with Error (place: found, expected; hint) on a missing, unreadable or oversized file and on a full
// disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace jatai {

namespace fs = std::filesystem;
using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

constexpr std::uint64_t kMaxFileBytes = 1ull << 30;

// The whole file. Fails with Error when it is missing, a folder, unreadable or larger than `max_bytes`.
Bytes read_file(const fs::path& path, std::uint64_t max_bytes = kMaxFileBytes);
std::string read_text(const fs::path& path, std::uint64_t max_bytes = kMaxFileBytes);

// Writes under a temporary name beside `path`, syncs, then renames. Makes missing folders. On failure nothing
// is left behind and an older file of that name is untouched.
void write_file(const fs::path& path, ByteView bytes);
void write_text(const fs::path& path, std::string_view content);

}  // namespace jatai
