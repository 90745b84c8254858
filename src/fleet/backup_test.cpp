// Backups: whole under their name or not there at all, and what is not whole becomes no fleet.
#include "src/fleet/backup.h"

#include <gtest/gtest.h>

#include "src/base/bytes.h"
#include "src/base/error.h"
#include "src/fleet/test_server.h"

namespace jatai::fleet {
namespace {

class BackupTest : public testing::Test {
  protected:
    void SetUp() override {
        fs::create_directories(data() / "blobs" / "ab");
        write_text(data() / "blobs" / "ab" / "cd", "a model");
        store = open_sqlite(data() / "fleet.db");
        for (int i = 0; i < 300; ++i)
            store->append({{Kind::Device, "t", "d" + std::to_string(i), std::string(200, 'x')}});
        store->flush();
    }
    fs::path data() const { return folder.path() / "fleet"; }
    fs::path backup() const { return data() / "backups" / "backup-1"; }
    TestFolder folder;
    std::unique_ptr<Store> store;
};

TEST_F(BackupTest, BearsItsNameOnceItIsWhole) {
    const Json told = Json::parse(make_backup(*store, data(), backup()));
    EXPECT_EQ(told, Json({{"folder", backup().string()}, {"blobs", 1}}));
    EXPECT_TRUE(fs::is_empty(data() / "unfinished"));
    restore_backup(backup(), folder.path() / "again");
    EXPECT_EQ(read_text(folder.path() / "again" / "blobs" / "ab" / "cd"), "a model");
    const auto again = open_sqlite(folder.path() / "again" / "fleet.db");
    EXPECT_TRUE(again->find(Kind::Device, "t", "d299"));
}

TEST_F(BackupTest, WhatNeverBecameWholeGoesAtTheNextStart) {
    fs::create_directories(data() / "unfinished" / "backup-0");
    write_text(data() / "unfinished" / "backup-0" / "fleet.db", "half");
    drop_unfinished_backups(data());
    EXPECT_FALSE(fs::exists(data() / "unfinished"));
    EXPECT_TRUE(fs::exists(data() / "fleet.db"));
}

TEST_F(BackupTest, OneThatIsDamagedOrCutShortBecomesNoFleet) {
    make_backup(*store, data(), backup());
    const Bytes whole = read_file(backup() / "fleet.db");
    Bytes damaged = whole;
    std::fill(damaged.begin() + 4096, damaged.begin() + 12288, std::uint8_t{0x5A});
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(whole.size() / 2));
    const fs::path fresh = folder.path() / "fresh";
    for (const Bytes& bad : {Bytes{}, Bytes(100, 'x'), cut, damaged}) {
        write_file(backup() / "fleet.db", bad);
        EXPECT_THROW(restore_backup(backup(), fresh), Error) << bad.size() << " bytes";
        EXPECT_FALSE(fs::exists(fresh));
    }
    write_file(backup() / "fleet.db", whole);
    restore_backup(backup(), fresh);
    EXPECT_THROW(restore_backup(backup(), fresh), Error) << "a fleet is there already";
}

}  // namespace
}  // namespace jatai::fleet
