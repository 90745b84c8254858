#include "device/kernels/copy_bytes.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace jatai {
namespace {

// Under the sanitizers memcpy would say that these overlap.
TEST(CopyBytes, GivesWhatWasThereHoweverTheTwoLieOverEachOther) {
    for (const std::size_t to : {0u, 1u, 5u, 9u, 10u, 11u, 20u, 30u}) {
        std::vector<std::uint8_t> bytes(40);
        std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
        const std::vector<std::uint8_t> before = bytes;
        copy_bytes(bytes.data() + to, bytes.data() + 10, 10);
        EXPECT_TRUE(std::equal(bytes.begin() + static_cast<std::ptrdiff_t>(to),
                               bytes.begin() + static_cast<std::ptrdiff_t>(to + 10), before.begin() + 10))
            << to;
    }
}

}  // namespace
}  // namespace jatai
