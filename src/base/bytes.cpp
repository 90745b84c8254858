#include "src/base/bytes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "src/base/error.h"

namespace jatai {
namespace {

// The words of the C library for an errno; they are not ours to translate.
std::string reason(int number) { return std::strerror(number); }

class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() { close(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int number() const { return number_; }
    int close() {
        const int result = number_ < 0 ? 0 : ::close(number_);
        number_ = -1;
        return result;
    }

  private:
    int number_;
};

[[noreturn]] void fail_write(const fs::path& path, int number) {
    if (number == ENOSPC || number == EDQUOT) {
        throw Error{text("{}: the disk is full", path.string()),
                    text("free some space and run the command again")};
    }
    throw Error{text("{}: cannot be written: {}", path.string(), reason(number)),
                text("check the folder's name and that you may write there")};
}

// 0, or the errno of what failed.
int write_all(int descriptor, ByteView bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t n = ::write(descriptor, bytes.data() + done, bytes.size() - done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno;
        done += static_cast<std::size_t>(n);
    }
    return ::fsync(descriptor) == 0 ? 0 : errno;
}

Bytes read_descriptor(int descriptor, const fs::path& path, std::uint64_t max_bytes) {
    Bytes bytes;
    for (;;) {
        const std::size_t old = bytes.size();
        bytes.resize(old + (std::size_t{1} << 16));
        const ssize_t n = ::read(descriptor, bytes.data() + old, bytes.size() - old);
        bytes.resize(old + static_cast<std::size_t>(n < 0 ? 0 : n));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) throw Error{text("{}: cannot be read: {}", path.string(), reason(errno))};
        if (n == 0) return bytes;
        if (bytes.size() > max_bytes) {
            throw Error{text("{}: found more than {} bytes, which is the most that is read", path.string(),
                             max_bytes),
                        text("is this the file you meant?")};
        }
    }
}

}  // namespace

Bytes read_file(const fs::path& path, std::uint64_t max_bytes) {
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) {
        throw Error{text("{}: a folder, expected a file", path.string())};
    }
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.number() < 0) {
        throw Error{text("{}: cannot be opened: {}", path.string(), reason(errno)),
                    text("check the name of the file")};
    }
    return read_descriptor(file.number(), path, max_bytes);
}

std::string read_text(const fs::path& path, std::uint64_t max_bytes) {
    const Bytes bytes = read_file(path, max_bytes);
    return {bytes.begin(), bytes.end()};
}

void write_file(const fs::path& path, ByteView bytes) {
    std::error_code error;
    if (path.has_parent_path()) fs::create_directories(path.parent_path(), error);
    if (error) fail_write(path, error.value());
    const std::string temporary = path.string() + ".tmp" + std::to_string(::getpid());
    Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (file.number() < 0) fail_write(path, errno);
    int failed = write_all(file.number(), bytes);
    if (file.close() != 0 && failed == 0) failed = errno;
    if (failed == 0 && std::rename(temporary.c_str(), path.c_str()) != 0) failed = errno;
    if (failed != 0) {
        ::unlink(temporary.c_str());
        fail_write(path, failed);
    }
}

void write_text(const fs::path& path, std::string_view content) {
    write_file(path, {reinterpret_cast<const std::uint8_t*>(content.data()), content.size()});
}

}  // namespace jatai
