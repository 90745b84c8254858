#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "src/base/error.h"
#include "src/base/rng.h"
#include "src/graph/passes/fold_zero_points.h"
#include "src/graph/passes/passes.h"
#include "src/graph/text_form.h"
#include "src/package/pack.h"
#include "src/package/run_tool.h"
#include "src/package/runner.h"
#include "src/package/scratch_folder.h"
#include "src/package/test_model.h"
#include "src/pipeline/export_model.h"
#include "src/pipeline/measure_cpp.h"
#include "src/plan/ram_budget.h"
#include "tests/export/networks.h"

namespace jatai {
namespace {

using ::testing::HasSubstr;

constexpr ExportTarget kTargets[] = {ExportTarget::Arduino, ExportTarget::Zephyr, ExportTarget::PlatformIo,
                                     ExportTarget::EspIdf, ExportTarget::CMake};

const std::string& word_of(ExportTarget target) { return export_targets()[static_cast<std::size_t>(target)]; }

fs::path sources() { return fs::path(JATAI_SOURCE_DIR); }

Plan plan_of(const Graph& graph, ExportTarget target) {
    return make_plan(graph, Board{}, target == ExportTarget::EspIdf ? Family::Reference : Family::CortexM);
}

// The library in a folder of its own; returns its .cpp files.
std::vector<std::string> write_library(const Plan& plan, ExportTarget target, const fs::path& folder) {
    ExportRequest request;
    request.target = target;
    request.name = "lib";
    request.made_by = "jatai test";
    std::vector<std::string> bodies;
    for (const ExportFile& file : export_library(plan, request, sources())) {
        write_text(folder / file.path, file.content);
        const std::string path = file.path.generic_string();
        if (path.starts_with("src/") && path.ends_with(".cpp")) bodies.push_back((folder / path).string());
    }
    return bodies;
}

const char* compiler_of(ExportTarget target) {
    return target == ExportTarget::EspIdf ? "riscv64-unknown-elf-g++" : "arm-none-eabi-g++";
}

std::vector<std::string> command_of(ExportTarget target, const fs::path& library) {
    std::vector<std::string> command{compiler_of(target)};
    const std::vector<std::string> flags = environment_flags(target);
    command.insert(command.end(), flags.begin(), flags.end());
    command.insert(command.end(), {"-Wall", "-Wextra", "-Werror", "-I" + (library / "src").string()});
    return command;
}

// This compiler comes without a C library: the three functions device/ asks of one.
constexpr const char* kStringH =
    "#pragma once\n#include <stddef.h>\nextern \"C\" {\nvoid* memcpy(void*, const void*, size_t);\n"
    "void* memmove(void*, const void*, size_t);\nvoid* memset(void*, int, size_t);\n"
    "int memcmp(const void*, const void*, size_t);\n}\n";

class Environments : public ::testing::TestWithParam<ExportTarget> {};

TEST_P(Environments, CompileTheLibraryWithNothingButItsOwnFolder) {
    const ExportTarget target = GetParam();
    if (find_tool(compiler_of(target)).empty()) GTEST_SKIP() << "not installed: " << compiler_of(target);
    const ScratchFolder folder;
    // Elsewhere the keyword net is compiled when its instructions are counted.
    std::vector<std::string> nets{tapped_net()};
    if (target == ExportTarget::EspIdf) nets.push_back(keyword_net());
    for (const std::string& words : nets) {
        std::vector<std::string> command = command_of(target, folder.path());
        if (target == ExportTarget::EspIdf) {
            write_text(folder.path() / "libc" / "string.h", kStringH);
            command.insert(command.end(), {"-ffreestanding", "-I" + (folder.path() / "libc").string()});
        }
        const auto bodies = write_library(plan_of(zero_points_folded(parse_text(words, "net")), target),
                                          target, folder.path());
        ASSERT_EQ(bodies.size(), 1u);
        command.insert(command.end(), {"-c", bodies[0], "-o", "lib.o"});
        const ToolResult built = run_tool(command, folder.path());
        EXPECT_EQ(built.exit_code, 0) << built.output;
    }
}

// The library linked with the bench's main, everything under the environment's flags.
BoardRun run_library(const Graph& graph, ExportTarget target, ByteView inputs) {
    const ScratchFolder folder;
    const Plan plan = plan_of(graph, target);
    const std::vector<std::string> bodies = write_library(plan, target, folder.path());
    const fs::path bench = sources() / "boards" / "bench_m4";
    write_text(folder.path() / "form.cpp", bench_form(plan, "lib", "lib.h"));
    std::vector<std::string> command = command_of(target, folder.path());
    command.insert(command.end(), bodies.begin(), bodies.end());
    command.insert(command.end(), {"-I" + sources().string(), "form.cpp", (bench / "startup.cpp").string(),
                                   (bench / "bench_main.cpp").string(), "-nostartfiles", "--specs=nano.specs",
                                   "-nodefaultlibs", "-Wl,--start-group", "-lgcc", "-lc", "-Wl,--end-group",
                                   "-Wl,--gc-sections", "-Wl,--no-warn-rwx-segments",
                                   "-DJATAI_MODEL_ARENA=__attribute__((section(\".arena\")))", "-T",
                                   (bench / "bench.ld").string(), "-o", "lib.elf"});
    const ToolResult built = run_tool(command, folder.path());
    if (built.exit_code != 0) throw Error{built.output};
    return run_bench_image(load_board("bench_m4", sources() / "boards"), folder.path() / "lib.elf", inputs);
}

Bytes random_inputs(std::size_t bytes, std::size_t samples) {
    Rng rng(21);
    Bytes inputs(bytes * samples);
    for (std::uint8_t& byte : inputs) byte = static_cast<std::uint8_t>(rng.below(256));
    return inputs;
}

void expect_as_fast_as_ours(const Graph& graph, ExportTarget target) {
    const Plan plan = plan_of(graph, target);
    const Bytes inputs = random_inputs(plan.inputs.at(0).place.bytes, 2);
    const CppMeasure ours = measure_cpp(graph, plan, {}, {sources(), sources() / "boards"}, inputs);
    const BoardRun theirs = run_library(graph, target, inputs);
    EXPECT_EQ(theirs.outputs, run_package(pack(graph, plan), inputs, "net"));
    EXPECT_EQ(theirs.outputs, ours.run.outputs);
    ASSERT_EQ(theirs.samples.size(), 2u);
    for (std::size_t i = 0; i < 2; ++i) {
        const auto own = static_cast<double>(ours.run.samples[i].instructions);
        EXPECT_LE(static_cast<double>(theirs.samples[i].instructions), own * 1.03) << word_of(target);
    }
}

TEST_P(Environments, TheirFlagsCostAtMostThreePercentOfTheInstructions) {
    if (!have_toolchain()) GTEST_SKIP() << "not installed: arm-none-eabi-g++";
    if (GetParam() == ExportTarget::EspIdf) GTEST_SKIP() << "no simulator of a RISC-V chip";
    expect_as_fast_as_ours(zero_points_folded(parse_text(keyword_net(), "keyword")), GetParam());
}

TEST(Export, TheFlagsOfArduinoCostAtMostThreePercentOnTheKeywordModelOfMlperf) {
    const fs::path file = fs::path(JATAI_SHARED_DIR) / "data/models/tiny/kws_ref_model.tflite";
    if (!have_toolchain()) GTEST_SKIP() << "not installed: arm-none-eabi-g++";
    if (!fs::exists(file)) GTEST_SKIP() << "not there: " << file;
    expect_as_fast_as_ours(*open_model(file).graph, ExportTarget::Arduino);
}

INSTANTIATE_TEST_SUITE_P(Export, Environments, ::testing::ValuesIn(kTargets),
                         [](const auto& info) { return word_of(info.param); });

TEST(Export, TheCMakePackageBuildsAndItsExampleRuns) {
    if (find_tool("cmake").empty()) GTEST_SKIP() << "not installed: cmake";
    const ScratchFolder folder;
    const Graph graph = zero_points_folded(parse_text(keyword_net(), "keyword"));
    write_library(make_plan(graph, Board{}, Family::CortexM), ExportTarget::CMake, folder.path());
    const auto run = [&](const std::vector<std::string>& command) {
        const ToolResult result = run_tool(command, folder.path());
        EXPECT_EQ(result.exit_code, 0) << result.output;
        return result.output;
    };
    run({"cmake", "-B", "build", "-DCMAKE_INSTALL_PREFIX=there", "-S", "."});
    run({"cmake", "--build", "build"});
    EXPECT_FALSE(run({(folder.path() / "build/lib_example").string()}).empty());
    run({"cmake", "--install", "build"});
    write_text(folder.path() / "user/CMakeLists.txt",
               "cmake_minimum_required(VERSION 3.16)\nproject(user CXX)\nfind_package(lib 1.0 REQUIRED)\n"
               "add_executable(user ../examples/lib/main.cpp)\ntarget_link_libraries(user lib::lib)\n");
    run({"cmake", "-B", "user/build", "-S", "user",
         "-DCMAKE_PREFIX_PATH=" + (folder.path() / "there").string()});
    run({"cmake", "--build", "user/build"});
    run({(folder.path() / "user/build/user").string()});
}

std::string file_of(const std::vector<ExportFile>& files, const std::string& path) {
    for (const ExportFile& file : files) {
        if (file.path == path) return file.content;
    }
    ADD_FAILURE() << "no " << path;
    return {};
}

TEST(Export, EveryEnvironmentFindsTheFilesItLooksForAndALicence) {
    const Graph graph = tapped_graph();
    const std::vector<std::vector<std::string>> wanted{
        {"library.properties", "examples/lib_example/lib_example.ino"},
        {"zephyr/module.yml", "zephyr/Kconfig", "CMakeLists.txt", "samples/lib/prj.conf",
         "samples/lib/src/main.cpp"},
        {"library.json", "examples/lib_example/platformio.ini", "examples/lib_example/src/main.cpp"},
        {"idf_component.yml", "CMakeLists.txt", "examples/lib/main/main.cpp"},
        {"CMakeLists.txt", "examples/lib/main.cpp"}};
    for (const ExportTarget target : kTargets) {
        const Plan plan = plan_of(graph, target);
        ExportRequest request;
        request.target = target;
        request.name = "lib";
        request.version = "2.3.4";
        const auto files = export_library(plan, request, sources());
        for (const std::string& path : wanted[static_cast<std::size_t>(target)])
            EXPECT_THAT(file_of(files, path), HasSubstr(path.ends_with(".conf") ? "CONFIG_CPP=y" : ""))
                << path;
        EXPECT_THAT(file_of(files, "LICENSE"), HasSubstr("Apache License"));
        EXPECT_THAT(file_of(files, "README.md"), HasSubstr(fmt::format("| {} |", plan.arena_bytes)));
        EXPECT_THAT(file_of(files, "README.md"), HasSubstr("2.3.4"));
        for (const ExportFile& file : files)
            EXPECT_EQ(file.content.find("@NAME@"), std::string::npos) << file.path;
    }
}

TEST(Export, TheLibraryManifestsAreWhatTheirReadersParse) {
    Graph graph = tapped_graph();
    graph.name = "a \"quoted\" net";
    const Plan plan = plan_of(graph, ExportTarget::PlatformIo);
    ExportRequest request;
    request.target = ExportTarget::PlatformIo;
    const auto files = export_library(plan, request, sources());
    const auto json = nlohmann::json::parse(file_of(files, "library.json"));
    EXPECT_EQ(json["name"], "a_quoted_net");
    EXPECT_EQ(json["license"], "Apache-2.0");
}

TEST(Export, AVersionThatIsNotThreeNumbersIsRefused) {
    const Plan plan = plan_of(tapped_graph(), ExportTarget::Arduino);
    for (const char* version : {"", "1", "1.0", "1.0.0.0", "1..0", "v1.0.0", "1.0.x"}) {
        ExportRequest request;
        request.version = version;
        EXPECT_THROW(export_library(plan, request, sources()), Error) << version;
    }
}

TEST(Export, NamesThatABuildSystemKeepsAreNotTaken) {
    Plan plan;
    plan.name = "test";
    EXPECT_EQ(library_name(plan, {}), "model_test");
}

// Explicit paddings and kept rows, through the kernels of the chip.
TEST(RowBands, OnTheChipGiveTheBytesOfWholeLayersInLessMemory) {
    if (!have_toolchain()) GTEST_SKIP() << "not installed: arm-none-eabi-g++";
    const Graph graph = zero_points_folded(parse_text(image_net(), "image"));
    const Plan whole = make_plan(graph, Board{}, Family::CortexM);
    const Budgeted bands = plan_within(graph, Board{}, Family::CortexM, whole.arena_bytes * 7 / 10);
    EXPECT_LE(bands.plan.arena_bytes, whole.arena_bytes * 7 / 10);
    EXPECT_EQ(bands.plan.macs, whole.macs);
    EXPECT_GT(bands.bands.nodes, 0u);
    const Bytes inputs = random_inputs(whole.inputs.at(0).place.bytes, 2);
    const Bytes expected = run_package(pack(graph, whole), inputs, "whole");
    EXPECT_TRUE(varied(expected));
    const CppMeasurePlaces places{sources(), sources() / "boards"};
    EXPECT_EQ(measure_cpp(bands.graph, bands.plan, {}, places, inputs).run.outputs, expected);
    EXPECT_EQ(run_package(pack(bands.graph, bands.plan), inputs, "bands"), expected);
}

// Every symbol of an image, one on a line: "address type name".
std::string symbols_of(const Graph& graph, const std::string& core) {
    const ScratchFolder folder;
    BenchOptions options;
    options.core = core;
    const BenchImages images = build_bench(graph, make_plan(graph, Board{}, Family::CortexM), options,
                                           find_toolchain(sources()), folder.path());
    return run_tool({"arm-none-eabi-nm", images.size_elf.string()}, folder.path()).output;
}

std::vector<std::string> names_in(const std::string& symbols, const std::vector<std::string>& banned) {
    std::vector<std::string> found;
    for (std::size_t at = 0; at < symbols.size();) {
        const std::size_t end = std::min(symbols.find('\n', at), symbols.size());
        const std::string name =
            symbols.substr(symbols.rfind(' ', end) + 1, end - symbols.rfind(' ', end) - 1);
        for (const std::string& start : banned) {
            if (name.starts_with(start)) found.push_back(name);
        }
        at = end + 1;
    }
    return found;
}

// Without an FPU every sum of floats is a call, so that none can hide.
TEST(Symbols, AnInt8ImageHoldsNoFloatOrDoubleArithmetic) {
    if (!have_toolchain()) GTEST_SKIP() << "not installed: arm-none-eabi-g++";
    const std::vector<std::string> real{"__aeabi_d",   "__aeabi_f",  "__aeabi_i2f", "__aeabi_i2d",
                                        "__aeabi_ui2", "__aeabi_l2", "__aeabi_ul2", "__aeabi_h2",
                                        "__aeabi_cd",  "__aeabi_cf"};
    for (const char* core : {"cortex-m4", "cortex-m0plus"}) {
        const std::string symbols =
            symbols_of(zero_points_folded(parse_text(keyword_net(), "keyword")), core);
        ASSERT_THAT(symbols, HasSubstr("run"));
        EXPECT_THAT(names_in(symbols, real), testing::IsEmpty()) << core;
    }
    // The check can fail: this network turns floats into int8 first.
    EXPECT_THAT(names_in(symbols_of(tapped_graph(), "cortex-m4"), real), testing::Not(testing::IsEmpty()));
}

TEST(Symbols, AnImageHoldsNoHeapNoPrintingNoExceptionsAndNoStreams) {
    if (!have_toolchain()) GTEST_SKIP() << "not installed: arm-none-eabi-g++";
    const std::vector<std::string> banned{"malloc",
                                          "free",
                                          "calloc",
                                          "realloc",
                                          "_malloc",
                                          "_free",
                                          "_sbrk",
                                          "printf",
                                          "_printf",
                                          "vprintf",
                                          "puts",
                                          "__cxa_",
                                          "_Unwind",
                                          "__gxx_personality",
                                          "_Znw",
                                          "_Zna",
                                          "_Zdl",
                                          "_Zda",
                                          "_ZSt",
                                          "_ZNSt",
                                          "abort",
                                          "exit",
                                          "__register_exitproc"};
    for (const std::string& words : {tapped_net(), std::string(keyword_net())}) {
        EXPECT_THAT(names_in(symbols_of(zero_points_folded(parse_text(words, "net")), "cortex-m4f"), banned),
                    testing::IsEmpty());
    }
    EXPECT_THAT(names_in("0 T main\n4 T __cxa_throw\n8 t malloc\n", banned),
                testing::ElementsAre("__cxa_throw", "malloc"));
}

}  // namespace
}  // namespace jatai
