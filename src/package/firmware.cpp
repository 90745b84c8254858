#include "src/package/firmware.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>

#include "device/manifest.h"
#include "src/base/error.h"
#include "src/package/elf_insert.h"
#include "src/package/flat_image.h"

namespace jatai {

namespace {

constexpr std::size_t kHeadBytes = 56;
constexpr std::uint16_t kMaxKernels = 1024;

template <typename Number>
Number number_at(ByteView bytes, std::size_t at) {
    Number number;
    std::memcpy(&number, bytes.data() + at, sizeof number);
    return number;
}

// A manifest at `at`, if the bytes there make sense as one.
bool manifest_at(ByteView image, std::size_t at) {
    if (image.size() - at < kHeadBytes) return false;
    if (std::memcmp(image.data() + at, kManifestMagic, sizeof(Manifest::magic)) != 0) return false;
    const auto count = number_at<std::uint16_t>(image, at + 10);
    return number_at<std::uint16_t>(image, at + 8) == 1 && count <= kMaxKernels && image[at + 31] == 0 &&
           image.size() - at - kHeadBytes >= std::size_t{count} * sizeof(KernelKey);
}

FirmwareManifest parse_manifest(ByteView bytes) {
    FirmwareManifest manifest;
    manifest.family = static_cast<Family>(bytes[12]);
    manifest.board = reinterpret_cast<const char*>(bytes.data() + 16);
    for (std::size_t i = 0; i < sizeof(Manifest::set_hash); ++i) {
        manifest.set_hash += fmt::format("{:02x}", bytes[32 + i]);
    }
    manifest.package_start = number_at<std::uint32_t>(bytes, 40);
    manifest.package_end = number_at<std::uint32_t>(bytes, 44);
    manifest.arena_bytes = number_at<std::uint32_t>(bytes, 52) - number_at<std::uint32_t>(bytes, 48);
    const auto count = number_at<std::uint16_t>(bytes, 10);
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t at = kHeadBytes + i * sizeof(KernelKey);
        manifest.kernels.push_back({static_cast<Op>(number_at<std::uint16_t>(bytes, at)),
                                    static_cast<Type>(bytes[at + 2]), bytes[at + 3]});
    }
    return manifest;
}

std::string kernel_list(const std::vector<KernelKey>& keys) {
    std::vector<std::string> names;
    for (const KernelKey& key : keys) names.push_back(kernel_text(key));
    return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

FirmwareManifest read_manifest(ByteView image, const std::string& place) {
    for (std::size_t at = 0; at + kHeadBytes <= image.size(); at += 4) {
        if (manifest_at(image, at)) return parse_manifest(image.subspan(at));
    }
    throw Error{
        text("{}: no kernel manifest, expected a firmware made by jatai", place),
        text("firmware built beforehand comes with the bundle; or: jatai compile ... --emit firmware")};
}

std::vector<KernelKey> missing_kernels(const PackageInfo& package, const FirmwareManifest& manifest) {
    std::vector<KernelKey> missing;
    for (const KernelKey& key : package.kernels) {
        if (std::find(manifest.kernels.begin(), manifest.kernels.end(), key) == manifest.kernels.end()) {
            missing.push_back(key);
        }
    }
    return missing;
}

void require_runs_on(const PackageInfo& package, const FirmwareManifest& manifest, const std::string& place) {
    if (manifest.package_start == 0) {
        throw Error{text("{}: its model is built in, expected a firmware with a place for a package", place),
                    text("build it with: jatai compile ... --form package --emit firmware")};
    }
    const std::vector<KernelKey> missing = missing_kernels(package, manifest);
    if (!missing.empty()) {
        throw Error{
            text("{}: does not have {}, which package {} needs", place, kernel_list(missing), package.name),
            text("update the firmware first: jatai compile ... --emit firmware --kernels all")};
    }
    if (package.family != manifest.family) {
        throw Error{
            text("{}: its kernels are of another family than package {} was made for", place, package.name),
            text("compile the model again for --board {}", manifest.board)};
    }
    const std::uint32_t space = manifest.package_end - manifest.package_start;
    if (package.total_bytes > space) {
        throw Error{text("{}: package {} has {} bytes, expected at most {} ({} too many)", place,
                         package.name, package.total_bytes, space, package.total_bytes - space),
                    text("take a smaller network")};
    }
    if (manifest.arena_bytes > 0 && package.arena_bytes > manifest.arena_bytes) {
        throw Error{text("{}: package {} needs {} bytes of RAM, expected at most {} ({} too many)", place,
                         package.name, package.arena_bytes, manifest.arena_bytes,
                         package.arena_bytes - manifest.arena_bytes),
                    text("take a smaller network or a smaller input")};
    }
}

FirmwareFiles firmware_files(ByteView elf, const std::string& place) {
    const ElfImage image = read_elf(elf, place);
    FirmwareFiles files;
    files.elf.assign(elf.begin(), elf.end());
    FlatImage flat = flatten(image, place);
    files.base = flat.base;
    files.hex = intel_hex(image);
    files.bin = std::move(flat.bytes);
    return files;
}

FirmwareFiles insert_package(ByteView firmware_elf, ByteView package, const std::string& place) {
    const FirmwareManifest manifest = read_manifest(firmware_elf, place);
    require_runs_on(inspect(package, "package"), manifest, place);
    return firmware_files(insert_section(firmware_elf, package, manifest.package_start, place), place);
}

}  // namespace jatai
