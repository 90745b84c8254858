// simulate_speed [ELF] [--board ID]: how fast the simulator runs, with cycles on. Without an ELF it compiles
// its own load.
#include <chrono>
#include <cstdio>
#include <ctime>

#include "src/base/error.h"
#include "src/package/run_tool.h"
#include "src/package/scratch_folder.h"
#include "src/simulate/machine.h"

namespace {

using namespace jatai;
using namespace jatai::simulate;

const std::string kSource = JATAI_SOURCE_DIR;

fs::path compile_load(const fs::path& folder, const std::string& level) {
    const fs::path elf = folder / ("kernels" + level + ".elf");
    const ToolResult built = run_tool(
        {"arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16", level,
         "-ffreestanding", "-nostdlib", "-T", kSource + "/tests/bench/simulate_speed/kernels.ld",
         kSource + "/tests/bench/simulate_speed/kernels.c", "-lgcc", "-o", elf.string()},
        folder, 60);
    if (built.exit_code != 0) throw Error{built.output};
    return elf;
}

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

void measure(const fs::path& elf, const std::string& board, const char* label) {
    Machine machine(load_board(board, kSource + "/boards"));
    machine.load(read_firmware(read_file(elf), elf.string()));
    const double start = cpu_seconds();
    const RunResult result = machine.run(20'000'000'000);
    const double taken = cpu_seconds() - start;
    std::printf("%-6s on %-10s %6.0f M instr/s   (%llu instructions, %llu cycles, %.2f CPU s)\n", label,
                board.c_str(), static_cast<double>(result.instructions) / taken / 1e6,
                static_cast<unsigned long long>(result.instructions),
                static_cast<unsigned long long>(result.cycles), taken);
    if (result.stop != Stop::Exited) std::fputs(describe_stop(result).c_str(), stdout);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        if (argc > 1) {
            measure(argv[1], argc > 3 ? argv[3] : "bench_m4", "image");
            return 0;
        }
        if (find_tool("arm-none-eabi-gcc").empty()) {
            std::puts("not installed: arm-none-eabi-gcc");
            return 77;
        }
        const ScratchFolder folder;
        for (const char* level : {"-O2", "-Os"}) {
            const fs::path elf = compile_load(folder.path(), level);
            for (const char* board : {"bench_m4", "nano33ble"}) {
                // The load is linked at 0, where nano33ble has its bootloader: the simulator runs it all the
                // same.
                measure(elf, board, level);
            }
        }
        return 0;
    } catch (const Error& error) {
        std::fprintf(stderr, "%s\n%s\n", error.what(), error.hint().c_str());
        return 1;
    }
}
