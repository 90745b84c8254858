// sizes: what the engine and each kernel take in flash, beside the committed record.
//
//     sizes build/release/share/firmware/bench_m4/runner.elf tests/sizes/sizes.tsv            # 1: over 1 %
//     apart sizes build/release/share/firmware/bench_m4/runner.elf tests/sizes/sizes.tsv --update   # write
//     the record
//
// A kernel's size is all the code that linking it alone would bring: its two functions and whatever they
// call, so what several kernels share counts in each. Read from the image: calls, jumps and addresses of
// functions. The record holds for the compiler named in its first line; with another one this ends with 77.
#include <fmt/format.h>

#include <cstring>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include "src/base/error.h"
#include "src/package/toolchain.h"
#include "src/simulate/firmware.h"

namespace {

using namespace jatai;

constexpr double kMostChange = 0.01;

class Image {
  public:
    explicit Image(const fs::path& file)
        : firmware_(simulate::read_firmware(read_file(file), file.string())) {
        for (const simulate::Symbol& symbol : firmware_.symbols) {
            if (symbol.is_function && symbol.bytes > 0) functions_[symbol.address & ~1u] = symbol.bytes;
        }
    }

    // Bytes of the functions at these addresses, and of all they reach.
    std::uint32_t reach(const std::vector<std::uint32_t>& entries) const {
        std::set<std::uint32_t> seen;
        std::vector<std::uint32_t> open;
        const auto visit = [&](std::uint32_t address) {
            const auto at = functions_.find(address & ~1u);
            if (at != functions_.end() && seen.insert(at->first).second) open.push_back(at->first);
        };
        for (const std::uint32_t entry : entries) visit(entry);
        std::uint32_t bytes = 0;
        while (!open.empty()) {
            const std::uint32_t address = open.back();
            open.pop_back();
            bytes += functions_.at(address);
            for (const std::uint32_t target : targets_in(address)) visit(target);
        }
        return bytes;
    }

    // Name, and the addresses of `fits` and `run`, of every kernel in the image.
    std::map<std::string, std::vector<std::uint32_t>> kernels() const {
        std::map<std::string, std::vector<std::uint32_t>> found;
        for (const simulate::Symbol& symbol : firmware_.symbols) {
            // _ZN5jataiL<length>k<Name>E: a constant of namespace jatai.
            const std::string prefix = "_ZN5jataiL";
            if (symbol.is_function || symbol.bytes != 12 || symbol.name.rfind(prefix, 0) != 0) continue;
            const std::size_t name = symbol.name.find('k', prefix.size());
            if (name == std::string::npos) continue;
            found[symbol.name.substr(name, symbol.name.size() - name - 1)] = {word(symbol.address + 4),
                                                                              word(symbol.address + 8)};
        }
        return found;
    }

    std::vector<std::uint32_t> engine() const {
        std::vector<std::uint32_t> entries;
        for (const simulate::Symbol& symbol : firmware_.symbols) {
            if (symbol.is_function && symbol.name.find("N5jatai6Engine") != std::string::npos)
                entries.push_back(symbol.address);
        }
        return entries;
    }

  private:
    std::uint32_t word(std::uint32_t address) const {
        return half(address) | std::uint32_t{half(address + 2)} << 16;
    }

    std::uint16_t half(std::uint32_t address) const {
        for (const simulate::Segment& segment : firmware_.segments) {
            if (address < segment.load_address || address - segment.load_address + 2 > segment.bytes.size())
                continue;
            std::uint16_t value;
            std::memcpy(&value, segment.bytes.data() + (address - segment.load_address), sizeof value);
            return value;
        }
        return 0;
    }

    // BL and B.W (Armv7-M ARM, A7.7.12 and A7.7.18), and words that are the address of a function.
    std::vector<std::uint32_t> targets_in(std::uint32_t function) const {
        std::vector<std::uint32_t> targets;
        const std::uint32_t end = function + functions_.at(function);
        for (std::uint32_t at = function; at + 4 <= end; at += 2) {
            const std::uint32_t high = half(at), low = half(at + 2);
            if ((high & 0xF800) == 0xF000 && (low & 0x9000) == 0x9000) {
                const std::uint32_t s = high >> 10 & 1, i1 = ~(low >> 13 ^ s) & 1, i2 = ~(low >> 11 ^ s) & 1;
                std::uint32_t offset =
                    s << 24 | i1 << 23 | i2 << 22 | (high & 0x3FF) << 12 | (low & 0x7FF) << 1;
                if (s != 0) offset |= 0xFE000000u;
                targets.push_back(at + 4 + offset);
            }
            if (at % 4 == 0 && (low << 16 | high) % 2 == 1) targets.push_back(low << 16 | high);
        }
        return targets;
    }

    simulate::Firmware firmware_;
    std::map<std::uint32_t, std::uint32_t> functions_;  // address to bytes
};

using Sizes = std::map<std::string, std::uint32_t>;

Sizes sizes_of(const Image& image) {
    Sizes sizes{{"engine", image.reach(image.engine())}};
    for (const auto& [name, entries] : image.kernels()) sizes[name] = image.reach(entries);
    return sizes;
}

std::string compiler_line() {
    return "# " + find_toolchain(JATAI_SOURCE_DIR).version + " -O2, Cortex-M4F; bytes of code";
}

int compare(const Sizes& now, std::ifstream& record) {
    Sizes before;
    for (std::string line; std::getline(record, line);) {
        const std::size_t tab = line.find('\t');
        if (tab != std::string::npos)
            before[line.substr(0, tab)] = static_cast<std::uint32_t>(std::stoul(line.substr(tab + 1)));
    }
    int apart = 0;
    for (const auto& [name, bytes] : now) {
        const auto old = before.find(name);
        const double was = old == before.end() ? 0 : old->second;
        if (old != before.end() && std::abs(bytes - was) <= kMostChange * was) continue;
        fmt::print("{}: {} bytes, recorded {}\n", name, bytes, was);
        ++apart;
    }
    for (const auto& [name, bytes] : before) {
        if (!now.contains(name) && ++apart) fmt::print("{}: gone, recorded {}\n", name, bytes);
    }
    if (apart == 0) fmt::print("{} sizes are within 1 % of the record\n", now.size());
    if (apart > 0) fmt::print("if it is meant, write the record in the same commit: --update, and say why\n");
    return apart == 0 ? 0 : 1;
}

int run(const fs::path& elf, const fs::path& file, bool update) {
    const Sizes sizes = sizes_of(Image(elf));
    if (update) {
        std::string text = compiler_line() + "\n";
        for (const auto& [name, bytes] : sizes) text += fmt::format("{}\t{}\n", name, bytes);
        write_text(file, text);
        return 0;
    }
    std::ifstream record(file);
    std::string first;
    std::getline(record, first);
    if (first != compiler_line()) {
        fmt::print("left out: the record is of {}, here is {}\n", first, compiler_line());
        return 77;
    }
    return compare(sizes, record);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) return 1;
    try {
        return run(argv[1], argv[2], argc > 3 && std::string(argv[3]) == "--update");
    } catch (const Error& error) {
        fmt::print("error: {}\n", error.what());
        return 1;
    }
}
