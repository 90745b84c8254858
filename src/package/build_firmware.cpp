#include "src/package/build_firmware.h"

#include <algorithm>

#include "src/base/error.h"
#include "src/package/kernel_table.h"
#include "src/package/scratch_folder.h"

namespace jatai {

namespace {

// The .cpp files of a folder, tests left out, in alphabetical order.
template <typename Iterator>
std::vector<fs::path> sources_in(const fs::path& folder) {
    std::vector<fs::path> sources;
    for (const fs::directory_entry& entry : Iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (entry.path().extension() == ".cpp" && !name.ends_with("_test.cpp"))
            sources.push_back(entry.path());
    }
    std::sort(sources.begin(), sources.end());
    return sources;
}

}  // namespace

std::vector<std::string> firmware_flags(const FirmwareRequest& request) {
    std::vector<std::string> flags = core_flags(request.core);
    // No C library: boards/memory.cpp has the functions the compiler itself may call, and its loops must not
    // become calls of themselves. No contraction: the same floating-point answers as on the host.
    flags.insert(flags.end(), {request.optimisation, "-g1", "-ffreestanding", "-fno-use-cxa-atexit",
                               "-fno-tree-loop-distribute-patterns", "-ffp-contract=off"});
    return flags;
}

FirmwareFiles build_firmware(const FirmwareRequest& request, const Toolchain& tools) {
    const fs::path board = tools.sources / "boards" / request.board;
    const std::string main_name = request.application + "_main.cpp";
    if (!fs::exists(board / main_name)) {
        throw Error{text("board {}: no application {}, expected {}", request.board, request.application,
                         (board / main_name).string()),
                    text("applications of a board are the files of its folder that end in _main.cpp")};
    }
    const ScratchFolder work;
    write_text(work.path() / "kernels.cpp",
               write_kernel_table({request.kernels, request.family, request.board, PackageSpace::Linker}));
    std::vector<fs::path> inputs{work.path() / "kernels.cpp", tools.sources / "boards" / "memory.cpp"};
    for (const auto& source : sources_in<fs::directory_iterator>(board)) {
        const std::string name = source.filename().string();
        if (name == main_name || !name.ends_with("_main.cpp")) inputs.push_back(source);
    }
    for (const auto& source : sources_in<fs::recursive_directory_iterator>(tools.sources / "device")) {
        inputs.push_back(source);
    }
    std::vector<std::string> flags = firmware_flags(request);
    flags.insert(flags.end(),
                 {"-ffile-prefix-map=" + tools.sources.string() + "=.", "-nostdlib", "-Wl,--gc-sections",
                  "-Wl,--no-warn-rwx-segments", "-T", (board / "app.ld").string()});
    inputs.push_back("-lgcc");
    const fs::path elf = work.path() / (request.application + ".elf");
    tools.build(inputs, flags, elf, work.path());
    return firmware_files(read_file(elf), elf.filename().string());
}

}  // namespace jatai
