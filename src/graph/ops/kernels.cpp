#include "src/graph/ops/kernels.h"

#include <deque>
#include <map>
#include <string>
#include <tuple>

#include "src/base/error.h"

namespace jatai {
namespace {

// One kernel, with the names of its versions kept where pointers to them stay good.
struct Entry {
    const Kernel* kernel;
    KernelSource reference;
    std::string fast_symbol, fast_header;
    KernelSource cortex_m;
};

constexpr const char* kReferenceFolder = "device/kernels/";

void add_entry(std::deque<Entry>& entries, const KernelCode& code) {
    Entry& entry = entries.emplace_back();
    entry.kernel = code.kernel;
    entry.reference = {code.kernel->key, code.symbol, code.header};
    entry.cortex_m = entry.reference;
    if (!code.cortex_m) return;
    const std::string header = code.header;
    CHECK(header.starts_with(kReferenceFolder));
    entry.fast_symbol = std::string(code.symbol) + "CortexM";
    entry.fast_header = "device/cortex_m/" + header.substr(std::string(kReferenceFolder).size());
    entry.cortex_m = {code.kernel->key, entry.fast_symbol.c_str(), entry.fast_header.c_str()};
}

// Every kernel of every op, each once: ops may share one.
const std::deque<Entry>& entries() {
    static const std::deque<Entry> all = [] {
        std::deque<Entry> made;
        std::map<const Kernel*, bool> seen;
        for (const OpDef* def : all_ops()) {
            for (const KernelCode& code : def->kernels) {
                if (!std::exchange(seen[code.kernel], true)) add_entry(made, code);
            }
        }
        return made;
    }();
    return all;
}

const Entry* find_entry(KernelKey key) {
    using Order = std::tuple<Op, Type, std::uint8_t>;
    static const std::map<Order, const Entry*> by_key = [] {
        std::map<Order, const Entry*> made;
        for (const Entry& entry : entries()) {
            const KernelKey& k = entry.kernel->key;
            CHECK(made.emplace(Order{k.op, k.type, k.version}, &entry).second);
        }
        return made;
    }();
    const auto found = by_key.find({key.op, key.type, key.version});
    return found == by_key.end() ? nullptr : found->second;
}

const KernelSource& source_of(const Entry& entry, Family family) {
    return family == Family::CortexM ? entry.cortex_m : entry.reference;
}

}  // namespace

const KernelSet& host_kernels() {
    static const auto kernels = [] {
        std::vector<const Kernel*> all;
        for (const Entry& entry : entries()) all.push_back(entry.kernel);
        return all;
    }();
    static const KernelSet set{kernels.data(), static_cast<std::uint32_t>(kernels.size())};
    return set;
}

const Kernel* find_kernel(KernelKey key) {
    const Entry* entry = find_entry(key);
    return entry == nullptr ? nullptr : entry->kernel;
}

KernelSource kernel_source(KernelKey key, Family family) {
    const Entry* entry = find_entry(key);
    CHECK(entry != nullptr);
    return source_of(*entry, family);
}

std::vector<KernelSource> kernel_sources(Family family) {
    std::vector<KernelSource> sources;
    for (const Entry& entry : entries()) sources.push_back(source_of(entry, family));
    return sources;
}

}  // namespace jatai
