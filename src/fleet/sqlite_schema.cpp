#include "src/fleet/sqlite_schema.h"

#include <vector>

#include "src/base/error.h"

namespace jatai::fleet {
namespace {

std::string table(const std::string& name) {
    return "CREATE TABLE " + name +
           "(tenant TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY(tenant, id)) WITHOUT "
           "ROWID;";
}

const std::vector<std::string>& steps() {
    static const std::vector<std::string> all = {
        table("tenants") + table("keys") + table("codes") + table("groups") + table("devices") +
            table("versions") + table("variants") + table("aliases") + table("rollouts") + table("actions") +
            table("jobs") + table("audit"),
        table("reports") + table("cohorts"),
        table("windows") + table("trails"),
        table("labels") + table("alerts"),
    };
    return all;
}

}  // namespace

int version_of(sqlite3* db) {
    sqlite3_stmt* ask = nullptr;
    CHECK(sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &ask, nullptr) == SQLITE_OK);
    const int version = sqlite3_step(ask) == SQLITE_ROW ? sqlite3_column_int(ask, 0) : 0;
    sqlite3_finalize(ask);
    return version;
}

const int kSchemaVersion = static_cast<int>(steps().size());

void run_sql(sqlite3* db, const std::string& sql) {
    char* said = nullptr;
    if (sqlite3_exec(db, sql.c_str(), nullptr, nullptr, &said) == SQLITE_OK) return;
    const std::string why = said != nullptr ? said : sqlite3_errmsg(db);
    sqlite3_free(said);
    throw Error{text("the fleet's store: {}", why),
                text("is the disk full, or another server at work there?")};
}

void migrate(sqlite3* db, int target, const std::string& place) {
    const int found = version_of(db);
    if (found > kSchemaVersion) {
        throw Error{
            text("{}: written by a newer Jataí (form {}, expected at most {})", place, found, kSchemaVersion),
            text("start it with the newer program, or restore a backup of this one")};
    }
    for (int step = found; step < target; ++step) {
        run_sql(db, "BEGIN IMMEDIATE;" + steps()[static_cast<std::size_t>(step)] +
                        "PRAGMA user_version=" + std::to_string(step + 1) + ";COMMIT;");
    }
}

}  // namespace jatai::fleet
