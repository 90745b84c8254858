// report.h: what a device tells, read from its CBOR (docs/reference/update.md#reports).
//
//     std::optional<DeviceReport> report = read_report(bytes);       // none: not a report of version 1
//     if (report->kind == DeviceReport::Kind::Health) { ... report->runs ... }
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jatai {

using Histogram = std::array<std::uint64_t, 16>;

struct DeviceReport {
    enum class Kind { Description, Result, Health, Statistics };
    Kind kind = Kind::Description;
    std::string board;
    std::uint64_t sequence = 0;       // of the active model
    std::string digest;               // of the active model, hex: 64 letters in a description, else 16
    std::uint32_t phase = 0;          // 0 confirmed, 1 on trial, 2 returned
    std::uint64_t floor = 0;          // the highest sequence it has seen
    std::uint64_t root_sequence = 0;  // of the root document it trusts
    std::uint64_t last_sequence = 0;
    std::uint32_t reason = 0, detail = 0;  // of the last update
    std::vector<std::string> kernels;      // 8 hex letters each
    std::uint64_t arena_bytes = 0, slot_bytes = 0;
    std::uint32_t family = 0, format = 0;
    std::optional<bool> can_beside;       // it runs a model beside the active one when asked to
    std::uint64_t application_bytes = 0;  // of arena_bytes: the application's own while it runs
    std::uint64_t beside_sequence = 0;    // of the model that runs beside the active one
    std::string beside;                   // and its digest, 16 letters; empty: none
    std::uint64_t uptime_s = 0, runs = 0, total_us = 0, longest_us = 0;
    std::uint64_t memory_bytes = 0, stack_bytes = 0;
    double energy_uj = 0;
    std::uint64_t starts = 0, crashes = 0;
    std::uint32_t start_reason = 0;
    std::optional<Histogram> input, output, confidence;
    bool drifted = false;  // its own verdict on any of them
};

std::optional<DeviceReport> read_report(std::string_view bytes);

// "Downgrade" for 8; "reason 77" for one of a later device.
std::string reason_name(std::uint32_t reason);

}  // namespace jatai
