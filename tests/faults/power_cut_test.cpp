// Power is cut at every erase and every write of an update, in three ways. The chip has to come back with the
// old model or the new one, stay with it however unstable bits read next time, and end with the new one.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/faults/update_world.h"

namespace jatai {
namespace {

constexpr std::uint32_t kPageBytes = 1024, kPages = 26;

class PowerCuts : public testing::TestWithParam<Cut> {
  protected:
    static void SetUpTestSuite() {
        world_ = new UpdateWorld;
        update_ = new Update(world_->make(world_->second, 7, world_->first));
        again_ = new Update(world_->make(world_->second, 8, world_->first));
    }
    static void TearDownTestSuite() {
        delete again_;
        delete update_;
        delete world_;
    }

    static FlashMemory new_flash() {
        FlashMemory flash(kPageBytes, kPages);
        std::memcpy(flash.data(), world_->first.data(), world_->first.size());
        return flash;
    }

    // From the start of a session to a confirmed model, as a device's main loop goes.
    static void go_on(Chip& chip) {
        const Reason started = chip.start();
        ASSERT_TRUE(started == Reason::Ok || started == Reason::Returned) << int(started);
        ASSERT_TRUE(chip.runs(world_->first) || chip.runs(world_->second));
        if (chip.agent().active().phase == Phase::Trial) chip.agent().confirm();
        if (chip.runs(world_->second)) return;
        Verdict verdict = chip.update(*update_);
        // So many cuts that the trial's starts were used up: given back, and signed anew.
        if (chip.agent().last().reason == Reason::Returned && verdict.reason == Reason::Replayed)
            verdict = chip.update(*again_);
        ASSERT_EQ(verdict.reason, Reason::Ok);
        chip.agent().confirm();
    }

    // Whether the cut came before the end.
    static bool cut_once(Chip& chip, FlashMemory& flash, std::uint64_t operation, Cut cut) {
        flash.cut_at(operation, cut);
        try {
            go_on(chip);
        } catch (const PowerCut&) {
            flash.never_cut();
            return true;
        }
        flash.never_cut();
        return false;
    }

    // The next starts agree with each other, whatever unstable bits do.
    static void expect_whole(Chip& chip, FlashMemory& flash, std::uint64_t seed) {
        flash.power_up(seed);
        const Reason reason = chip.start();
        ASSERT_TRUE(reason == Reason::Ok || reason == Reason::Returned) << int(reason);
        const bool is_new = chip.runs(world_->second);
        ASSERT_TRUE(is_new || chip.runs(world_->first));
        const std::uint32_t slot = chip.agent().state().active_slot * chip.agent().slot_bytes();
        ASSERT_FALSE(flash.is_unstable(slot, chip.agent().active().size));
        flash.power_up(seed + 1);
        ASSERT_EQ(chip.start(), Reason::Ok);
        ASSERT_EQ(chip.runs(world_->second), is_new);
    }

    static void expect_arrives(Chip& chip, FlashMemory& flash) {
        go_on(chip);
        ASSERT_TRUE(chip.runs(world_->second));
        ASSERT_EQ(chip.agent().active().phase, Phase::Confirmed);
        ASSERT_EQ(flash.rewrites(), 0u);
    }

    static UpdateWorld* world_;
    static Update* update_;
    static Update* again_;  // the same, signed later
};
UpdateWorld* PowerCuts::world_ = nullptr;
Update* PowerCuts::update_ = nullptr;
Update* PowerCuts::again_ = nullptr;

TEST_P(PowerCuts, AtAnyWriteLeaveTheOldModelOrTheNewOne) {
    std::uint64_t cuts = 0;
    for (std::uint64_t operation = 0;; ++operation, ++cuts) {
        FlashMemory flash = new_flash();
        Chip chip(*world_, flash);
        if (!cut_once(chip, flash, operation, GetParam())) break;
        SCOPED_TRACE(operation);
        expect_whole(chip, flash, operation);
        if (HasFatalFailure()) return;
        expect_arrives(chip, flash);
        if (HasFatalFailure()) return;
    }
    EXPECT_GT(cuts, 400u);  // it really went through the whole update
    RecordProperty("cuts", static_cast<int>(cuts));
}

// The second cut hits what repairs the first, or what goes on from it. JATAI_EVERY_CUT=1 tries every pair.
TEST_P(PowerCuts, TwiceInARowLeaveTheOldModelOrTheNewOne) {
    const std::uint64_t step = std::getenv("JATAI_EVERY_CUT") != nullptr ? 1 : 19;
    std::uint64_t pairs = 0;
    for (std::uint64_t operation = 0;; operation += step) {
        bool went_through = false;
        for (std::uint64_t second = 0; second < 24; ++second) {
            FlashMemory flash = new_flash();
            Chip chip(*world_, flash);
            went_through = !cut_once(chip, flash, operation, GetParam());
            if (went_through) break;
            SCOPED_TRACE(testing::Message() << operation << " then " << second);
            flash.power_up(operation);
            cut_once(chip, flash, flash.operations() + second, GetParam());
            expect_whole(chip, flash, operation + second);
            if (HasFatalFailure()) return;
            expect_arrives(chip, flash);
            if (HasFatalFailure()) return;
            ++pairs;
        }
        if (went_through) break;
    }
    EXPECT_GT(pairs, 500u);
}

// Nobody confirms: the return itself is cut.
TEST_P(PowerCuts, WhileAModelIsGivenBackLeaveOneOfTheTwo) {
    for (std::uint64_t operation = 0;; ++operation) {
        FlashMemory flash = new_flash();
        Chip chip(*world_, flash);
        ASSERT_EQ(chip.start(), Reason::Ok);
        ASSERT_EQ(chip.update(*update_).reason, Reason::Ok);
        flash.cut_at(flash.operations() + operation, GetParam());
        bool cut = false;
        try {
            for (int i = 0; i < 4; ++i) chip.start();
        } catch (const PowerCut&) {
            cut = true;
        }
        flash.never_cut();
        if (!cut) break;
        for (std::uint64_t start = 0; start < 6; ++start) {
            flash.power_up(operation + start);
            const Reason reason = chip.start();
            ASSERT_TRUE(reason == Reason::Ok || reason == Reason::Returned) << operation;
            ASSERT_TRUE(chip.runs(world_->first) || chip.runs(world_->second)) << operation;
        }
        ASSERT_TRUE(chip.runs(world_->first)) << operation;
        ASSERT_EQ(chip.agent().last().reason, Reason::Returned);
    }
}

// A root that was in force must not be forgotten for an older one.
TEST_P(PowerCuts, WhileARootIsTakenLeaveTheOldRootOrTheNewOne) {
    const auto root_of = [](std::uint64_t sequence) {
        RootOptions root;
        root.sequence = sequence;
        root.threshold = 2;
        for (const SigningKey& owner : world_->root_keys) root.roots.push_back(owner.public_key());
        root.signing = {world_->key.public_key()};
        return make_root(root, {world_->root_keys[0], world_->root_keys[1]});
    };
    const Bytes one = root_of(10), two = root_of(11);
    const auto take = [](Chip& chip, const Bytes& root) {
        return chip.agent().take_root(root.data(), static_cast<std::uint32_t>(root.size())).reason;
    };
    for (std::uint64_t operation = 0;; ++operation) {
        FlashMemory flash = new_flash();
        Chip chip(*world_, flash);
        ASSERT_EQ(chip.start(), Reason::Ok);
        ASSERT_EQ(take(chip, one), Reason::Ok);
        flash.cut_at(flash.operations() + operation, GetParam());
        bool cut = false;
        try {
            ASSERT_EQ(chip.start(), Reason::Ok);
            ASSERT_EQ(take(chip, two), Reason::Ok);
        } catch (const PowerCut&) {
            cut = true;
        }
        flash.never_cut();
        if (!cut) break;
        flash.power_up(operation);
        ASSERT_EQ(chip.start(), Reason::Ok);
        const std::uint64_t sequence = chip.agent().root_sequence();
        ASSERT_TRUE(sequence == 10 || sequence == 11) << operation << ": " << sequence;
        flash.power_up(operation + 1);
        ASSERT_EQ(chip.start(), Reason::Ok);
        ASSERT_EQ(chip.agent().root_sequence(), sequence) << operation;
    }
}

INSTANTIATE_TEST_SUITE_P(Ways, PowerCuts, testing::Values(Cut::Before, Cut::HalfDone, Cut::Unstable),
                         [](const auto& info) {
                             return info.param == Cut::Before     ? "before"
                                    : info.param == Cut::HalfDone ? "half_done"
                                                                  : "unstable";
                         });

}  // namespace
}  // namespace jatai
