// chip_rig.h: a chip that holds the first model of its world, started: where tests of the agent begin.
//
//     class Mine : public ChipRig {};
//     TEST_F(Mine, …) { chip.update(world().make(world().second, 7, world().first)); }
#pragma once

#include <gtest/gtest.h>

#include "tests/faults/update_world.h"

namespace jatai {

class ChipRig : public testing::Test {
  protected:
    static void SetUpTestSuite() { world_ = new UpdateWorld; }
    static void TearDownTestSuite() { delete world_; }
    UpdateWorld& world() { return *world_; }

    void SetUp() override {
        std::memcpy(flash.data(), world().first.data(), world().first.size());
        ASSERT_EQ(chip.start(), Reason::Ok);
    }

    static inline UpdateWorld* world_ = nullptr;
    FlashMemory flash{1024, 26};
    Chip chip{*world_, flash};
};

}  // namespace jatai
