// The store in one SQLite file: WAL, one writer thread, one sync for everything that waited.
#include <sqlite3.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "src/base/error.h"
#include "src/fleet/sqlite_schema.h"
#include "src/fleet/store.h"

namespace jatai::fleet {
namespace {

constexpr const char* kTables[kKinds] = {"tenants",  "keys",    "codes",    "groups",  "devices", "versions",
                                         "variants", "aliases", "rollouts", "actions", "jobs",    "audit",
                                         "reports",  "cohorts", "windows",  "trails",  "labels",  "alerts"};

std::string table_of(Kind kind) { return kTables[static_cast<int>(kind)]; }

struct CloseStatement {
    void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
};
using Statement = std::unique_ptr<sqlite3_stmt, CloseStatement>;

struct CloseDatabase {
    void operator()(sqlite3* db) const { sqlite3_close(db); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;

Database open(const fs::path& file) {
    sqlite3* raw = nullptr;
    const int result = sqlite3_open_v2(
        file.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    Database db(raw);
    if (result != SQLITE_OK) {
        throw Error{text("{}: cannot be opened: {}", file.string(), sqlite3_errmsg(raw)),
                    text("does the folder exist, and may this user write there?")};
    }
    sqlite3_busy_timeout(raw, 5000);
    run_sql(raw, "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;");
    return db;
}

Statement prepare(sqlite3* db, const std::string& sql) {
    sqlite3_stmt* raw = nullptr;
    if (sqlite3_prepare_v2(db, sql.c_str(), -1, &raw, nullptr) != SQLITE_OK) {
        throw Error{text("the fleet's store: {}", sqlite3_errmsg(db))};
    }
    return Statement(raw);
}

void bind(sqlite3_stmt* s, int at, const std::string& value) {
    sqlite3_bind_text(s, at, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
}

std::string column(sqlite3_stmt* s, int at) {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(s, at));
    return bytes == nullptr ? std::string()
                            : std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(s, at)));
}

// The two sentences that write, per kind.
struct Writers {
    Statement put, forget, forget_device;
};

class SqliteStore : public Store {
  public:
    explicit SqliteStore(const fs::path& file) : file_(file), write_(open(file)) {
        migrate(write_.get(), kSchemaVersion, file.string());
        read_ = open(file);
        for (int k = 0; k < kKinds; ++k) {
            const std::string t = kTables[k];
            writers_[k].put = prepare(write_.get(), "INSERT INTO " + t +
                                                        " VALUES(?1,?2,?3) ON CONFLICT(tenant,id) "
                                                        "DO UPDATE SET body=excluded.body");
            const std::string forget = "DELETE FROM " + t + " WHERE tenant=?1 AND ";
            writers_[k].forget = prepare(write_.get(), forget + "id=?2");
            writers_[k].forget_device = prepare(write_.get(), forget + "json_extract(body,'$.device')=?2");
        }
        thread_ = std::thread([this] { work(); });
    }

    ~SqliteStore() override {
        {
            std::lock_guard lock(mutex_);
            ending_ = true;
        }
        wake_.notify_all();
        thread_.join();
    }

    void load(Kind kind, const std::function<void(const Row&)>& visit) override {
        const Statement s = prepare(read_.get(), "SELECT tenant,id,body FROM " + table_of(kind));
        while (sqlite3_step(s.get()) == SQLITE_ROW)
            visit({column(s.get(), 0), column(s.get(), 1), column(s.get(), 2)});
    }

    std::optional<std::string> find(Kind kind, const std::string& tenant, const std::string& id) override {
        const Statement s =
            prepare(read_.get(), "SELECT body FROM " + table_of(kind) + " WHERE tenant=?1 AND id=?2");
        bind(s.get(), 1, tenant);
        bind(s.get(), 2, id);
        if (sqlite3_step(s.get()) != SQLITE_ROW) return std::nullopt;
        return column(s.get(), 0);
    }

    std::vector<Row> scan(Kind kind, const std::string& tenant, const std::string& after,
                          int limit) override {
        return select("SELECT tenant,id,body FROM " + table_of(kind) +
                          " WHERE tenant=?1 AND id>?2 ORDER BY id LIMIT ?3",
                      tenant, after, limit);
    }

    std::vector<Row> newest(Kind kind, const std::string& tenant, const std::string& before,
                            int limit) override {
        return select("SELECT tenant,id,body FROM " + table_of(kind) +
                          " WHERE tenant=?1 AND id<?2 ORDER BY id DESC LIMIT ?3",
                      tenant, before.empty() ? "~" : before, limit);
    }

    std::uint64_t append(std::vector<Change> changes) override {
        std::lock_guard lock(mutex_);
        for (auto& change : changes) queue_.push_back(std::move(change));
        waiting_ = queue_.size() + writing_;
        ++appended_;
        wake_.notify_one();
        return appended_;
    }

    std::uint64_t committed() const override {
        std::lock_guard lock(mutex_);
        return committed_;
    }

    std::size_t waiting() const override {
        std::lock_guard lock(mutex_);
        return waiting_;
    }

    void on_commit(std::function<void(std::uint64_t)> done) override {
        std::lock_guard lock(mutex_);
        done_ = std::move(done);
    }

    void flush() override {
        std::unique_lock lock(mutex_);
        idle_.wait(lock, [this] { return committed_ == appended_; });
    }

    void backup(const fs::path& file) override {
        const Database from = open(file_);
        fs::remove(file);
        run_sql(from.get(), "VACUUM INTO '" + quoted(file.string()) + "'");
    }

  private:
    static std::string quoted(const std::string& name) {
        std::string out;
        for (const char c : name) out += c == '\'' ? std::string("''") : std::string(1, c);
        return out;
    }

    std::vector<Row> select(const std::string& sql, const std::string& tenant, const std::string& edge,
                            int limit) {
        const Statement s = prepare(read_.get(), sql);
        bind(s.get(), 1, tenant);
        bind(s.get(), 2, edge);
        sqlite3_bind_int(s.get(), 3, limit);
        std::vector<Row> rows;
        while (sqlite3_step(s.get()) == SQLITE_ROW) {
            rows.push_back({column(s.get(), 0), column(s.get(), 1), column(s.get(), 2)});
        }
        return rows;
    }

    void work() {
        std::unique_lock lock(mutex_);
        while (true) {
            wake_.wait(lock, [this] { return ending_ || committed_ != appended_; });
            if (committed_ == appended_) return;
            const std::vector<Change> batch = std::exchange(queue_, {});
            const std::uint64_t ticket = appended_;
            writing_ = batch.size();
            const auto done = done_;
            lock.unlock();
            commit(batch);
            lock.lock();
            committed_ = ticket;
            writing_ = 0;
            waiting_ = queue_.size();
            idle_.notify_all();
            if (!done) continue;
            lock.unlock();
            done(ticket);
            lock.lock();
        }
    }

    void commit(const std::vector<Change>& batch) {
        step(prepare(write_.get(), "BEGIN IMMEDIATE").get());
        for (const Change& change : batch) write(change);
        step(prepare(write_.get(), "COMMIT").get());
    }

    void write(const Change& change) {
        const Writers& writers = writers_[static_cast<int>(change.kind)];
        sqlite3_stmt* s = change.body                               ? writers.put.get()
                          : change.reach == Change::Reach::OfDevice ? writers.forget_device.get()
                                                                    : writers.forget.get();
        bind(s, 1, change.tenant);
        bind(s, 2, change.id);
        if (change.body) bind(s, 3, *change.body);
        step(s);
        sqlite3_reset(s);
    }

    // What memory says and the disk does not take must not be acknowledged: the server ends, and starts from
    // the disk.
    void step(sqlite3_stmt* s) {
        const int result = sqlite3_step(s);
        if (result == SQLITE_DONE || result == SQLITE_ROW) return;
        std::fprintf(stderr, "jatai: cannot write %s: %s; ending\n", file_.c_str(),
                     sqlite3_errmsg(write_.get()));
        std::_Exit(2);
    }

    fs::path file_;
    Database write_, read_;
    Writers writers_[kKinds];
    mutable std::mutex mutex_;
    std::condition_variable wake_, idle_;
    std::vector<Change> queue_;
    std::uint64_t appended_ = 0, committed_ = 0;
    std::size_t waiting_ = 0, writing_ = 0;
    bool ending_ = false;
    std::function<void(std::uint64_t)> done_;
    std::thread thread_;
};

}  // namespace

std::unique_ptr<Store> open_sqlite(const fs::path& file) { return std::make_unique<SqliteStore>(file); }

void check_sqlite(const fs::path& file) {
    sqlite3* raw = nullptr;
    const int result = sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READONLY, nullptr);
    const Database db(raw);
    sqlite3_stmt* ask = nullptr;
    if (result == SQLITE_OK) sqlite3_prepare_v2(raw, "PRAGMA quick_check(1)", -1, &ask, nullptr);
    const Statement check(ask);
    const bool whole = ask != nullptr && sqlite3_step(ask) == SQLITE_ROW && column(ask, 0) == "ok";
    if (whole && version_of(raw) > 0) return;
    throw Error{
        text("{}: found a database that is damaged or not whole, expected a finished backup", file.string()),
        text("take another backup: one bears its name only once it is whole")};
}

}  // namespace jatai::fleet
