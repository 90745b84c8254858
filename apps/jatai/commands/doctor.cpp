#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>

#include "apps/jatai/commands/commands.h"
#include "apps/jatai/home.h"
#include "src/base/board.h"
#include "src/base/text.h"

namespace jatai {
namespace {

struct Tool {
    const char* program;
    const char* package;
    std::string what_for;
};

std::string find_program(const std::string& name) {
    const char* path = std::getenv("PATH");
    std::istringstream folders(path ? path : "");
    for (std::string folder; std::getline(folders, folder, ':');) {
        const std::string candidate = folder + "/" + name;
        if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    }
    return {};
}

std::vector<Tool> tools() {
    return {
        {"espeak-ng", "espeak-ng", text("speaks the words of jatai data generate")},
        {"arm-none-eabi-g++", "gcc-arm-none-eabi", text("builds firmware of your own; packages need none")},
        {"qemu-system-arm", "qemu-system-arm", text("checks the simulator, instruction by instruction")},
    };
}

void show_tool(const Tool& tool, const std::string& found, Console& console) {
    if (!found.empty()) {
        console.say(fmt::format("  ✓ {:<18} {}", tool.program, tool.what_for));
        return;
    }
    console.say(fmt::format("  – {:<18} {}", tool.program, tool.what_for));
    console.say("      " + text("missing; get it with: apt-get install {}", tool.package));
}

}  // namespace

int run_doctor(const DoctorOptions&, Console& console) {
    nlohmann::ordered_json answer;
    console.say(text("Programs"));
    for (const Tool& tool : tools()) {
        const std::string found = find_program(tool.program);
        show_tool(tool, found, console);
        answer["programs"].push_back(
            {{"name", tool.program}, {"found", !found.empty()}, {"path", found}, {"package", tool.package}});
    }
    console.say(text("Boards"));
    for (const std::string& id : board_ids(home().boards)) {
        const Board board = load_board(id, home().boards);
        const bool prebuilt = fs::exists(home().firmware / id / "keyword.elf");
        console.say(
            fmt::format("  ✓ {:<18} {}{}", id, board.name, prebuilt ? text(" (firmware at hand)") : ""));
        answer["boards"].push_back({{"id", id}, {"name", board.name}, {"firmware", prebuilt}});
    }
    const bool microphone = fs::exists("/dev/snd");
    console.say(text("Microphone"));
    console.say(microphone ? "  ✓ " + text("sound devices are present")
                           : "  – " + text("none here; bring a WAV file"));
    answer["microphone"] = microphone;
    console.result(answer);
    return 0;
}

}  // namespace jatai
