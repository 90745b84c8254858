#include "src/package/kernel_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "device/manifest.h"
#include "device/sha256.h"
#include "src/base/error.h"
#include "src/graph/ops/kernels.h"
#include "src/package/inspect.h"

namespace jatai {

namespace {

bool before(KernelKey a, KernelKey b) {
    return std::tuple{static_cast<int>(a.op), static_cast<int>(a.type), a.version} <
           std::tuple{static_cast<int>(b.op), static_cast<int>(b.type), b.version};
}

// The numbers of the first `count` letters, padded with zeros.
std::string letters(const std::string& s, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) {
        out += fmt::format("{}{}", i ? ", " : "",
                           i < s.size() ? static_cast<int>(static_cast<unsigned char>(s[i])) : 0);
    }
    return out;
}

constexpr const char* kSymbols = R"(extern "C" const uint8_t __package_start[], __package_end[];
extern "C" const uint8_t __arena_start[], __arena_end[];

)";

std::string c_bytes(const Bytes& bytes) {
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); ++i) out += fmt::format("{}0x{:02x}", i ? ", " : "", bytes[i]);
    return out;
}

}  // namespace

std::vector<KernelKey> all_kernels() {
    std::vector<KernelKey> keys;
    for (const KernelSource& source : kernel_sources(Family::Reference)) keys.push_back(source.key);
    std::sort(keys.begin(), keys.end(), before);
    return keys;
}

Bytes kernel_set_hash(std::vector<KernelKey> keys) {
    std::sort(keys.begin(), keys.end(), before);
    Bytes bytes;
    for (const KernelKey& key : keys) {
        const auto op = static_cast<std::uint16_t>(key.op);
        bytes.insert(bytes.end(), {static_cast<std::uint8_t>(op & 0xFF), static_cast<std::uint8_t>(op >> 8),
                                   static_cast<std::uint8_t>(key.type), key.version});
    }
    Bytes digest(kSha256Bytes);
    sha256(bytes.data(), bytes.size(), digest.data());
    digest.resize(sizeof(Manifest::set_hash));
    return digest;
}

std::string write_kernel_table(const KernelTable& table) {
    std::vector<KernelKey> keys = table.keys;
    std::sort(keys.begin(), keys.end(), before);
    std::set<std::string> headers;
    std::string kernels, rows;
    for (const KernelKey& key : keys) {
        CHECK(find_kernel(key) != nullptr);
        const KernelSource source = kernel_source(key, table.family);
        headers.insert(source.header);
        kernels += fmt::format("    &jatai::{},\n", source.symbol);
        rows +=
            fmt::format("        {{static_cast<jatai::Op>({}), static_cast<jatai::Type>({}), {}}},  // {}\n",
                        static_cast<int>(key.op), static_cast<int>(key.type), key.version, kernel_text(key));
    }
    std::string includes = "#include \"device/manifest.h\"\n";
    for (const std::string& header : headers) includes += fmt::format("#include \"{}\"\n", header);
    const bool linker = table.space == PackageSpace::Linker;
    return fmt::format(
        R"(// Written by jatai: the kernels this firmware is linked with.
{includes}
{symbols}namespace {{

const jatai::Kernel* const kKernels[] = {{
{kernels}    nullptr,
}};
const jatai::KernelSet kSet = {{kKernels, {count}}};

struct LinkedManifest {{
    jatai::Manifest head;
    jatai::KernelKey keys[{slots}];
}};
__attribute__((used, section(".manifest"))) const LinkedManifest kManifest = {{
    {{{{{magic}}}, 1, {count}, {family}, {{0, 0, 0}}, {{{board}}}, {{{hash}}}, {places}}},
    {{
{rows}    }},
}};

}}  // namespace

const jatai::KernelSet& jatai::linked_kernels() {{ return kSet; }}
const jatai::Manifest& jatai::linked_manifest() {{ return kManifest.head; }}
)",
        fmt::arg("includes", includes), fmt::arg("symbols", linker ? kSymbols : ""),
        fmt::arg("kernels", kernels), fmt::arg("count", keys.size()),
        fmt::arg("slots", std::max<std::size_t>(keys.size(), 1)),
        fmt::arg("magic", letters(kManifestMagic, sizeof(Manifest::magic))),
        fmt::arg("family", static_cast<int>(table.family)),
        fmt::arg("board",
                 letters(table.board.substr(0, sizeof(Manifest::board) - 1), sizeof(Manifest::board))),
        fmt::arg("hash", c_bytes(kernel_set_hash(keys))),
        fmt::arg("places", linker ? "__package_start, __package_end, __arena_start, __arena_end"
                                  : "nullptr, nullptr, nullptr, nullptr"),
        fmt::arg("rows", rows));
}

}  // namespace jatai
