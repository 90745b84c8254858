#include "src/data/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/error.h"

namespace jatai {
namespace {

TEST(Record, AMicrophoneThatIsNotThereIsSaidWithAWayOut) {
    try {
        record(1.0, "no_such_microphone");
        FAIL() << "expected an error";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("no_such_microphone"));
        EXPECT_THAT(error.hint(), testing::HasSubstr("jatai data"));
    }
}

TEST(Record, TakesTheSecondsAskedForFromAnyAlsaSource) {
    // "null" is ALSA's own source of silence; systems without ALSA's configuration files do not know it.
    try {
        EXPECT_EQ(record(0.5, "null").size(), 8000u);
    } catch (const Error& error) {
        GTEST_SKIP() << "needs ALSA's configuration: " << error.what();
    }
}

TEST(Record, ImpossibleLengthsAreRefused) {
    EXPECT_THROW(record(0, "null"), Error);
    EXPECT_THROW(record(1e9, "null"), Error);
}

}  // namespace
}  // namespace jatai
