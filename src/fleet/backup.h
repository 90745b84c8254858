// backup.h: a copy of everything while work goes on, and the way back.
//
//     make_backup(store, "fleet", "fleet/backups/backup-17");      //
//     {"blobs":3,"folder":"fleet/backups/backup-17"} restore_backup("elsewhere/backup-17", "fleet-2");
//
// A backup bears its name once it is whole and on disk: until then it lies in unfinished/, which the next
// start of the server empties. The database goes first, then the blobs it names: blobs never change, so hard
// links do. Fails   with Error: a full disk; to restore: a folder that holds a fleet already, a backup that
// is not whole.
#pragma once

#include <string>

#include "src/fleet/store.h"

namespace jatai::fleet {

// Any thread. `to` lies in the file system of `data`. Returns what the job tells.
std::string make_backup(Store& store, const fs::path& data, const fs::path& to);

void drop_unfinished_backups(const fs::path& data);

// Copies: the backup stays what it is.
void restore_backup(const fs::path& backup, const fs::path& data);

}  // namespace jatai::fleet
