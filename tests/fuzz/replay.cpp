// Runs a fuzz target without libFuzzer: its corpus, its seeds, their prefixes, and ARG random mutations
// (fixed seed). With
// `--seeds FOLDER` it writes the seeds there, for libFuzzer to begin with; with `--files FILE ...` it runs
// those.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "src/base/rng.h"
#include "tests/fuzz/fuzz.h"

namespace jatai {
namespace {

void run(const Bytes& bytes) {
    // A copy of the exact size, so that ASan sees one byte too far.
    const Bytes exact(bytes.begin(), bytes.end());
    LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

// One random edit: flipped bits, an interesting number, bytes removed, doubled or cut off.
void edit(Bytes& bytes, Rng& rng) {
    if (bytes.empty()) bytes.push_back(0);
    const auto size = static_cast<std::uint32_t>(bytes.size());
    // Headers decide most: half of all edits fall into the first 128 bytes.
    const std::uint32_t at = rng.below(rng.below(2) == 0 ? size : std::min(size, 128u));
    const auto place = bytes.begin() + at;
    switch (rng.below(6)) {
        case 0:
            *place ^= static_cast<std::uint8_t>(1u << rng.below(8));
            break;
        case 1:
            *place = static_cast<std::uint8_t>(rng.next());
            break;
        case 2: {
            const std::uint32_t numbers[] = {0,      1,      0x7F,       0x80,       0xFF,
                                             0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
            const std::uint32_t number = numbers[rng.below(10)];
            for (std::uint32_t i = 0; i < 4 && at + i < size; ++i)
                bytes[at + i] = static_cast<std::uint8_t>(number >> (8 * i));
            break;
        }
        case 3:
            bytes.erase(place, place + 1 + rng.below(std::min(16u, size - at)));
            break;
        case 4: {
            const Bytes part(place, place + std::min(16u, size - at));
            bytes.insert(place, part.begin(), part.end());
            break;
        }
        default:
            bytes.resize(at);
            break;
    }
}

// What libFuzzer once grew for this target: tests/fuzz/corpus/tflite for tflite_fuzz.
std::vector<Bytes> corpus_of(const std::string& program) {
    std::vector<Bytes> files;
    const fs::path folder =
        fs::path(JATAI_SOURCE_DIR) / "tests/fuzz/corpus" / program.substr(0, program.find("_fuzz"));
    if (!fs::is_directory(folder)) return files;
    for (const auto& entry : fs::directory_iterator(folder)) files.push_back(read_file(entry.path()));
    return files;
}

int write_seeds(const fs::path& folder) {
    std::vector<Bytes> seeds;
    add_seeds(seeds);
    for (std::size_t i = 0; i < seeds.size(); ++i)
        write_file(folder / ("seed_" + std::to_string(i)), seeds[i]);
    return seeds.empty() ? 1 : 0;
}

}  // namespace
}  // namespace jatai

int main(int argc, char** argv) {
    using namespace jatai;
    if (argc == 3 && std::string_view(argv[1]) == "--seeds") return write_seeds(argv[2]);
    if (argc > 2 && std::string_view(argv[1]) == "--files") {
        for (int i = 2; i < argc; ++i) run(read_file(argv[i]));
        return 0;
    }
    for (const Bytes& bytes : corpus_of(fs::path(argv[0]).filename().string())) run(bytes);
    const int mutations = argc > 1 ? std::atoi(argv[1]) : 4000;
    std::vector<Bytes> seeds;
    add_seeds(seeds);
    if (seeds.empty()) {
        std::fprintf(stderr, "no seeds\n");
        return 1;
    }
    run({});
    for (const Bytes& seed : seeds) {
        run(seed);
        const std::size_t step = seed.size() / 2000 + 1;
        for (std::size_t size = 0; size < seed.size(); size += step)
            run({seed.begin(), seed.begin() + long(size)});
    }
    Rng rng(1);
    for (int i = 0; i < mutations; ++i) {
        Bytes bytes = seeds[rng.below(static_cast<std::uint32_t>(seeds.size()))];
        for (std::uint32_t edits = 1 + rng.below(4); edits > 0; --edits) edit(bytes, rng);
        run(bytes);
    }
    std::printf("%zu seeds, their prefixes and %d mutations: no crash\n", seeds.size(), mutations);
    return 0;
}
