// sqlite_schema.h: the tables, and how an older file becomes today's.
//
//     migrate(db, kSchemaVersion, "fleet.db");
//
// A step is never edited once released: a change is one more step. PRAGMA user_version holds the number of
// steps done.
#pragma once

#include <sqlite3.h>

#include <string>

namespace jatai::fleet {

extern const int kSchemaVersion;

// Runs each missing step in a transaction of its own, up to `target`. Fails with Error on a newer file.
void migrate(sqlite3* db, int target, const std::string& place);

// How many steps were done; 0: no store, or an empty one.
int version_of(sqlite3* db);

void run_sql(sqlite3* db, const std::string& sql);

}  // namespace jatai::fleet
