#include "src/fleet/backup.h"

#include <fcntl.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "src/base/error.h"

namespace jatai::fleet {
namespace {

constexpr const char* kDatabase = "fleet.db";

fs::path unfinished(const fs::path& data) { return data / "unfinished"; }

// What was written to this file or folder is on disk.
void sync(const fs::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const bool done = descriptor >= 0 && ::fsync(descriptor) == 0;
    if (descriptor >= 0) ::close(descriptor);
    if (!done) throw Error{text("{}: cannot be written", path.string()), text("is the disk full?")};
}

std::uint64_t link_blobs(const fs::path& data, const fs::path& to) {
    std::uint64_t files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(data / "blobs")) {
        if (!entry.is_regular_file()) continue;
        const fs::path copy = to / fs::relative(entry.path(), data);
        fs::create_directories(copy.parent_path());
        std::error_code failed;
        fs::create_hard_link(entry.path(), copy, failed);
        if (failed) fs::copy_file(entry.path(), copy, fs::copy_options::skip_existing);
        ++files;
    }
    return files;
}

}  // namespace

std::string make_backup(Store& store, const fs::path& data, const fs::path& to) {
    const fs::path part = unfinished(data) / to.filename();
    fs::create_directories(part / "blobs");
    store.backup(part / kDatabase);
    const std::uint64_t files = link_blobs(data, part);
    sync(part / kDatabase);
    fs::create_directories(to.parent_path());
    fs::rename(part, to);
    sync(to.parent_path());
    return nlohmann::json({{"folder", to.string()}, {"blobs", files}}).dump();
}

void drop_unfinished_backups(const fs::path& data) {
    std::error_code ignored;
    fs::remove_all(unfinished(data), ignored);
}

void restore_backup(const fs::path& backup, const fs::path& data) {
    const fs::path from = backup / kDatabase, to = data / kDatabase;
    if (!fs::exists(from)) throw Error{text("{}: no backup: fleet.db is not there", backup.string())};
    if (fs::exists(to))
        throw Error{text("{}: holds a fleet already", data.string()), text("restore into a new folder")};
    check_sqlite(from);
    fs::create_directories(data);
    if (fs::exists(backup / "blobs"))
        fs::copy(backup / "blobs", data / "blobs",
                 fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    const fs::path part = data / "fleet.db.part";
    fs::copy_file(from, part, fs::copy_options::overwrite_existing);
    sync(part);
    fs::rename(part, to);  // last: with it the folder holds a fleet
}

}  // namespace jatai::fleet
