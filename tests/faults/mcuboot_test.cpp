// Firmware for MCUboot: the image in its second slot, and the trailer as its boot_set_pending() writes it, at
// any power cut either no wish for a swap or the whole of it.
#include <gtest/gtest.h>

#include "device/update/mcuboot.h"
#include "tests/faults/update_world.h"

namespace jatai {
namespace {

constexpr std::uint32_t kPage = 1024, kPages = 16, kEnd = kPage * kPages;
const std::uint8_t kMagic[16] = {0x77, 0xc2, 0x95, 0xf3, 0x60, 0xd2, 0xef, 0x7f,
                                 0x35, 0x52, 0x50, 0x0f, 0x2c, 0xb6, 0x79, 0x80};

// As MCUboot reads a slot's trailer (BOOT_MAX_ALIGN 8): a magic that is whole, then the flags.
struct Trailer {
    explicit Trailer(const std::uint8_t* slot)
        : pending(std::memcmp(slot + kEnd - 16, kMagic, 16) == 0),
          image_ok(slot[kEnd - 24] == 1),
          copy_done(slot[kEnd - 32] == 1),
          swap_info(slot[kEnd - 40]) {}
    bool pending, image_ok, copy_done;
    std::uint8_t swap_info;
};

class Mcuboot : public testing::Test {
  protected:
    static void SetUpTestSuite() { world_ = new UpdateWorld; }
    static void TearDownTestSuite() { delete world_; }

    static Bytes image() {
        Bytes bytes = world_->second;
        const std::uint8_t magic[4] = {0x3d, 0xb8, 0xf3, 0x96};
        std::copy(magic, magic + 4, bytes.begin());
        return bytes;
    }
    static Update update_of(const Bytes& firmware) {
        return {firmware, sign_firmware(firmware, kBoard, world_->at(7), {world_->key}),
                make_payload(firmware, {}, {.block_log2 = 12})};
    }
    static void begin(Chip& chip, FlashMemory& flash, const FirmwarePort& port) {
        std::memcpy(flash.data(), world_->first.data(), world_->first.size());
        chip.config().firmware = &port;
        ASSERT_EQ(chip.start(), Reason::Ok);
    }
    static UpdateWorld* world_;
};
UpdateWorld* Mcuboot::world_ = nullptr;

TEST_F(Mcuboot, IsAskedToTryTheImageThatLiesInItsSecondSlot) {
    FlashMemory flash(kPage, 26), second(kPage, kPages);
    McubootSlot slot{second.port(), McubootSlot::Swap::Test};
    const FirmwarePort port = mcuboot_port(slot);
    Chip chip(*world_, flash);
    begin(chip, flash, port);
    EXPECT_EQ(chip.update(update_of(image())).reason, Reason::HandedOver);
    EXPECT_EQ(std::memcmp(second.data(), image().data(), image().size()), 0);
    const Trailer trailer(second.data());
    EXPECT_TRUE(trailer.pending);
    EXPECT_EQ(trailer.swap_info, 2);
    EXPECT_FALSE(trailer.image_ok);
    EXPECT_FALSE(trailer.copy_done);
    EXPECT_TRUE(chip.runs(world_->first));
}

TEST_F(Mcuboot, IsAskedToKeepTheImageWhenTheSwapIsPermanent) {
    FlashMemory flash(kPage, 26), second(kPage, kPages);
    McubootSlot slot{second.port(), McubootSlot::Swap::Permanent};
    const FirmwarePort port = mcuboot_port(slot);
    Chip chip(*world_, flash);
    begin(chip, flash, port);
    EXPECT_EQ(chip.update(update_of(image())).reason, Reason::HandedOver);
    const Trailer trailer(second.data());
    EXPECT_TRUE(trailer.pending);
    EXPECT_EQ(trailer.swap_info, 3);
    EXPECT_TRUE(trailer.image_ok);
}

TEST_F(Mcuboot, IsNotGivenWhatIsNoImageOfIts) {
    FlashMemory flash(kPage, 26), second(kPage, kPages);
    McubootSlot slot{second.port(), McubootSlot::Swap::Test};
    const FirmwarePort port = mcuboot_port(slot);
    Chip chip(*world_, flash);
    begin(chip, flash, port);
    EXPECT_EQ(chip.update(update_of(world_->second)).reason, Reason::FlashFailed);
    EXPECT_FALSE(Trailer(second.data()).pending);
}

// The firmware slot alone loses power, in each way: at every write of the trailer, and at some of the image's
// (JATAI_EVERY_CUT=1: at all).
TEST_F(Mcuboot, SeesNoWishOrTheWholeOneWhereverPowerWasCut) {
    std::uint64_t cuts = 0;
    const std::uint64_t stride = std::getenv("JATAI_EVERY_CUT") != nullptr ? 1 : 41;
    const std::uint64_t trailer_at = image().size() / kProgramUnit;
    for (const Cut way : {Cut::Before, Cut::HalfDone, Cut::Unstable}) {
        for (std::uint64_t operation = 0;; operation += operation < trailer_at ? stride : 1) {
            FlashMemory flash(kPage, 26), second(kPage, kPages);
            McubootSlot slot{second.port(), McubootSlot::Swap::Permanent};
            const FirmwarePort port = mcuboot_port(slot);
            Chip chip(*world_, flash);
            begin(chip, flash, port);
            second.cut_at(operation, way);
            bool cut = false;
            try {
                chip.update(update_of(image()));
            } catch (const PowerCut&) {
                cut = true;
            }
            second.never_cut();
            if (!cut) break;
            ++cuts;
            second.power_up(operation);
            const Trailer trailer(second.data());
            if (trailer.pending) {
                ASSERT_TRUE(trailer.image_ok && trailer.swap_info == 3) << operation;
                ASSERT_EQ(std::memcmp(second.data(), image().data(), image().size()), 0) << operation;
            }
            ASSERT_EQ(chip.start(), Reason::Ok);
            ASSERT_TRUE(chip.runs(world_->first));
            ASSERT_EQ(chip.update(update_of(image())).reason, Reason::HandedOver) << operation;
            ASSERT_TRUE(Trailer(second.data()).pending) << operation;
        }
    }
    RecordProperty("cuts", static_cast<int>(cuts));
    EXPECT_GT(cuts, 40u);
}

}  // namespace
}  // namespace jatai
