#include "src/data/archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <memory>

#include "src/base/error.h"
#include "src/data/files.h"

namespace jatai {
namespace {

constexpr std::uint64_t kMaxArchiveBytes = 4ull << 30;

struct Close {
    void operator()(struct archive* a) const { archive_read_free(a); }
};
using Reader = std::unique_ptr<struct archive, Close>;

std::string reason(struct archive* a) {
    const char* words = archive_error_string(a);
    return words != nullptr ? words : "damaged";
}

[[noreturn]] void fail(const fs::path& path, struct archive* a) {
    throw Error{text("{}: cannot be unpacked: {}", path.string(), reason(a)),
                text("copy or download it again; .zip, .tar, .tar.gz and .tar.xz are read")};
}

Bytes read_entry(struct archive* a, const fs::path& path, std::uint64_t& total) {
    Bytes bytes;
    for (;;) {
        const std::size_t old = bytes.size();
        bytes.resize(old + (std::size_t{1} << 16));
        const la_ssize_t n = archive_read_data(a, bytes.data() + old, bytes.size() - old);
        bytes.resize(old + static_cast<std::size_t>(n < 0 ? 0 : n));
        if (n < 0) fail(path, a);
        if (n == 0) return bytes;
        total += static_cast<std::uint64_t>(n);
        if (total > kMaxArchiveBytes) {
            throw Error{text("{}: more than {} GB when unpacked", path.string(), kMaxArchiveBytes >> 30),
                        text("unpack it yourself and import the folder")};
        }
    }
}

}  // namespace

void read_archive(const fs::path& path, const std::function<void(const std::string&, Bytes)>& take) {
    if (!fs::is_regular_file(path)) {
        throw Error{text("{}: not a file, expected an archive", path.string()), text("check the name")};
    }
    const Reader reader(archive_read_new());
    archive_read_support_filter_all(reader.get());
    archive_read_support_format_tar(reader.get());
    archive_read_support_format_zip(reader.get());
    if (archive_read_open_filename(reader.get(), path.c_str(), 1 << 16) != ARCHIVE_OK)
        fail(path, reader.get());
    std::uint64_t total = 0;
    struct archive_entry* entry = nullptr;
    for (;;) {
        const int status = archive_read_next_header(reader.get(), &entry);
        if (status == ARCHIVE_EOF) return;
        if (status != ARCHIVE_OK && status != ARCHIVE_WARN) fail(path, reader.get());
        const char* utf8 = archive_entry_pathname_utf8(entry);
        const char* raw = utf8 != nullptr ? utf8 : archive_entry_pathname(entry);
        const std::string name = safe_relative(raw != nullptr ? raw : "", path.string()).generic_string();
        if (archive_entry_filetype(entry) == AE_IFDIR) continue;
        if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) != nullptr) {
            throw Error{text("{}: {} is a link or a device, expected a plain file", path.string(), name),
                        text("pack the files themselves")};
        }
        take(name, read_entry(reader.get(), path, total));
    }
}

bool is_archive(const fs::path& path) {
    const std::string name = path.filename().string();
    constexpr std::string_view kEnds[] = {".zip",    ".tar", ".tar.gz",  ".tgz",
                                          ".tar.xz", ".txz", ".tar.bz2", ".tar.zst"};
    return std::any_of(std::begin(kEnds), std::end(kEnds),
                       [&](std::string_view end) { return name.ends_with(end); });
}

}  // namespace jatai
