// Every instruction, with random operands, on QEMU's Cortex-M4 and on the simulator: the same registers,
// flags and memory.
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <set>

#include "src/base/error.h"
#include "src/package/run_tool.h"
#include "src/package/scratch_folder.h"
#include "src/simulate/flash_image.h"
#include "src/simulate/machine.h"
#include "tests/oracle/snippets.h"

namespace jatai {
namespace {

using simulate::Machine;
using simulate::RunResult;
using simulate::Stop;

constexpr unsigned kSetsPerCase = 4, kVariants = 12;
const std::string kHere = JATAI_SOURCE_DIR "/tests/oracle/";

std::string make_source(const std::vector<Snippet>& snippets) {
    std::string source = " .syntax unified\n .thumb\n .text\n .global cases, case_count, sets_per_case\n";
    for (std::size_t i = 0; i < snippets.size(); ++i)
        source += fmt::format(" .balign 2\n .thumb_func\nc{}:\n {}\n bx lr\n", i, snippets[i].text);
    source += " .section .rodata\n .balign 4\ncases:\n";
    for (std::size_t i = 0; i < snippets.size(); ++i)
        source += fmt::format(" .word c{}, {}\n", i, snippets[i].kind);
    return source +
           fmt::format("case_count: .word {}\nsets_per_case: .word {}\n", snippets.size(), kSetsPerCase);
}

std::vector<std::string> compiler(std::initializer_list<std::string> rest) {
    std::vector<std::string> command = {"arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard",
                                        "-mfpu=fpv4-sp-d16"};
    command.insert(command.end(), rest);
    return command;
}

void expect_success(const ToolResult& result) {
    ASSERT_EQ(result.exit_code, 0) << result.output.substr(0, 3000);
}

void build(const fs::path& folder, const std::vector<Snippet>& snippets) {
    write_text(folder / "cases.s", make_source(snippets));
    expect_success(
        run_tool(compiler({"-O1", "-ffreestanding", "-nostdlib", "-T", kHere + "harness.ld",
                           kHere + "harness.c", kHere + "harness.s", "cases.s", "-lgcc", "-o", "image.elf"}),
                 folder, 120));
}

Bytes run_on_qemu(const fs::path& folder) {
    const ToolResult result =
        run_tool({"qemu-system-arm", "-M", "mps2-an386", "-nographic", "-monitor", "none", "-serial", "null",
                  "-semihosting-config", "enable=on,target=native", "-kernel", "image.elf"},
                 folder, 120);
    EXPECT_EQ(result.exit_code, 0) << result.output;
    return read_file(folder / "out.bin");
}

// The operations the decoder found where the machine ran.
std::set<simulate::OpCode> operations_of(const Machine& machine) {
    std::set<simulate::OpCode> found;
    const simulate::CodeRegion& code = *machine.image()->code;
    for (std::size_t i = 0; i < code.bytes() / 2; ++i)
        for (const simulate::Op* op = code.slots() + i;; op = op->real) {
            found.insert(op->code);
            if (op->code != simulate::OpCode::ItGuard && op->code != simulate::OpCode::LineGuard) break;
        }
    return found;
}

Bytes run_on_machine(const fs::path& folder, std::set<simulate::OpCode>& operations) {
    fs::create_directories(folder / "ours");
    Machine machine(load_board("bench_m4", JATAI_SOURCE_DIR "/boards"), {.folder = folder / "ours"});
    machine.load(simulate::read_firmware(read_file(folder / "image.elf"), "image.elf"));
    const RunResult result = machine.run(20'000'000'000);
    EXPECT_EQ(result.stop, Stop::Exited) << simulate::describe_stop(result);
    EXPECT_EQ(result.exit_code, 0) << result.console;
    operations = operations_of(machine);
    return read_file(folder / "ours" / "out.bin");
}

// Operations that no snippet can reach and go on from; exceptions_test.cpp and machine_test.cpp have them.
const std::set<simulate::OpCode> kElsewhere = {
    simulate::OpCode::OutOfRegion,   simulate::OpCode::BranchSelf,    simulate::OpCode::BranchFar,
    simulate::OpCode::BranchFarCond, simulate::OpCode::BranchLinkFar, simulate::OpCode::LineGuard,
    simulate::OpCode::MarkGuard,     simulate::OpCode::Wfi,           simulate::OpCode::Svc,
    simulate::OpCode::Undefined,     simulate::OpCode::BranchTail};

std::string missing_operations(const std::set<simulate::OpCode>& found) {
    static const char* const kNames[] = {
#define JATAI_NAME(name) #name,
        JATAI_JUMP_OPS(JATAI_NAME) JATAI_ALU_OPS(JATAI_NAME) JATAI_DSP_OPS(JATAI_NAME)
            JATAI_MEMORY_OPS(JATAI_NAME) JATAI_FLOAT_OPS(JATAI_NAME) JATAI_FLOATMEM_OPS(JATAI_NAME)
#undef JATAI_NAME
    };
    std::string missing;
    for (unsigned i = 0; i < static_cast<unsigned>(simulate::OpCode::Count); ++i) {
        const auto code = static_cast<simulate::OpCode>(i);
        if (!found.contains(code) && !kElsewhere.contains(code)) missing += std::string(" ") + kNames[i];
    }
    return missing;
}

struct Field {
    std::size_t words;
    const char* name;
};

std::vector<Field> fields_of(unsigned kind) {
    std::vector<Field> fields = {{13, "r"}, {1, "apsr"}};
    if (kind & kSnippetFloats) {
        fields.push_back({1, "fpscr"});
        fields.push_back({32, "s"});
    }
    if (kind & kSnippetMemory) fields.push_back({64, "memory"});
    return fields;
}

std::uint32_t word_at(const Bytes& bytes, std::size_t index) {
    std::uint32_t value;
    std::memcpy(&value, bytes.data() + index * 4, 4);
    return value;
}

// What one run of one snippet left differently, in words.
std::string difference(const Bytes& theirs, const Bytes& ours, std::size_t first, unsigned kind) {
    std::string words;
    std::size_t index = first;
    for (const Field& field : fields_of(kind))
        for (std::size_t i = 0; i < field.words; ++i, ++index)
            if (word_at(theirs, index) != word_at(ours, index))
                words += fmt::format("    {}{}: QEMU {:08x}, simulator {:08x}\n", field.name,
                                     field.words > 1 ? std::to_string(i) : "", word_at(theirs, index),
                                     word_at(ours, index));
    return words;
}

TEST(Oracle, EveryInstructionLeavesWhatQemuLeaves) {
    if (find_tool("arm-none-eabi-gcc").empty()) GTEST_SKIP() << "not installed: arm-none-eabi-gcc";
    if (find_tool("qemu-system-arm").empty()) GTEST_SKIP() << "not installed: qemu-system-arm";
    const char* seed = std::getenv("JATAI_ORACLE_SEED");  // for a longer search: another seed, more variants
    const char* variants = std::getenv("JATAI_ORACLE_VARIANTS");
    Rng rng(seed != nullptr ? std::strtoull(seed, nullptr, 10) : 20200816);
    const std::vector<Snippet> snippets =
        make_snippets(rng, variants != nullptr ? static_cast<unsigned>(std::atoi(variants)) : kVariants);
    const ScratchFolder folder;
    ASSERT_NO_FATAL_FAILURE(build(folder.path(), snippets));
    std::set<simulate::OpCode> operations;
    const Bytes theirs = run_on_qemu(folder.path()), ours = run_on_machine(folder.path(), operations);
    EXPECT_EQ(missing_operations(operations), "");
    ASSERT_EQ(theirs.size(), ours.size());
    std::size_t index = 0, wrong = 0;
    for (const Snippet& snippet : snippets) {
        std::size_t words = 0;
        for (const Field& field : fields_of(snippet.kind)) words += field.words;
        for (unsigned set = 0; set < kSetsPerCase; ++set, index += words) {
            const std::string differs = difference(theirs, ours, index, snippet.kind);
            if (differs.empty()) continue;
            if (++wrong <= 20) ADD_FAILURE() << snippet.text << "\n" << differs;
        }
    }
    ASSERT_EQ(index * 4, theirs.size());
    EXPECT_EQ(wrong, 0u) << "of " << snippets.size() * kSetsPerCase;
    std::printf("    %zu snippets, %zu runs compared\n", snippets.size(), snippets.size() * kSetsPerCase);
}

}  // namespace
}  // namespace jatai
