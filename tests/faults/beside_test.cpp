// A model that runs beside the active one: what the agent refuses, keeps, counts and lets go.
#include <gtest/gtest.h>

#include "src/package/inspect.h"
#include "tests/faults/chip_rig.h"

namespace jatai {
namespace {

class Beside : public ChipRig {
  protected:
    Verdict take(std::uint64_t sequence, const Bytes& package) {
        return chip.update(world_->make(package, sequence, world_->first), 200, Use::Beside);
    }
    bool holds_beside(const Bytes& package) {
        const ActiveModel beside = chip.agent().beside();
        return beside.bytes != nullptr && beside.size == package.size() &&
               std::memcmp(beside.bytes, package.data(), package.size()) == 0;
    }
};

TEST_F(Beside, TheActiveModelStaysAndTheOtherIsThereAfterARestartToo) {
    EXPECT_EQ(take(7, world_->second).reason, Reason::Ok);
    for (int start = 0; start < 2; ++start) {
        EXPECT_TRUE(chip.runs(world_->first));
        EXPECT_TRUE(holds_beside(world_->second));
        EXPECT_EQ(chip.agent().active().phase, Phase::Confirmed);
        ASSERT_EQ(chip.start(), Reason::Ok);
    }
}

TEST_F(Beside, WhatNeedsMoreMemoryThanTheActiveOneLeavesIsRefusedBeforeAByteComes) {
    chip.config().arena_bytes = 2 * inspect(world_->first, "first").arena_bytes - 16;
    chip.start();
    EXPECT_EQ(take(7, world_->second).reason, Reason::ArenaTooSmall);
    EXPECT_EQ(chip.bytes_fed, 0u);
    EXPECT_EQ(chip.agent().refusal().verdict.reason, Reason::ArenaTooSmall);
    EXPECT_EQ(chip.update(world_->make(world_->second, 7, world_->first)).reason,
              Reason::Ok);  // alone it fits
}

TEST_F(Beside, OneThatFailsItsSelfTestIsNotRunAndNotTakenAgain) {
    EXPECT_EQ(take(7, world_->broken).reason, Reason::SelfTestFailed);
    EXPECT_EQ(chip.agent().beside().bytes, nullptr);
    EXPECT_EQ(take(7, world_->broken).reason, Reason::Replayed);
    EXPECT_EQ(take(8, world_->second).reason, Reason::Ok);
}

TEST_F(Beside, OneThatTakesTheChipDownIsGivenUpAfterThreeStarts) {
    take(7, world_->second);
    for (int start = 0; start < kTrialStarts; ++start) ASSERT_EQ(chip.start(), Reason::Ok);
    EXPECT_EQ(chip.start(), Reason::Returned);
    EXPECT_EQ(chip.agent().beside().bytes, nullptr);
    EXPECT_EQ(chip.agent().last().reason, Reason::Returned);
    EXPECT_TRUE(chip.runs(world_->first));
    EXPECT_EQ(take(7, world_->second).reason, Reason::Replayed);
}

TEST_F(Beside, OneThatWasSeenToRunStaysForAnyNumberOfStarts) {
    take(7, world_->second);
    for (int start = 0; start < 3 * kTrialStarts; ++start) {
        ASSERT_EQ(chip.start(), Reason::Ok);
        ASSERT_TRUE(chip.agent().keep_beside());
    }
    EXPECT_TRUE(holds_beside(world_->second));
}

TEST_F(Beside, WhatRanBesideBecomesTheActiveOneWithoutAByteMore) {
    take(7, world_->second);
    const std::uint64_t before = chip.bytes_fed;
    EXPECT_EQ(chip.update(world_->make(world_->second, 7, world_->first)).reason, Reason::Ok);
    EXPECT_EQ(chip.bytes_fed, before);
    EXPECT_TRUE(chip.runs(world_->second));
    EXPECT_EQ(chip.agent().active().phase, Phase::Trial);
    EXPECT_EQ(chip.agent().beside().bytes, nullptr);
    EXPECT_EQ(chip.agent().give_back().reason, Reason::Ok);
    EXPECT_TRUE(chip.runs(world_->first));
}

TEST_F(Beside, ItGoesWhenAskedAndMayComeAgain) {
    take(7, world_->second);
    EXPECT_TRUE(chip.agent().drop_beside(Reason::Ok));
    ASSERT_EQ(chip.start(), Reason::Ok);
    EXPECT_EQ(chip.agent().beside().bytes, nullptr);
    EXPECT_EQ(take(7, world_->second).reason, Reason::Ok);
    EXPECT_TRUE(holds_beside(world_->second));
}

TEST_F(Beside, AnUpdateTakesItsPlaceAndTheActiveOneIsStillTheOneToReturnTo) {
    take(7, world_->second);
    const Bytes next = with_section(world_->second, "note", ByteView(world_->first).first(32));
    EXPECT_EQ(chip.update(world_->make(next, 9, world_->first)).reason, Reason::Ok);
    EXPECT_TRUE(chip.runs(next));
    EXPECT_EQ(chip.agent().give_back().reason, Reason::Ok);
    EXPECT_TRUE(chip.runs(world_->first));
}

// Every write and erase of taking, keeping and dropping a shadow.
TEST_F(Beside, PowerMayGoAtAnyWriteAndTheActiveModelAnswersAfterwards) {
    const Update update = world_->make(world_->second, 7, world_->first);
    int cuts = 0;
    for (std::uint64_t at = 0;; ++at) {
        FlashMemory flash(1024, 26);
        std::memcpy(flash.data(), world_->first.data(), world_->first.size());
        Chip chip(*world_, flash);
        ASSERT_EQ(chip.start(), Reason::Ok);
        flash.cut_at(at, static_cast<Cut>(at % 3));
        bool cut = false;
        try {
            ASSERT_EQ(chip.update(update, 200, Use::Beside).reason, Reason::Ok);
            ASSERT_EQ(chip.start(), Reason::Ok);  // counted until it is seen to run
            ASSERT_TRUE(chip.agent().keep_beside());
            chip.agent().drop_beside(Reason::Ok);
        } catch (const PowerCut&) {
            cut = true;
            ++cuts;
        }
        flash.never_cut();
        flash.power_up(at + 1);
        ASSERT_EQ(chip.start(), Reason::Ok) << at;
        ASSERT_TRUE(chip.runs(world_->first)) << at;
        const ActiveModel beside = chip.agent().beside();
        if (beside.bytes != nullptr) {
            ASSERT_EQ(std::memcmp(beside.bytes, world_->second.data(), world_->second.size()), 0) << at;
        }
        ASSERT_EQ(chip.update(update, 200, Use::Beside).reason, Reason::Ok) << at;
        if (!cut) break;
    }
    EXPECT_GT(cuts, 50);
}

// What ran beside is made the active one: from its offer to its confirmation.
TEST_F(Beside, PowerMayGoAtAnyWriteOfItsPromotionAndOneOfTheTwoAnswers) {
    const Update update = world_->make(world_->second, 7, world_->first);
    ASSERT_EQ(chip.update(update, 200, Use::Beside).reason, Reason::Ok);
    ASSERT_EQ(chip.start(), Reason::Ok);
    ASSERT_TRUE(chip.agent().keep_beside());
    int olds = 0, news = 0;
    bool cut = true;
    for (std::uint64_t at = 0; cut; ++at) {
        for (const Cut way : {Cut::Before, Cut::HalfDone, Cut::Unstable}) {
            FlashMemory copy = flash;
            Chip one(*world_, copy);
            ASSERT_EQ(one.start(), Reason::Ok);
            copy.cut_at(copy.operations() + at, way);
            cut = false;
            try {
                ASSERT_EQ(one.update(update).reason, Reason::Ok);
                ASSERT_EQ(one.agent().confirm().reason, Reason::Ok);
            } catch (const PowerCut&) {
                cut = true;
            }
            copy.never_cut();
            copy.power_up(at + 1);
            ASSERT_EQ(one.start(), Reason::Ok) << at;
            const bool old = one.runs(world_->first);
            ASSERT_TRUE(old || one.runs(world_->second)) << at;
            ++(old ? olds : news);
        }
    }
    EXPECT_GT(olds, 20);
    EXPECT_GT(news, 20);
}

}  // namespace
}  // namespace jatai
