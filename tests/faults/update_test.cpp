// What an update does when nothing goes wrong, and what the log of state keeps.
#include "tests/faults/chip_rig.h"

namespace jatai {
namespace {

class Updates : public ChipRig {};

TEST_F(Updates, AModelThatCameWithTheFirmwareRuns) {
    EXPECT_TRUE(chip.runs(world().first));
    EXPECT_EQ(chip.agent().active().sequence, 0u);
    EXPECT_EQ(flash.operations(), 0u);
}

TEST_F(Updates, AWholeOneAndADifferenceBothEndWithTheNewModelOnTrial) {
    for (const Bytes& source : {Bytes{}, world().first}) {
        FlashMemory own = flash;
        Chip other(world(), own);
        ASSERT_EQ(other.start(), Reason::Ok);
        EXPECT_EQ(other.update(world().make(world().second, 7, source)).reason, Reason::Ok);
        EXPECT_TRUE(other.runs(world().second));
        EXPECT_EQ(other.agent().active().phase, Phase::Trial);
        EXPECT_EQ(other.agent().active().sequence, 7u);
        EXPECT_EQ(other.agent().confirm().reason, Reason::Ok);
        EXPECT_EQ(other.start(), Reason::Ok);
        EXPECT_TRUE(other.runs(world().second));
        EXPECT_EQ(other.agent().active().phase, Phase::Confirmed);
        EXPECT_EQ(own.rewrites(), 0u);
    }
}

TEST_F(Updates, AModelThatNobodyConfirmsIsGivenBackAtTheFourthStart) {
    ASSERT_EQ(chip.update(world().make(world().second, 7, {})).reason, Reason::Ok);
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(chip.start(), Reason::Ok);
        EXPECT_TRUE(chip.runs(world().second));
    }
    EXPECT_EQ(chip.start(), Reason::Returned);
    EXPECT_TRUE(chip.runs(world().first));
    EXPECT_EQ(chip.agent().last().reason, Reason::Returned);
    EXPECT_EQ(chip.agent().state().last_sequence, 7u);
    EXPECT_EQ(chip.update(world().make(world().second, 7, {})).reason, Reason::Replayed);
    EXPECT_EQ(chip.update(world().make(world().second, 8, {})).reason, Reason::Ok);
}

TEST_F(Updates, AModelCanBeGivenBackAsLongAsTheOneBeforeIsThere) {
    ASSERT_EQ(chip.update(world().make(world().second, 7, {})).reason, Reason::Ok);
    ASSERT_EQ(chip.agent().confirm().reason, Reason::Ok);
    EXPECT_EQ(chip.agent().give_back().reason, Reason::Ok);
    EXPECT_TRUE(chip.runs(world().first));
    EXPECT_EQ(chip.agent().give_back().reason, Reason::OutOfTurn);
}

TEST_F(Updates, AFailedSelfTestLeavesTheOldModelAndIsNotTriedAgain) {
    const Update update = world().make(world().broken, 7, {});
    const Verdict verdict = chip.update(update);
    EXPECT_EQ(verdict.reason, Reason::SelfTestFailed);
    EXPECT_EQ(verdict.detail, 0);
    EXPECT_TRUE(chip.runs(world().first));
    EXPECT_EQ(chip.update(update).reason, Reason::Replayed);
    EXPECT_EQ(chip.start(), Reason::Ok);
    EXPECT_EQ(chip.agent().last().reason, Reason::SelfTestFailed);
}

TEST_F(Updates, AnInterruptedDownloadGoesOnAtTheLastWholeBlock) {
    const Update update = world().make(world().second, 7, {});
    const std::uint64_t whole = update.payload.size();
    flash.cut_at(480, Cut::HalfDone);
    EXPECT_THROW(chip.update(update), PowerCut);
    flash.never_cut();
    const std::uint64_t before = chip.bytes_fed;
    EXPECT_GT(before, whole / 2);
    ASSERT_EQ(chip.start(), Reason::Ok);
    EXPECT_EQ(chip.update(update).reason, Reason::Ok);
    EXPECT_LT(chip.bytes_fed - before, whole * 3 / 4);
    EXPECT_TRUE(chip.runs(world().second));
}

TEST_F(Updates, ChunksOfAnySizeLostRepeatedAndOutOfOrderComeToTheSame) {
    const Update update = world().make(world().second, 7, {});
    std::uint8_t* room = chip.agent().document_room();
    std::memcpy(room, update.envelope.data(), update.envelope.size());
    ASSERT_EQ(chip.agent().offer(room, static_cast<std::uint32_t>(update.envelope.size())).reason,
              Reason::Ok);
    Rng rng(3);
    while (chip.agent().wants_payload()) {
        const auto size = static_cast<std::uint32_t>(update.payload.size());
        const std::uint32_t at = rng.below(3) == 0 ? rng.below(size) : chip.agent().payload_offset();
        const std::uint32_t count = std::min(1 + rng.below(300), size - at);
        ASSERT_EQ(chip.agent().feed(at, update.payload.data() + at, count).reason, Reason::Ok);
    }
    EXPECT_EQ(chip.agent().install().reason, Reason::Ok);
    EXPECT_TRUE(chip.runs(world().second));
}

TEST_F(Updates, TheModelThatRunsSignedAnewNeedsNoBytes) {
    ASSERT_EQ(chip.update(world().make(world().first, 9, {})).reason, Reason::Ok);
    EXPECT_EQ(chip.bytes_fed, 0u);
    EXPECT_EQ(chip.agent().active().sequence, 9u);
    EXPECT_EQ(chip.agent().active().phase, Phase::Confirmed);
}

TEST_F(Updates, AHundredUpdatesWearTheFlashAsCounted) {
    for (std::uint64_t i = 1; i <= 100; ++i) {
        const Bytes& package = i % 2 == 1 ? world().second : world().first;
        ASSERT_EQ(chip.update(world().make(package, i, {})).reason, Reason::Ok);
        ASSERT_EQ(chip.start(), Reason::Ok);
        ASSERT_EQ(chip.agent().confirm().reason, Reason::Ok);
    }
    const std::uint64_t counted = chip.agent().log().state_erases + chip.agent().state().slot_erases;
    EXPECT_EQ(counted, flash.erases());
    EXPECT_EQ(flash.rewrites(), 0u);
    RecordProperty("state_erases_of_100_updates", static_cast<int>(chip.agent().log().state_erases));
}

TEST_F(Updates, ARootDocumentChangesWhoMaySignAndSurvivesARestart) {
    const SigningKey fresh = SigningKey::generate();
    RootOptions root;
    root.sequence = 20;
    root.threshold = 2;
    for (const SigningKey& owner : world().root_keys) root.roots.push_back(owner.public_key());
    root.signing = {fresh.public_key()};
    const auto take = [&](const std::vector<SigningKey>& keys) {
        const Bytes document = make_root(root, keys);
        return chip.agent().take_root(document.data(), static_cast<std::uint32_t>(document.size())).reason;
    };
    EXPECT_EQ(take({world().root_keys[0]}), Reason::TooFewSignatures);
    EXPECT_EQ(take({world().root_keys[0], world().root_keys[0]}), Reason::TooFewSignatures);
    EXPECT_EQ(take({world().root_keys[0], world().key}), Reason::TooFewSignatures);
    EXPECT_EQ(take({world().root_keys[0], world().root_keys[2]}), Reason::Ok);
    EXPECT_EQ(take({world().root_keys[0], world().root_keys[2]}), Reason::OldRoot);
    ASSERT_EQ(chip.start(), Reason::Ok);
    EXPECT_EQ(chip.agent().root_sequence(), 20u);
    EXPECT_EQ(chip.update(world().make(world().second, 7, {})).reason, Reason::UnknownKey);
    Update update = world().make(world().second, 7, {});
    update.envelope = sign_package(world().second, world().at(7), {fresh});
    EXPECT_EQ(chip.update(update).reason, Reason::Ok);
}

// A page of state holds some twenty records: the root has to move along.
TEST_F(Updates, TheRootInForceMovesFromPageToPage) {
    RootOptions root;
    root.sequence = 20;
    root.threshold = 1;
    root.roots = {world().root_keys[0].public_key()};
    root.signing = {world().key.public_key()};
    const Bytes document = make_root(root, {world().root_keys[0], world().root_keys[1]});
    ASSERT_EQ(chip.agent().take_root(document.data(), static_cast<std::uint32_t>(document.size())).reason,
              Reason::Ok);
    for (std::uint64_t i = 1; i <= 20; ++i) {
        const Bytes notice = sign_notice(world().at(i), {world().key});
        ASSERT_EQ(chip.agent().offer(notice.data(), static_cast<std::uint32_t>(notice.size())).reason,
                  Reason::Ok);
        ASSERT_EQ(chip.start(), Reason::Ok);
        ASSERT_EQ(chip.agent().root_sequence(), 20u);
        ASSERT_EQ(chip.agent().state().model_floor, i);
    }
}

}  // namespace
}  // namespace jatai
