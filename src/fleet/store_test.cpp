#include "src/fleet/store.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "src/base/error.h"
#include "src/fleet/blobs.h"
#include "src/fleet/sqlite_schema.h"

namespace jatai::fleet {
namespace {

class StoreTest : public testing::Test {
  protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / ("store_test_" + std::to_string(::getpid()) +
                                               testing::UnitTest::GetInstance()->current_test_info()->name());
        fs::remove_all(folder_);
        fs::create_directories(folder_);
    }
    void TearDown() override { fs::remove_all(folder_); }
    fs::path file() const { return folder_ / "fleet.db"; }
    fs::path folder_;
};

TEST_F(StoreTest, WhatWasCommittedIsThereAgain) {
    {
        const auto store = open_sqlite(file());
        store->append({{Kind::Device, "t", "a", "{1}"}, {Kind::Device, "t", "b", "{2}"}});
        store->append({{Kind::Device, "t", "a", std::nullopt}, {Kind::Device, "t", "b", "{3}"}});
        store->flush();
    }
    const auto store = open_sqlite(file());
    std::vector<std::string> seen;
    store->load(Kind::Device, [&](const Row& row) { seen.push_back(row.tenant + row.id + row.body); });
    EXPECT_EQ(seen, std::vector<std::string>{"tb{3}"});
}

TEST_F(StoreTest, ACommitIsToldWithItsTicket) {
    const auto store = open_sqlite(file());
    std::atomic<std::uint64_t> told{0};
    store->on_commit([&](std::uint64_t ticket) { told = ticket; });
    std::uint64_t last = 0;
    for (int i = 0; i < 100; ++i) last = store->append({{Kind::Audit, "t", std::to_string(1000 + i), "{}"}});
    store->flush();
    for (int i = 0; i < 200 && told != last; ++i) ::usleep(1000);
    EXPECT_EQ(told, last);
    EXPECT_EQ(store->committed(), last);
    EXPECT_EQ(store->scan(Kind::Audit, "t", "1049", 1000).size(), 50u);
    EXPECT_EQ(store->newest(Kind::Audit, "t", "", 2).at(0).id, "1099");
}

TEST_F(StoreTest, TextIsNeverPartOfASentence) {
    const auto store = open_sqlite(file());
    const std::string nasty = "'); DROP TABLE devices; --";
    store->append({{Kind::Device, nasty, nasty, nasty}});
    store->flush();
    EXPECT_EQ(store->find(Kind::Device, nasty, nasty), nasty);
    EXPECT_TRUE(store->scan(Kind::Device, "' OR 1=1 --", "", 10).empty());
}

TEST_F(StoreTest, EveryOlderFormBecomesTodays) {
    for (int older = 0; older < kSchemaVersion; ++older) {
        const fs::path old = folder_ / ("v" + std::to_string(older) + ".db");
        sqlite3* db = nullptr;
        ASSERT_EQ(sqlite3_open(old.c_str(), &db), SQLITE_OK);
        migrate(db, older, "old");
        if (older > 0) run_sql(db, "INSERT INTO devices VALUES('t','d','{}')");
        sqlite3_close(db);
        const auto store = open_sqlite(old);
        EXPECT_EQ(store->find(Kind::Device, "t", "d").has_value(), older > 0) << "from form " << older;
        store->append({{Kind::Cohort, "t", "c", "{}"}, {Kind::Report, "t", "r", "{}"}});
        store->flush();
        EXPECT_TRUE(store->find(Kind::Cohort, "t", "c"));
    }
}

TEST_F(StoreTest, AFileOfANewerProgramIsRefused) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(file().c_str(), &db), SQLITE_OK);
    run_sql(db, "PRAGMA user_version=9999");
    sqlite3_close(db);
    EXPECT_THROW(open_sqlite(file()), Error);
}

TEST_F(StoreTest, ABackupIsWholeWhileWorkGoesOn) {
    const auto store = open_sqlite(file());
    for (int i = 0; i < 500; ++i)
        store->append({{Kind::Device, "t", "a" + std::to_string(i), "x"},
                       {Kind::Device, "t", "b" + std::to_string(i), "x"}});
    store->backup(folder_ / "it's a copy.db");
    const auto copy = open_sqlite(folder_ / "it's a copy.db");
    std::size_t a = 0, b = 0;
    copy->load(Kind::Device, [&](const Row& row) { (row.id[0] == 'a' ? a : b) += 1; });
    EXPECT_EQ(a, b);
}

TEST_F(StoreTest, ABlobIsNamedByItsBytesAndAPathIsNoName) {
    const Blobs blobs(folder_ / "blobs");
    const std::string id = blobs.put("hello");
    EXPECT_EQ(id, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    EXPECT_EQ(blobs.put("hello"), id);
    ASSERT_TRUE(blobs.open(id));
    EXPECT_EQ(blobs.open(id)->view(), "hello");
    EXPECT_FALSE(blobs.has("../../etc/passwd"));
    EXPECT_EQ(blobs.open("../../etc/passwd"), nullptr);
}

}  // namespace
}  // namespace jatai::fleet
