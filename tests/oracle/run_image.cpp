// run_image ELF [--board ID] [--folder DIR] [--limit CYCLES] [--functions N]: runs a firmware on the
// simulated board and prints what it did. Windows are counted as the icount plugin counts them.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "src/base/error.h"
#include "src/simulate/machine.h"

namespace {

using namespace jatai;
using namespace jatai::simulate;

struct Arguments {
    std::string elf, board = "bench_m4", folder = ".";
    Cycle limit = 20'000'000'000;
    std::size_t functions = 0;
};

Arguments parse(int argc, char** argv) {
    Arguments arguments;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        const auto next = [&] { return i + 1 < argc ? std::string(argv[++i]) : std::string(); };
        if (word == "--board")
            arguments.board = next();
        else if (word == "--folder")
            arguments.folder = next();
        else if (word == "--limit")
            arguments.limit = std::strtoull(next().c_str(), nullptr, 10);
        else if (word == "--functions")
            arguments.functions = std::strtoull(next().c_str(), nullptr, 10);
        else
            arguments.elf = word;
    }
    if (arguments.elf.empty()) throw Error{"run_image: no ELF given"};
    return arguments;
}

void print(const RunResult& result, std::size_t functions) {
    std::fputs(result.console.c_str(), stdout);
    std::fputs(describe_stop(result).c_str(), stdout);
    for (std::size_t w = 0; w < result.windows.size(); ++w) {
        const BenchWindow& window = result.windows[w];
        std::printf("window %zu insns %llu cycles %llu\n", w,
                    static_cast<unsigned long long>(window.whole.instructions),
                    static_cast<unsigned long long>(window.whole.cycles));
        for (std::size_t i = 0; w == 0 && i < window.ops.size(); ++i)
            std::printf("op %zu insns %llu cycles %llu\n", i,
                        static_cast<unsigned long long>(window.ops[i].instructions),
                        static_cast<unsigned long long>(window.ops[i].cycles));
    }
    std::printf("total_run insns %llu cycles %llu stack %u exit %d\n",
                static_cast<unsigned long long>(result.instructions),
                static_cast<unsigned long long>(result.cycles), result.stack_bytes, result.exit_code);
    for (std::size_t i = 0; i < functions && i < result.functions.size(); ++i)
        std::printf("%12llu cycles %12llu insns %8llu calls  %s\n",
                    static_cast<unsigned long long>(result.functions[i].cycles),
                    static_cast<unsigned long long>(result.functions[i].instructions),
                    static_cast<unsigned long long>(result.functions[i].calls),
                    result.functions[i].name.c_str());
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const Arguments arguments = parse(argc, argv);
        Machine machine(load_board(arguments.board, JATAI_SOURCE_DIR "/boards"),
                        {.folder = arguments.folder});
        machine.load(read_firmware(read_file(arguments.elf), arguments.elf));
        const RunResult result = machine.run(arguments.limit);
        print(result, arguments.functions);
        return result.stop == Stop::Exited ? result.exit_code : 3;
    } catch (const Error& error) {
        std::fprintf(stderr, "%s\n%s\n", error.what(), error.hint().c_str());
        return 1;
    }
}
