#include "src/fleet/blobs.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/error.h"
#include "src/fleet/secrets.h"

namespace jatai::fleet {

Blob::~Blob() {
    if (bytes_ > 0) munmap(const_cast<char*>(data_), bytes_);
}

fs::path Blobs::path_of(const std::string& id) const {
    CHECK(is_sha256_hex(id));
    return folder_ / id.substr(0, 2) / id;
}

bool Blobs::has(const std::string& id) const { return is_sha256_hex(id) && fs::exists(path_of(id)); }

std::string Blobs::put(std::string_view bytes) const {
    const std::string id = sha256_hex(bytes);
    if (!has(id)) write_text(path_of(id), bytes);
    return id;
}

std::shared_ptr<const Blob> Blobs::open(const std::string& id) const {
    if (!has(id)) return nullptr;
    const int file = ::open(path_of(id).c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return nullptr;
    struct stat facts {};
    const bool known = fstat(file, &facts) == 0;
    const auto bytes = static_cast<std::size_t>(known ? facts.st_size : 0);
    void* at = bytes > 0 ? mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, file, 0) : nullptr;
    close(file);
    if (!known || at == MAP_FAILED) return nullptr;
    return std::make_shared<const Blob>(static_cast<const char*>(at), bytes);
}

}  // namespace jatai::fleet
