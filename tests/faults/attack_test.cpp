// What an enemy on the link, on the server or with another vendor's keys may send: refused, for the right
// reason, and the old model goes on.
#include <gtest/gtest.h>

#include <set>

#include "device/observe/observer.h"
#include "src/package/cbor_bytes.h"
#include "tests/faults/chip_rig.h"

namespace jatai {
namespace {

class Attacks : public ChipRig {
  protected:
    void SetUp() override {
        ChipRig::SetUp();
        update = world().make(world().second, 7, world().first);
    }

    // The reason is also what the chip's report of the update says.
    Reason take(const Update& u) {
        const Reason reason = chip.update(u).reason;
        EXPECT_TRUE(reason == Reason::Ok || reported() == static_cast<std::uint64_t>(reason));
        return reason;
    }

    std::uint64_t reported() {
        std::uint8_t bytes[400];
        HealthContext about{};
        about.board = kBoard;
        about.set_hash = reinterpret_cast<const std::uint8_t*>("12345678");
        about.agent = &chip.agent();
        const std::uint32_t size = update_report(bytes, sizeof bytes, about);
        CborReader in(bytes, size);
        std::uint64_t reason = 0;
        for (std::uint32_t pairs = in.map(); pairs > 0 && in.ok(); --pairs) {
            if (in.integer() != 6) {
                in.skip();
                continue;
            }
            in.array(), in.unsigned_integer();
            reason = in.unsigned_integer();
            in.skip();
        }
        EXPECT_TRUE(in.done());
        return reason;
    }

    Update update;
};

TEST_F(Attacks, EveryFlippedBitOfAManifestIsRefused) {
    for (std::size_t bit = 0; bit < update.envelope.size() * 8; ++bit) {
        Update damaged = update;
        damaged.envelope[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
        ASSERT_NE(take(damaged), Reason::Ok) << bit;
        ASSERT_FALSE(chip.agent().wants_payload()) << bit;
    }
    EXPECT_EQ(flash.operations(), 0u);  // not one of them wore the flash
    EXPECT_TRUE(chip.runs(world().first));
}

TEST_F(Attacks, FlippedBitsOfAPayloadAreRefusedAndTheRightOneStillGoesThrough) {
    std::set<Reason> reasons;
    for (std::size_t bit = 3; bit < update.payload.size() * 8; bit += 211) {
        Update damaged = update;
        damaged.payload[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
        const Reason reason = take(damaged);
        ASSERT_NE(reason, Reason::Ok) << bit;
        reasons.insert(reason);
        ASSERT_TRUE(chip.runs(world().first)) << bit;
    }
    EXPECT_TRUE(reasons.count(Reason::WrongImage) != 0 || reasons.count(Reason::BadPayload) != 0);
    EXPECT_EQ(take(update), Reason::Ok);
}

TEST_F(Attacks, TruncatedManifestsAndPayloadsAreRefused) {
    for (std::size_t size = 0; size < update.envelope.size(); ++size) {
        Update cut = update;
        cut.envelope.resize(size);
        ASSERT_EQ(take(cut), Reason::BadManifest) << size;
    }
    for (std::size_t size = 0; size < update.payload.size(); size += 41) {
        Update cut = update;
        cut.payload.resize(size);
        ASSERT_EQ(chip.update(cut).reason, Reason::BadPayload) << size;  // it waits for the rest, for ever
    }
    EXPECT_TRUE(chip.runs(world().first));
}

TEST_F(Attacks, AReplayedAndAnOlderUpdateAreRefused) {
    ASSERT_EQ(take(update), Reason::Ok);
    ASSERT_EQ(chip.agent().confirm().reason, Reason::Ok);
    EXPECT_EQ(take(update), Reason::Replayed);
    EXPECT_EQ(take(world().make(world().first, 6, {})), Reason::Downgrade);
    ASSERT_EQ(chip.start(), Reason::Ok);
    EXPECT_EQ(take(world().make(world().first, 6, {})), Reason::Downgrade);
    EXPECT_TRUE(chip.runs(world().second));
}

TEST_F(Attacks, ANoticeWithdrawsWhatWasSignedBefore) {
    const Bytes notice = sign_notice(world().at(8), {world().key});
    EXPECT_EQ(chip.agent().offer(notice.data(), static_cast<std::uint32_t>(notice.size())).reason,
              Reason::Ok);
    EXPECT_EQ(take(update), Reason::Downgrade);
    EXPECT_EQ(take(world().make(world().second, 9, {})), Reason::Ok);
}

TEST_F(Attacks, AForeignSignatureIsRefused) {
    const SigningKey foreign = SigningKey::generate();
    update.envelope = sign_package(world().second, world().at(7), {foreign});
    EXPECT_EQ(take(update), Reason::UnknownKey);
}

// Our key's name on a signature by another key.
TEST_F(Attacks, AForeignSignatureUnderOurKeysNameIsRefused) {
    const SigningKey foreign = SigningKey::generate();
    update.envelope = sign_package(world().second, world().at(7), {foreign});
    std::uint8_t ours[kKeyIdBytes], theirs[kKeyIdBytes];
    key_id_of(world().key.public_key().data(), ours);
    key_id_of(foreign.public_key().data(), theirs);
    const auto at =
        std::search(update.envelope.begin(), update.envelope.end(), theirs, theirs + sizeof theirs);
    ASSERT_NE(at, update.envelope.end());
    std::copy(ours, ours + sizeof ours, at);
    EXPECT_EQ(take(update), Reason::BadSignature);
}

TEST_F(Attacks, ASignatureOnAnotherManifestIsRefused) {
    const Bytes other = sign_package(world().broken, world().at(7), {world().key});
    // The manifest is the second half of the map: the authentication of one, the body of the other.
    CborReader mine(update.envelope.data(), static_cast<std::uint32_t>(update.envelope.size()));
    CborReader theirs(other.data(), static_cast<std::uint32_t>(other.size()));
    for (CborReader* in : {&mine, &theirs}) in->tag(107), in->map(), in->integer();
    const CborBytes authentication = mine.bytes();
    theirs.bytes(), theirs.integer();
    const CborBytes body = theirs.bytes();
    update.envelope = cbor_tag(107, cbor_map({cbor(2), cbor_bytes({authentication.data, authentication.size}),
                                              cbor(3), cbor_bytes({body.data, body.size})}));
    EXPECT_EQ(take(update), Reason::WrongDigest);
}

TEST_F(Attacks, AnotherVendorsAndAnotherBoardsUpdatesAreRefused) {
    SignOptions other = world().at(7);
    other.vendor = "somebody else";
    update.envelope = sign_package(world().second, other, {world().key});
    EXPECT_EQ(take(update), Reason::WrongVendor);
    chip.config().board = "bench_m4";
    ASSERT_EQ(chip.start(), Reason::Ok);
    EXPECT_EQ(take(world().make(world().second, 7, {})), Reason::WrongBoard);
}

TEST_F(Attacks, WhatIsPastItsLastDayIsRefusedByAChipWithoutAClock) {
    const std::uint64_t day = 86400, signed_at = 1795000000;
    SignOptions options = world().at(signed_at);
    options.not_after = signed_at + day;
    update.envelope = sign_package(world().second, options, {world().key});
    const Bytes notice = sign_notice(world().at(signed_at - day), {world().key});
    ASSERT_EQ(chip.agent().offer(notice.data(), static_cast<std::uint32_t>(notice.size())).reason,
              Reason::Ok);
    chip.agent().tell_uptime(3 * day);  // it has run for three days since it learnt the time
    EXPECT_EQ(take(update), Reason::Expired);
    ASSERT_EQ(chip.start(), Reason::Ok);
    chip.agent().tell_uptime(day / 2);
    EXPECT_EQ(take(update), Reason::Ok);
}

TEST_F(Attacks, APackageTheFirmwareCannotRunIsRefusedBeforeItsDownload) {
    const Update whole = world().make(world().second, 7, {});
    chip.config().kernel_count = 1;
    ASSERT_EQ(chip.start(), Reason::Ok);
    EXPECT_EQ(take(whole), Reason::MissingKernel);
    chip.config().kernel_count = static_cast<std::uint32_t>(world().kernels().size());
    chip.config().arena_bytes = 16;
    ASSERT_EQ(chip.start(), Reason::Ok);
    EXPECT_EQ(take(whole), Reason::ArenaTooSmall);
    EXPECT_EQ(chip.bytes_fed, 0u);
}

TEST_F(Attacks, ADifferenceToAnotherModelIsRefused) {
    ASSERT_EQ(take(update), Reason::Ok);
    ASSERT_EQ(chip.agent().confirm().reason, Reason::Ok);
    EXPECT_EQ(take(world().make(world().broken, 9, world().first)), Reason::WrongSource);
    EXPECT_TRUE(chip.runs(world().second));
}

TEST_F(Attacks, APayloadOfAnotherImageIsRefused) {
    update.payload = make_payload(world().broken, world().first);
    EXPECT_EQ(take(update), Reason::WrongImage);
}

TEST_F(Attacks, AnOfferDuringATrialDoesNotTouchTheModelToReturnTo) {
    ASSERT_EQ(take(update), Reason::Ok);
    EXPECT_EQ(take(world().make(world().broken, 9, {})), Reason::OutOfTurn);
    EXPECT_EQ(chip.agent().give_back().reason, Reason::Ok);
    EXPECT_TRUE(chip.runs(world().first));
}

TEST_F(Attacks, FirmwareForAChipThatTakesNoneIsRefused) {
    update.envelope = sign_firmware(world().second, kBoard, world().at(7), {world().key});
    EXPECT_EQ(take(update), Reason::NoFirmwarePort);
}

TEST_F(Attacks, FirmwareGoesToTheBootLoaderOnce) {
    struct Loader {
        std::uint32_t bytes = 0;
        static bool hand_over(void* self, std::uint64_t, std::uint32_t bytes, const std::uint8_t*) {
            static_cast<Loader*>(self)->bytes = bytes;
            return true;
        }
    } loader;
    FlashMemory staging(1024, 16);
    const FirmwarePort port = {&loader, staging.port(), Loader::hand_over};
    chip.config().firmware = &port;
    ASSERT_EQ(chip.start(), Reason::Ok);
    const Bytes image(world().second.begin(), world().second.end() - 5);
    update.envelope = sign_firmware(image, kBoard, world().at(7), {world().key});
    update.payload = make_payload(image, {});
    EXPECT_EQ(take(update), Reason::HandedOver);
    EXPECT_EQ(loader.bytes, image.size());
    EXPECT_EQ(std::memcmp(staging.data(), image.data(), image.size()), 0);
    EXPECT_EQ(take(update), Reason::Replayed);
    EXPECT_TRUE(chip.runs(world().first));
}

TEST_F(Attacks, AChipWithoutKeysTrustsNobody) {
    const TrustAnchor blank = {{'J', 'A', 'T', 'A', 'I', 'T', 'A', '1'}, 1, 0, 0, 0, {}, {}, {}, {}};
    chip.config().anchor = &blank;
    ASSERT_EQ(chip.start(), Reason::Ok);
    EXPECT_EQ(take(update), Reason::NoKeys);
}

}  // namespace
}  // namespace jatai
