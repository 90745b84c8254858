// Every model that packs, its package cut at 200 places and with 200 bits turned over: never a crash, always
// a reason.
#include <gtest/gtest.h>

#include <chrono>
#include <cstring>

#include "device/package.h"
#include "device/sha256.h"
#include "src/base/error.h"
#include "src/base/rng.h"
#include "src/graph/passes/passes.h"
#include "src/graph/tflite.h"
#include "src/package/inspect.h"
#include "src/package/pack.h"
#include "src/package/runner.h"
#include "src/plan/plan.h"
#include "tests/golden/golden_models.h"

namespace jatai {
namespace {

constexpr int kCuts = 200;
constexpr int kFlips = 200;
constexpr int kRuns = 10;  // of the damaged packages of one model that still open

// Who means harm can hash too: the proof of every offset has to stand alone.
void hash_again(Bytes& package) {
    PackageHeader header;
    std::memcpy(&header, package.data(), sizeof header);
    if (header.total_bytes != package.size()) return;
    sha256(package.data() + kHashedFrom, package.size() - kHashedFrom,
           package.data() + offsetof(PackageHeader, sha256));
}

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

struct Damage {
    int refused = 0, opened = 0, without_reason = 0;
    double slowest = 0;
};

// Opens what is left, and runs it when `runs` allows. Bytes are copied to the exact size: ASan sees the next
// one.
void open_damaged(const Bytes& package, int& runs, Damage& damage) {
    const auto start = std::chrono::steady_clock::now();
    try {
        inspect(package, "damaged.jpk");
        HostRunner runner(Bytes(package.begin(), package.end()), "damaged.jpk");
        ++damage.opened;
        if (runs > 0 && runner.input_bytes() < 1u << 20) {
            --runs;
            runner.run(Bytes(runner.input_bytes(), 0x35));
        }
    } catch (const Error& error) {
        ++damage.refused;
        damage.without_reason += std::strlen(error.what()) < 20;
    }
    damage.slowest = std::max(damage.slowest, seconds_since(start));
}

Damage damage(const Bytes& package, std::uint64_t seed) {
    Damage seen;
    Rng rng(seed);
    const auto size = static_cast<std::uint32_t>(package.size());
    int no_runs = 0;
    for (int i = 0; i < kCuts; ++i)
        open_damaged(Bytes(package.begin(), package.begin() + long(rng.below(size))), no_runs, seen);
    EXPECT_EQ(seen.refused, kCuts) << "cut packages opened";
    int runs = kRuns;
    for (int i = 0; i < kFlips; ++i) {
        Bytes flipped = package;
        // Tables and parameters decide most: half of the bits lie in the first 4 KB.
        const std::uint32_t at = rng.below(i % 2 == 0 ? size : std::min(size, 4096u));
        flipped[at] ^= static_cast<std::uint8_t>(1u << rng.below(8));
        open_damaged(flipped, no_runs, seen);
        hash_again(flipped);
        open_damaged(flipped, runs, seen);
    }
    EXPECT_GE(seen.refused, kCuts + kFlips) << "flipped packages opened although the hash tells";
    EXPECT_EQ(seen.without_reason, 0);
    return seen;
}

TEST(Damage, EveryPackedModelIsRefusedWithAReasonOrRunsWithoutHarm) {
    const std::vector<GoldenModel> models = golden_models();
    if (models.empty()) GTEST_SKIP() << "no shared data at " << JATAI_SHARED_DIR;
    int packed = 0, refused = 0, opened = 0;
    for (std::size_t m = 0; m < models.size(); ++m) {
        Bytes package;
        try {
            Graph graph = read_tflite(models[m].file(), models[m].path);
            run_passes(graph);
            package = pack(graph, make_plan(graph, Board{}, Family::Reference));
        } catch (const Error&) {
            continue;  // refused whole: golden_test tells
        }
        SCOPED_TRACE(models[m].path);
        const auto start = std::chrono::steady_clock::now();
        int one = 1;
        Damage whole;
        open_damaged(package, one, whole);
        const double usual = seconds_since(start);
        const Damage seen = damage(package, m);
        EXPECT_LT(seen.slowest, 1 + 10 * usual) << "damage made it slow";
        ++packed;
        refused += seen.refused;
        opened += seen.opened;
    }
    std::printf("%d packed models: %d damaged packages refused with a reason, %d opened\n", packed, refused,
                opened);
    EXPECT_GE(packed, 50);
}

}  // namespace
}  // namespace jatai
