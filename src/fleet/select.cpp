#include "src/fleet/select.h"

#include <algorithm>
#include <tuple>

#include "src/fleet/filter.h"

namespace jatai::fleet {
namespace {

// A kernel is written as its record, its name or both: "0c010203 TRANSPOSE_CONV".
bool same_kernel(const std::string& a, const std::string& b) {
    const auto first = [](const std::string& s) { return s.substr(0, s.find(' ')); };
    const auto last = [](const std::string& s) { return s.substr(s.rfind(' ') + 1); };
    return first(a) == first(b) || last(a) == last(b);
}

bool has_kernel(const Device& device, const std::string& kernel) {
    return std::any_of(device.kernels.begin(), device.kernels.end(),
                       [&](const std::string& mine) { return same_kernel(mine, kernel); });
}

std::string bytes_short(const char* what, std::uint64_t needs, std::uint64_t has) {
    return "needs " + std::to_string(needs) + " bytes of " + what + ", has " + std::to_string(has);
}

std::string missing_kernel(const Variant& variant, const Device& device) {
    if (device.kernels.empty()) return {};
    for (const std::string& kernel : variant.kernels) {
        if (has_kernel(device, kernel)) continue;
        const std::string name = kernel.substr(kernel.rfind(' ') + 1);
        const std::string from =
            variant.firmware_min.empty() ? "newer firmware" : "firmware >= " + variant.firmware_min;
        return "needs " + from + ": kernel " + name;
    }
    return {};
}

std::string unmet_part(const Variant& variant, const Device& device) {
    for (const std::string& part : variant.peripherals) {
        if (std::find(device.peripherals.begin(), device.peripherals.end(), part) ==
            device.peripherals.end()) {
            return "needs a " + part;
        }
    }
    return {};
}

auto rank(const Variant& v) { return std::tuple(-v.accuracy, v.latency_us, v.bytes_on_air, v.id); }

}  // namespace

std::string why_not(const Variant& v, const Device& d) {
    if (!v.board.empty() && v.board != d.board)
        return "made for " + v.board + ", this is " + (d.board.empty() ? "unknown" : d.board);
    if (!v.core.empty() && !d.core.empty() && v.core != d.core)
        return "made for the core " + v.core + ", this is " + d.core;
    if (const std::string kernel = missing_kernel(v, d); !kernel.empty()) return kernel;
    if (!v.firmware_min.empty() && compare_versions(d.firmware, v.firmware_min) < 0) {
        return "needs firmware >= " + v.firmware_min + ", has " +
               (d.firmware.empty() ? "unknown" : d.firmware);
    }
    if (d.ram_bytes > 0 && v.ram_bytes > d.ram_bytes) return bytes_short("RAM", v.ram_bytes, d.ram_bytes);
    if (d.flash_bytes > 0 && v.flash_bytes > d.flash_bytes)
        return bytes_short("flash", v.flash_bytes, d.flash_bytes);
    if (const std::string part = unmet_part(v, d); !part.empty()) return part;
    if (v.manifest.empty() && v.artifacts.empty())
        return "not signed yet: jatai package sign, then jatai push";
    if (!v.manifest.empty() && v.sequence <= d.sequence) {
        return "signed with sequence " + std::to_string(v.sequence) + ", the device has seen " +
               std::to_string(d.sequence) + ": sign it again";
    }
    return {};
}

Choice choose(const TenantState& tenant, const Device& device, const std::string& version) {
    Choice choice;
    const Variant* best = nullptr;
    for (const auto& [id, variant] : tenant.variants) {
        if (variant.version != version) continue;
        const std::string no = why_not(variant, device);
        choice.considered.push_back({id, no});
        if (no.empty() && (best == nullptr || rank(variant) < rank(*best))) best = &variant;
        if (!no.empty() && (choice.why.empty() || variant.board == device.board)) choice.why = no;
    }
    if (best == nullptr) {
        if (choice.considered.empty())
            choice.why = "the version has no variant yet: jatai push, or ask for a compilation";
        return choice;
    }
    choice.variant = best->id;
    choice.why = "of " + std::to_string(choice.considered.size()) +
                 " variants the most accurate that fits, then the fastest, then the smallest on air";
    return choice;
}

}  // namespace jatai::fleet
