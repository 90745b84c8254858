#include "src/fleet/labels.h"

#include <algorithm>
#include <cmath>

#include "src/fleet/devices.h"
#include "src/fleet/registry.h"
#include "src/fleet/secrets.h"

namespace jatai::fleet {
namespace {

constexpr std::size_t kMostMarks = 256, kMostPairs = 4096, kLongestName = 64;
constexpr std::uint64_t kMostAnswers = 1000000000;

std::uint64_t count_at(const Json& item, const char* name) {
    if (!item.contains(name)) return 0;
    if (!item[name].is_number_unsigned() || item[name].get<std::uint64_t>() > kMostAnswers)
        throw Refusal{400, std::string("feedback: ") + name + ": expected a whole number, 0 to 1000000000",
                      ""};
    return item[name];
}

std::string short_at(const Json& item, const char* name) {
    const std::string word = item.value(name, "");
    if (word.size() > kLongestName)
        throw Refusal{400, std::string("feedback: ") + name + " is longer than 64 letters", ""};
    return word;
}

bool is_new(Labels& kept, const Label& label) {
    if (label.mark.empty()) return true;
    const std::string mark = sha256_hex(label.device + "\n" + label.mark).substr(0, 16);
    if (std::find(kept.recent.begin(), kept.recent.end(), mark) != kept.recent.end()) return false;
    kept.recent.push_back(mark);
    if (kept.recent.size() > kMostMarks) kept.recent.erase(kept.recent.begin());
    return true;
}

void count(Labels& kept, const Label& label) {
    kept.right += label.right;
    kept.wrong += label.wrong;
    if (label.expected.empty()) return;
    (label.expected == label.predicted ? kept.right : kept.wrong) += 1;
    const std::string pair = label.expected + "/" + label.predicted;
    if (kept.pairs.count(pair) != 0 || kept.pairs.size() < kMostPairs) ++kept.pairs[pair];
}

// What this device shows in an A/B roll-out that compares accuracy.
void tell_arm(House& house, TenantState& tenant, const Label& label) {
    if (label.device.empty()) return;
    const Device& device = find_device(tenant, label.device);
    const auto found = tenant.actions.find(device.action);
    if (found == tenant.actions.end() || found->second.version != device.reported) return;
    const std::uint64_t one = label.expected.empty() ? 0 : 1;
    const std::uint64_t right = label.right + (one != 0 && label.expected == label.predicted ? 1 : 0);
    const std::uint64_t all = label.right + label.wrong + one;
    house.conductor.add_value(found->second, "accuracy",
                              static_cast<double>(right) / static_cast<double>(all));
}

}  // namespace

Label label_of(const Json& item) {
    if (!item.is_object()) throw Refusal{400, "feedback: expected an object", "see docs/reference/api.md"};
    Label label{item.value("device", ""), item.value("version", ""), item.value("board", "")};
    label.right = count_at(item, "right");
    label.wrong = count_at(item, "wrong");
    label.expected = short_at(item, "expected");
    label.predicted = short_at(item, "predicted");
    label.mark = item.value("id", "");
    if (label.device.empty() == label.version.empty())
        throw Refusal{400, "feedback: expected device or version, one of them", ""};
    if (label.right + label.wrong == 0 && (label.expected.empty() || label.predicted.empty()))
        throw Refusal{400, "feedback: expected right and wrong, or expected and predicted", ""};
    return label;
}

bool take_label(House& house, TenantState& tenant, const Label& label) {
    std::string version = label.version, board = label.board;
    if (!label.device.empty()) {
        const Device& device = find_device(tenant, label.device);
        version = device.reported;
        board = device.board;
    }
    version = find_version(tenant, version).id;
    const std::string id = version + "/" + board.substr(0, kLongestName);
    Labels& kept = tenant.labels[id];
    if (kept.id.empty()) kept = Labels{tenant.facts.id, id, version, board};
    if (!is_new(kept, label)) return false;
    count(kept, label);
    if (kept.first_ms == 0) kept.first_ms = house.state.now();
    kept.last_ms = house.state.now();
    house.state.save(kept);
    tell_arm(house, tenant, label);
    return true;
}

Share share_of(std::uint64_t right, std::uint64_t of) {
    if (of == 0) return {};
    constexpr double z = 1.959964;
    const auto n = static_cast<double>(of);
    const double p = static_cast<double>(right) / n, z2 = z * z;
    const double middle = (p + z2 / (2 * n)) / (1 + z2 / n);
    const double half = z * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n);
    return {p, std::max(0.0, middle - half), std::min(1.0, middle + half), of};
}

Json field_accuracy(const TenantState& tenant, const std::string& version) {
    std::uint64_t right = 0, all = 0;
    for (auto at = tenant.labels.lower_bound(version + "/");
         at != tenant.labels.end() && at->second.version == version; ++at) {
        right += at->second.right;
        all += at->second.right + at->second.wrong;
    }
    if (all == 0) return nullptr;
    const Share share = share_of(right, all);
    return {{"labelled", all}, {"accuracy", share.value}, {"low", share.low}, {"high", share.high}};
}

}  // namespace jatai::fleet
