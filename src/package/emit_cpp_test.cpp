// The C++ form compiled by this computer's compiler and run: the same bytes as the package.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "src/base/rng.h"
#include "src/graph/text_form.h"
#include "src/package/emit_cpp.h"
#include "src/package/pack.h"
#include "src/package/run_tool.h"
#include "src/package/runner.h"
#include "src/package/scratch_folder.h"
#include "src/package/test_model.h"
#include "src/package/toolchain.h"

namespace jatai {
namespace {

// Reads in.bin, runs once, writes out.bin.
std::string main_of(const Plan& plan, ArenaOwner owner) {
    const bool caller = owner == ArenaOwner::Caller;
    std::string write;
    for (std::size_t i = 0; i < plan.outputs.size(); ++i) {
        const std::string number = i == 0 ? "" : std::to_string(i);
        write += fmt::format("  fwrite(tiny::output{0}({1}), 1, tiny::kOutput{0}Bytes, f);\n", number,
                             caller ? "arena" : "");
    }
    return fmt::format(
        "#include <cstdio>\n#include \"model.h\"\n{0}int main() {{\n  FILE* f = fopen(\"in.bin\", \"rb\");\n"
        "  if (fread(tiny::input({1}), 1, tiny::kInputBytes, f) != tiny::kInputBytes) return 1;\n  "
        "fclose(f);\n"
        "  tiny::run({1});\n  f = fopen(\"out.bin\", \"wb\");\n{2}  fclose(f);\n}}\n",
        caller ? "alignas(16) static unsigned char arena[tiny::kArenaBytes];\n" : "", caller ? "arena" : "",
        write);
}

void expect_same_bytes(ArenaOwner owner, const std::string& standard) {
    if (find_tool("g++").empty()) GTEST_SKIP() << "not installed: g++";
    const Graph graph = tapped_graph();
    const Plan plan = make_plan(graph, Board{}, Family::Reference);
    const Bytes package = pack(graph, plan);
    HostRunner runner(package, "tiny.jpk");
    Rng rng(9);
    std::vector<float> wave(64);
    for (float& x : wave) x = rng.uniform(-2, 2);
    const ByteView input(reinterpret_cast<const std::uint8_t*>(wave.data()), wave.size() * sizeof(float));
    const CppSource source = emit_cpp(plan, "tiny", owner);
    const ScratchFolder folder;
    write_text(folder.path() / "model.h", source.header);
    write_text(folder.path() / "model.cpp", source.body);
    write_text(folder.path() / "main.cpp", main_of(plan, owner));
    write_file(folder.path() / "in.bin", input);
    const ToolResult built =
        run_tool({"g++", "-std=" + standard, "-O1", "-Wall", "-Wextra", "-Werror", "-funsigned-char",
                  "-fno-exceptions", "-fno-rtti", std::string("-I") + JATAI_SOURCE_DIR, "main.cpp",
                  "model.cpp", "-o", "main"},
                 folder.path());
    ASSERT_EQ(built.exit_code, 0) << built.output;
    ASSERT_EQ(run_tool({(folder.path() / "main").string()}, folder.path()).exit_code, 0);
    const Bytes answer = runner.run(input);
    EXPECT_TRUE(varied(answer));
    EXPECT_EQ(read_file(folder.path() / "out.bin"), answer);
}

TEST(EmitCpp, WithItsOwnArenaGivesTheBytesOfThePackage) { expect_same_bytes(ArenaOwner::Static, "gnu++14"); }
TEST(EmitCpp, UnderGnu11GivesTheBytesOfThePackage) { expect_same_bytes(ArenaOwner::Static, "gnu++11"); }
TEST(EmitCpp, WithTheCallersArenaGivesTheBytesOfThePackage) {
    expect_same_bytes(ArenaOwner::Caller, "gnu++20");
}

// What the Arduino core of the Nano 33 BLE compiles with, and newer standards.
TEST(EmitCpp, CompilesWithoutAWarningUnderTheFlagsOfArduino) {
    if (!have_toolchain()) GTEST_SKIP() << "not installed: arm-none-eabi-g++";
    const Plan plan = make_plan(tapped_graph(), Board{}, Family::CortexM);
    for (const ArenaOwner owner : {ArenaOwner::Static, ArenaOwner::Caller}) {
        const CppSource source = emit_cpp(plan, "tiny", owner);
        const ScratchFolder folder;
        write_text(folder.path() / "model.h", source.header);
        write_text(folder.path() / "model.cpp", source.body);
        const std::vector<std::string> standards =
            owner == ArenaOwner::Static
                ? std::vector<std::string>{"-std=gnu++11", "-std=gnu++14"}
                : std::vector<std::string>{"-std=gnu++11", "-std=gnu++14", "-std=gnu++17", "-std=gnu++20"};
        for (const std::string& standard : standards) {
            std::vector<std::string> flags = core_flags("cortex-m4f");
            flags.insert(flags.end(), {standard, "-Os", "-Werror", "-c"});
            EXPECT_NO_THROW(
                find_toolchain(JATAI_SOURCE_DIR).build({"model.cpp"}, flags, "model.o", folder.path()));
        }
    }
}

}  // namespace
}  // namespace jatai
