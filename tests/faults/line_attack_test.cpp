// Who holds a device's line may say what he likes, whenever he likes and without end: the applications of the
// fleet, on this computer, keep their model and go on.
#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "device/apps/fleet.h"
#include "device/apps/keyword_fleet.h"
#include "src/telemetry/byte_pipe.h"
#include "tests/faults/held_board.h"
#include "tests/flow/keyword_package.h"

namespace jatai {
namespace {

Bytes noise(Rng& rng, std::uint32_t most) {
    Bytes bytes(1 + rng.below(most));
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(rng.below(256));
    return bytes;
}

// Answers what the device asks for with what is not its due, and talks on between. He knows our signed
// manifest, but not the image it is for.
class Enemy {
  public:
    Enemy(const UpdateWorld& world, const Bytes& image, std::uint64_t seed) : rng_(seed) {
        const SigningKey own = SigningKey::generate();
        RootOptions root;
        root.sequence = 2;
        root.roots = root.signing = {own.public_key()};
        roots_ = {{}, make_root(root, {own})};
        const Update ours = world.make(image, 7, {}), others = world.make(world.broken, 8, {});
        manifests_ = {ours.envelope, sign_package(image, world.at(9), {own}), ours.envelope};
        manifests_.back()[rng_.below(100)] ^= 4;
        payloads_ = {ours.payload, others.payload};
        for (int i = 0; i < 9; ++i) payloads_[0][rng_.below(2000) + 41] ^= 0x10;
    }

    BytePipe pipe() { return {this, write, read}; }
    bool never_silent = false;
    std::uint64_t asked = 0;

  private:
    std::string frame(std::uint32_t type, const Bytes& body) {
        std::uint8_t line[kFrameRoom];
        const std::uint32_t size = write_frame(line, static_cast<FrameType>(type), body.data(),
                                               static_cast<std::uint32_t>(body.size()));
        return std::string(reinterpret_cast<const char*>(line), size);
    }
    std::string any_frame() {
        if (rng_.below(3) != 0) {
            Bytes ask = rng_.below(4) != 0 ? Bytes(1) : Bytes(6);
            for (std::uint8_t& byte : ask) byte = static_cast<std::uint8_t>(rng_.below(8));
            if (ask.size() == 6) ask[0] = 4;
            return frame(6, ask);
        }
        const Bytes raw = noise(rng_, kMaxBodyBytes);
        return rng_.below(2) == 0 ? frame(rng_.below(9), raw) : std::string(raw.begin(), raw.end());
    }
    std::string reply(const PipeWant& want) {
        const auto& shelf = want.what == PipeWant::What::Root       ? roots_
                            : want.what == PipeWant::What::Manifest ? manifests_
                                                                    : payloads_;
        if (want.offset == 0)
            shelf_at_[static_cast<int>(want.what)] = rng_.below(static_cast<std::uint32_t>(shelf.size()));
        const Bytes& all = shelf[shelf_at_[static_cast<int>(want.what)]];
        const std::size_t from = std::min<std::size_t>(want.offset, all.size()),
                          size = std::min<std::size_t>(want.most, all.size() - from);
        const std::string piece(all.begin() + static_cast<std::ptrdiff_t>(from),
                                all.begin() + static_cast<std::ptrdiff_t>(from + size));
        return write_data(want, static_cast<std::uint32_t>(all.size()), piece);
    }
    static void write(void* self, const std::uint8_t* bytes, std::uint32_t count) {
        Enemy& enemy = *static_cast<Enemy*>(self);
        for (const PipeRecord& record :
             enemy.ear_.take(std::string(reinterpret_cast<const char*>(bytes), count))) {
            if (const auto piece = read_report_piece(record); piece && enemy.rng_.below(2) == 0)
                enemy.waiting_ += write_taken(piece->number);
            const auto want = read_want(record);
            if (!want || enemy.rng_.below(20) == 0) continue;
            ++enemy.asked;
            enemy.waiting_ += enemy.reply(*want);
        }
    }
    static std::uint32_t read(void* self, std::uint8_t* bytes, std::uint32_t room, std::uint32_t) {
        Enemy& enemy = *static_cast<Enemy*>(self);
        if (enemy.waiting_.empty() && (enemy.never_silent || enemy.rng_.below(3) == 0))
            enemy.waiting_ = enemy.any_frame();
        const std::size_t take = std::min<std::size_t>(room, enemy.waiting_.size());
        std::memcpy(bytes, enemy.waiting_.data(), take);
        enemy.waiting_.erase(0, take);
        return static_cast<std::uint32_t>(take);
    }

    Rng rng_;
    std::vector<Bytes> roots_, manifests_, payloads_;
    std::uint32_t shelf_at_[3] = {};
    PipeReader ear_;
    std::string waiting_;
};

template <typename App>
bool keeps(const App& app, const Bytes& package) {
    const ActiveModel active = app.agent().active();
    return active.size == package.size() && active.phase == Phase::Confirmed &&
           std::memcmp(active.bytes, package.data(), package.size()) == 0 &&
           app.agent().beside().bytes == nullptr && app.agent().root_sequence() < 2;
}

template <typename App>
Reason why(const App& app) {
    const Reason offer = app.agent().refusal().verdict.reason;
    return offer != Reason::Ok ? offer : app.agent().last().reason;
}

// Keys, documents and images: he got as far as each of them.
void expect_tried(const std::set<Reason>& refused) {
    EXPECT_EQ(refused.count(Reason::UnknownKey), 1u);
    EXPECT_GE(refused.count(Reason::BadManifest) + refused.count(Reason::WrongDigest) +
                  refused.count(Reason::BadSignature),
              1u);
    EXPECT_GE(refused.count(Reason::BadPayload) + refused.count(Reason::WrongImage), 1u);
}

class Line : public testing::TestWithParam<bool> {};

TEST_P(Line, WhoHoldsItMakesNothingActiveAndTheFleetApplicationRunsOn) {
    const UpdateWorld world;
    HeldBoard board(world, world.first);
    Enemy enemy(world, world.second, 3);
    enemy.never_silent = GetParam();
    FleetApp app;
    app.open(board.parts(enemy.pipe(), world));
    std::set<Reason> refused;
    for (int i = 0; i < 1000; ++i) {
        app.step();
        ASSERT_TRUE(app.has_model() && keeps(app, world.first)) << i;
        refused.insert(why(app));
    }
    EXPECT_GT(enemy.asked, 100u);
    expect_tried(refused);
}

TEST_P(Line, WhoHoldsItMakesNothingActiveAndTheKeywordApplicationHearsOn) {
    const UpdateWorld world;
    KeywordPace pace = tone_pace();
    const Bytes first = tone_package(pace);
    pace.labels[0].name = "other";
    HeldBoard board(world, first);
    Enemy enemy(world, tone_package(pace), 4);
    enemy.never_silent = GetParam();
    KeywordFleet app;
    app.open(board.parts(enemy.pipe(), world), [] {});
    std::set<Reason> refused;
    for (int i = 0; i < 10000; ++i) {
        app.step();
        ASSERT_TRUE(app.hears() && keeps(app, first)) << i;
        refused.insert(why(app));
    }
    EXPECT_GT(enemy.asked, 100u);
    expect_tried(refused);
}

INSTANTIATE_TEST_SUITE_P(SilentAtTimesAndNever, Line, testing::Bool());

}  // namespace
}  // namespace jatai
