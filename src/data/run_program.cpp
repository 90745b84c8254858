#include "src/data/run_program.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "src/base/error.h"

extern char** environ;

namespace jatai {
namespace {

struct Descriptor {
    int number;
    explicit Descriptor(int n) : number(n) {}
    ~Descriptor() { close(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    void close() {
        if (number >= 0) ::close(number);
        number = -1;
    }
};

[[noreturn]] void fail(const std::string& program, int number) {
    throw Error{text("{}: cannot be started: {}", program, std::strerror(number)),
                text("is the computer out of memory or processes?")};
}

// The input as a file in memory: unlike a pipe it cannot block or break when the program stops reading.
int make_input(const std::string& program, std::string_view input) {
    const int file = ::memfd_create("input", MFD_CLOEXEC);
    if (file < 0) fail(program, errno);
    for (std::size_t done = 0; done < input.size();) {
        const ssize_t n = ::write(file, input.data() + done, input.size() - done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            ::close(file);
            fail(program, errno);
        }
        done += static_cast<std::size_t>(n);
    }
    ::lseek(file, 0, SEEK_SET);
    return file;
}

Bytes read_to_end(int descriptor) {
    Bytes bytes;
    for (;;) {
        const std::size_t old = bytes.size();
        bytes.resize(old + (std::size_t{1} << 18));
        const ssize_t n = ::read(descriptor, bytes.data() + old, bytes.size() - old);
        bytes.resize(old + static_cast<std::size_t>(n < 0 ? 0 : n));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return bytes;
    }
}

int wait_for(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

ProgramResult run_program(const std::vector<std::string>& arguments, std::string_view input) {
    CHECK(!arguments.empty());
    Descriptor in(make_input(arguments[0], input));
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) fail(arguments[0], errno);
    Descriptor out_read(ends[0]), out_write(ends[1]);
    std::vector<char*> argv;
    for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in.number, 0);
    posix_spawn_file_actions_adddup2(&actions, out_write.number, 1);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    pid_t child = 0;
    const int failed = ::posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ProgramResult result;
    if (failed == ENOENT || failed == EACCES) {
        result.found = false;
        return result;
    }
    if (failed != 0) fail(arguments[0], failed);
    out_write.close();
    result.output = read_to_end(out_read.number);
    result.exit_code = wait_for(child);
    if (result.exit_code == 127 && result.output.empty())
        result.found = false;  // older spawns say it this way
    return result;
}

}  // namespace jatai
