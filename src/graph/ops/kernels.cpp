#include "src/graph/ops/kernels.h"

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "device/x86/dispatch.h"
#include "src/base/error.h"

namespace jatai {
namespace {

// A family's version of a kernel, with its names kept where pointers to them stay good.
struct FastVersion {
    std::string symbol, header;
    KernelSource source;
};

struct Entry {
    const Kernel* kernel;
    const Kernel* fastest;  // of this processor
    KernelSource reference;
    FastVersion cortex_m, cortex_m0;
};

constexpr const char* kReferenceFolder = "device/kernels/";

void name_version(const KernelCode& code, bool exists, const std::string& suffix, const std::string& folder,
                  FastVersion& version) {
    version.source = {code.kernel->key, code.symbol, code.header};
    if (!exists) return;
    const std::string header = code.header;
    CHECK(header.starts_with(kReferenceFolder));
    version.symbol = code.symbol + suffix;
    version.header = folder + header.substr(std::string(kReferenceFolder).size());
    version.source = {code.kernel->key, version.symbol.c_str(), version.header.c_str()};
}

// Kernels that device/cortex_m0/ has versions of.
bool has_cortex_m0(KernelKey key) {
    constexpr KernelKey kKeys[] = {{Op::Conv2d, Type::Int8, 9},
                                   {Op::Conv2d, Type::Int8, 10},
                                   {Op::DepthwiseConv2d, Type::Int8, 5},
                                   {Op::Add, Type::Int8, 1}};
    return std::find(std::begin(kKeys), std::end(kKeys), key) != std::end(kKeys);
}

void add_entry(std::deque<Entry>& entries, const KernelCode& code) {
    Entry& entry = entries.emplace_back();
    entry.kernel = code.kernel;
    const Kernel* avx2 = find_avx2_kernel(code.kernel->key);
    entry.fastest = avx2 == nullptr ? code.kernel : avx2;
    entry.reference = {code.kernel->key, code.symbol, code.header};
    name_version(code, code.cortex_m, "CortexM", "device/cortex_m/", entry.cortex_m);
    name_version(code, has_cortex_m0(code.kernel->key), "CortexM0", "device/cortex_m0/", entry.cortex_m0);
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
    if (family == Family::CortexM) return entry.cortex_m.source;
    return family == Family::CortexM0 ? entry.cortex_m0.source : entry.reference;
}

}  // namespace

HostCode host_code() {
    static const HostCode code = [] {
        const char* asked = std::getenv("JATAI_KERNELS");
        return asked != nullptr && std::string_view(asked) == "portable" ? HostCode::Portable
                                                                         : HostCode::Fastest;
    }();
    return code;
}

const KernelSet& host_kernels(HostCode code) {
    struct Linked {
        std::vector<const Kernel*> kernels;
        KernelSet set;
        explicit Linked(HostCode of) {
            for (const Entry& entry : entries())
                kernels.push_back(of == HostCode::Fastest ? entry.fastest : entry.kernel);
            set = {kernels.data(), static_cast<std::uint32_t>(kernels.size())};
        }
    };
    static const Linked portable(HostCode::Portable), fastest(HostCode::Fastest);
    return code == HostCode::Fastest ? fastest.set : portable.set;
}

const Kernel* find_kernel(KernelKey key, HostCode code) {
    const Entry* entry = find_entry(key);
    if (entry == nullptr) return nullptr;
    return code == HostCode::Fastest ? entry->fastest : entry->kernel;
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
