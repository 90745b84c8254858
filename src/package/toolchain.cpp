#include "src/package/toolchain.h"

#include <map>

#include "src/base/error.h"
#include "src/base/suggest.h"
#include "src/package/run_tool.h"

namespace jatai {

namespace {

constexpr const char* kCompiler = "arm-none-eabi-g++";

// The lines that say "error", at most three; else the end of the output.
std::string complaint(const std::string& output) {
    std::string found;
    int count = 0;
    for (std::size_t at = 0; at < output.size() && count < 3;) {
        const std::size_t end = std::min(output.find('\n', at), output.size());
        const std::string line = output.substr(at, end - at);
        if (line.find("error") != std::string::npos ||
            line.find("undefined reference") != std::string::npos ||
            line.find("overflowed") != std::string::npos) {
            found += (count++ ? "; " : "") + line;
        }
        at = end + 1;
    }
    return !found.empty() ? found : output.substr(output.size() - std::min<std::size_t>(output.size(), 300));
}

}  // namespace

const std::vector<std::string>& house_flags() {
    static const std::vector<std::string> flags{"-std=gnu++14",
                                                "-ffunction-sections",
                                                "-fdata-sections",
                                                "-fno-exceptions",
                                                "-fno-rtti",
                                                "-fno-threadsafe-statics",
                                                "-fno-unwind-tables",
                                                "-fno-asynchronous-unwind-tables",
                                                "-funsigned-char",
                                                "-Wall",
                                                "-Wextra"};
    return flags;
}

std::vector<std::string> core_flags(const std::string& core) {
    static const std::map<std::string, std::vector<std::string>> known{
        {"cortex-m0", {"-mcpu=cortex-m0", "-mthumb"}},
        {"cortex-m0plus", {"-mcpu=cortex-m0plus", "-mthumb"}},
        {"cortex-m3", {"-mcpu=cortex-m3", "-mthumb"}},
        {"cortex-m4", {"-mcpu=cortex-m4", "-mthumb"}},
        {"cortex-m4f", {"-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=softfp", "-mfpu=fpv4-sp-d16"}},
        {"cortex-m7", {"-mcpu=cortex-m7", "-mthumb", "-mfloat-abi=softfp", "-mfpu=fpv5-sp-d16"}},
        {"cortex-m33", {"-mcpu=cortex-m33", "-mthumb", "-mfloat-abi=softfp", "-mfpu=fpv5-sp-d16"}},
    };
    const auto found = known.find(core);
    if (found != known.end()) return found->second;
    std::vector<std::string> names;
    for (const auto& [name, flags] : known) names.push_back(name);
    throw Error{text("core {}: not known to the compiler here", core), did_you_mean(core, names)};
}

bool have_toolchain() { return !find_tool(kCompiler).empty(); }

Toolchain find_toolchain(const fs::path& sources) {
    Toolchain tools;
    tools.compiler = find_tool(kCompiler);
    if (tools.compiler.empty()) {
        throw Error{
            text("not installed: {}, the compiler for Cortex-M", kCompiler),
            text("on Debian: apt-get install --no-install-recommends gcc-arm-none-eabi "
                 "libnewlib-arm-none-eabi; without it, packages still load into firmware built beforehand")};
    }
    if (!fs::exists(sources / "device" / "engine.cpp")) {
        throw Error{text("{}: no device/engine.cpp, expected the sources that chips run", sources.string()),
                    text("they come with the source tree and with the bundle")};
    }
    const ToolResult version = run_tool({tools.compiler.string(), "-dumpfullversion"}, {}, 60);
    tools.version = std::string(kCompiler) + " " + version.output.substr(0, version.output.find('\n'));
    tools.sources = fs::absolute(sources);
    return tools;
}

void Toolchain::build(const std::vector<fs::path>& inputs, const std::vector<std::string>& flags,
                      const fs::path& output, const fs::path& folder) const {
    std::vector<std::string> command{compiler.string()};
    command.insert(command.end(), house_flags().begin(), house_flags().end());
    command.insert(command.end(), flags.begin(), flags.end());
    command.push_back("-I" + sources.string());
    for (const fs::path& input : inputs) command.push_back(input.string());
    command.insert(command.end(), {"-o", output.string()});
    const ToolResult result = run_tool(command, folder);
    if (result.exit_code == 0) return;
    throw Error{text("{}: {} refused: {}", output.string(), version, complaint(result.output)),
                text("the sources it compiled are in {}", folder.string())};
}

}  // namespace jatai
