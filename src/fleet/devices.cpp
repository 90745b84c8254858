#include "src/fleet/devices.h"

#include <algorithm>

#include "src/fleet/secrets.h"

namespace jatai::fleet {
namespace {

constexpr std::size_t kMostDevices = 1000000, kMostAttributes = 64, kMostLetters = 256, kShortestToken = 16,
                      kMostItems = 512;
constexpr std::int64_t kSeenEvery_ms = 60000;

std::string text_of(const Json& value) {
    return (value.is_string() ? value.get<std::string>()
                              : value.dump(-1, ' ', true, Json::error_handler_t::replace))
        .substr(0, kMostLetters);
}

std::uint64_t number_of(const Json& value) {
    if (value.is_number_unsigned()) return value.get<std::uint64_t>();
    const std::string word = value.is_string() ? value.get<std::string>() : std::string();
    const bool digits = !word.empty() && word.size() < 19 &&
                        std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
    return digits ? std::stoull(word) : 0;
}

// A list, or words parted by commas.
std::vector<std::string> list_of(const Json& value) {
    std::vector<std::string> out;
    if (value.is_array()) {
        for (const Json& item : value) out.push_back(text_of(item));
    } else {
        std::string rest = text_of(value);
        while (!rest.empty()) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            if (comma > 0) out.push_back(rest.substr(0, comma));
            rest.erase(0, comma + 1);
        }
    }
    out.resize(std::min(out.size(), kMostItems));
    return out;
}

void check_facts(const Json& facts) {
    if (!facts.is_object() && !facts.is_null())
        throw Refusal{400, "facts of a device: expected an object", ""};
}

bool learn_field(Device& d, const std::string& name, const Json& value) {
    if (name == "board")
        d.board = text_of(value);
    else if (name == "core")
        d.core = text_of(value);
    else if (name == "firmware")
        d.firmware = text_of(value);
    else if (name == "ram_bytes")
        d.ram_bytes = number_of(value);
    else if (name == "flash_bytes")
        d.flash_bytes = number_of(value);
    else if (name == "kernels")
        d.kernels = list_of(value);
    else if (name == "peripherals")
        d.peripherals = list_of(value);
    else if (name == "groups")
        d.groups = list_of(value);
    else if (name == "sequence")
        d.sequence = std::max(d.sequence, number_of(value));
    else if (name == "consent_health")
        d.consent_health = value == true || value == "true";
    else if (name == "consent_statistics")
        d.consent_statistics = value == true || value == "true";
    else
        return false;
    return true;
}

}  // namespace

Device& find_device(TenantState& tenant, const std::string& id) {
    const auto found = tenant.devices.find(id);
    if (found == tenant.devices.end())
        throw Refusal{404, "no device " + id.substr(0, 80), "jatai fleet devices lists them"};
    return found->second;
}

void learn_facts(State& state, TenantState& tenant, Device& device, const Json& facts) {
    check_facts(facts);
    for (const auto& [name, value] : facts.items()) {
        if (learn_field(device, name, value)) continue;
        const bool room = device.attributes.count(name) != 0 || device.attributes.size() < kMostAttributes;
        if (name.size() <= kMostLetters && room) device.attributes[name] = text_of(value);
    }
    state.learn_sequence(tenant, device.sequence);
    ++tenant.devices_change;
    state.save(device);
}

Enrolled enroll(State& state, TenantState& tenant, const std::string& id, const Json& facts,
                const std::string& token) {
    check_name("device", id);
    check_facts(facts);
    if (!token.empty() && token.size() < kShortestToken)
        throw Refusal{400, "device " + id + ": a token needs 16 letters at least", ""};
    const auto found = tenant.devices.find(id);
    if (found != tenant.devices.end() && found->second.state != "decommissioned") {
        throw Refusal{409, "device " + id + " is enrolled already",
                      "POST /api/v1/devices/" + id + "/token gives it a new token"};
    }
    if (tenant.devices.size() >= kMostDevices) throw Refusal{409, "this tenant has 1000000 devices", ""};
    const std::string secret = token.empty() ? random_word(24) : token;
    Device device;
    device.tenant = tenant.facts.id;
    device.id = id;
    device.token_hash = sha256_hex(secret);
    device.created_ms = state.now();
    learn_facts(state, tenant, tenant.devices[id] = device, facts.is_null() ? Json::object() : facts);
    return {id, secret};
}

std::string new_token(State& state, Device& device) {
    const std::string secret = random_word(24);
    device.token_hash = sha256_hex(secret);
    device.state = "active";
    state.save(device);
    return secret;
}

NewCode make_code(State& state, TenantState& tenant, const std::string& device, const std::string& group,
                  std::int64_t seconds) {
    if (!device.empty()) check_name("device", device);
    const std::string secret = random_word(16);
    Code code{tenant.facts.id,
              tenant.facts.id,
              sha256_hex(secret),
              device,
              group,
              state.now() + seconds * 1000,
              false};
    code.id = state.next_id();
    tenant.codes[code.id] = code;
    state.save(code);
    return {code.id, secret, code.expires_ms};
}

Enrolled use_code(State& state, TenantState& tenant, const std::string& secret, const std::string& id,
                  const Json& facts) {
    const std::string hash = sha256_hex(secret);
    for (auto& [code_id, code] : tenant.codes) {
        if (!same_secret(code.hash, hash)) continue;
        const bool fits = code.device.empty() || code.device == id;
        if (code.used || code.expires_ms < state.now() || !fits) break;
        const Enrolled in = enroll(state, tenant, id, facts);
        Device& device = tenant.devices[id];
        device.groups.clear();  // it does not choose its own
        if (!code.group.empty()) device.groups = {code.group};
        state.save(device);
        code.used = true;
        state.save(code);
        return in;
    }
    throw Refusal{401, "this code opens nothing",
                  "it is wrong, was used, is for another device, or its time is over"};
}

void note_seen(State& state, TenantState& tenant, Device& device) {
    const bool due = device.silent || state.now() - device.seen_ms > kSeenEvery_ms;
    device.silent = false;
    device.seen_ms = state.now();
    if (due) tenant.seen.push_back(device.id);
}

void retire(State& state, TenantState& tenant, Device& device, const std::string& how) {
    device.state = how;
    device.token_hash.clear();
    if (how == "decommissioned") {
        device.attributes.clear();
        device.recent.clear();
        device.health = device.before = {};
        device.firmware.clear();
        device.groups.clear();
        state.forget(Kind::Report, tenant.facts.id, device.id, Change::Reach::OfDevice);
    }
    ++tenant.devices_change;
    state.save(device);
}

}  // namespace jatai::fleet
