#include "src/package/run_tool.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>

#include "src/base/error.h"

namespace jatai {

namespace {

using Clock = std::chrono::steady_clock;

// In the child, between fork and exec: only calls that are safe there.
[[noreturn]] void become(const fs::path& program, std::vector<char*>& arguments, const char* folder,
                         int output) {
    const int silence = open("/dev/null", O_RDONLY);
    dup2(silence, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    setpgid(0, 0);
    if (*folder == 0 || chdir(folder) == 0) execv(program.c_str(), arguments.data());
    _exit(127);
}

// Reads until the child closes its end or the time is up. False: the time is up.
bool collect(int from, Clock::time_point end, std::string& output) {
    char buffer[4096];
    while (true) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
        if (left <= 0) return false;
        pollfd waiting{from, POLLIN, 0};
        if (poll(&waiting, 1, static_cast<int>(left)) <= 0) continue;
        const ssize_t count = read(from, buffer, sizeof buffer);
        if (count <= 0) return true;
        output.append(buffer, static_cast<std::size_t>(count));
    }
}

}  // namespace

fs::path find_tool(const std::string& name) {
    if (name.find('/') != std::string::npos)
        return access(name.c_str(), X_OK) == 0 ? fs::path(name) : fs::path();
    const char* path = std::getenv("PATH");
    std::string rest = path != nullptr ? path : "/usr/bin:/bin";
    while (!rest.empty()) {
        const std::size_t colon = rest.find(':');
        const fs::path candidate = fs::path(rest.substr(0, colon)) / name;
        if (access(candidate.c_str(), X_OK) == 0 && fs::is_regular_file(candidate)) return candidate;
        rest = colon == std::string::npos ? "" : rest.substr(colon + 1);
    }
    return {};
}

ToolResult run_tool(const std::vector<std::string>& arguments, const fs::path& folder, int limit_seconds) {
    CHECK(!arguments.empty());
    const fs::path program = find_tool(arguments[0]);
    if (program.empty()) {
        throw Error{text("not installed: {}", arguments[0]), text("jatai doctor says how to get it")};
    }
    std::vector<std::string> copies = arguments;
    std::vector<char*> pointers;
    for (std::string& argument : copies) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw Error{text("{}: no pipe could be made", arguments[0])};
    const std::string place = folder.string();
    const pid_t child = fork();
    if (child == 0) become(program, pointers, place.c_str(), ends[1]);
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        throw Error{text("{}: could not be started", arguments[0]), text("is the computer out of memory?")};
    }
    ToolResult result;
    const bool ended = collect(ends[0], Clock::now() + std::chrono::seconds(limit_seconds), result.output);
    close(ends[0]);
    if (!ended) kill(-child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    result.exit_code = !ended ? 124 : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return result;
}

}  // namespace jatai
