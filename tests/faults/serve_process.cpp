#include "tests/faults/serve_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

namespace jatai {
namespace {

void become(const std::vector<std::string>& words, int out) {
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    ::dup2(out, 1);
    ::dup2(::open("/dev/null", O_WRONLY), 2);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
}

std::string file_text(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

}  // namespace

ServeProcess::ServeProcess(const std::string& program, const std::string& folder, std::uint16_t port,
                           const std::vector<std::string>& more) {
    std::vector<std::string> words = {
        program, "serve", "--data", folder, "--listen", "127.0.0.1:" + std::to_string(port), "--json"};
    words.insert(words.end(), more.begin(), more.end());
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    process_ = ::fork();
    if (process_ == 0) become(words, ends[1]);
    ::close(ends[1]);
    listen_to(ends[0]);
    ::close(ends[0]);
}

ServeProcess::~ServeProcess() { end(SIGTERM); }

// What it says first is one JSON document.
void ServeProcess::listen_to(int pipe) {
    std::string said;
    char letter = 0;
    while (::read(pipe, &letter, 1) == 1) {
        said += letter;
        if (letter != '\n' || said.size() < 2 || said[said.size() - 2] != '}') continue;
        const auto facts = nlohmann::json::parse(said, nullptr, false);
        if (!facts.is_object()) continue;
        url_ = facts.value("url", "");
        if (url_.empty()) break;  // a refusal
        admin_key_ = facts.value("admin_key", "");
        return;
    }
    throw std::runtime_error("the server did not start: " + said);
}

double ServeProcess::most_memory_mb() const {
    const std::string status = file_text("/proc/" + std::to_string(process_) + "/status");
    const std::size_t at = status.find("VmHWM:");
    return at == std::string::npos ? 0 : std::stod(status.substr(at + 6)) / 1024;
}

double ServeProcess::cpu_seconds() const {
    const std::string stat = file_text("/proc/" + std::to_string(process_) + "/stat");
    std::istringstream fields(stat.substr(stat.rfind(')') + 2));  // from the third field, the state, on
    std::string word;
    for (int field = 3; field < 14; ++field) fields >> word;
    double user = 0, system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

void ServeProcess::end(int signal) {
    if (process_ <= 0) return;
    ::kill(process_, signal);
    ::waitpid(process_, nullptr, 0);
    process_ = -1;
}

}  // namespace jatai
