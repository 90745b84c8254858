#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/bytes.h"
#include "src/base/error.h"
#include "src/base/rng.h"
#include "src/base/suggest.h"

namespace jatai {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

struct TemporaryFolder {
    fs::path path = fs::temp_directory_path() / ("jatai_base_" + std::to_string(::getpid()));
    TemporaryFolder() { fs::create_directories(path); }
    ~TemporaryFolder() { fs::remove_all(path); }
};

TEST(Bytes, AWrittenFileReadsBackAndLeavesNoTemporary) {
    TemporaryFolder folder;
    const Bytes bytes{1, 2, 3};
    write_file(folder.path / "deep" / "a.bin", bytes);
    EXPECT_EQ(read_file(folder.path / "deep" / "a.bin"), bytes);
    EXPECT_EQ(std::distance(fs::directory_iterator(folder.path / "deep"), {}), 1);
}

TEST(Bytes, AFullDiskIsSaidAndLeavesNothing) {
    if (!fs::exists("/dev/full")) GTEST_SKIP() << "needs /dev/full";
    try {
        write_text("/dev/full/x", "x");
        FAIL() << "expected an error";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("/dev/full"));
    }
}

TEST(Bytes, AFolderInPlaceOfAFileIsSaid) {
    EXPECT_THROW(read_file("/tmp"), Error);
    EXPECT_THROW(read_file("/no/such/file"), Error);
}

TEST(Rng, TheSameSeedGivesTheSameNumbersForEver) {
    Rng a(1), b(1);
    EXPECT_EQ(a.next(), b.next());
    EXPECT_EQ(Rng(42).next(), 1546998764402558742u);
    EXPECT_NE(a.fork(1).next(), a.fork(2).next());
}

TEST(Suggest, ATypingSlipIsRecognisedAndNonsenseIsNot) {
    EXPECT_EQ(nearest("nano33bel", {"nano33ble", "bench_m4"}), "nano33ble");
    EXPECT_EQ(nearest("esp32", {"nano33ble", "bench_m4"}), "");
    EXPECT_THAT(did_you_mean("esp32", {"nano33ble", "bench_m4"}), HasSubstr("nano33ble, bench_m4"));
}

}  // namespace
}  // namespace jatai
